"""What a Pod's events say of what keeps it from starting, and when they are asked for."""

from __future__ import annotations

from typing import Any

import pytest

from containertask.api.reasons import Reason
from containertask.core.actions import ReadEvents, StopPod
from containertask.core.plan import plan
from containertask.core.trouble import Trouble, trouble_in
from support.builders import CONFIG, a_pod, a_task, at, quiet, seen

MOUNTING = a_pod().scheduled().sandbox(ready=False)
UID = MOUNTING.view().uid


def event(reason: str, message: str = "", when: str = "2026-01-01T00:00:10Z") -> dict[str, Any]:
    return {"reason": reason, "message": message, "lastTimestamp": when}


def asked(now: float, known: Trouble | None = None) -> bool:
    found = plan(seen(a_task(), MOUNTING, trouble=known), at(now), CONFIG)
    return found.action == ReadEvents(UID)


def test_the_events_of_a_pod_are_asked_for_when_it_takes_too_long_and_ever_less_often() -> None:
    assert [asked(now) for now in (6, 7)] == [False, True]
    assert [asked(now, quiet(MOUNTING, at(7))) for now in (16, 17)] == [False, True]
    assert [asked(now, quiet(MOUNTING, at(70))) for now in (129, 130)] == [False, True]


def test_a_look_is_asked_for_when_the_next_question_is_due() -> None:
    found = plan(seen(a_task(), MOUNTING, trouble=quiet(MOUNTING, at(7))), at(8), CONFIG)
    assert found.action is None
    assert found.again_in == 9_000


@pytest.mark.parametrize(
    "pod",
    [
        a_pod(),
        a_pod().scheduled(),
        MOUNTING.downloading(),
        MOUNTING.deleting(),
        MOUNTING.stopped("Cancelled"),
    ],
    ids=["no node", "no word of its sandbox", "begun", "deleted", "stopped"],
)
def test_nobody_asks_about_a_pod_that_is_not_kept_from_starting(pod: Any) -> None:
    found = plan(seen(a_task(), pod), at(55), CONFIG)
    assert not isinstance(found.action, ReadEvents)


def test_what_was_read_of_another_pod_says_nothing_of_this_one() -> None:
    other = Trouble(pod_uid="another", at=at(59), reason=Reason.VOLUME_NOT_READY, message="no")
    assert asked(60, other)


def test_the_newest_event_that_tells_of_trouble_is_taken() -> None:
    events = [
        event("FailedMount", "old", "2026-01-01T00:00:10Z"),
        event("FailedAttachVolume", "new", "2026-01-01T00:00:30Z"),
        event("Scheduled", "assigned", "2026-01-01T00:00:40Z"),
        event("FailedMount", "of no time", "soon"),
    ]
    found = trouble_in(events, UID, 0)
    assert (found.reason, found.message) == (Reason.VOLUME_NOT_READY, "new")
    assert trouble_in([], UID, 0).reason is None
    assert trouble_in([{"reason": "FailedMount"}], UID, 0).message == ""


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        ('MountVolume.SetUp failed for volume "s" : secret "absent" not found', Reason.SECRET_NOT_FOUND),
        ('MountVolume.SetUp failed for volume "c" : configmap "x" not found', Reason.CONFIG_MAP_NOT_FOUND),
        (
            'MountVolume.SetUp failed for volume "s" : references non-existent secret key: k',
            Reason.SECRET_NOT_FOUND,
        ),
        ("Multi-Attach error for volume pvc-1", Reason.QUEUED_TIMEOUT),
    ],
)
def test_the_queued_clock_ends_a_pod_whose_volume_does_not_come(message: str, reason: Reason) -> None:
    task = a_task(timeout={"queued": "30s"})
    trouble = trouble_in([event("FailedMount", message)], UID, at(60))
    found = plan(seen(task, MOUNTING, trouble=trouble), at(60), CONFIG)
    assert isinstance(found.action, StopPod)
    assert found.action.stop.reason is reason
    assert found.action.stop.message == message
