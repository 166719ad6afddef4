"""A piece of an object, as it comes: never more of it than was asked for."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from containertask.copilot.transfer.disk import disk_fault
from containertask.copilot.transfer.errors import UnavailableError
from containertask.copilot.transfer.faults import fault_of

if TYPE_CHECKING:
    from hashlib import _Hash

    from obstore import GetResult

_CHUNK: Final = 1 << 20
"""Bytes that are written at once: what has just come is still in the core's cache."""


def write(answer: GetResult, start: int, stop: int, fd: int, what: str) -> None:
    """Write the answer to a request for this range into an open file; ``what`` names the object.

    Raises:
        UnavailableError: it broke off, or is another range than was asked for; it may be asked for again.
        DiskError: the disk refuses.
    """
    for begin, chunk in _chunks(answer, start, stop, what):
        at, view = begin, chunk
        try:
            while view:
                done = os.pwrite(fd, view, at)
                view, at = view[done:], at + done
        except OSError as error:
            raise disk_fault(error, what) from None


def read(answer: GetResult, start: int, stop: int, what: str) -> bytearray:
    """Return the answer to a request for this range; raises UnavailableError, as ``write``."""
    found = bytearray(stop - start)
    for begin, view in _chunks(answer, start, stop, what):
        found[begin - start : begin - start + len(view)] = view
    return found


def _chunks(answer: GetResult, start: int, stop: int, what: str) -> Iterator[tuple[int, memoryview]]:
    """Yield the answer in parts, and where in the object each begins; raises UnavailableError."""
    at, chunks = start, iter(answer.stream(min_chunk_size=_CHUNK))
    while True:
        try:
            chunk = next(chunks, None)
        except Exception as error:  # noqa: BLE001 - obstore's errors have no common base
            raise fault_of(error, what, broken=True) from None
        if chunk is None or at + len(chunk) > stop:
            break
        yield at, memoryview(chunk)
        at += len(chunk)
    if chunk is not None or at != stop:
        raise UnavailableError(f"the store sent another part of {what} than was asked for", again=True)


def update(digest: _Hash, start: int, stop: int, fd: int, what: str) -> None:
    """Feed a part of the file to a hash, as it was written a moment ago; raises DiskError."""
    buffer = memoryview(bytearray(min(_CHUNK, stop - start)))
    while start < stop:
        try:
            count = os.preadv(fd, [buffer[: stop - start]], start)
        except OSError as error:
            raise disk_fault(error, what) from None
        digest.update(buffer[:count])
        start += count
