"""Whose container it is: any user, any image, what the namespace enforces, and whose Pod."""

from __future__ import annotations

import pytest

from support.cluster import Json
from support.follow import first, follow
from support.modes import LAUNCHED, SIGNAL, in_modes
from support.seen import Failure, assert_failed, assert_succeeded
from support.shapes import ARBITRARY_UID, COPILOT_UID, SHELL_IMAGE, STATIC_IMAGE
from support.tasks import Tasks, shell, typed

A = typed(a="integer")
TWO = [{"name": "two", "type": "integer", "value": 2}]
DOUBLES = "echo $(( $(cat /var/inputs/two) * 2 )) > /var/outputs/a"
RESTRICTED = {"runAsNonRoot": True, "runAsUser": 1000, "capabilities": {"drop": ["ALL"]}}


PRIVATE = f"umask 077; {DOUBLES}; mkdir /var/outputs/deep; id -u > /var/outputs/deep/uid"
DEEP = {"name": "uid", "type": "integer", "path": "/var/outputs/deep/uid"}
KNOWN = [
    *((mode, uid) for mode in LAUNCHED for uid in (0, COPILOT_UID, ARBITRARY_UID)),
    # Without a launcher the uploader runs as the user that is named, but never as root.
    *((SIGNAL, uid) for uid in (COPILOT_UID, ARBITRARY_UID)),
]


@pytest.mark.parametrize(("here", "uid"), KNOWN, indirect=["here"])
def test_any_user_reads_inputs_and_writes_outputs_that_only_it_may_read(here: Tasks, uid: int) -> None:
    context = {"runAsUser": uid}
    name = f"uid-{uid}"
    task = here.run(name, shell(PRIVATE, inputs=TWO, outputs=[*A, DEEP], securityContext=context))
    assert_succeeded(task, a=4, uid=uid)


@in_modes(*LAUNCHED)
def test_outputs_that_only_the_images_own_user_may_read_are_made_readable(here: Tasks) -> None:
    assert_succeeded(here.run("own-user", shell(PRIVATE, inputs=TWO, outputs=[*A, DEEP])), a=4, uid=0)


@in_modes(SIGNAL)
@pytest.mark.parametrize("context", [{}, {"securityContext": {"runAsUser": 0}}], ids=["unsaid", "root"])
def test_without_a_launcher_outputs_that_only_root_may_read_fail_with_the_cure(
    here: Tasks, context: Json
) -> None:
    task = here.run("private", shell(PRIVATE, inputs=TWO, outputs=[*A, DEEP], **context))
    says = ("output `a`", "chmod", "also wrong")
    failure = Failure(
        reason="OutputUnreadable", kind="User", says=says, exit_code=0, container="uploader", origin="a"
    )
    assert_failed(task, failure)


@in_modes()
def test_a_read_only_root_is_no_obstacle(here: Tasks) -> None:
    script = f"! touch /tmp-file; {DOUBLES}"
    context = {"readOnlyRootFilesystem": True}
    task = here.run("read-only", shell(script, inputs=TWO, outputs=A, securityContext=context))
    assert_succeeded(task, a=4)


@in_modes()
def test_an_image_with_nothing_but_one_static_program_will_do(here: Tasks) -> None:
    command = ["/probe", "write", "/var/outputs/a", "{{.inputs.two}}"]
    context = {"runAsUser": ARBITRARY_UID, "readOnlyRootFilesystem": True}
    spec = {"image": STATIC_IMAGE, "command": command, "securityContext": context}
    assert_succeeded(here.run("static", {**spec, "inputs": TWO, "outputs": A}), a=2)


@in_modes(fixture="in_restricted")
def test_a_task_that_keeps_to_restricted_runs_where_that_is_enforced(in_restricted: Tasks) -> None:
    spec = shell(DOUBLES, inputs=TWO, outputs=A, securityContext=RESTRICTED)
    assert_succeeded(in_restricted.run("keeps", spec), a=4)


@in_modes(fixture="in_restricted")
def test_a_task_that_does_not_keep_to_restricted_is_told_so_where_that_is_enforced(
    in_restricted: Tasks,
) -> None:
    task = in_restricted.run("does-not", shell("true"))
    says = ("PodSecurity", "restricted", "main", "runAsNonRoot")
    assert_failed(task, Failure(reason="PodRefused", kind="Permanent", says=says))
    assert next(in_restricted.pods("does-not")) == {}


@in_modes()
def test_a_pod_of_somebody_else_with_our_name_is_left_alone(here: Tasks) -> None:
    task = here.create("taken", shell("true", suspend=True))
    here.in_phase("taken", "Queued")
    container = {"name": "foreign", "image": SHELL_IMAGE, "command": ["sleep", "600"]}
    pod = {"metadata": {"name": task.pod_name()}, "spec": {"containers": [container]}}
    here.core.create_namespaced_pod(here.namespace, pod)
    try:
        before = raw_pod(here, task.pod_name())
        here.patch("taken", suspend=False)
        failure = Failure(reason="PodNameTaken", kind="Permanent", says=(task.pod_name(),))
        assert_failed(here.ended("taken"), failure)
        after = raw_pod(here, task.pod_name())
        for part in ("uid", "labels", "annotations", "ownerReferences", "deletionTimestamp"):
            assert after["metadata"].get(part) == before["metadata"].get(part)
        assert after["spec"].get("activeDeadlineSeconds") is None
    finally:
        here.core.delete_namespaced_pod(task.pod_name(), here.namespace, grace_period_seconds=0)


def raw_pod(tasks: Tasks, name: str) -> Json:
    states = follow(tasks.core.list_namespaced_pod, tasks.namespace, field_selector=f"metadata.name={name}")
    return first(states, lambda pods: name in pods, f"Pod {name}")[name]
