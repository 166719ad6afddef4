"""From a store to the disk: in pieces, many at once, into files that nobody else sees before all is there."""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import obstore

from containertask.copilot.transfer.crew import Crew
from containertask.copilot.transfer.errors import (
    ChangedError,
    DigestError,
    NotThereError,
    TooLargeError,
    UnavailableError,
)
from containertask.copilot.transfer.faults import fault_of, is_beyond_end
from containertask.copilot.transfer.keys import Path, arranged
from containertask.copilot.transfer.place import Place

if TYPE_CHECKING:
    from obstore import Bytes, ObjectMeta

PIECE: Final = 8 << 20
"""Bytes of one request."""
_LEAST: Final = 256 << 10
"""Bytes that the smallest request counts for: with its buffers, and so that no thousand files are open."""
_NEW: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE_MODE: Final = 0o644
_FOLDER_MODE: Final = 0o755

Moved = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be brought: ``sha256`` in hex and ``max_bytes`` hold where they are given."""

    key: str
    """Of an object; that of a folder is empty or ends with a slash."""
    sha256: str | None = None
    max_bytes: int | None = None

    def hold(self, size: int, what: str) -> None:
        """Raise TooLargeError if there are more bytes than may be."""
        if self.max_bytes is not None and size > self.max_bytes:
            raise TooLargeError(f"{what} has {size} bytes, and maxBytes is {self.max_bytes}")


class Landing:
    """One object on its way into an open file, which it closes. ``digest``: its SHA-256, at the end."""

    def __init__(self, crew: Crew, place: Place, key: str, moved: Moved, *, hashed: bool) -> None:
        self.digest: str | None = None
        self._crew, self._place, self._key, self._moved = crew, place, key, moved
        self._hash = hashlib.sha256() if hashed else None
        self._lock = threading.Lock()
        self._waiting: dict[int, Bytes] = {}
        self._hashed_to = 0
        self._fd = -1
        self._size = self._left = 0
        self._version: tuple[object, ...] = ()

    def first(self, wanted: Wanted) -> tuple[int, Bytes]:
        """Return the object's size, which nobody knows yet, and its first piece; raises TransferError."""

        def ask() -> tuple[int, Bytes]:
            try:
                found = obstore.get(self._place.store, self._key, options={"range": (0, PIECE)})
            except Exception as error:
                if not is_beyond_end(error):
                    raise
                found = obstore.get(self._place.store, self._key)  # it is empty
            wanted.hold(found.meta["size"], self._place.shown(self._key))
            self._version = _version_of(found.meta)
            return found.meta["size"], found.bytes()

        return self._place.tried(ask, self._key)

    def begin(self, size: int, fd: int, data: Bytes | None = None) -> None:
        """Have the crew bring all of it, or all but ``data``, its first piece."""
        self._fd, self._size = fd, size
        pieces = [(start, min(start + PIECE, size)) for start in range(0, size, PIECE)]
        self._left = len(pieces)
        if not pieces:
            self._end()
        for start, stop in pieces:
            self._crew.take(max(stop - start, _LEAST))
            self._crew.do(self._bringing(start, stop, data if start == 0 else None))

    def _bringing(self, start: int, stop: int, data: Bytes | None) -> Callable[[], None]:
        def bring() -> None:
            found = self._place.tried(lambda: self._piece(start, stop), self._key) if data is None else data
            if len(found) != stop - start:
                raise ChangedError(f"{self._place.shown(self._key)} was changed while it was read")
            self._keep(start, found)

        return bring

    def _piece(self, start: int, stop: int) -> Bytes:
        found = obstore.get(self._place.store, self._key, options={"range": (start, stop)})
        with self._lock:
            self._version = self._version or _version_of(found.meta)
        if found.meta["size"] != self._size or _version_of(found.meta) != self._version:
            raise ChangedError(f"{self._place.shown(self._key)} was changed while it was read")
        data = found.bytes()
        if len(data) != stop - start:
            raise UnavailableError(f"the store sent too little of {self._place.shown(self._key)}")
        return data

    def _keep(self, start: int, data: Bytes) -> None:
        view, at = memoryview(data), start
        try:
            while view:
                done = os.pwrite(self._fd, view, at)
                view, at = view[done:], at + done
        except OSError as error:
            raise fault_of(error, self._place.shown(self._key)) from None
        self._moved(len(data))
        with self._lock:
            self._waiting[start] = data
            for one in self._in_order():
                if self._hash is not None:
                    self._hash.update(one)
                self._crew.give(max(len(one), _LEAST))
                self._left -= 1
            if not self._left:
                self._end()

    def _in_order(self) -> Iterator[Bytes]:
        """Yield what can be hashed by now; without a hash that is anything."""
        if self._hash is None:
            while self._waiting:
                yield self._waiting.popitem()[1]
        while (data := self._waiting.pop(self._hashed_to, None)) is not None:
            self._hashed_to += len(data)
            yield data

    def _end(self) -> None:
        os.close(self._fd)
        if self._hash is not None:
            self.digest = self._hash.hexdigest()


def _version_of(meta: ObjectMeta) -> tuple[object, ...]:
    """Return what no two versions of an object have in common; few servers have no tag."""
    return meta["e_tag"], meta["last_modified"], meta["version"]


def fetch_file(place: Place, wanted: Wanted, target: Callable[[], int], moved: Moved) -> int:
    """Bring one object into the new file that ``target`` opens; return its size; raises TransferError."""
    with Crew() as crew:
        landing = Landing(crew, place, wanted.key, moved, hashed=wanted.sha256 is not None)
        size, data = landing.first(wanted)
        landing.begin(size, target(), data)
    if landing.digest != wanted.sha256:
        text = f"{place.shown(wanted.key)} has the sha256 {landing.digest}, and {wanted.sha256} was announced"
        raise DigestError(text)
    return size


def fetch_folder(place: Place, wanted: Wanted, folder: int, moved: Moved) -> int:
    """Bring all objects below a prefix into an open, empty folder; return how many; raises TransferError."""
    found = arranged(place.listed(wanted.key), wanted.key)
    if not found:
        raise NotThereError(f"there is nothing below {place.shown(wanted.key)}")
    wanted.hold(sum(one.size for one in found.values()), f"the folder {place.shown(wanted.key)}")
    made: set[Path] = {()}
    with Crew() as crew:
        for path, one in found.items():
            fd = _new_file(folder, path, made, place.shown(one.key))
            Landing(crew, place, one.key, moved, hashed=False).begin(one.size, fd)
    return len(found)


def _new_file(folder: int, path: Path, made: set[Path], what: str) -> int:
    try:
        for depth in range(1, len(path)):
            if path[:depth] not in made:
                os.mkdir("/".join(path[:depth]), _FOLDER_MODE, dir_fd=folder)
                made.add(path[:depth])
        return os.open("/".join(path), _NEW, _FILE_MODE, dir_fd=folder)
    except OSError as error:
        raise fault_of(error, what) from None
