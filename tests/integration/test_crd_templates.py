"""Templates on a real API server: what may be beside ``templateRef``, and what people read of the rest."""

from __future__ import annotations

import json
import re
import uuid
from typing import Any

import pytest

from containertask.api.templates import OVERRIDES
from support import cluster, specs
from support.cluster import REPOSITORY, Json, Namespace
from support.refusedrules import REFUSED
from support.specs import ACCEPTED
from support.templateviews import AREA

GROUP = "containertask.dev/v1alpha1"
TEMPLATE, CLUSTER_TEMPLATE = "ContainerTaskTemplate", "ClusterContainerTaskTemplate"
NAMES = ("containertasks", "containertasktemplates", "clustercontainertasktemplates")
REF: Json = {"templateRef": {"name": "area"}}
EVERYTHING = ACCEPTED["one of everything"]


@pytest.fixture(scope="module", autouse=True)
def definitions() -> None:
    cluster.kubectl("apply", "--server-side", "--force-conflicts", f"--filename={REPOSITORY / 'crds'}")
    kinds = [f"crd/{name}.containertask.dev" for name in NAMES]
    cluster.kubectl("wait", "--for=condition=Established", *kinds, "--timeout=30s")


def an_object(kind: str, spec: Json, name: str | None = None) -> Json:
    metadata = {"name": name or f"t-{uuid.uuid4().hex[:10]}"}
    return {"apiVersion": GROUP, "kind": kind, "metadata": metadata, "spec": spec}


def a_run(**fields: Any) -> Json:
    return an_object("ContainerTask", {**REF, **fields})


def refused(namespace: Namespace, wanted: Json) -> str:
    with pytest.raises(AssertionError) as caught:
        namespace.apply(wanted, "--dry-run=server")
    return str(caught.value)


TAKEN: dict[str, Json] = {
    "nothing but the name": {},
    "a template of the cluster": {"templateRef": {"kind": CLUSTER_TEMPLATE, "name": "area"}},
    "another image": {"image": "alpine:3.21"},
    "a value": {"inputs": [{"name": "a", "value": 3}]},
    "a value and the type": {"inputs": [{"name": "a", "type": "float", "value": 3}]},
    "null as a value": {"inputs": [{"name": "a", "value": None}]},
    "a URI with its digest": {"inputs": [{"name": "a", "uri": "s3://b/k", "sha256": "0" * 64}]},
    "another task's output": {
        "inputs": [{"name": "a", "valueFrom": {"taskOutputRef": {"name": "t", "output": "y"}}}]
    },
    "the API server's own defaults": {"inputDir": "/var/inputs", "start": "Auto", "metadataFormat": "JSON"},
    "memory that grows from a limit of the template": {
        "retries": {"limit": 1, "onOOM": {"memoryPercent": 200, "max": "1Gi"}}
    },
    "a secret's file where the template's folders are others": {
        "secrets": [{"name": "s", "key": "k", "file": "/var/inputs/key"}]
    },
    **{
        name: {name: EVERYTHING[name] for name in {name, "resources"} & EVERYTHING.keys()}
        for name in sorted(OVERRIDES & EVERYTHING.keys())
    },
}


@pytest.mark.parametrize("fields", TAKEN.values(), ids=TAKEN)
def test_what_a_task_may_say_beside_its_template(namespace: Namespace, fields: Json) -> None:
    where = [f"--namespace={namespace.name}", "--dry-run=server", "--validate=strict", "--filename=-"]
    cluster.kubectl("create", *where, stdin=json.dumps(a_run(**fields)))


def test_each_override_is_tried() -> None:
    """But for what steers a task that is there, which another table has."""
    assert OVERRIDES - TAKEN.keys() <= {"suspend", "cancel", "image"}


SAYS_IT = r"beside templateRef the template says it: leave it out, or change the template"
ALONE = r"a task says beside templateRef name and value, uri \(with sha256\) or valueFrom alone"
REFUSED_BESIDE: dict[str, tuple[Json, str]] = {
    "a command": ({"command": ["true"]}, rf"spec\.templateRef: .*{SAYS_IT}"),
    "outputs": ({"outputs": [{"name": "y", "type": "string"}]}, rf"spec\.templateRef: .*{SAYS_IT}"),
    "a folder of its own": ({"inputDir": "/data"}, rf"inputDir, .*outputDir, start: {SAYS_IT}"),
    "a way to start": ({"start": "Init"}, rf"start: {SAYS_IT}"),
    "a default of an input": ({"inputs": [{"name": "a", "default": 3}]}, rf"spec\.inputs: .*{ALONE}"),
    "a default beside a type": (
        {"inputs": [{"name": "a", "type": "float", "default": 3}]},
        rf"spec\.inputs: .*{ALONE}",
    ),
    "an input that may be absent": (
        {"inputs": [{"name": "a", "type": "float", "optional": True}]},
        rf"spec\.inputs: .*{ALONE}",
    ),
    "a way to fetch": (
        {"inputs": [{"name": "a", "type": "file", "uri": "s3://b/k", "mode": "Stream"}]},
        rf"spec\.inputs: .*{ALONE}",
    ),
    "two values": ({"inputs": [{"name": "a", "value": 3, "uri": "s3://b/k"}]}, "an input has one value"),
    "an input twice": ({"inputs": [{"name": "a", "value": 3}] * 2}, r"inputs\[1\]: Duplicate value"),
    "a kind that is none": ({"templateRef": {"kind": "Pod", "name": "area"}}, "spec.templateRef.kind"),
    "no name": ({"templateRef": {}}, r"spec\.templateRef\.name: Required value"),
    "a name that is none": ({"templateRef": {"name": "A b"}}, "write an object's name in small letters"),
}


