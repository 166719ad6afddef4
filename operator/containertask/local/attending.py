"""Staying with the processes of a run until they have ended: clocks, cancellation, Ctrl-C.

No signal handler is set: Ctrl-C comes as KeyboardInterrupt where it does at all, which is the main thread.
"""

from __future__ import annotations

import queue
import subprocess
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from containertask.api.reasons import Reason
from containertask.core.stop import Stop
from containertask.local.moments import now_ms

GRACE_MS: Final = 30_000
"""Between asking for an end and enforcing it, as of a Pod; the launcher itself takes five seconds."""
_LOOK_SECONDS: Final = 0.1
_CANCELLED: Final = "cancelled by whoever started it"


@dataclass(frozen=True, slots=True)
class Clock:
    """What ends a run at a moment, in Unix milliseconds."""

    ends: int
    stop: Stop


@dataclass(slots=True)
class Attendance:
    """What is known so far of why a run has to end.

    Attributes:
        stop: why it was told to end, the first reason.
    """

    cancel: threading.Event | None
    clocks: list[Clock] = field(default_factory=list)
    stop: Stop | None = None
    _events: queue.SimpleQueue[int] = field(default_factory=queue.SimpleQueue)
    _kill_at: int | None = None

    def follow(self, process: subprocess.Popen[bytes]) -> None:
        """Hear of the end of a process."""
        thread = threading.Thread(target=self._wait, args=(process,), name="ctask-wait", daemon=True)
        thread.start()

    def until(self, over: Callable[[], bool], ask: Callable[[], None], force: Callable[[], None]) -> None:
        """Return when something is over, which ends of processes that are followed bring about.

        When there is a reason to end, ``ask`` is called once, and ``force`` when that did not help.
        """
        if self.stop is not None:
            self._kill_at = now_ms() + GRACE_MS
        while not over():
            try:
                if self.stop is None and (found := self._due()) is not None:
                    self._begin(found, ask)
                elif self._kill_at is not None and now_ms() >= self._kill_at:
                    self._kill_at = None
                    force()
                else:
                    self._pause()
            except KeyboardInterrupt:
                if self.stop is None:
                    self._begin(Stop(Reason.CANCELLED, _CANCELLED, now_ms()), ask)
                else:
                    force()
        self._kill_at = None

    def _begin(self, stop: Stop, ask: Callable[[], None]) -> None:
        self.stop, self._kill_at = stop, now_ms() + GRACE_MS
        ask()

    def _due(self) -> Stop | None:
        if self.cancel is not None and self.cancel.is_set():
            return Stop(Reason.CANCELLED, _CANCELLED, now_ms())
        return next((one.stop for one in self.clocks if now_ms() >= one.ends), None)

    def _pause(self) -> None:
        """Wait for an end of a process, or for as long as nothing else can happen."""
        moments = [one.ends for one in self.clocks] if self.stop is None else []
        moments += [] if self._kill_at is None else [self._kill_at]
        seconds = max(min(moments) - now_ms(), 1) / 1000 if moments else None
        if self.cancel is not None and self.stop is None:
            seconds = _LOOK_SECONDS if seconds is None else min(seconds, _LOOK_SECONDS)
        try:
            self._events.get(timeout=seconds)
        except queue.Empty:
            return

    def _wait(self, process: subprocess.Popen[bytes]) -> None:
        self._events.put(process.wait())
