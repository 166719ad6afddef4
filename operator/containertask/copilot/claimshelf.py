"""A mounted claim as a place to keep outputs in.

Others may write to it, too: no link is followed, and nothing has its name before it is whole.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Final

from containertask.contract.stores import ClaimPlace, StoreItem
from containertask.copilot import files
from containertask.copilot.journal import reason
from containertask.copilot.transfer.crew import Crew
from containertask.copilot.transfer.errors import (
    BadKeyError,
    ChangedError,
    DiskError,
    ExistsError,
    ForbiddenError,
    TransferError,
    UnavailableError,
)
from containertask.copilot.transfer.keys import shown
from containertask.copilot.transfer.outgoing import Bytes, Moved, Outgoing, Reading, Sent

_WITHIN: Final = files.FOLDER | os.O_NOFOLLOW
_NEW: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_FOLDER_MODE: Final = 0o755
_FILE_MODE: Final = 0o644
_SMALL: Final = 8 << 20
_LEAST: Final = 256 << 10
_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT})
_REFUSED: Final = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})
_NO_FOLDER: Final = frozenset({errno.ELOOP, errno.ENOTDIR, errno.EISDIR})
_NO_LINKS: Final = frozenset({errno.EPERM, errno.ENOTSUP, errno.ENOSYS, errno.EMLINK})

Write = Callable[[int], None]


class ClaimShelf:
    """The folder of a claim. ``root`` is what its paths are shown behind: ``pvc://claim``."""

    def __init__(self, store: StoreItem, folder: str, root: str) -> None:
        if isinstance(store.place, ClaimPlace) and store.place.read_only:
            text = "is mounted read-only: name a store for the outputs whose claim can be written to"
            raise ForbiddenError(f"the claim `{shown(root)}` {text}")
        self._folder = f"{folder}/{store.id}/volume"
        self._root = root
        self._touched: set[str] = set()

    def sender(self, crew: Crew, moved: Moved, base: str = "") -> _Filing:
        """Return what takes files in the block of a crew."""
        return _Filing(self, crew, moved, base)

    def shown(self, key: str) -> str:
        """Return a file's URI as a message shows it."""
        return f"`{shown(f'{self._root}/{key}')}`"

    def add_folder(self, key: str) -> None:
        """Make a folder, where it is not there yet; raises TransferError."""
        path = key.removesuffix("/")
        with self._named(key), self._opened(path):
            self._touched.add(path)

    def settle(self) -> None:
        """Have the disk keep the folders as they are; raises TransferError."""
        for path in sorted({upper for one in self._touched for upper in _uppers(one)}, key=len, reverse=True):
            with self._named(path), self._opened(path) as folder:
                os.fsync(folder)
        self._touched.clear()

    def put_new(self, crew: Crew, key: str, data: bytes, _attributes: dict[str, str]) -> None:
        """Write a file that is not there yet, or is there with this very content.

        Raises StoppedError; other failures are the crew's.
        """

        def work() -> None:
            try:
                self.write(key, lambda fd: _write(fd, data), new=True)
            except ExistsError:
                if self._read(key, len(data) + 1) != data:
                    raise
            self.settle()

        crew.ask(work)

    def write(self, key: str, write: Write, *, new: bool = False) -> None:
        """Have a file written, and then give it its name; raises TransferError."""
        path, _, name = key.rpartition("/")
        unfinished = f".{os.urandom(12).hex()}.partial"
        with self._named(key), self._opened(path) as folder:
            try:
                with files.opened(unfinished, _NEW, folder) as fd:
                    os.fchmod(fd, _FILE_MODE)
                    write(fd)
                    os.fsync(fd)
                (_link if new else _rename)(folder, unfinished, name)
            except BaseException:
                with suppress(OSError):
                    os.unlink(unfinished, dir_fd=folder)
                raise
        self._touched.add(path)

    def _read(self, key: str, limit: int) -> bytes:
        path, _, name = key.rpartition("/")
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK
        with self._named(key), self._opened(path) as folder, files.opened(name, flags, folder) as fd:
            return files.read_some(fd, limit)

    @contextmanager
    def _opened(self, path: str) -> Iterator[int]:
        """Give a folder, made where it is not there; its parts are opened one by one."""
        folder = os.open(self._folder, files.FOLDER)
        try:
            for name in filter(None, path.split("/")):
                outer, folder = folder, _entered(folder, name)
                os.close(outer)
            yield folder
        finally:
            os.close(folder)

    @contextmanager
    def _named(self, key: str) -> Iterator[None]:
        try:
            yield
        except FileExistsError:
            raise ExistsError(f"{self.shown(key)} is there already") from None
        except OSError as error:
            raise self._fault(error, key) from None

    def _fault(self, error: OSError, key: str) -> TransferError:
        text = f"could not write {self.shown(key)}: {reason(error)}"
        if error.errno in _FULL:
            return DiskError(f"{text}: make room in the claim, or take a larger one")
        if error.errno in _REFUSED:
            return ForbiddenError(f"{text}: give the Pod's group a right to write, by podTemplate's fsGroup")
        if error.errno == errno.ENAMETOOLONG:
            return BadKeyError(f"{text}: have the command take a shorter name")
        if error.errno in _NO_FOLDER:
            return ForbiddenError(f"{text}: something else has the name of a folder or file that is needed")
        return UnavailableError(text)


