"""What the keys of objects become below a folder. Pure: nothing is read or made here.

A store takes nearly any text for a key, a folder does not: what would leave it, what no file can be called,
and what would be one file twice, perhaps on another disk, is refused by name and never changed to fit.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Final

from containertask.copilot.journal import printable
from containertask.copilot.outputtree import MAX_FOLDERS
from containertask.copilot.transfer.errors import BadKeyError, TooLargeError

MAX_NAME: Final = 255
"""Bytes of one name that Linux takes."""
MAX_OBJECTS: Final = 100_000
"""How many objects a directory may have, and how many folders: their names are held in memory."""
MAX_TEXT: Final = 12 << 20
"""How many characters these may have together."""
_SHOWN: Final = 120


@dataclass(frozen=True, slots=True)
class Listed:
    """An object as its store lists it; ``size`` in bytes."""

    key: str
    size: int


def arranged(listed: Iterable[Listed], prefix: str) -> dict[str, int]:
    """Return the sizes of the objects below the folder ``prefix`` by their paths there, in order of these.

    An empty object in the place of a folder only says that the folder is there, as consoles make them: it is
    no file, and has no entry.

    Raises:
        BadKeyError: a key leaves the folder or has a name that no file can have, or two are one file.
        TooLargeError: there are too many.
    """
    found: dict[str, int] = {}
    folders = {""}
    text = 0
    for one in listed:
        path = below(one.key, prefix)
        if path in found:
            raise BadKeyError(f"the store listed `{shown(one.key)}` twice")
        found[path] = one.size
        made = list(_new_folders(path, folders))
        folders.update(made)
        text += len(path) + sum(map(len, made))
        if max(len(found), len(folders)) > MAX_OBJECTS or text > MAX_TEXT:
            raise TooLargeError(
                f"there is too much below `{shown(prefix)}`: at most {MAX_OBJECTS} objects and folders, with "
                f"names of {MAX_TEXT} characters together"
            )
    for path in folders & found.keys():
        if found[path]:
            raise BadKeyError(f"`{shown(prefix + path)}` is both an object and a folder of others")
        del found[path]
    _apart(found, folders)
    return dict(sorted(found.items()))


def _new_folders(path: str, known: Container[str]) -> Iterator[str]:
    """Yield the folders on the way to a path that are not known yet."""
    while (path := path.rpartition("/")[0]) not in known:
        yield path


def below(key: str, prefix: str) -> str:
    """Return the path of a key below the folder ``prefix``, which is empty or ends with a slash.

    Empty for the key that stands for the folder itself.

    Raises:
        BadKeyError: it is not below it, or has a name that no file can have.
    """
    if prefix in {key, f"{key}/"}:
        return ""
    if not key.startswith(prefix):
        raise BadKeyError(f"the store listed `{shown(key)}`, which is not below `{shown(prefix)}`")
    path = key[len(prefix) :]
    names = path.split("/")
    for name in names:
        if (why := _unfit(name)) is not None:
            raise BadKeyError(f"the key `{shown(key)}` {why}")
    if len(names) > MAX_FOLDERS:
        raise BadKeyError(f"the key `{shown(key)}` is more than {MAX_FOLDERS} folders deep")
    return path


def shown(text: str) -> str:
    """Return a key as a message shows it: on one line, cut if it is long."""
    line = printable(text)
    return line if len(line) <= _SHOWN else f"{line[:_SHOWN]}…"


def bare(url: str) -> str:
    """Return a URL as a message shows it: without what may be secret in it."""
    start, _, rest = url.partition("//")
    place = rest.split("?")[0].split("#")[0]
    host, slash, path = place.partition("/")
    return shown(f"{start}//{host.rpartition('@')[2]}{slash}{path}" if rest else "that")


def _unfit(name: str) -> str | None:
    """Return why no file can have this name."""
    if not name:
        return "has an empty name beside a slash"
    if name in {".", ".."}:
        return f"has the name `{name}`, which is no file's"
    if "\0" in name:
        return "has a NUL in it"
    try:
        size = len(name.encode())
    except UnicodeEncodeError:
        return "is not UTF-8"
    return (
        f"has a name of {size} bytes, and that of a file has at most {MAX_NAME}" if size > MAX_NAME else None
    )


def _apart(*groups: Iterable[str]) -> None:
    """See to it that no two paths are one file on a disk that knows no case, or another Unicode form."""
    seen: dict[int, str] = {}
    for path in chain(*groups):
        folded = _folded(path)
        other = seen.setdefault(hash(folded), path)
        if other != path and _folded(other) == folded:
            one, two = sorted((path, other))
            raise BadKeyError(
                f"`{shown(one)}` and `{shown(two)}` differ only by case or Unicode form: on many disks they "
                "are one file"
            )


def _folded(text: str) -> str:
    if text.isascii():
        return text.lower()
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold())
