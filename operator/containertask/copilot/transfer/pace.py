"""Breaks a connection off on which too little comes, at whatever stage of an answer that is.

A time limit of the socket alone is none: a server that sends a byte before it runs out holds a Pod for ever.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final, Self

from containertask.copilot.transfer.errors import UnavailableError

SECONDS: Final = 60.0
LEAST: Final = 64 << 10
"""Bytes of content that have to come in each such time."""


class Pace:
    """Looks at one connection for the length of a block; ``broken`` tells whether it broke it off."""

    def __init__(self, connection: socket.socket) -> None:
        self.broken = False
        self._connection = connection
        self._came = 0
        self._held: tuple[float, float | None] = (0.0, None)
        """Seconds so far, and since when it is held now: changed at once, as another thread reads it."""
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def check(self, name: str) -> None:
        """Raise UnavailableError if it broke the connection off; ``name`` is what came by it."""
        if self.broken:
            text = f"{name} comes too slowly: less than {LEAST >> 10} KiB in {SECONDS:.0f} s"
            raise UnavailableError(text)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Give the connection leave to be silent: in the block nobody takes what comes."""
        before, began = self._held[0], time.monotonic()
        self._held = (before, began)
        try:
            yield
        finally:
            self._held = (before + time.monotonic() - began, None)

    def came(self, size: int) -> None:
        """Count bytes of content."""
        self._came += size

    def _look(self) -> None:
        before, held_before = 0, 0.0
        while not self._over.wait(SECONDS):
            held, since = self._held
            held += 0.0 if since is None else time.monotonic() - since
            if self._came - before < LEAST and held - held_before < SECONDS / 2:
                self.broken = True
                with suppress(OSError):
                    self._connection.shutdown(socket.SHUT_RDWR)
                return
            before, held_before = self._came, held
