"""Overlays of a Pod: how they are merged, what they may not set, and that ours always wins."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from containertask.contract.manifest import Mode
from containertask.core.accept import Accepted, Refused, accept
from containertask.core.attempt import Attempt
from containertask.core.names import MANIFEST_ANNOTATION, STOP_ANNOTATION
from containertask.core.overlay import merge_pods
from containertask.core.overlaycheck import Layer, without_nulls
from containertask.core.podfields import CONTAINER, POD
from containertask.core.podspec import build_pod
from containertask.core.unbuildable import UnbuildableError
from support.builders import CONFIG, TaskBuilder, a_task

Json = dict[str, Any]

MAIN = {"name": "main"}


def a_main(**fields: object) -> Json:
    return {"containers": [{**MAIN, **fields}]}


def under(spec: Json, **task: object) -> TaskBuilder:
    return a_task().spec(podTemplate={"spec": spec}, **task)


def built(task: TaskBuilder, named: Json | None = None, mode: Mode = Mode.INIT) -> Json:
    view = task.view()
    accepted = accept(view)
    assert isinstance(accepted, Accepted), accepted
    template = None if named is None else {"metadata": {"name": "t"}, "template": {"spec": named}}
    return build_pod(view, accepted, Attempt(number=0, mode=mode, template=template), CONFIG)


def main_of(pod: Json) -> Json:
    found: Json = next(one for one in pod["spec"]["containers"] if one["name"] == "main")
    return found


REFUSED: dict[str, tuple[Json, str]] = {
    "a node": ({"nodeName": "n"}, ".nodeName: cannot be set here: set nodeSelector"),
    "a restart policy": ({"restartPolicy": "Always"}, ".restartPolicy: cannot be set here: set retries"),
    "one process namespace": ({"shareProcessNamespace": True}, ".shareProcessNamespace: cannot be set"),
    "a grace": ({"terminationGracePeriodSeconds": 5}, "set timeout.upload"),
    "a token": ({"automountServiceAccountToken": True}, "set automountServiceAccountToken of the task"),
    "a field that is none": (
        {"nodeSelectr": {}},
        ".nodeSelectr: is no field that this version knows; did you",
    ),
    "our container": ({"containers": [{"name": "uploader"}]}, ".containers[uploader]: this name belongs"),
    "our container first": (
        {"initContainers": [{"name": "downloader"}]},
        ".initContainers[downloader]: this",
    ),
    "main as the first": ({"initContainers": [{"name": "main"}]}, ".initContainers[main]: this name belongs"),
    "our volume": ({"volumes": [{"name": "control", "emptyDir": {}}]}, ".volumes[control]: a volume of ours"),
    "a volume of a later version": ({"volumes": [{"name": "ct-x"}]}, ".volumes[ct-x]: a volume of ours"),
    "a command": (a_main(command=["x"]), ".containers[main].command: cannot be set here: set command"),
    "an image": (a_main(image="x"), ".containers[main].image: cannot be set here: set image of the task"),
    "a variable of ours": (a_main(env=[{"name": "CT_X", "value": "x"}]), ".env[CT_X]: names that start"),
    "a mount in our folder": (
        a_main(volumeMounts=[{"name": "v", "mountPath": "/ct/control"}]),
        ".containers[main].volumeMounts[/ct/control]: /ct is there, or inside, or above",
    ),
    "a mount that climbs into it": (
        a_main(volumeMounts=[{"name": "v", "mountPath": "/data/../ct/main"}]),
        "/ct is there",
    ),
    "a mount with many slashes": (
        a_main(volumeMounts=[{"name": "v", "mountPath": "//ct//."}]),
        "/ct is there",
    ),
    "a mount over the root": (a_main(volumeMounts=[{"name": "v", "mountPath": "/"}]), "/ct is there"),
    "a mount among the inputs": (
        a_main(volumeMounts=[{"name": "v", "mountPath": "/var/inputs/x"}]),
        "/var/inputs is there",
    ),
    "a mount above the outputs": (a_main(volumeMounts=[{"name": "v", "mountPath": "/var"}]), "is there"),
    "a mount over a secret": (
        a_main(volumeMounts=[{"name": "v", "mountPath": "/etc/db/key/"}]),
        "/etc/db/key is there",
    ),
    "a volume of ours in main": (
        a_main(volumeMounts=[{"name": "outputs", "mountPath": "/x"}]),
        "the volume outputs is ours, and main has what it needs of it",
    ),
    "the control volume elsewhere": (
        {"containers": [{"name": "x", "volumeMounts": [{"name": "control", "mountPath": "/x"}]}]},
        ".containers[x].volumeMounts[/x]: the volume control is ours: inputs and outputs can be mounted",
    ),
    "a secret of main elsewhere": (
        {"initContainers": [{"name": "x", "volumeMounts": [{"name": "ct-secret-0", "mountPath": "/x"}]}]},
        "the volume ct-secret-0 is ours",
    ),
    "inputs to write": (
        {"containers": [{"name": "x", "volumeMounts": [{"name": "inputs", "mountPath": "/x"}]}]},
        "with readOnly: true only",
    ),
    "containers that are no list": ({"containers": {}}, ".containers: an object where a list is wanted"),
    "a container without a name": ({"containers": [{}]}, ".containers[0]: write an object with name"),
    "a container twice": ({"containers": [MAIN, MAIN]}, ".containers[main]: is there twice"),
    "labels as a list": ({"nodeSelector": []}, ".nodeSelector: a list where an object is wanted"),
    "an unknown field of another": (
        {"containers": [{"name": "x", "comand": []}]},
        ".containers[x].comand: is no",
    ),
    "more levels than anybody needs": (
        {"affinity": {"a": [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]}},
        "nested deeper than 32 levels",
    ),
}


@pytest.mark.parametrize(("spec", "said"), REFUSED.values(), ids=REFUSED)
def test_what_an_overlay_may_not_say_is_refused_by_name_before_any_pod(spec: Json, said: str) -> None:
    secrets = [{"name": "s", "key": "k", "file": "/etc/db/key"}]
    refused = accept(under(spec, secrets=secrets).view())
    assert isinstance(refused, Refused)
    (problem,) = refused.problems
    assert str(problem).startswith("spec.podTemplate.spec")
    assert said in str(problem)


def test_a_named_template_is_refused_in_the_same_words_and_its_defaults_are_not() -> None:
    task = a_task(podTemplate={"name": "t"})
    defaults = {"restartPolicy": "Always", "terminationGracePeriodSeconds": 1, **a_main(image="x")}
    pod = built(task, defaults)
    assert (pod["spec"]["restartPolicy"], pod["spec"]["terminationGracePeriodSeconds"]) == ("Never", 30)
    assert main_of(pod)["image"] == "alpine:3.22"
    with pytest.raises(
        UnbuildableError, match=r"PodTemplate t: template\.spec\.nodeName: cannot be set"
    ) as caught:
        built(task, {"nodeName": "n"})
    assert caught.value.reason == "InvalidPodTemplate"


def test_a_later_layer_goes_over_an_earlier_one_and_the_task_over_both() -> None:
    named = {"priorityClassName": "a", "schedulerName": "a", "dnsPolicy": "Default"}
    own = {"priorityClassName": "b", "schedulerName": "b"}
    spec = built(under(own, priorityClassName="c"), named)["spec"]
    assert (spec["priorityClassName"], spec["schedulerName"], spec["dnsPolicy"]) == ("c", "b", "Default")


def test_each_kind_of_affinity_is_replaced_as_a_whole_for_terms_of_two_would_be_either_or() -> None:
    terms = {kind: {"requiredDuringSchedulingIgnoredDuringExecution": [kind]} for kind in ("x", "y")}
    merged = merge_pods(
        {"affinity": {"nodeAffinity": terms["x"], "podAffinity": terms["x"]}},
        {"affinity": {"nodeAffinity": terms["y"]}},
    )
    assert merged == {"affinity": {"nodeAffinity": terms["y"], "podAffinity": terms["x"]}}


def test_variables_come_in_an_order_in_which_they_can_refer_to_those_before() -> None:
    secrets = [{"name": "s", "key": "k", "env": "SECRET"}]
    own = a_main(env=[{"name": "URL", "value": "x"}, {"name": "BASE", "value": "$(CT_NAME)"}])
    task = under(own, env=[{"name": "URL", "value": "$(BASE)$(SECRET)"}], secrets=secrets)
    names = [one["name"] for one in main_of(built(task))["env"]]
    assert names[-3:] == ["BASE", "SECRET", "URL"]
    assert all(name.startswith("CT_") for name in names[:-3])


def test_containers_beside_ours_leave_room_in_the_uploaders_report() -> None:
    alone, beside = (
        built(under({"containers": [{"name": f"x{n}", "image": "x"} for n in range(number)]}))
        for number in (0, 3)
    )
    annotation = MANIFEST_ANNOTATION
    assert '"messageBytes":2457' in alone["metadata"]["annotations"][annotation]
    assert '"messageBytes":1536' in beside["metadata"]["annotations"][annotation]


def test_no_label_or_annotation_of_a_named_template_takes_the_place_of_ours() -> None:
    task = a_task(podTemplate={"name": "t"}).view()
    accepted = accept(task)
    assert isinstance(accepted, Accepted)
    metadata = {"labels": {"containertask.dev/task": "x"}, "annotations": {STOP_ANNOTATION: "{}", "a": "b"}}
    template = {"template": {"metadata": metadata}}
    pod = build_pod(task, accepted, Attempt(number=0, mode=Mode.INIT, template=template), CONFIG)
    assert pod["metadata"]["labels"]["containertask.dev/task"] == "demo"
    assert pod["metadata"]["annotations"].keys() == {"a", MANIFEST_ANNOTATION}


texts = st.sampled_from(["main", "inputs", "x", "y", "", "uploader", "CT_A", "/ct", "/a/..", "ct-secret-0"])
scalars = st.none() | st.booleans() | st.integers(-2, 2) | texts
names = st.sampled_from(
    [*POD, *CONTAINER, "ip", "mountPath", "value", "add", "containerPort", "labels", "key"]
)
anything = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=4),
    max_leaves=12,
)
containers = st.lists(
    st.fixed_dictionaries(
        {"name": st.sampled_from(["main", "x", "y"])},
        optional=dict.fromkeys(("env", "ports", "resources", "securityContext", "volumeMounts"), anything),
    ),
    max_size=3,
)
specs = st.dictionaries(st.sampled_from([*POD]), anything, max_size=4) | st.fixed_dictionaries(
    {}, optional={"containers": containers, "initContainers": containers, "securityContext": anything}
)


@given(specs | anything, specs | anything, st.sampled_from(Mode))
def test_whatever_the_overlays_are_there_is_a_pod_with_our_parts_or_the_one_error(
    named: object, own: object, mode: Mode
) -> None:
    task = a_task(podTemplate={"name": "t", **({"spec": own} if isinstance(own, dict) else {})}).view()
    accepted = accept(task)
    assume(isinstance(accepted, Accepted))
    assert isinstance(accepted, Accepted)
    plain = accept(a_task().view())
    assert isinstance(plain, Accepted)
    template = {"template": {"spec": named}}
    try:
        pod = build_pod(task, accepted, Attempt(number=0, mode=mode, template=template), CONFIG)
    except UnbuildableError:
        return
    ours = build_pod(a_task().view(), plain, Attempt(number=0, mode=mode), CONFIG)
    assert_ours(pod, ours)


def assert_ours(pod: Json, ours: Json) -> None:
    for field in ("restartPolicy", "enableServiceLinks", "automountServiceAccountToken"):
        assert pod["spec"][field] == ours["spec"][field]
    assert "shareProcessNamespace" not in pod["spec"]
    for section in ("initContainers", "containers"):
        every = {one["name"]: one for one in pod["spec"].get(section, [])}
        assert len(every) == len(pod["spec"].get(section, []))
        for one in ours["spec"].get(section, []):
            there = every[one["name"]]
            if one["name"] != "main":
                assert {**there, "securityContext": None} == {**one, "securityContext": None}
                assert there["securityContext"]["capabilities"] == {"drop": ["ALL"]}
            for field in ("image", "command", "args"):
                assert there.get(field) == one.get(field)
            assert all(mount in there["volumeMounts"] for mount in one["volumeMounts"])
    assert all(volume in pod["spec"]["volumes"] for volume in ours["spec"]["volumes"])


layers = specs.map(without_nulls).filter(lambda spec: not [*Layer(own=False, folders=()).troubles(spec)])


@given(layers, layers)
def test_merging_a_layer_again_changes_nothing(under: Json, over: Json) -> None:
    once = merge_pods(under, over)
    assert merge_pods(once, over) == once == merge_pods(under, once)
