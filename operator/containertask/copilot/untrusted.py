"""Reading what the user's command wrote: no link is followed, nothing but a regular file is opened.

A file with several names is taken: the folders are volumes of their own, and a hard link cannot lead
out of a volume.
"""

from __future__ import annotations

import errno
import os
import stat
from dataclasses import dataclass
from typing import Final

from containertask.contract.report import Outcome
from containertask.copilot import files
from containertask.copilot.journal import reason

_WITHIN: Final = files.FOLDER | os.O_NOFOLLOW
_CAREFUL: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK
_KINDS: Final = {
    stat.S_IFLNK: "a link",
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: "a FIFO",
    stat.S_IFSOCK: "a socket",
    stat.S_IFREG: "a file",
}


@dataclass(frozen=True, slots=True)
class Content:
    """What a file holds, up to the limit; ``size`` is that of the whole file, in bytes."""

    data: bytes
    size: int


@dataclass(frozen=True, slots=True)
class Fault:
    """Why there is no content, or no value: the outcome it means, and a text that follows a name."""

    outcome: Outcome
    text: str


def read_file(folder: int, path: str, limit: int) -> Content | Fault:
    """Read at most ``limit`` bytes of a regular file below an open folder.

    ``path`` is relative; its parts are opened one by one.
    """
    *parents, name = path.split("/")
    if {"", ".", ".."} & {*parents, name}:
        return Fault(Outcome.COPILOT_FAILED, f"the path {path} is not below its folder")
    try:
        return _below(folder, parents, name, limit)
    except OSError as error:
        if error.errno == errno.ENOENT:
            return Fault(Outcome.OUTPUT_MISSING, "there is no such file")
        return Fault(Outcome.OUTPUT_UNREADABLE, f"{reason(error)}{cure(error)}")


def kind_of(folder: int, name: str) -> str | None:
    """Return what stands under a name, in words; None for nothing."""
    try:
        mode = os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode
    except FileNotFoundError:
        return None
    return _KINDS.get(stat.S_IFMT(mode), "a device")


def _below(folder: int, parents: list[str], name: str, limit: int) -> Content | Fault:
    if parents:
        kind = kind_of(folder, parents[0])
        if kind not in {None, "a folder"}:
            return _wrong(parents[0], kind, "a folder")
        with files.opened(parents[0], _WITHIN, folder) as inner:
            return _below(inner, parents[1:], name, limit)
    # Looked at before it is opened: to open a device may already do something.
    kind = kind_of(folder, name)
    if kind not in {None, "a file"}:
        return _wrong(name, kind, "a file")
    with files.opened(name, _CAREFUL, folder) as fd:
        found = os.fstat(fd)
        if not stat.S_ISREG(found.st_mode):
            return _wrong(name, "something else by now", "a file")
        data = files.read_some(fd, limit)
        return Content(data, max(found.st_size, len(data)))


def _wrong(name: str, kind: str | None, wanted: str) -> Fault:
    return Fault(Outcome.OUTPUT_UNREADABLE, f"`{name}` is {kind}: have the command write {wanted}")


def cure(error: OSError) -> str:
    """Return what to do about an error, behind a colon; nothing where nobody knows."""
    if error.errno not in {errno.EACCES, errno.EPERM}:
        return ""
    return (
        ": have the command make it readable for everyone, such as by chmod -R a+rX, or, where it runs "
        "without our launcher, name its user in securityContext.runAsUser"
    )
