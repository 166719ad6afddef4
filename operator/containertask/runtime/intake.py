"""Takes what watches and lists bring: into the store, and marks the tasks it concerns. Does nothing else.

An object that cannot be read is named in the log and left alone: it ends neither the watch nor the process.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any, Final, Protocol, TypeAlias

from containertask.runtime.queue import Key
from containertask.runtime.store import Store

Json: TypeAlias = dict[str, Any]

_log: Final = logging.getLogger(__name__)


class Marks(Protocol):
    """What is needed of the work queue."""

    def mark(self, key: Key) -> None:
        """Ask for a pass."""

    def forget(self, key: Key) -> None:
        """Drop every mark."""


class Intake:
    """Takes one object at a time. ``clock`` gives seconds, monotonic."""

    def __init__(self, store: Store, marks: Marks, clock: Callable[[], float] = time.monotonic) -> None:
        self._store = store
        self._marks = marks
        self._clock = clock
        self._heard: dict[str, float] = {}

    def hear(self, kind: str) -> None:
        """Note that a watch is alive."""
        self._heard[kind] = self._clock()

    def see_task(self, kind: str | None, raw: Json) -> None:
        """Take a task; ``kind`` is the watch event's type, None for an object of a list."""
        self.hear("tasks")
        metadata = raw["metadata"]
        if kind == "DELETED":
            # Under this name another task may be known by now: its marks have to stay.
            if key := self._store.remove_task(metadata["namespace"], metadata["name"], metadata["uid"]):
                self._marks.forget(key)
            self.wake()
            return
        try:
            key = self._store.apply_task(raw)
        except (ValueError, KeyError, TypeError) as error:
            _log.error("task=%s/%s cannot be read: %s", metadata["namespace"], metadata["name"], error)
            return
        if key is not None:
            self._marks.mark(key)
        self.wake()

    def wake(self) -> None:
        """Have those looked at that waited for tasks of which there is news."""
        for key in self._store.dependants.woken():
            self._marks.mark(key)

    def see_pod(self, kind: str | None, raw: Json) -> None:
        """Take a Pod; ``kind`` as above."""
        self.hear("pods")
        try:
            key = self._store.remove_pod(raw) if kind == "DELETED" else self._store.apply_pod(raw)
        except (ValueError, KeyError, TypeError) as error:
            metadata = raw["metadata"]
            _log.error("pod=%s/%s cannot be read: %s", metadata["namespace"], metadata["name"], error)
            return
        if key is not None:
            self._marks.mark(key)

    def ages(self) -> dict[str, float]:
        """Return how many seconds ago something of each kind came last."""
        return {kind: self._clock() - when for kind, when in self._heard.items()}
