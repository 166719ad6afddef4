"""From the disk to a store: many small files at once, a big one in parts; what was read is what is hashed.

An object is there whole or not at all: a multipart upload that does not come to its end is aborted.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final, Protocol

import obstore

from containertask.copilot.transfer.crew import Crew
from containertask.copilot.transfer.errors import TooLargeError
from containertask.copilot.transfer.faults import fault_of
from containertask.copilot.transfer.place import Place

PIECE: Final = 8 << 20
"""Bytes of a part, where a file has no more parts than a store takes."""
_AT_ONCE: Final = 6
"""Parts of a big file that are under way, beside the one that is filled."""
_LEAST: Final = 256 << 10
_MOST_PARTS: Final = 10_000
"""What S3 takes."""
_MOST_BYTES: Final = 5 << 40
"""What S3 takes for one object."""

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

        Raises TransferError, and what reading raises.
        """
        if file.size > PIECE:
            self._send_big(file, key, attributes)
            return
        taken = max(file.size, _LEAST)
        self._crew.take(taken)
        data = b"".join(file.pieces())

        def put() -> None:
            self._place.tried(lambda: self._put(key, data, attributes), key)
            self._crew.give(taken)
            self._moved(len(data))
            self.sent.append(Sent(key, len(data), hashlib.sha256(data).hexdigest()))

        self._crew.do(put)

    def _put(self, key: str, data: bytes, attributes: dict[str, str]) -> None:
        obstore.put(self._place.store, key, data, attributes=attributes, use_multipart=False)

    def _send_big(self, file: Outgoing, key: str, attributes: dict[str, str]) -> None:
        piece = piece_size(file.size, self._place.shown(key))
        at_once = max(1, min(_AT_ONCE, self._crew.memory // piece - 2))
        taken = min((at_once + 2) * piece, self._crew.memory)
        self._crew.take(taken)
        hashed, reading = hashlib.sha256(), _Reading(file.pieces())

        def read() -> Iterator[bytes]:
            for data in reading:
                hashed.update(data)
                yield data
                self._moved(len(data))

        try:
            obstore.put(
                self._place.store,
                key,
                read(),
                attributes=attributes,
                use_multipart=True,
                chunk_size=piece,
                max_concurrency=at_once,
            )
        except Exception as error:  # noqa: BLE001 - obstore's errors have no common base
            raise reading.failed or fault_of(error, self._place.shown(key)) from None
        self._crew.give(taken)
        self.sent.append(Sent(key, file.size, hashed.hexdigest()))


class _Reading:
    """Remembers how reading failed: what obstore makes of an exception of ours is no matter."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = pieces
        self.failed: Exception | None = None

    def __iter__(self) -> Iterator[bytes]:
        try:
            yield from self._pieces
        except Exception as error:
            self.failed = error
            raise


def piece_size(size: int, what: str) -> int:
    """Return how large the parts of a file of so many bytes are; raises TooLargeError.

    ``what`` names it.
    """
    if size > _MOST_BYTES:
        raise TooLargeError(
            f"{what} would have {size} bytes, and a store takes at most {_MOST_BYTES} in one object"
        )
    piece = PIECE
    while piece * _MOST_PARTS < size:
        piece *= 2
    return piece
