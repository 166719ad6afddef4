"""One row of the tables of standings."""

from __future__ import annotations

from dataclasses import dataclass

from containertask.core.snapshot import Snapshot
from containertask.core.trouble import trouble_in
from support.builders import a_pod, a_task, at, seen
from support.builders.pods import PodBuilder
from support.builders.tasks import TaskBuilder


@dataclass(frozen=True, slots=True)
class Standing:
    """A snapshot, when it is looked at, and ``Phase/Reason`` of what is written, if anything is."""

    snapshot: Snapshot
    phase: str | None
    now: int = at(60)
    waits: bool = False


def standing_at(
    pod: PodBuilder,
    phase: str | None,
    *,
    now: float = 60,
    waits: bool = False,
    task: TaskBuilder | None = None,
) -> Standing:
    """Return the row of a task whose only Pod this is."""
    return Standing(seen(task or a_task(), pod), phase, at(now), waits)


def troubled_by(reason: str, message: str, phase: str) -> Standing:
    """Return the row of a task whose Pod its node cannot get ready, as an event says."""
    pod = a_pod().scheduled().sandbox(ready=False)
    event = {"reason": reason, "message": message, "lastTimestamp": "2026-01-01T00:00:50Z"}
    trouble = trouble_in([event], pod.view().uid, at(60))
    return Standing(seen(a_task(), pod, trouble=trouble), phase, at(60), waits=True)
