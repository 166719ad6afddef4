"""A Gated Pod that its image volume keeps from starting is replaced by one in Init mode, at no cost."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import pytest

from containertask.api.reasons import Reason
from containertask.contract.manifest import Mode
from containertask.core.actions import CreatePod, Plan, StopPod
from containertask.core.mode import Cluster
from containertask.core.names import MAIN, UPLOADER
from containertask.core.plan import plan
from containertask.core.podview import mode_in
from containertask.core.trouble import Trouble
from support.builders import CONFIG, a_pod, a_task, at, seen
from support.builders.pods import PodBuilder
from support.builders.tasks import TaskBuilder
from support.cases.fallbacks import BEGUN, BY_SOMETHING_ELSE, BY_THE_VOLUME, Unstarted, start_error

STOPPED: Final = (
    start_error('exec: "/ct/launcher/launcher": is a directory')
    .uploader_ended("", 143)
    .stopped("ImageVolumeUnusable", after=10)
)
OVER: Final = STOPPED.over("Failed", "DeadlineExceeded")
FAILED: Final = Cluster(gates=True, failed_at=at(10))


def planned(task: TaskBuilder, *pods: PodBuilder, now: float = 12) -> Plan:
    return plan(seen(task, *pods, cluster=FAILED), at(now), CONFIG)


def begins_anew(found: Plan, attempt: int = 1, mode: Mode = Mode.INIT) -> bool:
    """Tell whether the next attempt is made, and nothing is written of the last."""
    assert isinstance(found.action, CreatePod), found
    assert found.status is None
    assert [one.reason for one in found.notices] == ["PodCreated"]
    name: str = found.action.pod["metadata"]["name"]
    return name == f"demo-0a1b2-{attempt}" and mode_in(found.action.pod["spec"]) is mode


def reason_of(found: Plan) -> Reason | None:
    return found.action.stop.reason if isinstance(found.action, StopPod) else None


# --- Which Pods ---


@pytest.mark.parametrize("case", BY_THE_VOLUME.values(), ids=BY_THE_VOLUME.keys())
def test_a_pod_without_its_volume_is_stopped_with_the_reason_in_it(case: Unstarted) -> None:
    found = plan(case.snapshot, case.now, CONFIG)
    assert isinstance(found.action, StopPod)
    assert found.action.stop.reason is Reason.IMAGE_VOLUME_UNUSABLE
    assert found.status is None
    assert [(one.reason, one.warning) for one in found.notices] == [("ImageVolumeUnusable", True)]
    assert found.notices[0].message == found.action.stop.message != ""


@pytest.mark.parametrize("case", BY_SOMETHING_ELSE.values(), ids=BY_SOMETHING_ELSE.keys())
def test_whatever_else_keeps_a_pod_from_starting_is_not_the_volume(case: Unstarted) -> None:
    found = plan(case.snapshot, case.now, CONFIG)
    assert reason_of(found) is not Reason.IMAGE_VOLUME_UNUSABLE
    assert not isinstance(found.action, CreatePod)


def test_a_node_that_has_shown_none_is_looked_at_again_when_its_time_is_over() -> None:
    snapshot = BY_SOMETHING_ELSE["no sandbox for 19 s"].snapshot
    known = replace(snapshot, trouble=Trouble(pod_uid=snapshot.pods[0].uid, at=at(21)))
    assert plan(known, at(21), CONFIG).again_in == 1_000


def test_what_the_runtime_says_at_length_is_cut_to_a_note() -> None:
    long = f'exec: "/ct/launcher/launcher": {"x" * 5_000}'
    found = plan(seen(a_task(), start_error(long)), at(10), CONFIG)
    assert isinstance(found.action, StopPod)
    assert 900 < len(found.action.stop.message) <= 1_000


# --- What follows ---


def test_the_next_attempt_is_in_init_mode_and_nothing_is_written() -> None:
    assert begins_anew(planned(a_task(), OVER))


def test_nothing_is_written_of_it_when_the_status_already_spoke_of_the_pod() -> None:
    status = plan(seen(a_task(), BEGUN), at(5), CONFIG).status
    assert status is not None
    assert begins_anew(planned(a_task().status(status), OVER))


def test_the_next_attempt_waits_for_the_end_of_the_pod() -> None:
    assert planned(a_task(), STOPPED).action is None
    assert planned(a_task(), start_error("no").stopped("ImageVolumeUnusable")).action is None


def test_a_pod_that_ends_slowly_says_why_it_is_stopped() -> None:
    status = planned(a_task(), BEGUN.stopped("ImageVolumeUnusable", "no volume", after=10), now=21).status
    assert status is not None
    assert (status.phase, status.reason, status.message) == (
        "Initializing",
        "ImageVolumeUnusable",
        "being stopped: no volume",
    )


@pytest.mark.parametrize(
    "pod",
    [
        BEGUN.stopped("ImageVolumeUnusable").over("Failed", "DeadlineExceeded"),
        OVER.deleting().gone(),
        STOPPED.deleting().gone(),
        BEGUN.stopped("ImageVolumeUnusable").gone(),
    ],
    ids=["nothing said", "deleted when it was over", "deleted while it ended", "deleted by force"],
)
def test_however_the_pod_goes_the_next_attempt_follows(pod: PodBuilder) -> None:
    assert begins_anew(planned(a_task(), pod))


def test_the_number_goes_on_after_a_suspension() -> None:
    task = a_task().status(phase="Queued", reason="Suspended", attempt=4)
    pod = start_error("no", a_pod(4, mode=Mode.GATED).scheduled()).stopped("ImageVolumeUnusable")
    assert begins_anew(planned(task, pod.uploader_ended("", 143).over()), attempt=5)


def test_a_pod_that_came_too_late_for_its_stop_counts_as_it_ended() -> None:
    pod = a_pod(mode=Mode.GATED).done().stopped("ImageVolumeUnusable").over("Succeeded")
    status = planned(a_task(), pod).status
    assert status is not None
    assert (status.reason, status.attempt) == ("Succeeded", 0)


def test_the_last_attempt_ends_the_task_as_ever() -> None:
    status = planned(a_task(), OVER, a_pod(1).failed(3).over()).status
    assert status is not None
    assert (status.reason, status.attempt, status.exit_code) == ("NonZeroExit", 1, 3)
    status = planned(a_task(), OVER, a_pod(1).done()).status
    assert status is not None
    assert (status.reason, status.attempt) == ("Succeeded", 1)


# --- And people's wishes ---


def test_a_suspension_meanwhile_takes_the_next_attempt() -> None:
    status = planned(a_task().suspended(), OVER).status
    assert status is not None
    assert (status.reason, status.attempt, status.error) == ("Suspended", 1, None)
    assert begins_anew(planned(a_task().status(status).resumed(), OVER))


@pytest.mark.parametrize(
    ("task", "reason"),
    [(a_task().cancelled(), "Cancelled"), (a_task().timeout(total="11s"), "DeadlineExceeded")],
)
def test_a_wish_or_a_clock_meanwhile_ends_the_task_without_another_pod(
    task: TaskBuilder, reason: str
) -> None:
    assert planned(task, STOPPED).action is None
    found = planned(task, OVER)
    assert found.action is None
    assert found.status is not None
    assert (found.status.reason, found.status.attempt) == (reason, 0)


@pytest.mark.parametrize("wish", [a_task().cancelled(), a_task().suspended()], ids=["cancel", "suspend"])
def test_a_wish_comes_before_the_volume(wish: TaskBuilder) -> None:
    case = BY_THE_VOLUME["it is mounted empty"]
    assert reason_of(plan(seen(wish, case.pod), at(10), CONFIG)) is not Reason.IMAGE_VOLUME_UNUSABLE


def test_the_queued_clock_does_not_end_a_task_whose_pod_had_its_node_in_time() -> None:
    assert begins_anew(planned(a_task().timeout(queued="9s"), OVER))


# --- The hour ---


@pytest.mark.parametrize(("seconds", "mode"), [(3_609, Mode.INIT), (3_610, Mode.GATED)])
def test_for_an_hour_other_tasks_start_in_init_mode_too(seconds: float, mode: Mode) -> None:
    found = planned(a_task(), now=seconds)
    assert begins_anew(found, attempt=0, mode=mode)


def test_a_fall_back_that_lasted_an_hour_is_tried_gated_again() -> None:
    assert begins_anew(planned(a_task(), OVER, now=3_700), mode=Mode.GATED)


def test_no_pod_of_another_mode_is_ever_replaced() -> None:
    words = 'exec: "/ct/launcher/launcher": stat: no such file'
    signal = a_task(command=None)
    pod = (
        a_pod(task=signal, mode=Mode.SIGNAL)
        .at_work()
        .ends(MAIN, 128, reason="StartError", message=words, after=6)
    )
    assert planned(signal, pod).action is None
    init = a_pod().at_work().ends(MAIN, 128, reason="StartError", message=words, after=6)
    assert reason_of(planned(a_task(), init)) is Reason.CONTAINER_START_FAILED
    assert reason_of(planned(a_task(), init.ends(UPLOADER, 1, after=7))) is None
