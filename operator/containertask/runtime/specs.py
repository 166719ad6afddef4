"""Specs as they were read: once for each generation of a task, and again when its template is known."""

from __future__ import annotations

from containertask.core.accept import Accepted, Refused, accept
from containertask.core.task import TaskView


class ReadSpecs:
    """What came of the specs of unfinished tasks. For one event loop."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[tuple[int, bool], Accepted | Refused]] = {}

    def __len__(self) -> int:
        return len(self._known)

    def of(self, task: TaskView) -> tuple[Accepted | Refused, bool]:
        """Return what comes of a task's spec, and whether that is news."""
        known, version = self._known.get(task.uid), (task.generation, task.unresolved)
        if known is not None and known[0] == version:
            return known[1], False
        found = accept(task)
        self._known[task.uid] = (version, found)
        return found, True

    def drop(self, uid: str) -> None:
        """Forget a task that has ended, or is gone."""
        self._known.pop(uid, None)
