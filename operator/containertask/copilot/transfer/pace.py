"""Breaks a connection off on which too little comes, at whatever stage of an answer that is.

A time limit of the socket alone is none: a server that sends a byte before it runs out holds a Pod for ever.
"""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
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

    def came(self, size: int) -> None:
        """Count bytes of content."""
        self._came += size

    def _look(self) -> None:
        before = 0
        while not self._over.wait(SECONDS):
            if self._came - before < LEAST:
                self.broken = True
                with suppress(OSError):
                    self._connection.shutdown(socket.SHUT_RDWR)
                return
            before = self._came
