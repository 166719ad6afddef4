"""An event loop whose clock jumps to the next timer: hours of waiting in no time, always in the same order.

For code without real I/O only: the clock does not wait for a socket that is about to have data.
"""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")
_ROUNDS = 20


class _Selector(selectors.SelectSelector):
    """Tells the clock how long the loop would have slept, instead of sleeping."""

    now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if not ready and timeout is None:
            raise RuntimeError("no timer is set: the test would wait for ever")
        if not ready and timeout is not None:
            self.now += max(timeout, 0)
        return ready


class JumpingLoop(asyncio.SelectorEventLoop):
    """A loop at time 0 whose time passes only while nothing else is left to do."""

    def __init__(self) -> None:
        self._jumping = _Selector()
        super().__init__(self._jumping)

    def time(self) -> float:
        return self._jumping.now


def run(main: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine on a loop of its own, from time 0 on."""
    with asyncio.Runner(loop_factory=JumpingLoop) as runner:
        return runner.run(main)


async def settle() -> None:
    """Let everything run that can run without time passing."""
    for _ in range(_ROUNDS):
        await asyncio.sleep(0)
