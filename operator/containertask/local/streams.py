"""What the command writes, told to the caller as it comes, and the last of it kept."""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Callable
from typing import IO, Final

STDOUT: Final = "stdout"
STDERR: Final = "stderr"
OURS: Final = "ctask"
"""Name of the stream of our own words."""
_PIECE: Final = 64 * 1024
_TAIL_BYTES: Final = 8 * 1024
_TAIL_LINES: Final = 20


class Streams:
    """Takes streams to their end, whoever listens."""

    def __init__(self, logs: Callable[[str, bytes], None] | None) -> None:
        self._logs = logs
        self._lock = threading.Lock()
        self._tail: deque[bytes] = deque()
        self._kept = 0
        self._threads: list[threading.Thread] = []

    def note(self, text: str) -> None:
        """Say something of our own."""
        with self._lock:
            self._tell(OURS, f"{text}\n".encode())

    def take(self, name: str, source: IO[bytes]) -> None:
        """Read a stream to its end, by a thread."""
        thread = threading.Thread(target=self._pump, args=(name, source), name=f"ctask-{name}", daemon=True)
        self._threads.append(thread)
        thread.start()

    def finish(self, seconds: float) -> None:
        """Wait for the ends of all streams, but no longer than this together for each."""
        for one in self._threads:
            one.join(seconds)

    @property
    def tail(self) -> str:
        """Return the last lines of the command."""
        with self._lock:
            text = b"".join(self._tail)[-_TAIL_BYTES:].decode(errors="replace")
        return "".join(text.splitlines(keepends=True)[-_TAIL_LINES:])

    def _pump(self, name: str, source: IO[bytes]) -> None:
        with source:
            while piece := os.read(source.fileno(), _PIECE):
                with self._lock:
                    self._keep(piece)
                    self._tell(name, piece)

    def _keep(self, piece: bytes) -> None:
        self._tail.append(piece)
        self._kept += len(piece)
        while self._kept - len(self._tail[0]) >= _TAIL_BYTES:
            self._kept -= len(self._tail.popleft())

    def _tell(self, name: str, piece: bytes) -> None:
        if self._logs is None:
            return
        try:
            self._logs(name, piece)
        except Exception:  # noqa: BLE001 - a listener that has gone is no reason for the command to fail
            self._logs = None