class _Filing:
    """Files on their way into a claim, as ``transfer.outgoing.Sender`` has it."""

    def __init__(self, shelf: ClaimShelf, crew: Crew, moved: Moved, base: str) -> None:
        self._shelf, self._crew, self._moved, self._base = shelf, crew, moved, base
        self.sent: list[Sent] = []
        self.failed: TransferError | None = None

    def send(self, file: Outgoing, key: str, _attributes: dict[str, str]) -> None:
        """Send a file, as ``Sender`` says."""
        if file.size > _SMALL:
            failed = self._crew.ask(lambda: self._file(file, key))
            if failed is not None:
                raise failed
            return
        taken = max(file.size, _LEAST)
        self._crew.take(taken)
        try:
            data = b"".join(file.pieces())
        except BaseException:
            self._crew.give(taken)
            raise
        if len(data) != file.size:
            self._crew.give(taken)
            raise self._changed(key)

        def work() -> None:
            self._file(Bytes(data), key)
            self._crew.give(taken)

        self._crew.do(work)

    def _file(self, file: Outgoing, key: str) -> Exception | None:
        """Write a file; return how reading it failed."""
        reading = Reading(self._crew, file, self._moved, self._changed(key))

        def write(fd: int) -> None:
            for piece in reading:
                _write(fd, piece)

        try:
            self._shelf.write(key, write)
        except Exception as error:
            if reading.failed is None:
                self.failed = error if isinstance(error, TransferError) else None
                raise
            return reading.failed
        self.sent.append(Sent(key.removeprefix(self._base), file.size, reading.digest))
        return None

    def _changed(self, key: str) -> ChangedError:
        return ChangedError(f"what was to become {self._shelf.shown(key)} was changed while it was read")


def _entered(folder: int, name: str) -> int:
    with suppress(FileExistsError):
        os.mkdir(name, _FOLDER_MODE, dir_fd=folder)
        inner = os.open(name, _WITHIN, dir_fd=folder)
        os.fchmod(inner, _FOLDER_MODE)
        return inner
    return os.open(name, _WITHIN, dir_fd=folder)


def _rename(folder: int, unfinished: str, name: str) -> None:
    os.rename(unfinished, name, src_dir_fd=folder, dst_dir_fd=folder)


def _link(folder: int, unfinished: str, name: str) -> None:
    """Give a file a name that nothing has yet, whoever else tries that."""
    try:
        os.link(unfinished, name, src_dir_fd=folder, dst_dir_fd=folder, follow_symlinks=False)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        # No hard links here: who makes an empty file has the name, and nobody takes it for a whole one.
        os.close(os.open(name, _NEW, _FILE_MODE, dir_fd=folder))
        _rename(folder, unfinished, name)
    else:
        os.unlink(unfinished, dir_fd=folder)


def _write(fd: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(fd, rest) :]


def _uppers(path: str) -> Iterator[str]:
    """Yield a path and all folders above it, up to the root, which is empty."""
    yield path
    while path:
        path = path.rpartition("/")[0]
        yield path
