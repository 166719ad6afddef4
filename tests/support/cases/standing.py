"""One row of the tables of standings."""

from __future__ import annotations

from dataclasses import dataclass

from containertask.core.snapshot import Snapshot
from support.builders import a_task, at, seen
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
