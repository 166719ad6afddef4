"""What is to be brought, and what it may be; and where it goes to."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Final, Protocol

from containertask.copilot.transfer.errors import DigestError, TooLargeError, UnfitError
from containertask.copilot.transfer.limits import Allowed

MAX_BYTES: Final = 5 << 40
"""Bytes of the largest object that any store has."""

Moved = Callable[[int], None]


class Spot(Protocol):
    """Where something is brought to, which is not there yet: each gives a descriptor to be closed."""

    def file(self) -> int:
        """Make a file of it, to read and write; by any thread."""

    def folder(self) -> int:
        """Make a folder of it; by the thread that hands out."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be brought: ``sha256`` in hex, ``max_bytes`` and ``allowed`` hold where they are given.

    ``whose`` is told to the crew.
    """

    key: str
    """Of an object; that of a folder is empty or ends with a slash."""
    sha256: str | None = None
    max_bytes: int | None = None
    allowed: Allowed | None = None
    whose: str = ""
    may_be_empty: bool = False
    """A folder of which a store knows nothing has nothing in it."""

    def hold(self, size: int, what: str) -> None:
        """Raise TooLargeError if an object has more bytes than it may."""
        self._hold(size, what)
        if size > MAX_BYTES:
            raise TooLargeError(f"{what} has {size} bytes, more than any store has in one object")
        if self.allowed is not None:
            self.allowed.hold(size, what)

    def hold_all(self, sizes: Collection[int], what: str) -> None:
        """Raise UnfitError if the objects of a folder are more than they may, or no folder is wanted."""
        if self.sha256 is not None:
            raise UnfitError(f"sha256 is that of one file, and {what} is none: leave it out")
        self._hold(sum(sizes), what)
        if self.allowed is not None:
            self.allowed.hold_all(sizes, what)

    def check(self, digest: str | None, what: str) -> None:
        """Raise DigestError if the content is another one."""
        if self.sha256 is not None and digest != self.sha256.lower():
            raise DigestError(f"{what} has the sha256 {digest}, and {self.sha256} was announced")

    def _hold(self, size: int, what: str) -> None:
        if self.max_bytes is not None and size > self.max_bytes:
            raise TooLargeError(f"{what} has {size} bytes, and maxBytes is {self.max_bytes}")
