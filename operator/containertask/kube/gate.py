"""The one gate that all requests of a client wait at while the API server is overloaded or failing.

It holds back and lets go; it never sends anything again.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

FIRST_PAUSE = 1.0
"""Seconds after the first refusal that names none itself; doubled with each further one in a row."""

LONGEST_PAUSE = 30.0
"""Seconds at most, where the server names none itself."""

LONGEST_WISH = 120.0
"""Seconds at most that a server's own wish is followed: a proxy may ask for hours."""


class Gate:
    """Shut for a while by each refusal that concerns all (429, and 5xx that is no single object's fault).

    A refusal counts as a further one only if its request left after the gate had last been shut: fifty
    requests that were under way together and are all refused are one refusal.

    Args:
        clock: seconds, monotonic.
        sleep: waits that many seconds.
    """

    def __init__(
        self,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._clock = clock
        self._sleep = sleep
        self._opens_at = float("-inf")
        self._shut = 0
        self._in_a_row = 0

    async def passage(self) -> int:
        """Wait until the gate is open; return the ticket that the request's outcome is reported with."""
        while (pause := self._opens_at - self._clock()) > 0:
            await self._sleep(pause)
        return self._shut

    def refused(self, ticket: int, retry_after: float | None) -> None:
        """Shut the gate, for as many seconds as the server asks, if it does; it never opens earlier."""
        if ticket == self._shut:
            self._shut += 1
            self._in_a_row += 1
        if retry_after is not None:
            pause = min(retry_after, LONGEST_WISH)
        else:
            pause = min(FIRST_PAUSE * 2 ** min(self._in_a_row - 1, 10), LONGEST_PAUSE)
        self._opens_at = max(self._opens_at, self._clock() + pause)

    def answered(self, ticket: int) -> None:
        """Forget earlier refusals, if this request left after the last of them."""
        if ticket == self._shut:
            self._in_a_row = 0
