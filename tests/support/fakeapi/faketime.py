"""Time that passes only while somebody sleeps."""

from __future__ import annotations

from collections.abc import Callable


class FakeTime:
    """A clock and a sleep that belong together.

    Attributes:
        now: what the clock shows, in seconds.
        start: what it showed at first.
        slept: how long each sleep was.
    """

    def __init__(self, after: Callable[[float], None] = lambda _: None) -> None:
        """Take what is called after each sleep, with the seconds since the start."""
        self.now = self.start = 1000.0
        self.slept: list[float] = []
        self._after = after

    @property
    def passed(self) -> float:
        """Seconds since the start."""
        return self.now - self.start

    def clock(self) -> float:
        """Return the time, in seconds."""
        return self.now

    async def sleep(self, seconds: float) -> None:
        """Let that many seconds pass at once."""
        self.slept.append(seconds)
        self.now += seconds
        self._after(self.passed)
