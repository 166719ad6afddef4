"""The end of a stream in files ``<stem>.<n>``, n from 0, each of the same size: five at most."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from containertask.local.standinrecord import create

_QUARTERS: Final = 4
_KEPT: Final = _QUARTERS + 1


class Segments:
    """Of a stream, the last ``keep`` bytes at least, and a quarter more at most."""

    def __init__(self, stem: str, keep: int) -> None:
        self._stem = stem
        self._size = (keep + _QUARTERS - 1) // _QUARTERS
        self._next = 0
        self._room = 0
        self._fd: int | None = None

    def write(self, piece: bytes) -> None:
        """Keep a piece; raises OSError."""
        while piece:
            if self._fd is None or self._room == 0:
                self._fd = self._rotated()
            written = os.write(self._fd, piece[: self._room])
            self._room -= written
            piece = piece[written:]

    def _rotated(self) -> int:
        """Return the next file, open. The oldest goes first, so that there are never more."""
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None
        if (oldest := self._next - _KEPT) >= 0:
            Path(f"{self._stem}.{oldest}").unlink()
        path = f"{self._stem}.{self._next}"
        create(path)
        self._room, self._next = self._size, self._next + 1
        return os.open(path, os.O_WRONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
