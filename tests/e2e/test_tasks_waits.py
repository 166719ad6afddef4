"""What a task waits for and then goes on; and what is left when it has ended: TTL and the Pod's retention."""

from __future__ import annotations

import pytest

from containertask.core.instants import to_ms
from support import cluster
from support.cluster import Json
from support.follow import first
from support.modes import in_modes
from support.seen import Failure, assert_failed, assert_succeeded
from support.tasks import ONCE, Tasks, shell, typed

A = typed(a="integer")
GRACE = 25
"""Seconds that an image may take to come: `hack/install.py` sets them."""
WRITES = "echo 1 > /var/outputs/a"


@in_modes()
def test_a_secret_that_does_not_exist_is_waited_for(here: Tasks) -> None:
    late = f"late-secret-{here.mode}"
    reference = {"name": late, "key": "token"}
    env = [{"name": "TOKEN", "valueFrom": {"secretKeyRef": reference}}]
    here.create("secretive", shell('[ "$TOKEN" = sesame ]; ' + WRITES, env=env, outputs=A))
    waits = here.waiting_for("secretive", "ContainerConfig")
    assert waits.phase == "Initializing"
    assert late in waits.waiting_for["message"]
    secret = {"metadata": {"name": late}, "stringData": {"token": "sesame"}}
    here.core.create_namespaced_secret(here.namespace, secret)
    assert_succeeded(here.ended("secretive"), a=1)


@in_modes()
@pytest.mark.parametrize(
    ("kind", "reason"), [("secretKeyRef", "SecretNotFound"), ("configMapKeyRef", "ConfigMapNotFound")]
)
def test_what_does_not_come_within_the_queued_clock_ends_the_task(
    here: Tasks, kind: str, reason: str
) -> None:
    env = [{"name": "TOKEN", "valueFrom": {kind: {"name": "never-there", "key": "token"}}}]
    name = f"unlucky-{reason.lower()}"
    task = here.run(name, shell("true", env=env, timeout={"queued": "5s"}))
    assert_failed(task, Failure(reason=reason, kind="Permanent", says=("main", "never-there")))


@in_modes()
def test_a_service_account_that_does_not_exist_is_waited_for(here: Tasks) -> None:
    late = f"late-account-{here.mode}"
    here.create("accounted", shell(WRITES, serviceAccountName=late, outputs=A))
    waits = here.waiting_for("accounted", "ServiceAccountNotFound")
    assert waits.phase == "Pending"
    assert late in waits.waiting_for["message"]
    here.core.create_namespaced_service_account(here.namespace, {"metadata": {"name": late}})
    assert_succeeded(here.ended("accounted"), a=1)


@in_modes(fixture="apart")
def test_a_quota_that_leaves_no_room_is_waited_for(apart: Tasks) -> None:
    quota = {"metadata": {"name": "no-pods"}, "spec": {"hard": {"pods": "0"}}}
    apart.core.create_namespaced_resource_quota(apart.namespace, quota)
    where = f"--namespace={apart.namespace}"
    cluster.kubectl("wait", "--for=jsonpath={.status.hard.pods}=0", "resourcequota/no-pods", where)
    apart.create("rationed", shell(WRITES, outputs=A))
    waits = apart.waiting_for("rationed", "QuotaExceeded")
    assert waits.phase == "Queued"
    assert "no-pods" in waits.waiting_for["message"]
    apart.core.delete_namespaced_resource_quota("no-pods", apart.namespace)
    assert_succeeded(apart.ended("rationed"), a=1)


@in_modes(fixture="apart")
def test_the_queued_clock_ends_the_wait_for_a_quota(apart: Tasks) -> None:
    quota = {"metadata": {"name": "no-pods"}, "spec": {"hard": {"pods": "0"}}}
    apart.core.create_namespaced_resource_quota(apart.namespace, quota)
    where = f"--namespace={apart.namespace}"
    cluster.kubectl("wait", "--for=jsonpath={.status.hard.pods}=0", "resourcequota/no-pods", where)
    task = apart.run("unlucky", shell(WRITES, timeout={"queued": "3s"}, **ONCE))
    says = ("timeout.queued", "3s", "QuotaExceeded", "no-pods")
    assert_failed(task, Failure(reason="QueuedTimeout", kind="System", says=says))


@in_modes()
@pytest.mark.parametrize(
    ("phase", "spec"),
    [("Succeeded", shell("true")), ("Failed", shell("exit 7")), ("Cancelled", shell("true", cancel=True))],
)
def test_a_task_is_deleted_when_its_time_to_live_is_over(here: Tasks, phase: str, spec: Json) -> None:
    name = f"short-lived-{phase.lower()}"
    here.create(name, {**spec, "ttlSecondsAfterFinished": 1})
    here.in_phase(name, phase)
    here.gone(name)
    here.no_pods(name)


@in_modes()
def test_a_time_to_live_that_is_set_after_the_end_counts_too(here: Tasks) -> None:
    assert_succeeded(here.run("shortened", shell("true")))
    here.patch("shortened", ttlSecondsAfterFinished=0)
    here.gone("shortened")


@in_modes()
@pytest.mark.parametrize(
    ("retention", "code", "stays"),
    [
        ("Always", 0, True),
        ("OnFailure", 0, False),
        ("OnFailure", 7, True),
        ("Never", 0, False),
        ("Never", 7, False),
    ],
)
def test_the_pod_of_a_finished_task_stays_or_goes_as_the_task_says(
    here: Tasks, *, retention: str, code: int, stays: bool
) -> None:
    name = f"retention-{retention}-{code}".lower()
    task = here.run(name, shell(f"echo said so; exit {code}", podRetention=retention))
    assert task.status.get("exitCode") == code
    if not stays:
        here.no_pods(name)
        return
    # With the Pod its log stays, once the kubelet has said that it is over.
    pod = first(here.pods(name), bool, "the Pod")[task.pod_name()]
    assert "deletionTimestamp" not in pod["metadata"]
    here.pod(name, lambda pod: pod["status"]["phase"] in {"Succeeded", "Failed"})
    log = here.core.read_namespaced_pod_log(task.pod_name(), here.namespace, container="main")
    assert log.strip() == "said so"


@in_modes()
def test_an_image_that_is_nowhere_is_waited_for_and_then_named(here: Tasks) -> None:
    here.create("no-image", shell("true", image="localhost:1/absent:dev"))
    waits = here.waiting_for("no-image", "ImagePull")
    assert waits.phase == "Initializing"
    assert "localhost:1/absent:dev" in waits.waiting_for["message"]
    task = here.ended("no-image")
    says = ("main", "localhost:1/absent:dev")
    assert_failed(task, Failure(reason="ImagePullFailed", kind="User", says=says))
    waited = to_ms(task.status["timeline"]["completed"]) - to_ms(waits.waiting_for["since"])
    assert GRACE <= waited / 1000 <= GRACE + 10
