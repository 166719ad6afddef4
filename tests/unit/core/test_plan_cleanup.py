"""What is left to do after the end: the Pod, and in time the task."""

from __future__ import annotations

import pytest

from containertask.core.actions import DeletePod, DeleteTask, Plan, StopPod
from containertask.core.names import DOWNLOADER, MAIN
from containertask.core.plan import plan
from support.builders import CONFIG, a_pod, a_task, at, seen
from support.builders.pods import PodBuilder
from support.builders.tasks import TaskBuilder

READY = a_pod().scheduled().initialized()
RUNNING = READY.running()

DONE = a_pod().done()


def planned(task: TaskBuilder, pod: PodBuilder, now: float = 60) -> Plan:
    return plan(seen(task, pod), at(now), CONFIG)


@pytest.mark.parametrize(
    ("retention", "phase", "deleted"),
    [
        ("Always", "Succeeded", False),
        ("Always", "Failed", False),
        ("OnFailure", "Succeeded", True),
        ("OnFailure", "Failed", False),
        ("OnFailure", "Cancelled", False),
        ("Never", "Succeeded", True),
        ("Never", "Failed", True),
        ("Never", "Cancelled", True),
    ],
)
def test_the_pod_stays_as_long_as_the_task_says(retention: str, phase: str, deleted: bool) -> None:  # noqa: FBT001
    found = planned(a_task(podRetention=retention).finished(phase), DONE.over())
    assert isinstance(found.action, DeletePod) is deleted
    assert found.status is None
    assert planned(a_task(podRetention=retention).finished(phase), DONE.over().gone()).action is None


@pytest.mark.parametrize(
    ("pod", "action"),
    [
        (DONE, None),
        (DONE.state("istio", {"running": {"startedAt": "2026-01-01T00:00:03Z"}}), StopPod),
        (DONE.state("istio", {"running": {}}).stopped("Cancelled"), None),
        (a_pod(), DeletePod),
        (a_pod().scheduled(), StopPod),
        (READY.waiting(MAIN, "ImagePullBackOff"), StopPod),
        (a_pod().scheduled().ends(DOWNLOADER, 1, after=4), None),
        (RUNNING, StopPod),
        (RUNNING.deleting(), None),
        (RUNNING.over(), None),
    ],
    ids=[
        "all ended", "a sidecar runs", "the sidecar is being stopped", "no node", "nothing reported yet",
        "no image", "the download failed", "it runs", "it runs, deleted", "over",
    ],
)  # fmt: skip
def test_a_pod_that_lives_on_after_the_end_is_ended(pod: PodBuilder, action: type | None) -> None:
    found = planned(a_task().finished("Failed"), pod)
    assert type(found.action) is (action or type(None))


@pytest.mark.parametrize(
    ("ttl", "due"),
    [({"ttlSecondsAfterFinished": 5}, 35), ({"ttlSecondsAfterFinished": 0}, 30), ({}, 604_830)],
)
def test_a_finished_task_is_deleted_when_its_time_is_over(ttl: dict[str, int], due: int) -> None:
    task = a_task().spec(**ttl).finished()
    early = planned(task, DONE.over(), now=due - 0.25)
    assert early.action is None
    assert early.again_in == 250
    assert planned(task, DONE.over(), now=due).action == DeleteTask(task.raw["metadata"]["uid"])
