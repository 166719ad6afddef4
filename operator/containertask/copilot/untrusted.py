"""Reading what the user's command wrote: no link is followed, nothing but a regular file is opened.

A file with several names is taken: the folders are volumes of their own, and a hard link cannot lead
out of a volume. The command may have left processes behind that still write: what is looked at and what is
opened need not be the same.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from containertask.contract.outcome import Outcome
from containertask.copilot import files
from containertask.copilot.journal import printable, reason

FILE: Final = "a file"
FOLDER: Final = "a folder"

_WITHIN: Final = files.FOLDER | os.O_NOFOLLOW
_CAREFUL: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_KINDS: Final = {
    stat.S_IFLNK: "a link",
    stat.S_IFDIR: FOLDER,
    stat.S_IFIFO: "a FIFO",
    stat.S_IFSOCK: "a socket",
    stat.S_IFREG: FILE,
}
_OTHER_BY_NOW: Final = frozenset({errno.ELOOP, errno.ENOENT, errno.ENOTDIR, errno.ENXIO})
"""How the system refuses to open a link, nothing, no folder, a socket: none was there a moment ago."""

_NAMED: Final = 120


@dataclass(frozen=True, slots=True)
class Content:
    """What a file holds, up to the limit; ``size`` is that of the whole file, in bytes."""

    data: bytes
    size: int


@dataclass(frozen=True, slots=True)
class Fault:
    """Why there is no content, or no value: the outcome it means, and a text that names the file."""

    outcome: Outcome
    text: str


class FaultError(Exception):
    """A fault, on its way to who reports it."""

    def __init__(self, outcome: Outcome, text: str) -> None:
        super().__init__(text)
        self.fault = Fault(outcome, text)


def read_file(folder: int, path: str, limit: int) -> Content | Fault:
    """Read at most ``limit`` bytes of a regular file below an open folder."""
    try:
        with parent(folder, path) as (inner, name):
            look(inner, name, path, FILE)
            return read_here(inner, name, path, limit)
    except FaultError as error:
        return error.fault
    except OSError as error:
        return unreadable(path, error).fault


@contextmanager
def parent(folder: int, path: str) -> Iterator[tuple[int, str]]:
    """Give the folder that a path's last part is in, and that part; its parts are opened one by one.

    Raises FaultError or OSError.
    """
    *parents, name = path.split("/")
    if {"", ".", ".."} & {*parents, name}:
        raise FaultError(Outcome.COPILOT_FAILED, f"the path {named(path)} is not below its folder")
    inner = os.dup(folder)
    try:
        for at, part in enumerate(parents, 1):
            above = "/".join(parents[:at])
            look(inner, part, above, FOLDER)
            outer, inner = inner, _open(inner, part, above, _WITHIN)
            os.close(outer)
        yield inner, name
    finally:
        os.close(inner)


def look(folder: int, name: str, path: str, *wanted: str) -> str:
    """Return what stands under a name; raises FaultError if it is nothing that is wanted.

    Before anything is opened: to open a device may already do something. ``path`` is its name in messages.
    """
    kind = kind_of(folder, name)
    if kind in wanted:
        return kind
    if kind is None:
        raise FaultError(Outcome.OUTPUT_MISSING, f"there is no `{named(path)}`")
    text = f"`{named(path)}` is {kind}: have the command write {' or '.join(wanted)}"
    raise FaultError(Outcome.OUTPUT_UNREADABLE, text)


@contextmanager
def seen_before(path: str) -> Iterator[None]:
    """Say of what was listed and is not there any more that it has changed."""
    try:
        yield
    except FaultError as error:
        if error.fault.outcome is Outcome.OUTPUT_MISSING:
            raise changed(path) from None
        raise


def read_here(folder: int, name: str, path: str, limit: int) -> Content:
    """Read at most ``limit`` bytes of what was seen to be a file; raises FaultError or OSError."""
    with opened_file(folder, name, path) as (fd, size):
        data = files.read_some(fd, min(limit, size + 1))
        if len(data) != min(limit, size):
            raise changed(path)
        return Content(data, size)


@contextmanager
def opened_file(folder: int, name: str, path: str) -> Iterator[tuple[int, int]]:
    """Give what was seen to be a file, open, and its size; raises FaultError or OSError."""
    fd = _open(folder, name, path, _CAREFUL)
    try:
        found = os.fstat(fd)
        if not stat.S_ISREG(found.st_mode):
            raise changed(path)
        yield fd, found.st_size
    finally:
        os.close(fd)


@contextmanager
def opened_folder(folder: int, name: str, path: str) -> Iterator[int]:
    """Give what was seen to be a folder, open; raises FaultError or OSError."""
    fd = _open(folder, name, path, _WITHIN)
    try:
        yield fd
    finally:
        os.close(fd)


def kind_of(folder: int, name: str) -> str | None:
    """Return what stands under a name, in words; None for nothing."""
    try:
        mode = os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode
    except FileNotFoundError:
        return None
    return _KINDS.get(stat.S_IFMT(mode), "a device")


def changed(path: str) -> FaultError:
    """Return the fault of what is not any more what it was a moment ago."""
    text = "changed while it was read: have the command end only when nothing of it writes any more"
    return FaultError(Outcome.OUTPUT_UNREADABLE, f"`{named(path)}` {text}")


def unreadable(path: str, error: OSError) -> FaultError:
    """Return the fault of what the system does not let us read."""
    return FaultError(Outcome.OUTPUT_UNREADABLE, f"`{named(path)}`: {reason(error)}{cure(error)}")


def cure(error: OSError) -> str:
    """Return what to do about an error, behind a colon; nothing where nobody knows."""
    if error.errno not in {errno.EACCES, errno.EPERM}:
        return ""
    return (
        ": have the command make it readable for everyone, such as by chmod -R a+rX, or, where it runs "
        "without our launcher, name its user in securityContext.runAsUser"
    )


def named(path: str) -> str:
    """Return a path for a message: one line, without what steers a terminal, its middle left out if long."""
    text = printable(path)
    return text if len(text) <= _NAMED else f"{text[: _NAMED // 2]}…{text[-_NAMED // 2 :]}"


def _open(folder: int, name: str, path: str, flags: int) -> int:
    try:
        return os.open(name, flags, dir_fd=folder)
    except OSError as error:
        if error.errno in _OTHER_BY_NOW:
            raise changed(path) from None
        raise
