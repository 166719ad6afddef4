"""Writing files so that nobody ever sees half of one, whatever the umask. Reading files of our own."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Final

FOLDER: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
_NEW: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_CHUNK: Final = 1 << 20


@contextmanager
def opened(path: str, flags: int, folder: int | None = None) -> Iterator[int]:
    """Give the descriptor of a path, close-on-exec, for the length of a block."""
    fd = os.open(path, flags | os.O_CLOEXEC, dir_fd=folder)
    try:
        yield fd
    finally:
        os.close(fd)


def read(path: str) -> bytes:
    """Return a whole file of ours; links of the kubelet are followed."""
    with opened(path, os.O_RDONLY) as fd:
        return read_some(fd, os.fstat(fd).st_size + 1)


def read_some(fd: int, limit: int) -> bytes:
    """Return what there is up to the end, at most ``limit`` bytes."""
    pieces = []
    while limit > 0 and (piece := os.read(fd, min(limit, _CHUNK))):
        pieces.append(piece)
        limit -= len(piece)
    return b"".join(pieces)


def put(folder: int, name: str, data: bytes, mode: int = 0o644) -> None:
    """Put a file into an open folder; one of that name is replaced at once."""
    _put(folder, name, mode, lambda fd: _write(fd, data))


def write_new(folder: int, name: str, data: bytes, mode: int) -> None:
    """Write a file that is not there yet: for a folder that nobody else sees yet."""
    with opened(name, _NEW, folder) as fd:
        os.fchmod(fd, mode)
        _write(fd, data)


def copy(source: str, folder: int, name: str, mode: int) -> int:
    """Copy a file into an open folder, as ``put`` does; return its size in bytes."""
    with opened(source, os.O_RDONLY) as original:
        size = os.fstat(original).st_size

        def write(fd: int) -> None:
            while os.sendfile(fd, original, None, _CHUNK):
                pass

        _put(folder, name, mode, write)
    return size


def link(folder: int, name: str, target: str) -> None:
    """Put a link into an open folder; what is of that name is replaced at once."""
    unfinished = _unfinished(folder, name)
    os.symlink(target, unfinished, dir_fd=folder)
    os.rename(unfinished, name, src_dir_fd=folder, dst_dir_fd=folder)


def make_fifo(folder: int, name: str, mode: int) -> None:
    """Make a FIFO that has its mode as soon as it has its name, unless the name is taken."""
    before = os.umask(0)
    try:
        os.mkfifo(name, mode, dir_fd=folder)
    except FileExistsError:
        return
    finally:
        os.umask(before)


def _write(fd: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(fd, rest) :]


def _put(folder: int, name: str, mode: int, write: Callable[[int], None]) -> None:
    unfinished = _unfinished(folder, name)
    try:
        with opened(unfinished, _NEW, folder) as fd:
            os.fchmod(fd, mode)
            write(fd)
        os.rename(unfinished, name, src_dir_fd=folder, dst_dir_fd=folder)
    except OSError:
        with suppress(OSError):
            os.unlink(unfinished, dir_fd=folder)
        raise


def _unfinished(folder: int, name: str) -> str:
    """Return a hidden name that is free: what a predecessor was stopped at is removed."""
    unfinished = f".{name}.partial"
    with suppress(FileNotFoundError):
        os.unlink(unfinished, dir_fd=folder)
    return unfinished
