"""So many workers, so much memory, and the first failure ends all.

One thread, the one that made the crew, hands the work out, in order. It asks no store for anything itself and
only ever waits on locks, so that a clock or a signal of the process is heard at once. It waits where memory
is short, which is all the back pressure there is: a worker takes none, as none might be left to give it back.
What a worker finds to be handed out besides it leaves to that thread. Threads and not asyncio: obstore lets
go of the interpreter while it waits, a disk has no other interface, and hashing takes as long as the network.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Final, Self, TypeVar

T = TypeVar("T")

MEMORY: Final = 32 << 20
"""Bytes of content that may be on their way: a Pod of 128 MiB has room for twice that, and for us."""
WORKERS: Final = 32


class StoppedError(Exception):
    """Another piece of work has failed already."""


class Crew:
    """Takes work until its block ends; leaving the block waits for all and raises the first failure.

    After a failure nothing is waited for: a worker may hang in a store for minutes. What it has open stays
    open, so that it cannot write into another file that got the same descriptor.

    Attributes:
        memory: how many bytes may be taken at once.
        culprit: whose work it was that failed, as ``do`` was told.
    """

    def __init__(self, memory: int = MEMORY, workers: int = WORKERS) -> None:
        self.memory, self.culprit = memory, ""
        self._free = memory
        self._failed: BaseException | None = None
        self._stopped = threading.Event()
        self._changed = threading.Condition()
        self._pool = ThreadPoolExecutor(workers, "transfer")
        self._running = 0
        self._left: deque[tuple[Callable[[], None], str]] = deque()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if error is not None and not isinstance(error, StoppedError):
            self._fail(error)
        with suppress(StoppedError):
            self._finish()
        self._pool.shutdown(wait=self._failed is None, cancel_futures=True)
        if self._failed is not None and self._failed is not error:
            raise self._failed from None

    def take(self, size: int) -> None:
        """Wait until so many bytes are free, and take them; raises StoppedError."""
        with self._changed:
            self._changed.wait_for(lambda: self._failed is not None or self._free >= size)
            self.check()
            self._free -= size

    def give(self, size: int) -> None:
        """Give bytes back that were taken."""
        with self._changed:
            self._free += size
            self._changed.notify_all()

    def do(self, work: Callable[[], None], whose: str = "") -> None:
        """Have a worker do it; what it raises ends the whole."""
        with self._changed:
            self._running += 1
        self._pool.submit(self._do, work, whose)

    def leave(self, work: Callable[[], None], whose: str = "") -> None:
        """Leave work of a worker's to the thread that hands out: it comes before anything else there."""
        with self._changed:
            self._left.append((work, whose))
            self._changed.notify_all()

    def lead(self, work: Callable[[], None], whose: str = "") -> None:
        """Do it on this thread, which hands out, behind what was left to that; raises StoppedError."""
        while self._left:
            self._led(*self._left.popleft())
        self._led(work, whose)

    def ask(self, work: Callable[[], T]) -> T:
        """Have a worker do it, and wait for what it comes to; raises StoppedError if anything fails."""
        found: list[T] = []
        self.do(lambda: found.append(work()))
        with self._changed:
            self._changed.wait_for(lambda: found or self._failed is not None)
        if not found:
            raise StoppedError
        return found[0]

    def check(self) -> None:
        """Raise StoppedError if anything has failed."""
        if self._failed is not None:
            raise StoppedError

    def pause(self, seconds: float) -> None:
        """Wait before another try; raises StoppedError as soon as anything has failed."""
        self._stopped.wait(seconds)
        self.check()

    def _finish(self) -> None:
        """Do what is left to this thread until nobody works any more; raises StoppedError."""
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._failed is not None or self._left or not self._running)
                self.check()
                if not self._left:
                    return
            self._led(*self._left.popleft())

    def _led(self, work: Callable[[], None], whose: str) -> None:
        self.check()
        try:
            work()
        except StoppedError:
            raise
        except Exception as error:  # noqa: BLE001 - it is raised again, where the crew was made
            self._fail(error, whose)
            raise StoppedError from None

    def _do(self, work: Callable[[], None], whose: str) -> None:
        try:
            self.check()
            work()
        except StoppedError:
            pass
        except BaseException as error:  # noqa: BLE001 - it is raised again, where the crew was made
            # A panic of compiled code is no Exception; whoever reports failures looks for those.
            self._fail(error if isinstance(error, Exception) else RuntimeError(type(error).__name__), whose)
        finally:
            with self._changed:
                self._running -= 1
                self._changed.notify_all()

    def _fail(self, error: BaseException, whose: str = "") -> None:
        with self._changed:
            if self._failed is None:
                self._failed, self.culprit = error, whose
            self._stopped.set()
            self._changed.notify_all()
