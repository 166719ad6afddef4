"""``podTemplate`` and the fields about nodes, on a real node."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator

import pytest

from support.cluster import Json, kubectl, terminated
from support.modes import GATED, INIT, in_modes
from support.release import own, shared_one_rests
from support.seen import Failure, assert_failed, assert_succeeded
from support.shapes import SHELL_IMAGE
from support.tasks import Tasks, namespace, shell, typed

TWO = [{"name": "two", "type": "integer", "value": 2}]


def beside(name: str, script: str, *mounts: Json, **more: object) -> Json:
    return {
        "name": name,
        "image": SHELL_IMAGE,
        "command": ["sh", "-euc", script],
        "volumeMounts": [*mounts],
        **more,
    }


def over(**spec: object) -> Json:
    return {"podTemplate": {"spec": spec}}


@in_modes()
def test_another_container_sees_inputs_and_outputs_and_does_not_keep_the_task_from_ending(
    here: Tasks,
) -> None:
    # In Signal mode nobody is told to end before all ordinary containers have: this one heeds SIGTERM.
    script = (
        "until test -e /out/a; do sleep 0.1; done; cat /in/two > /out/b; trap exit TERM; sleep 600 & wait"
    )
    inputs = {"name": "inputs", "mountPath": "/in", "readOnly": True}
    sidecar = beside("sidecar", script, inputs, {"name": "outputs", "mountPath": "/out"})
    # Outputs are the uploader's to read once main has ended, so main waits for what is written beside it.
    main = "echo 1 > /var/outputs/a; until test -s /var/outputs/b; do sleep 0.1; done"
    spec = shell(main, inputs=TWO, outputs=typed(a="integer", b="integer"), **over(containers=[sidecar]))
    assert_succeeded(here.run("beside", spec), a=1, b=2)
    here.pod("beside", lambda pod: terminated(pod, "sidecar") is not None)


@in_modes()
def test_main_gets_what_its_base_has(here: Tasks) -> None:
    base = {
        "name": "main",
        "env": [{"name": "SITE", "value": "$(CT_NAME)-north"}, {"name": "LEVEL", "value": "overlay"}],
        "volumeMounts": [{"name": "scratch", "mountPath": "/scratch"}],
    }
    prepare = beside("prepare", "echo prepared > /scratch/x", {"name": "scratch", "mountPath": "/scratch"})
    template = over(
        containers=[base],
        initContainers=[prepare],
        volumes=[{"name": "scratch", "emptyDir": {}}],
        hostAliases=[{"ip": "10.9.8.7", "hostnames": ["far.example"]}],
        securityContext={"supplementalGroups": [4321]},
    )
    script = (
        'test "$SITE$LEVEL" = based-northtask; test "$(cat /scratch/x)" = prepared; '
        "grep -q far.example /etc/hosts; id -G | grep -q 4321"
    )
    spec = shell(script, env=[{"name": "LEVEL", "value": "task"}], **template)
    assert_succeeded(here.run("based", spec))


@in_modes()
def test_shared_memory_has_the_size_that_is_asked_for(here: Tasks) -> None:
    script = "df -k /dev/shm | tail -1 | awk '{print $2}' > /var/outputs/a"
    spec = shell(script, sharedMemory={"sizeLimit": "96Mi"}, outputs=typed(a="integer"))
    assert_succeeded(here.run("shm", spec), a=96 * 1024)


def template(tasks: Tasks, name: str, **spec: object) -> None:
    main = {"name": "main", "image": "placeholder", "env": [{"name": "FROM", "value": "template"}]}
    body = {"metadata": {"name": name}, "template": {"spec": {"containers": [main], **spec}}}
    tasks.core.create_namespaced_pod_template(tasks.namespace, body)


@pytest.fixture
def named(here: Tasks) -> Iterator[str]:
    name = f"template-{uuid.uuid4().hex[:8]}"
    yield name
    kubectl("delete", "podtemplate", name, f"--namespace={here.namespace}", "--ignore-not-found")


@in_modes()
def test_a_named_template_that_comes_later_is_waited_for(here: Tasks, named: str) -> None:
    spec = shell('test "$FROM" = template', podTemplate={"name": named})
    here.create("later", spec)
    waiting = here.waiting_for("later", "PodTemplateNotFound")
    assert (waiting.phase, named in waiting.waiting_for["message"]) == ("Pending", True)
    assert next(here.pods("later")) == {}
    template(here, named)
    assert_succeeded(here.ended("later"))


@in_modes(INIT)
def test_a_template_that_never_comes_is_waited_for_as_long_as_the_task_says(here: Tasks) -> None:
    spec = shell("true", podTemplate={"name": "never"}, timeout={"queued": "3s"}, retries={"systemLimit": 0})
    failure = Failure(reason="QueuedTimeout", kind="System", says=("PodTemplate never",))
    assert_failed(here.run("never", spec), failure)


@in_modes(INIT)
def test_a_named_template_with_a_part_of_ours_is_refused_by_name(here: Tasks, named: str) -> None:
    template(here, named, volumes=[{"name": "control", "emptyDir": {}}])
    says = (f"PodTemplate {named}", "template.spec.volumes[control]")
    failure = Failure(reason="InvalidPodTemplate", kind="Permanent", says=says)
    assert_failed(here.run("ours", shell("true", podTemplate={"name": named})), failure)
    assert next(here.pods("ours")) == {}


REFUSED: dict[str, tuple[Json, str, tuple[str, ...]]] = {
    "privileged": ({"securityContext": {"privileged": True}}, "NotAllowed", ("main", "allow.privileged")),
    "network": (over(hostNetwork=True), "NotAllowed", ("hostNetwork", "allow.hostNamespaces")),
    "folder": (
        over(volumes=[{"name": "v", "hostPath": {"path": "/etc"}}]),
        "NotAllowed",
        ("volumes[v].hostPath /etc", "allow.hostPaths"),
    ),
    "mount": (
        over(containers=[{"name": "main", "volumeMounts": [{"name": "v", "mountPath": "/ct/../ct/main"}]}]),
        "InvalidSpec",
        ("spec.podTemplate.spec.containers[main].volumeMounts", "/ct is there"),
    ),
    "accelerator": ({"accelerator": {"type": "t4"}}, "UnknownAccelerator", ("spec.accelerator.type", "`t4`")),
}


@in_modes(GATED)
@pytest.mark.parametrize("case", REFUSED)
def test_what_is_not_allowed_ends_the_task_before_there_is_a_pod(here: Tasks, case: str) -> None:
    more, reason, says = REFUSED[case]
    task = here.run(f"refused-{case}", shell("true", **more))
    assert_failed(task, Failure(reason=reason, kind="Permanent", says=says))
    assert next(here.pods(f"refused-{case}")) == {}


@in_modes(INIT)
def test_a_pod_in_a_queue_says_what_it_waits_for(here: Tasks) -> None:
    """Kueue is not there: a gate of ours stands for its own."""
    spec = shell("true", queue="team-a", **over(schedulingGates=[{"name": "example.com/admission"}]))
    here.create("gated", spec)
    waiting = here.waiting_for("gated", "SchedulingGated")
    assert waiting.phase == "Queued"
    pod = here.pod("gated")
    assert pod["metadata"]["labels"]["kueue.x-k8s.io/queue-name"] == "team-a"
    here.core.patch_namespaced_pod(
        pod["metadata"]["name"], here.namespace, {"spec": {"schedulingGates": None}}
    )
    assert_succeeded(here.ended("gated"))


ACCELERATORS = {
    "fake": {
        "resource": "example.com/fake-gpu",
        "nodeSelector": {"kubernetes.io/os": "linux"},
        "tolerations": [{"key": "fake-gpu", "operator": "Exists"}],
        "partitions": {"half": {"resource": "example.com/fake-half"}},
    }
}
ALLOW = {
    "hostPaths": ["/usr/share"],
    "privileged": True,
    "hostNamespaces": False,
    "serviceAccounts": ["batch-*"],
}


def on_nodes(tasks: Tasks, value: str | None) -> None:
    """Give the node two accelerators that it does not have, or take them away."""
    (node,) = tasks.core.list_node().items
    names = ("example.com~1fake-gpu", "example.com~1fake-half")
    operation = "remove" if value is None else "add"
    patch = [{"op": operation, "path": f"/status/capacity/{name}", "value": value} for name in names]
    kubectl(
        "patch",
        "node",
        node.metadata.name,
        "--subresource=status",
        "--type=json",
        f"--patch={json.dumps(patch)}",
    )


@pytest.mark.alone
def test_what_the_chart_offers_and_allows_is_what_tasks_get() -> None:
    values = [f"--set-json=accelerators={json.dumps(ACCELERATORS)}", f"--set-json=allow={json.dumps(ALLOW)}"]
    with shared_one_rests(), own(*values), namespace("privileged") as tasks:
        tasks.core.create_namespaced_service_account(tasks.namespace, {"metadata": {"name": "batch-a"}})
        on_nodes(tasks, "2")
        try:
            gets_accelerators(tasks)
            gets_what_is_allowed(tasks)
        finally:
            on_nodes(tasks, None)


def gets_accelerators(tasks: Tasks) -> None:
    account = {"serviceAccountName": "batch-a"}
    for name, wanted, resource in (
        ("whole", {"type": "fake", "count": 2}, "example.com/fake-gpu"),
        ("half", {"type": "fake", "partition": "half"}, "example.com/fake-half"),
    ):
        assert_succeeded(tasks.run(name, shell("true", accelerator=wanted, **account)))
        spec = tasks.pod(name)["spec"]
        main = next(one for one in spec["containers"] if one["name"] == "main")
        assert main["resources"]["limits"] == {resource: str(wanted.get("count", 1))}
        assert {"key": "fake-gpu", "operator": "Exists"} in spec["tolerations"]
        assert spec["nodeSelector"] == {"kubernetes.io/os": "linux"}
    tasks.create("too-many", shell("true", accelerator={"type": "fake", "count": 3}, **account))
    assert "fake-gpu" in tasks.waiting_for("too-many", "Unschedulable").waiting_for["message"]
    says = ("`tpu`", "write one of fake")
    failure = Failure(reason="UnknownAccelerator", kind="Permanent", says=says)
    assert_failed(tasks.run("unknown", shell("true", accelerator={"type": "tpu"}, **account)), failure)


def gets_what_is_allowed(tasks: Tasks) -> None:
    script = "mkdir /m; mount -t tmpfs none /m"
    allowed = {"serviceAccountName": "batch-a", "securityContext": {"privileged": True}}
    assert_succeeded(tasks.run("privileged", shell(script, **allowed)))
    base = {"name": "main", "volumeMounts": [{"name": "v", "mountPath": "/host", "readOnly": True}]}
    for path, reason in (
        ("/usr/share", None),
        ("/usr/share/../lib", "NotAllowed"),
        ("/usr/shared", "NotAllowed"),
    ):
        name = f"folder-{len(path)}"
        volumes = [{"name": "v", "hostPath": {"path": path}}]
        task = tasks.run(
            name, shell("ls /host", serviceAccountName="batch-a", **over(containers=[base], volumes=volumes))
        )
        assert task.reason == (reason or "Succeeded"), task.status
    failure = Failure(reason="NotAllowed", kind="Permanent", says=("default", "allow.serviceAccounts"))
    assert_failed(tasks.run("account", shell("true")), failure)
