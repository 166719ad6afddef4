"""An event loop that runs until nothing is left to do, and whose time passes only when it is told to.

For code without real I/O only, as ``support.looptime``; that one jumps by itself, this one is driven.
"""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable
from typing import Final

_EARLY: Final = 1e-6
"""Seconds by which a timer may be missed: times are sums of floats."""


class _Selector(selectors.SelectSelector):
    """Lets time pass up to ``until``, instead of sleeping; beyond that there is nothing to do."""

    now = 0.0
    until = 0.0
    idle: Callable[[], None]

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None or self.now + timeout > self.until + _EARLY:
            self.idle()
        else:
            self.now += max(timeout, 0)
        return []


class DrivenLoop(asyncio.SelectorEventLoop):
    """A loop at time 0."""

    def __init__(self) -> None:
        self._driven = _Selector()
        super().__init__(self._driven)
        self._driven.idle = self.stop

    def time(self) -> float:
        return self._driven.now

    def settle(self) -> None:
        """Run whatever can run without time passing."""
        self.run_forever()

    def advance(self, seconds: float) -> None:
        """Let so much time pass, with everything that is due meanwhile."""
        self._driven.until = self._driven.now + seconds
        self.run_forever()
        self._driven.now = max(self._driven.now, self._driven.until)
        self.run_forever()

    def end(self) -> None:
        """Cancel what still runs, and close."""
        for task in asyncio.all_tasks(self):
            task.cancel()
        self.run_forever()
        self.close()
