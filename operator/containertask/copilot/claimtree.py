"""What there is in mounted claims: found and opened, and refused by name.

No link is followed, and nothing is opened but files and folders: a claim is a disk that tasks write to, and
to open a device or a FIFO may already do something.
"""

from __future__ import annotations

import errno
import os
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from containertask.copilot import files
from containertask.copilot.journal import reason
from containertask.copilot.outputtree import MAX_FOLDERS
from containertask.copilot.transfer.errors import (
    BadKeyError,
    ChangedError,
    ForbiddenError,
    NotThereError,
    TransferError,
    UnavailableError,
    UnfitError,
)
from containertask.copilot.transfer.keys import Listed, arranged, shown
from containertask.copilot.untrusted import FILE, FOLDER, kind_of

_WITHIN: Final = files.FOLDER | os.O_NOFOLLOW
_CAREFUL: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_OTHER_BY_NOW: Final = frozenset({errno.ELOOP, errno.ENOENT, errno.ENOTDIR, errno.ENXIO})
_ONLY: Final = "only files and folders are fetched from a claim, and no link is followed"
_OF_THE_DISK: Final = "lost+found"
"""What the kernel makes in the root of a disk, and nobody but root may read."""
_UNFINISHED: Final = re.compile(r"\.[0-9a-f]{24}\.partial")
"""What an uploader that was killed leaves in a claim (``claimshelf``): it never was a file."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A mounted claim: the folder where it is, and what its files are shown behind, ``pvc://name``."""

    folder: str
    name: str

    def shown(self, key: str) -> str:
        """Return a file's URI as a message shows it."""
        return f"`{shown(f'{self.name}/{key}')}`"


def kind_at(claim: Claim, key: str, wanted: tuple[str, ...]) -> str:
    """Return what stands at a key; raises TransferError if that is nothing that is wanted."""
    name = claim.shown(key)
    if not key:
        kind: str | None = FOLDER
    else:
        above, _, last = key.rpartition("/")
        with opened(claim, above, FOLDER) as folder:
            kind = _look(folder, last, name)
    return _fit(kind, name, wanted)


@contextmanager
def opened(claim: Claim, key: str, kind: str) -> Iterator[int]:
    """Give the descriptor of a file or folder; each name on the way to it is opened by itself.

    Raises TransferError.
    """
    found = os.open(claim.folder, files.FOLDER)
    try:
        names = key.split("/") if key else []
        for at, name in enumerate(names, 1):
            what = FOLDER if at < len(names) else kind
            above, found = found, _within(found, name, what, claim.shown("/".join(names[:at])))
            os.close(above)
        yield found
    finally:
        os.close(found)


def _within(folder: int, name: str, wanted: str, what: str) -> int:
    """Open a file or folder in an open folder; ``what`` is its name in messages."""
    _fit(_look(folder, name, what), what, (wanted,))
    try:
        found = os.open(name, _CAREFUL if wanted == FILE else _WITHIN, dir_fd=folder)
    except OSError as error:
        raise fault_of(error, what) from None
    if wanted == FILE and not stat.S_ISREG(os.fstat(found).st_mode):
        os.close(found)
        raise ChangedError(f"{what} was changed while it was read")
    return found


def _look(folder: int, name: str, what: str) -> str | None:
    try:
        return kind_of(folder, name)
    except OSError as error:
        raise fault_of(error, what) from None


def _fit(kind: str | None, what: str, wanted: tuple[str, ...]) -> str:
    """Return the kind of what is there; raises TransferError if it is nothing that is wanted."""
    if kind is None:
        raise NotThereError(f"{what} is not there")
    if kind not in wanted:
        text = f"{what} is {kind}, and {' or '.join(wanted)} is wanted"
        raise UnfitError(text if kind in {FILE, FOLDER} else f"{text}: {_ONLY}")
    return kind


def listed(claim: Claim, key: str) -> tuple[dict[str, int], list[str]]:
    """Return the sizes of the files below a folder by their paths there, and the folders.

    Raises TransferError.
    """
    folders: list[str] = []
    with opened(claim, key, FOLDER) as top:
        found = arranged(_below(claim, key, top, "", folders), "")
    are = set(folders)
    return {path: size for path, size in found.items() if path not in are}, folders


def _below(claim: Claim, key: str, folder: int, path: str, folders: list[str]) -> Iterator[Listed]:
    """Yield files and folders below an open folder, which is at a path below the key; note the folders."""
    above = "/".join(filter(None, (key, path)))
    for name in _names(folder, claim.shown(above)):
        if (not above and name == _OF_THE_DISK) or _UNFINISHED.fullmatch(name):
            continue
        one = f"{path}/{name}" if path else name
        what = claim.shown(f"{above}/{name}" if above else name)
        kind = _look(folder, name, what)
        if kind == FILE:
            yield Listed(one, _size(folder, name, what))
            continue
        if kind is None:
            raise ChangedError(f"{what} was changed while it was read")
        if kind != FOLDER:
            raise UnfitError(f"{what} is {kind}: {_ONLY}")
        if one.count("/") >= MAX_FOLDERS:
            raise BadKeyError(f"{what} is more than {MAX_FOLDERS} folders deep")
        folders.append(one)
        yield Listed(one, 0)
        inner = _within(folder, name, FOLDER, what)
        try:
            yield from _below(claim, key, inner, one, folders)
        finally:
            os.close(inner)


def _size(folder: int, name: str, what: str) -> int:
    try:
        return os.stat(name, dir_fd=folder, follow_symlinks=False).st_size
    except OSError as error:
        raise fault_of(error, what) from None


def _names(folder: int, what: str) -> Iterator[str]:
    """Yield the names in a folder, of which there may be millions."""
    try:
        with os.scandir(folder) as entries:
            yield from (entry.name for entry in entries)
    except OSError as error:
        raise fault_of(error, what) from None


def fault_of(error: OSError, what: str) -> TransferError:
    """Return what it means that a claim refuses."""
    if error.errno in _OTHER_BY_NOW:
        return ChangedError(f"{what} was changed while it was read")
    if error.errno in {errno.EACCES, errno.EPERM}:
        cure = "make it readable for everyone, or for the group of the task's Pod"
        return ForbiddenError(f"{what} may not be read ({errno.errorcode[error.errno]}): {cure}")
    return UnavailableError(f"{what} could not be read: {reason(error)}")