@pytest.mark.parametrize(("fields", "says"), REFUSED_BESIDE.values(), ids=REFUSED_BESIDE)
def test_what_a_task_may_not_say_beside_its_template(namespace: Namespace, fields: Json, says: str) -> None:
    assert re.search(says, refused(namespace, a_run(**fields)))


@pytest.mark.parametrize(
    ("spec", "says"),
    [
        ({"command": ["true"]}, r"spec\.image: .*image is missing: write that of the command"),
        (specs.spec(inputs=[{"name": "a", "value": 3}]), "an input has a type, such as float: write it"),
    ],
    ids=["an image", "a type"],
)
def test_without_a_template_a_task_still_needs(namespace: Namespace, spec: Json, says: str) -> None:
    assert re.search(says, refused(namespace, an_object("ContainerTask", spec)))


def test_the_template_that_a_task_names_cannot_be_changed_nor_come_or_go(namespace: Namespace) -> None:
    made = a_run()
    namespace.apply(made)
    name = made["metadata"]["name"]
    other = an_object("ContainerTask", {"templateRef": {"name": "other"}}, name)
    assert "templateRef cannot change once the task exists" in refused(namespace, other)
    whole = an_object("ContainerTask", specs.spec(), name)
    assert "templateRef" in refused(namespace, whole)


def test_nothing_is_filled_in_that_would_beat_the_template(namespace: Namespace) -> None:
    where = [f"--namespace={namespace.name}", "--dry-run=server", "--output=json", "--filename=-"]
    made = json.loads(cluster.kubectl("create", *where, stdin=json.dumps(a_run())))
    assert OVERRIDES & made["spec"].keys() == set()


@pytest.mark.parametrize("kind", [TEMPLATE, CLUSTER_TEMPLATE])
def test_a_template_is_taken_changed_and_listed(namespace: Namespace, kind: str) -> None:
    name = f"{namespace.name}-area"
    try:
        namespace.apply(an_object(kind, AREA, name))
        namespace.apply(an_object(kind, {**AREA, "image": "alpine:3.21", "command": ["other"]}, name))
        scope = [f"--namespace={namespace.name}"] if kind == TEMPLATE else []
        head, row = cluster.kubectl("get", f"{kind.lower()}s", name, *scope).splitlines()
    finally:
        cluster.kubectl("delete", f"{kind.lower()}s", name, f"--namespace={namespace.name}")
    assert head.split() == ["NAME", "IMAGE", "READY", "AGE"]
    assert row.split()[:2] == [name, "alpine:3.21"]


def test_an_edit_of_a_template_is_held_to_all_rules(namespace: Namespace) -> None:
    namespace.apply(an_object(TEMPLATE, AREA, "edited"))
    wrong = {**AREA, "inputs": [{"name": "a", "type": "float", "value": 1, "uri": "s3://b/k"}]}
    assert "an input has one value" in refused(namespace, an_object(TEMPLATE, wrong, "edited"))
    apart = {**AREA, "inputDir": "/data", "outputDir": "/data/out"}
    assert "inputDir and outputDir must be apart" in refused(namespace, an_object(TEMPLATE, apart, "edited"))


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"templateRef": {"name": "x"}}, "templateRef"),
        ({"suspend": True}, "suspend"),
        ({"cancel": True}, "cancel"),
    ],
    ids=["another template", "suspend", "cancel"],
)
def test_a_template_says_nothing_of_a_single_run(namespace: Namespace, fields: Json, says: str) -> None:
    where = [f"--namespace={namespace.name}", "--dry-run=server", "--validate=strict", "--filename=-"]
    with pytest.raises(AssertionError, match=rf'unknown field "spec\.{says}"'):
        cluster.kubectl("create", *where, stdin=json.dumps(an_object(TEMPLATE, {**AREA, **fields})))


SHARED = {
    name: refusal
    for name, refusal in REFUSED.items()
    if not {"suspend", "cancel", "image"} & refusal.change.keys() and "value" not in refusal.field
}


@pytest.mark.parametrize("refusal", SHARED.values(), ids=SHARED)
def test_what_is_refused_of_a_task_is_refused_of_a_template(namespace: Namespace, refusal: Any) -> None:
    wanted = an_object(TEMPLATE, specs.spec(**refusal.change))
    assert re.search(refusal.server_pattern, refused(namespace, wanted))
