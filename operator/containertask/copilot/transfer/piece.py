"""A piece of an object in memory, as it came: never more of it than was asked for."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Self

from containertask.copilot.transfer.errors import UnavailableError
from containertask.copilot.transfer.faults import fault_of

if TYPE_CHECKING:
    from hashlib import _Hash

    from obstore import GetResult

_CHUNK: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Piece:
    """The bytes of an object from ``start`` on, ``size`` of them."""

    start: int
    size: int
    _chunks: tuple[bytes, ...]

    @classmethod
    def of(cls, answer: GetResult, start: int, stop: int, what: str) -> Self:
        """Read the answer to a request for this range; ``what`` names the object.

        Raises:
            UnavailableError: it broke off, or is another one than was asked for; it may be asked for again.
        """
        chunks: list[bytes] = []
        left = stop - start
        try:
            for chunk in answer.stream(min_chunk_size=_CHUNK):
                chunks.append(chunk)
                left -= len(chunk)
                if left < 0:
                    break
        except Exception as error:  # noqa: BLE001 - obstore's errors have no common base
            raise fault_of(error, what, broken=True) from None
        if left:
            raise UnavailableError(f"the store sent another part of {what} than was asked for", again=True)
        return cls(start, stop - start, tuple(chunks))

    def write(self, fd: int) -> None:
        """Write it into an open file, at its place; raises OSError."""
        at = self.start
        for chunk in self._chunks:
            view = memoryview(chunk)
            while view:
                done = os.pwrite(fd, view, at)
                view, at = view[done:], at + done

    def update(self, digest: _Hash) -> None:
        """Feed it to a hash."""
        for chunk in self._chunks:
            digest.update(chunk)
