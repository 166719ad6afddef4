"""The work queue: which keys want a pass, and when; runs a bounded number of passes at a time.

Knows nothing of tasks, and keeps nothing of a key that is not queued, delayed, in flight or failing.
For one event loop and its thread only: nothing here is safe to call from another thread.
"""

from __future__ import annotations

import asyncio
import heapq
import zlib
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final, TypeAlias

Key: TypeAlias = tuple[str, str]
"""Namespace and name of a task."""

Handle: TypeAlias = Callable[[Key], Awaitable[float | None]]
"""One pass for a key; returns in how many seconds it wants the next one, None for never."""

_BACKOFF_CAP: Final = 300.0
_JITTER: Final = 0.2


def backoff(key: Key, failures: int) -> float:
    """Return the seconds to wait after so many failures in a row (at least one): 1, 2, 4, … 300.

    Up to a fifth less, fixed by key and count, so that keys which failed together do not return together.
    """
    full = min(2.0 ** min(failures - 1, 9), _BACKOFF_CAP)
    chance = zlib.crc32(f"{key[0]}/{key[1]}/{failures}".encode()) / 2**32
    return full * (1 - _JITTER * chance)


@dataclass(slots=True)
class _Delays:
    """At most one time for a key, the soonest asked for."""

    due: dict[Key, float] = field(default_factory=dict)
    heap: list[tuple[float, Key]] = field(default_factory=list)

    def put(self, key: Key, when: float) -> None:
        if key not in self.due or when < self.due[key]:
            self.due[key] = when
            heapq.heappush(self.heap, (when, key))
            self._tidy()

    def drop(self, key: Key) -> None:
        if self.due.pop(key, None) is not None:
            self._tidy()

    def take(self, now: float) -> list[Key]:
        """Remove and return the keys whose time has come, in the order of their times."""
        taken = []
        while self.heap and self.heap[0][0] <= now:
            when, key = heapq.heappop(self.heap)
            if self.due.get(key) == when:
                del self.due[key]
                taken.append(key)
        self._tidy()
        return taken

    def _tidy(self) -> None:
        # Entries that were overtaken or dropped stay in the heap until they are the greater part of it.
        if len(self.heap) > 2 * len(self.due):
            self.heap = [(when, key) for key, when in self.due.items()]
            heapq.heapify(self.heap)


@dataclass(slots=True)
class _Flight:
    """What was said about a key while its pass was under way."""

    again: bool = False
    forgotten: bool = False


