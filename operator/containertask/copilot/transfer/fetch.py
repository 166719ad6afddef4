"""From a store to the disk: in pieces, many at once, into files that nobody else sees before all is there."""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import obstore

from containertask.copilot.transfer import piece
from containertask.copilot.transfer.crew import Crew
from containertask.copilot.transfer.errors import ChangedError, DigestError, NotThereError, TooLargeError
from containertask.copilot.transfer.faults import disk_fault, is_beyond_end
from containertask.copilot.transfer.keys import arranged
from containertask.copilot.transfer.place import Place

if TYPE_CHECKING:
    from hashlib import _Hash

    from obstore import GetResult, ObjectMeta

PIECE: Final = 8 << 20
"""Bytes of one request."""
MAX_BYTES: Final = 5 << 40
"""Bytes of the largest object that any store has."""
_LEAST: Final = 256 << 10
"""Bytes that the smallest request counts for: with its buffers, and so that no thousand files are open."""
_NEW: Final = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
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
        if size > MAX_BYTES:
            raise TooLargeError(f"{what} has {size} bytes, more than any store has in one object")

    def check(self, digest: str | None, what: str) -> None:
        """Raise DigestError if the content is another one."""
        if self.sha256 is not None and digest != self.sha256.lower():
            raise DigestError(f"{what} has the sha256 {digest}, and {self.sha256} was announced")


class Landing:
    """One object on its way into an open file, which is closed when all is there.

    Attributes:
        size: in bytes; -1 until it is known.
        digest: its SHA-256 in hex, at the end and if it is wanted.
    """

    def __init__(self, crew: Crew, place: Place, key: str, moved: Moved, *, hashed: bool = False) -> None:
        self.size, self.digest = -1, None if not hashed else ""
        self._crew, self._place, self._key, self._moved = crew, place, key, moved
        self._hash = hashlib.sha256() if hashed else None
        self._lock = threading.Lock()
        self._there: dict[int, int] = {}
        """Where what is on the disk and not hashed yet begins and ends."""
        self._hashed_to, self._hashing = 0, False
        self._fd, self._left = -1, 0
        self._version: tuple[object, ...] = ()

    @property
    def _name(self) -> str:
        return self._place.shown(self._key)

    def ask(self, wanted: Wanted) -> GetResult:
        """Find out the size; return the answer, which has the first piece; raises TransferError."""

        def first() -> GetResult:
            found = self._first()
            self.size, self._version = found.meta["size"], _version_of(found.meta)
            wanted.hold(self.size, self._name)
            return found

        return self._place.tried(self._crew, first, self._key)

    def begin(self, size: int, fd: int, first: GetResult | None = None) -> None:
        """Have the crew bring all of it; ``first`` is an answer with the first piece."""
        self.size, self._fd, self._left = size, fd, -(-size // PIECE)
        if not size:
            self._end()
        for start in range(0, size, PIECE):
            stop = min(start + PIECE, size)
            self._crew.take(max(stop - start, _LEAST))
            self._crew.do(self._bringing(start, stop, first))
            first = None

    def _first(self) -> GetResult:
        try:
            return obstore.get(self._place.store, self._key, options={"range": (0, PIECE)})
        except Exception as error:
            if not is_beyond_end(error):
                raise
        found = obstore.get(self._place.store, self._key)  # it was empty
        if found.meta["size"]:
            raise self._changed()
        return found

    def _bringing(self, start: int, stop: int, first: GetResult | None) -> Callable[[], None]:
        answers = [first] if first is not None else []

        def bring() -> None:
            answer = answers.pop() if answers else self._piece(start, stop)
            piece.write(answer, start, stop, self._fd, self._name)

        def work() -> None:
            self._place.tried(self._crew, bring, self._key)
            self._crew.give(max(stop - start, _LEAST))
            self._moved(stop - start)
            self._landed(start, stop)

        return work

    def _piece(self, start: int, stop: int) -> GetResult:
        try:
            found = obstore.get(self._place.store, self._key, options={"range": (start, stop)})
        except Exception as error:  # noqa: BLE001 - obstore's errors have no common base
            raise self._changed() if is_beyond_end(error) else error from None
        with self._lock:
            self._version = self._version or _version_of(found.meta)
        if found.meta["size"] != self.size or _version_of(found.meta) != self._version:
            raise self._changed()
        return found

    def _changed(self) -> ChangedError:
        return ChangedError(f"{self._name} was changed while it was read")

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
        if self._hash is not None:
            self.digest = self._hash.hexdigest()


def fetch_file(place: Place, wanted: Wanted, target: Callable[[], int], moved: Moved) -> int:
    """Bring one object into the new file that ``target`` opens, to read and write; return its size.

    Raises TransferError: what is in the file then is of no use.
    """
    with Crew() as crew:
        landing = Landing(crew, place, wanted.key, moved, hashed=wanted.sha256 is not None)
        first = [crew.ask(lambda: landing.ask(wanted))]
        landing.begin(landing.size, target(), first.pop())
    wanted.check(landing.digest, place.shown(wanted.key))
    return landing.size


def fetch_folder(place: Place, wanted: Wanted, folder: int, moved: Moved) -> int:
    """Bring all objects below a prefix into an open, empty folder; return how many; raises TransferError."""
    with Crew() as crew:
        listing = lambda: arranged(place.listed(wanted.key), wanted.key)  # noqa: E731 - asked for below
        found = crew.ask(lambda: place.tried(crew, listing, wanted.key))
        if not found:
            raise NotThereError(f"there is nothing below {place.shown(wanted.key)}")
        wanted.hold(sum(found.values()), f"the folder {place.shown(wanted.key)}")
        made = {""}
        for path, size in found.items():
            key = wanted.key + path
            fd = _new_file(folder, path, made, place.shown(key))
            Landing(crew, place, key, moved).begin(size, fd)
    return len(found)


def _new_file(folder: int, path: str, made: set[str], what: str) -> int:
    names = path.split("/")
    try:
        for depth in range(1, len(names)):
            upper = "/".join(names[:depth])
            if upper not in made:
                os.mkdir(upper, _FOLDER_MODE, dir_fd=folder)
                made.add(upper)
        return os.open(path, _NEW, _FILE_MODE, dir_fd=folder)
    except OSError as error:
        raise disk_fault(error, what) from None


def _version_of(meta: ObjectMeta) -> tuple[object, ...]:
    """Return what no two versions of an object have in common; few servers have no tag."""
    return meta["e_tag"], meta["last_modified"], meta["version"]
