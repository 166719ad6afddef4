"""So many workers, so much memory, and the first failure ends all.

One thread, the one that made the crew, hands the work out, in order. It waits where memory is short, which is
all the back pressure there is. Threads and not asyncio: obstore lets go of the interpreter while it waits, a
disk has no other interface, and hashing takes as long as the network does.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, Self

MEMORY: Final = 48 << 20
"""Bytes of content that may be on their way: a Pod of 128 MiB has room for them, and for us."""
WORKERS: Final = 32


class _StoppedError(Exception):
    """Another piece of work has failed already."""


class Crew:
    """Takes work until its block ends; leaving the block waits for all and raises the first failure.

    Attributes:
        memory: how many bytes may be taken at once.
    """

    def __init__(self, memory: int = MEMORY, workers: int = WORKERS) -> None:
        self.memory = memory
        self._free = memory
        self._failed: BaseException | None = None
        self._changed = threading.Condition()
        self._pool = ThreadPoolExecutor(workers, "transfer")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if error is not None and not isinstance(error, _StoppedError):
            self._fail(error)
        self._pool.shutdown(cancel_futures=self._failed is not None)
        if self._failed is not None and self._failed is not error:
            raise self._failed from None

    def take(self, size: int) -> None:
        """Wait until so many bytes are free, and take them; nothing to do if another one has failed."""
        with self._changed:
            self._changed.wait_for(lambda: self._failed is not None or self._free >= size)
            if self._failed is not None:
                raise _StoppedError
            self._free -= size

    def give(self, size: int) -> None:
        """Give bytes back that were taken."""
        with self._changed:
            self._free += size
            self._changed.notify_all()

    def do(self, work: Callable[[], None]) -> None:
        """Have a worker do it; what it raises ends the whole."""
        self._pool.submit(self._do, work)

    def _do(self, work: Callable[[], None]) -> None:
        if self._failed is not None:
            return
        try:
            work()
        except BaseException as error:  # noqa: BLE001 - it is raised again, where the crew was made
            self._fail(error)

    def _fail(self, error: BaseException) -> None:
        with self._changed:
            if self._failed is None:
                self._failed = error
            self._changed.notify_all()
