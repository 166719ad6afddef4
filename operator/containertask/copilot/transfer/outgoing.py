"""What is sent, whatever takes it. Knows no store."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

from containertask.copilot.transfer.crew import Crew
from containertask.copilot.transfer.errors import ChangedError, TransferError

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
    """Behind what its sender's keys begin with: there may be very many."""
    size: int
    sha256: str


class Sender(Protocol):
    """Files on their way into one store, in the block of a crew.

    Attributes:
        sent: all that was written, in no order; read it behind the block.
        failed: what ended the crew, if it was one of these files.
    """

    sent: list[Sent]
    failed: TransferError | None

    def send(self, file: Outgoing, key: str, attributes: dict[str, str]) -> None:
        """Send a file.

        Raises TransferError, StoppedError, and what reading raises: then only this file has failed.
        """


@dataclass(frozen=True, slots=True)
class Bytes:
    """What is sent from memory."""

    data: bytes

    @property
    def size(self) -> int:
        """Return how many bytes."""
        return len(self.data)

    def pieces(self) -> Iterator[bytes]:
        """Yield them."""
        yield self.data


class Reading:
    """A file that is read to its end, once.

    Attributes:
        failed: how that failed; whoever takes the pieces may tell it in a way of its own.
    """

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
