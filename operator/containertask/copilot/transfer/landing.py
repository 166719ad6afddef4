"""One object on its way from a store into a file: in pieces, many at once, hashed in order."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from containertask.copilot.transfer import piece
from containertask.copilot.transfer.crew import Crew
from containertask.copilot.transfer.disk import disk_fault
from containertask.copilot.transfer.errors import NotThereError
from containertask.copilot.transfer.oneobject import OneObject
from containertask.copilot.transfer.place import Place
from containertask.copilot.transfer.wanted import Moved, Wanted

if TYPE_CHECKING:
    from hashlib import _Hash

    from obstore import GetResult

PIECE: Final = 8 << 20
"""Bytes of one request."""
_LEAST: Final = 256 << 10
"""Bytes that the smallest request counts for: with its buffers, and so that no thousand files are open."""


class Landing:
    """One object on its way into an open file, which is closed when all is there.

    ``size`` is in bytes; -1 until it is known.
    """

    def __init__(self, crew: Crew, place: Place, wanted: Wanted, moved: Moved) -> None:
        self.size = -1
        self._crew, self._place, self._wanted, self._moved = crew, place, wanted, moved
        self._hash = _digest() if wanted.sha256 is not None else None
        self._lock = threading.Lock()
        self._there: dict[int, int] = {}
        """Where what is on the disk and not hashed yet begins and ends."""
        self._hashed_to, self._hashing = 0, False
        self._fd, self._left = -1, 0
        self._object = OneObject(place, wanted.key)

    @property
    def _name(self) -> str:
        return self._place.shown(self._wanted.key)

    def seek(self, target: Callable[[], int], first: int, absent: Callable[[], None] | None = None) -> None:
        """Have the crew find out the size, by a request for so many bytes, and bring all of it.

        ``target`` opens the file once the object is known to be there; ``absent`` is called if it is not.
        """
        taken = max(first, _LEAST)

        def work() -> None:
            try:
                answer = self._place.tried(self._crew, lambda: self._first(first), self._wanted.key)
            except NotThereError:
                if absent is None:
                    raise
                self._crew.give(taken)
                absent()
                return
            self._go_on(answer, target(), first)
            self._crew.give(taken)

        self._crew.take(taken)
        self._crew.do(work, self._wanted.whose)

    def begin(self, size: int, fd: int) -> None:
        """Have the crew bring an object of this size into an open file."""
        self.size = self._object.size = size
        self._fd, self._left = fd, -(-size // PIECE)
        if not size:
            self._end()
        self._hand_out(0)

    def _hand_out(self, begin: int) -> None:
        for start in range(begin, self.size, PIECE):
            stop = min(start + PIECE, self.size)
            self._crew.take(max(stop - start, _LEAST))
            self._crew.do(self._bringing(start, stop), self._wanted.whose)

    def _go_on(self, answer: GetResult, fd: int, first: int) -> None:
        """Take the first part, and leave it to the crew's thread to hand out the rest."""
        stop = min(first, self.size)
        self._fd, self._left = fd, 1 + -(-(self.size - stop) // PIECE)
        if self.size > stop:
            self._crew.leave(lambda: self._hand_out(stop), self._wanted.whose)
        if not stop:
            self._end()
            return
        self._bring(0, stop, [answer])
        self._landed(0, stop)

    def _first(self, first: int) -> GetResult:
        found = self._object.first(first)
        self.size = self._object.size
        self._wanted.hold(self.size, self._name)
        return found

    def _bringing(self, start: int, stop: int) -> Callable[[], None]:
        def work() -> None:
            self._bring(start, stop, [])
            self._crew.give(max(stop - start, _LEAST))
            self._landed(start, stop)

        return work

    def _bring(self, start: int, stop: int, answers: list[GetResult]) -> None:
        """Write a piece, from an answer that is there already if there is one."""

        def bring() -> None:
            answer = answers.pop() if answers else self._object.piece(start, stop)
            piece.write(answer, start, stop, self._fd, self._name)

        self._place.tried(self._crew, bring, self._wanted.key)
        self._moved(stop - start)

    def _landed(self, start: int, stop: int) -> None:
        if self._hash is None:
            with self._lock:
                self._left -= 1
                is_all = not self._left
        else:
            is_all = self._hashed(self._hash, start, stop)
        if is_all:
            self._end()

    def _hashed(self, digest: _Hash, start: int, stop: int) -> bool:
        """Hash what has come in order, unless another worker is at it; return whether that is all."""
        with self._lock:
            self._there[start] = stop
            if self._hashing:
                return False
            self._hashing = True
        while True:
            with self._lock:
                end = self._there.pop(self._hashed_to, None)
                if end is None:
                    self._hashing = False
                    return self._hashed_to == self.size
            piece.update(digest, self._hashed_to, end, self._fd, self._name)
            self._hashed_to = end

    def _end(self) -> None:
        try:
            os.close(self._fd)
        except OSError as error:
            raise disk_fault(error, self._name) from None
        self._wanted.check(self._hash.hexdigest() if self._hash else None, self._name)


def _digest() -> _Hash:
    import hashlib  # noqa: PLC0415 - OpenSSL is slow to load

    return hashlib.sha256()
