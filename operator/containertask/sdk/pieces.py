"""The files of a file or folder of this machine, and the digests under which they are sent.

What is sent is what was listed here: another content, or more of it, is never under the same digest.
"""

from __future__ import annotations

import hashlib
import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NoReturn

from containertask.errors import InvalidTaskError
from containertask.words import shown

CHANGED: Final = "it has changed since it was looked at: have it stay as it is while it is sent"


@dataclass(frozen=True, slots=True)
class Piece:
    """One file that is to be sent.

    Attributes:
        path: on this machine.
        below: path in its folder, with slashes; empty for a file of its own.
        sha256: of its content, in hex.
        size: of its content, in bytes.
    """

    path: Path
    below: str
    sha256: str
    size: int


def of_file(path: Path) -> tuple[Piece, ...]:
    """Return the file itself. Raises OSError."""
    return (_piece(path, ""),)


def of_folder(path: Path, where: str) -> tuple[Piece, ...]:
    """Return all files of a folder.

    Raises:
        InvalidTaskError: it has something that a store would not keep; ``where`` names the input.
        OSError: something in it cannot be read.
    """
    found = []
    for folder, names, files in os.walk(path, onerror=_raised):
        for name in (*names, *files):
            one = Path(folder, name)
            below = one.relative_to(path).as_posix()
            mode = one.lstat().st_mode
            if stat.S_ISREG(mode):
                found.append(_piece(one, _written(below, where)))
            elif not stat.S_ISDIR(mode):
                text = "is neither a file nor a folder, such as a link: have the folder hold the file itself"
                raise InvalidTaskError([f"{where}: {shown(below)} {text}"])
    if not found:
        raise InvalidTaskError([f"{where}: the folder {path} has no file, and a store has no empty folders"])
    return tuple(sorted(found, key=lambda one: one.below))


def whole_digest(pieces: tuple[Piece, ...]) -> str:
    """Return the SHA-256 of a file, or of a folder's names and files."""
    if [one.below for one in pieces] == [""]:
        return pieces[0].sha256
    found = hashlib.sha256()
    for one in pieces:
        found.update(f"{one.below}\0{one.sha256}\n".encode())
    return found.hexdigest()


def _piece(path: Path, below: str) -> Piece:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        return Piece(path, below, digest, file.tell())


def digest_of(path: Path) -> str:
    """Return the SHA-256 of a file, in hex. Raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _written(below: str, where: str) -> str:
    try:
        below.encode()
    except UnicodeEncodeError:
        raise InvalidTaskError([f"{where}: {below!r} is no UTF-8, and no name in a store"]) from None
    return below


def _raised(error: OSError) -> NoReturn:
    raise error
