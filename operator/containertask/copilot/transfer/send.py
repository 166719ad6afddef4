"""From the disk to a store: many small files at once, a big one in parts; what was read is what is hashed.

An object is there whole or not at all: a multipart upload that does not come to its end is aborted.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, Protocol

import obstore

from containertask.copilot.transfer.crew import Crew
from containertask.copilot.transfer.errors import ChangedError, TooLargeError
from containertask.copilot.transfer.faults import fault_of
from containertask.copilot.transfer.place import Place

PIECE: Final = 8 << 20
"""Bytes of a part, where a file has no more parts than a store takes."""
_AT_ONCE: Final = 6
"""Parts of a big file that are under way, beside the one that is filled."""
_LEAST: Final = 256 << 10
_MOST_PARTS: Final = 10_000
"""What S3 takes."""

Moved = Callable[[int], None]


class Outgoing(Protocol):
    """A file that is open while it is sent; ``pieces`` yields its content once, ``size`` bytes of it."""

    @property
    def size(self) -> int:
        """How many bytes."""

    def pieces(self) -> Iterator[bytes]:
        """Yield them."""


@dataclass(frozen=True, slots=True)
class Sent:
    """An object that was written: ``size`` in bytes, ``sha256`` in hex."""

    key: str
    size: int
    sha256: str


class Sending:
    """Files on their way into one store. Used in the block of its crew, and read after it.

    Attributes:
        sent: all that was written, in no order.
    """

    def __init__(self, crew: Crew, place: Place, moved: Moved) -> None:
        self._crew, self._place, self._moved = crew, place, moved
        self.sent: list[Sent] = []

    def send(self, file: Outgoing, key: str, attributes: dict[str, str]) -> None:
        """Send a file: a small one is read at once and sent later.

        Raises TransferError, StoppedError, and what reading raises.
        """
        if file.size > PIECE:
            self._send_big(file, key, attributes)
            return
        taken = max(file.size, _LEAST)
        self._crew.take(taken)
        data = b"".join(file.pieces())
        if len(data) != file.size:
            raise self._changed(key)

        def put() -> None:
            self._place.tried(self._crew, lambda: self._put(key, data, attributes), key)
            self._crew.give(taken)
            self._done(key, len(data), hashlib.sha256(data).hexdigest())
            self._moved(len(data))

        self._crew.do(put)

    def _put(self, key: str, data: bytes, attributes: dict[str, str]) -> None:
        obstore.put(self._place.store, key, data, attributes=attributes, use_multipart=False)

    def _done(self, key: str, size: int, sha256: str) -> None:
        self.sent.append(Sent(key, size, sha256))

    def _changed(self, key: str) -> ChangedError:
        return ChangedError(f"what was to become {self._place.shown(key)} was changed while it was read")

    def _send_big(self, file: Outgoing, key: str, attributes: dict[str, str]) -> None:
        piece = piece_size(file.size, self._crew.memory // 2, self._place.shown(key))
        at_once = max(1, min(_AT_ONCE, self._crew.memory // piece - 2))
        self._crew.take(self._crew.memory)  # one at a time: each is as quick as all together
        reading = _Reading(self._crew, file, self._moved, self._changed(key))

        def put() -> None:
            try:
                obstore.put(
                    self._place.store,
                    key,
                    iter(reading),
                    attributes=attributes,
                    use_multipart=True,
                    chunk_size=piece,
                    max_concurrency=at_once,
                )
            except Exception as error:  # noqa: BLE001 - obstore's errors have no common base
                raise reading.failed or fault_of(error, self._place.shown(key)) from None

        self._crew.ask(put)
        self._crew.give(self._crew.memory)
        self._done(key, file.size, reading.digest)


class _Reading:
    """A file that is read to its end, once; how that failed is remembered: obstore tells it in its way."""

    def __init__(self, crew: Crew, file: Outgoing, moved: Moved, changed: ChangedError) -> None:
        self.failed: Exception | None = None
        self._crew, self._file, self._moved, self._changed = crew, file, moved, changed
        self._hash = hashlib.sha256()

    @property
    def digest(self) -> str:
        """Return the SHA-256 of what was read, in hex."""
        return self._hash.hexdigest()

    def __iter__(self) -> Iterator[bytes]:
        left = self._file.size
        try:
            for data in self._file.pieces():
                self._crew.check()
                self._hash.update(data)
                left -= len(data)
                yield data
                self._moved(len(data))
            self._hold(left)
        except Exception as error:
            self.failed = error
            raise

    def _hold(self, left: int) -> None:
        if left:
            raise self._changed  # and so the upload is aborted


def piece_size(size: int, most: int, what: str) -> int:
    """Return how large the parts of a file of so many bytes are, at most ``most``; ``what`` names it.

    Raises:
        TooLargeError: it would have too many parts.
    """
    piece = PIECE
    while piece * _MOST_PARTS < size:
        piece *= 2
    if piece > most:
        allowed = most // PIECE * PIECE * _MOST_PARTS
        text = "raise copilotResources, or have the command write several files"
        raise TooLargeError(f"{what} would have {size} bytes, and this memory allows {allowed}: {text}")
    return piece
