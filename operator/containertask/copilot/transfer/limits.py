"""How much may be fetched: of one object, of a folder, of all that one input is. Pure.

Each refusal says which limit it is, and who raises it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection
from typing import Final

from containertask.copilot.transfer.errors import TooLargeError

_OF_STORE: Final = "raise {} of its ArtifactStore"


class Room:
    """What there may be of several things together, as ``why`` explains; used by all workers.

    ``known`` is told of each size that is found out, and whether it is the first that is known of a thing.
    """

    def __init__(
        self, most: int | None, why: str, known: Callable[[int, bool], None] = lambda _, __: None
    ) -> None:
        self._most, self._why, self._known = most, why, known
        self._lock, self._used = threading.Lock(), 0

    def take(self, size: int, what: str, *, first: bool = True) -> None:
        """Reckon with so many bytes more; raises TooLargeError."""
        with self._lock:
            self._used += size
            used = self._used
        if self._most is not None and used > self._most:
            raise TooLargeError(f"with {what} it comes to {used} bytes, and {self._why}")
        self._known(size, first)


def of_input(most: int | None, known: Callable[[int, bool], None] = lambda _, __: None) -> Room:
    """Return what there may be of one input, by its maxBytes."""
    return Room(most, f"maxBytes is {most}: raise it, or fetch less", known)


class Allowed:
    """What there may be of one thing that lies at a URI, which is one object or a folder of them.

    ``largest`` and ``objects`` are the limits of its store; ``most`` is one in bytes that ``why`` explains.
    """

    def __init__(
        self,
        room: Room,
        largest: int | None = None,
        objects: int | None = None,
        most: tuple[int, str] | None = None,
    ) -> None:
        self._room, self._largest, self._objects, self._most = room, largest, objects, most
        self._reckoned: int | None = None

    def hold(self, size: int, what: str) -> None:
        """Reckon with one object; called again as more of it comes. Raises TooLargeError."""
        self._object(size, what)
        if self._most is not None and size > self._most[0]:
            raise TooLargeError(f"{what} has {size} bytes, and {self._most[1]}")
        self._take(size, what)

    def hold_all(self, sizes: Collection[int], what: str) -> None:
        """Reckon with the objects of a folder; raises TooLargeError."""
        if self._objects is not None and len(sizes) > self._objects:
            cure = _OF_STORE.format("limits.maxObjects")
            text = f"{what} has {len(sizes)} objects, and its store allows {self._objects}: {cure}"
            raise TooLargeError(text)
        self._object(max(sizes, default=0), f"an object in {what}")
        self._take(sum(sizes), what)

    def _object(self, size: int, what: str) -> None:
        if self._largest is not None and size > self._largest:
            cure = _OF_STORE.format("limits.maxObjectSize")
            raise TooLargeError(f"{what} has {size} bytes, and its store allows {self._largest}: {cure}")

    def _take(self, size: int, what: str) -> None:
        before = self._reckoned
        if before is None or size > before:
            self._reckoned = size
            self._room.take(size - (before or 0), what, first=before is None)
