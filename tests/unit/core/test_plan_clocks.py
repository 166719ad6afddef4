"""The two clocks that the operator keeps: when they run, and when they do not."""

from __future__ import annotations

import pytest

from containertask.core.actions import CreatePod, Plan, StopPod
from containertask.core.names import MAIN
from containertask.core.plan import plan
from support.builders import CONFIG, a_pod, a_task, at, seen
from support.builders.pods import PodBuilder
from support.builders.tasks import TaskBuilder
from support.cases.standings import SUSPENDED_BEFORE

RUNNING = a_pod().at_work()


def planned(task: TaskBuilder, *pods: PodBuilder, now: float = 60) -> Plan:
    return plan(seen(task, *pods), at(now), CONFIG)


def stop_of(found: Plan) -> str:
    assert isinstance(found.action, StopPod), found
    return found.action.stop.reason.value


def test_the_queued_clock_does_not_run_while_suspended_and_begins_again() -> None:
    task = SUSPENDED_BEFORE.timeout(queued="30s")
    assert planned(task.suspended()).action is None
    assert isinstance(planned(task).action, CreatePod)
    found = planned(task, a_pod(1), now=60)
    assert found.status is not None
    resumed = task.status(found.status)
    assert planned(resumed, a_pod(1), now=89).action is None
    assert stop_of(planned(resumed, a_pod(1), now=90)) == "QueuedTimeout"


def test_the_total_clock_runs_while_suspended() -> None:
    task = a_task().timeout(total="2m").suspended()
    assert planned(task).again_in == 60_000
    found = planned(task, now=120)
    assert found.status is not None
    assert found.status.reason == "DeadlineExceeded"


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ('secret "s" not found', "SecretNotFound"),
        ("couldn't find key k in Secret ns/s", "SecretNotFound"),
        ('configmap "c" not found', "ConfigMapNotFound"),
    ],
)
def test_a_referent_that_does_not_come_is_waited_for_until_the_queued_clock(words: str, reason: str) -> None:
    pod = a_pod().scheduled().initialized().waiting(MAIN, "CreateContainerConfigError", words)
    task = a_task().timeout(queued="30s")
    early = planned(task, pod, now=29)
    assert early.action is None
    assert early.again_in == 1_000
    assert stop_of(planned(task, pod, now=30)) == reason
    assert planned(a_task(), pod, now=100_000).action is None


def test_the_queued_clock_does_not_count_once_the_pod_is_on_a_node() -> None:
    assert planned(a_task().timeout(queued="30s"), RUNNING).action is None