class WorkQueue:
    """Runs passes for marked keys, first come, first served; never two at once for one key.

    * A mark is answered by a pass that begins after it; marks before that pass are one.
    * Of the delayed marks of a key the soonest counts, and a pass that begins answers it too: the pass sees
      everything there is, and returns itself when it wants the next one.
    * A pass that raises is tried again after ``backoff``. A mark does not wait for that, but only a pass
      that succeeds resets the count.
    """

    def __init__(self, *, on_error: Callable[[Key, BaseException], None]) -> None:
        self._on_error = on_error
        self._ready: OrderedDict[Key, None] = OrderedDict()
        self._flights: dict[Key, _Flight] = {}
        self._failures: dict[Key, int] = {}
        self._delays = _Delays()
        self._timer: asyncio.Handle | None = None
        self._rings_at = 0.0
        self._handle: Handle | None = None
        self._concurrency = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self._starting = 0
        self._ended: asyncio.Future[None] | None = None
        self._closed = False

    @property
    def depth(self) -> int:
        """Keys that wait for a free place."""
        return len(self._ready)

    @property
    def in_flight(self) -> int:
        """Passes under way."""
        return len(self._flights)

    @property
    def delayed(self) -> int:
        """Keys that wait for their time."""
        return len(self._delays.due)

    @property
    def retrying(self) -> int:
        """Keys whose last pass failed."""
        return len(self._failures)

    def mark(self, key: Key) -> None:
        """Ask for a pass as soon as there is a free place; before ``run`` marks are only collected."""
        flight = self._flights.get(key)
        if flight is not None:
            flight.again = True
        else:
            self._ready[key] = None
            self._start()

    def mark_after(self, key: Key, seconds: float) -> None:
        """Ask for a pass in so many seconds, unless one begins before."""
        self._delays.put(key, asyncio.get_running_loop().time() + seconds)
        self._arm()

    def forget(self, key: Key) -> None:
        """Drop every mark and the failures of a key; a pass under way ends, what it asks for is ignored."""
        self._ready.pop(key, None)
        self._delays.drop(key)
        self._failures.pop(key, None)
        flight = self._flights.get(key)
        if flight is not None:
            flight.again, flight.forgotten = False, True

    async def run(self, handle: Handle, *, concurrency: int = 50) -> None:
        """Run passes until ``close``; once for a queue.

        Raises:
            BaseException: what a pass raised that is no Exception, and what ``on_error`` raised: the process
                has to end. Passes under way are cancelled.
        """
        if self._ended is not None:
            raise RuntimeError("this queue runs already")
        self._ended = asyncio.get_running_loop().create_future()
        if self._closed:
            return
        self._handle, self._concurrency = handle, concurrency
        self._start()
        try:
            await self._ended
        finally:
            self._stop()
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def close(self, timeout: float) -> int:  # noqa: ASYNC109 - the passes go on being awaited by `run`
        """Start no pass any more, give those under way some seconds; return how many had to be cancelled."""
        self._stop()
        late = (await asyncio.wait(self._tasks, timeout=timeout))[1] if self._tasks else ()
        if self._ended is not None and not self._ended.done():
            self._ended.set_result(None)
        return len(late)

    def _stop(self) -> None:
        self._closed, self._handle = True, None
        if self._timer is not None:
            self._timer.cancel()

    def _start(self) -> None:
        # A task takes its key when it begins, not here: marks that come until then still are one.
        while self._handle and self._starting < len(self._ready) and len(self._tasks) < self._concurrency:
            self._starting += 1
            task = asyncio.get_running_loop().create_task(self._pass())
            self._tasks.add(task)
            task.add_done_callback(self._landed)

    def _landed(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        error = None if task.cancelled() else task.exception()
        if error is not None and self._ended is not None and not self._ended.done():
            self._stop()
            self._ended.set_exception(error)
        self._start()

    async def _pass(self) -> None:
        self._starting -= 1
        if self._handle is None or not self._ready:
            return
        key, _ = self._ready.popitem(last=False)
        self._delays.drop(key)
        flight = self._flights[key] = _Flight()
        after, failed = None, False
        try:
            after = await self._handle(key)
        except (Exception, asyncio.CancelledError) as error:
            # Cancelled by others than us means that something it awaited was: the key must not be lost.
            if self._closed and isinstance(error, asyncio.CancelledError):
                raise
            failed = True
            self._on_error(key, error)
        finally:
            del self._flights[key]
        self._settle(key, flight, after, failed=failed)

    def _settle(self, key: Key, flight: _Flight, after: float | None, *, failed: bool) -> None:
        if flight.forgotten:
            after = None
        elif failed:
            self._failures[key] = self._failures.get(key, 0) + 1
            after = backoff(key, self._failures[key])
        else:
            self._failures.pop(key, None)
        if after is not None:
            self.mark_after(key, after)
        if flight.again:
            self.mark(key)

    def _arm(self) -> None:
        if self._closed or not self._delays.heap:
            return
        when = self._delays.heap[0][0]
        if self._timer is not None:
            if self._rings_at <= when:
                return
            self._timer.cancel()
        # Kept here, because what uvloop returns for a time that has come has no `when`.
        self._rings_at = when
        self._timer = asyncio.get_running_loop().call_at(when, self._ring)

    def _ring(self) -> None:
        self._timer = None
        for key in self._delays.take(asyncio.get_running_loop().time()):
            self.mark(key)
        self._arm()
