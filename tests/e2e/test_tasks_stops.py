"""What others do to a task that is not done: it is cancelled, suspended, deleted, evicted, robbed, late."""

from __future__ import annotations

import time
from typing import Final

from support import cluster
from support.cluster import Json
from support.modes import GATED, INIT, SIGNAL, in_modes
from support.seen import Failure, assert_cancelled, assert_failed, assert_succeeded
from support.tasks import ONCE, Tasks, shell
from support.working import BUSY, COUNTS, FIRST_WORKS, A, begun

NOWHERE = {"disk": "nobody-has-this"}
STUBBORN: Final = {GATED: ({}, 10), INIT: ({}, 10), SIGNAL: ({"timeout": {"upload": "2s"}}, 15)}
"""More of the spec, and within how many seconds a command that ignores SIGTERM is over.

In Signal mode it has the Pod's whole grace: ``timeout.upload`` and five seconds.
"""


def conditions_failed(tasks: Tasks, name: str) -> None:
    """Wait as a script does."""
    where = f"--namespace={tasks.namespace}"
    cluster.kubectl("wait", "--for=condition=Failed", f"containertask/{name}", where, "--timeout=60s")


def over(pod: Json) -> bool:
    ended: bool = pod["status"]["phase"] in {"Succeeded", "Failed"}
    return ended


@in_modes()
def test_a_running_task_that_is_cancelled_ends_within_ten_seconds_and_keeps_what_it_wrote(
    here: Tasks,
) -> None:
    begun(here, "cancelled")
    asked = time.monotonic()
    here.patch("cancelled", cancel=True)
    conditions_failed(here, "cancelled")
    assert time.monotonic() - asked <= 10
    task = here.ended("cancelled")
    assert_cancelled(task, a=42)
    assert over(here.pod("cancelled", over))
    assert here.events("cancelled", last="Cancelled")


@in_modes()
def test_a_command_that_ignores_sigterm_is_cancelled_within_its_grace_too(here: Tasks) -> None:
    more, seconds = STUBBORN[here.mode or ""]
    begun(here, "stubborn", f"trap '' TERM; {BUSY}", **more)
    asked = time.monotonic()
    here.patch("stubborn", cancel=True)
    assert_cancelled(here.ended("stubborn"), a=42)
    assert time.monotonic() - asked <= seconds


@in_modes()
def test_a_task_that_no_node_takes_is_cancelled_at_once_and_its_pod_goes(here: Tasks) -> None:
    here.create("unplaced", shell("true", nodeSelector=NOWHERE))
    waits = here.waiting_for("unplaced", "Unschedulable")
    assert (waits.phase, waits.reason) == ("Queued", "Unschedulable")
    assert "nodes are available" in waits.waiting_for["message"]
    here.patch("unplaced", cancel=True)
    assert_cancelled(here.ended("unplaced"))
    here.no_pods("unplaced")


@in_modes()
def test_a_task_that_is_suspended_from_the_start_runs_once_it_is_resumed(here: Tasks) -> None:
    here.create("held", shell(COUNTS, outputs=A, suspend=True))
    held = here.in_phase("held", "Queued")
    assert (held.reason, held.attempt) == ("Suspended", 0)
    assert held.conditions["Suspended"] == ("True", "Suspended")
    assert next(here.pods("held")) == {}
    here.patch("held", suspend=False)
    task = here.ended("held")
    assert_succeeded(task, a=0)
    assert task.conditions["Suspended"] == ("False", "Resumed")


@in_modes()
def test_a_running_task_that_is_suspended_and_resumed_begins_its_next_attempt(here: Tasks) -> None:
    begun(here, "paused", FIRST_WORKS)
    here.patch("paused", suspend=True)
    paused = here.in_phase("paused", "Queued")
    assert (paused.reason, paused.attempt) == ("Suspended", 1)
    assert "podName" not in paused.status
    assert over(here.pod("paused", over))
    here.patch("paused", suspend=False)
    task = here.ended("paused")
    assert_succeeded(task, a=1)
    assert task.attempt == 1
    assert set(next(here.pods("paused"))) == {task.pod_name(0), task.pod_name(1)}


@in_modes()
def test_a_suspended_task_can_be_cancelled(here: Tasks) -> None:
    here.create("never-ran", shell("true", suspend=True))
    here.in_phase("never-ran", "Queued")
    here.patch("never-ran", cancel=True)
    assert_cancelled(here.ended("never-ran"))
    assert next(here.pods("never-ran")) == {}


@in_modes()
def test_a_running_task_that_is_deleted_takes_its_pod_with_it(here: Tasks) -> None:
    begun(here, "deleted")
    asked = time.monotonic()
    here.delete("deleted")
    here.gone("deleted")
    here.no_pods("deleted")
    assert time.monotonic() - asked <= 15


@in_modes()
def test_a_pod_that_somebody_deletes_ends_the_task_and_keeps_what_it_wrote(here: Tasks) -> None:
    task = begun(here, "robbed", **ONCE)
    here.core.delete_namespaced_pod(task.pod_name(), here.namespace)
    failure = Failure(reason="PodDeleted", kind="System", says=(task.pod_name(), "deleted"), exit_code=143)
    assert_failed(here.ended("robbed"), failure, a=42)


@in_modes()
def test_a_pod_that_is_evicted_ends_the_task_and_keeps_what_it_wrote(here: Tasks) -> None:
    task = begun(here, "evicted", **ONCE)
    where = {"name": task.pod_name(), "namespace": here.namespace}
    here.core.create_namespaced_pod_eviction(*where.values(), {"metadata": where})
    failure = Failure(reason="Evicted", kind="System", says=("viction",), exit_code=143)
    assert_failed(here.ended("evicted"), failure, a=42)


@in_modes()
def test_a_pod_that_somebody_deletes_without_grace_ends_the_task(here: Tasks) -> None:
    task = begun(here, "torn", **ONCE)
    here.core.delete_namespaced_pod(task.pod_name(), here.namespace, grace_period_seconds=0)
    ended = here.ended("torn")
    assert (ended.phase, ended.reason) == ("Failed", "PodDeleted")
    assert ended.status["error"]["kind"] == "System"
    assert task.pod_name() in ended.message
    assert ended.attempt == 0


@in_modes()
def test_the_total_clock_ends_a_task_and_keeps_what_it_wrote(here: Tasks) -> None:
    begun(here, "too-long", timeout={"total": "10s"})
    task = here.ended("too-long")
    failure = Failure(reason="DeadlineExceeded", kind="User", says=("timeout.total", "10s"), exit_code=143)
    assert_failed(task, failure, a=42)
    assert 10 <= float(task.status["duration"].removesuffix("s")) <= 20


@in_modes()
def test_the_queued_clock_ends_a_task_that_no_node_takes(here: Tasks) -> None:
    here.create("too-late", shell("true", nodeSelector=NOWHERE, timeout={"queued": "5s"}, **ONCE))
    here.waiting_for("too-late", "Unschedulable")
    task = here.ended("too-late")
    says = ("timeout.queued", "5s", "Unschedulable", "nodes are available")
    assert_failed(task, Failure(reason="QueuedTimeout", kind="System", says=says))
    here.no_pods("too-late")
