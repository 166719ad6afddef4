"""The files of an output that only a store can keep, open for reading, one after another. Sends none.

A ``file`` is one file, a ``directory`` a folder, a ``dataset`` either; lists and maps of them are folders, as
the codec lays them out. Nothing is held in memory but the names in the folders of lists and maps.
"""

from __future__ import annotations

import os
import re
from collections.abc import Generator
from dataclasses import dataclass
from itertools import islice
from typing import Final

from containertask.codec.errors import CodecError
from containertask.codec.trees import Tree, from_name, from_tree
from containertask.contract.report import Outcome
from containertask.copilot.outputtree import MAX_ENTRIES, MAX_FOLDERS, encodable, too_deep
from containertask.copilot.untrusted import (
    FILE,
    FOLDER,
    FaultError,
    changed,
    look,
    named,
    opened_file,
    opened_folder,
    parent,
    seen_before,
    unreadable,
)
from containertask.types.leaves import SimpleType, StoredType
from containertask.types.model import DatasetOf, ListOf, MapOf, OptionalOf, Type, UnionOf, alternatives

_PIECE: Final = 1 << 20
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f]")

Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """A file, or a folder with nothing in it: then ``fd`` is None. Open until the next part is asked for."""

    path: Path
    """Below the output: empty where the output is this one file or folder."""
    at: str
    """The path in the output folder."""
    size: int = 0
    fd: int | None = None

    def pieces(self) -> Generator[bytes, None, None]:
        """Yield what is in the file, once, as many bytes as it had; raises FaultError or OSError."""
        if self.fd is None:
            return
        since, left = os.fstat(self.fd).st_mtime_ns, self.size
        while left and (piece := os.read(self.fd, min(left, _PIECE))):
            left -= len(piece)
            yield piece
        now = os.fstat(self.fd)
        if (now.st_size, now.st_mtime_ns) != (self.size, since):
            raise changed(self.at)


def parts(kind: Type, folder: int, path: str) -> Generator[Part, None, None]:
    """Yield the parts of an output of a type that needs a store, in no order; raises FaultError.

    Whoever does not ask for all of them has to close the generator.
    """
    walk = _Walk(path)
    try:
        with parent(folder, path) as (inner, name):
            yield from walk.of_type(kind, inner, name, ())
    except OSError as error:
        raise unreadable(walk.at, error) from None


class _Walk:
    """``at`` is the path, in the output folder, of what is being read."""

    def __init__(self, path: str) -> None:
        self.at = self._output = path

    def of_type(self, kind: Type, folder: int, name: str, below: Path) -> Generator[Part, None, None]:
        wanted = _kinds(kind)
        seen = self._look(folder, name, below, *wanted)
        kind = next(one for one in alternatives(kind) if seen in _kinds(one))
        if isinstance(kind, ListOf | MapOf):
            with opened_folder(folder, name, self.at) as inner:
                names = self._items(kind, inner)
                if not names:
                    yield Part(below, self.at)
                for item in names:
                    yield from self.of_type(kind.item, inner, item, (*below, item))
        else:
            yield from self._anything(seen, folder, name, below)

    def _look(self, folder: int, name: str, below: Path, *wanted: str) -> str:
        self.at = path = "/".join((self._output, *below))
        encodable(path)
        if _CONTROL.search(name):
            text = f"the name of `{named(path)}` has a control character: have the command give it another"
            raise FaultError(Outcome.OUTPUT_INVALID, text)
        if not below:
            return look(folder, name, path, *wanted)
        with seen_before(path):
            return look(folder, name, path, *wanted)

    def _anything(self, seen: str, folder: int, name: str, below: Path) -> Generator[Part, None, None]:
        path = self.at
        if seen == FILE:
            with opened_file(folder, name, path) as (fd, size):
                yield Part(below, path, size, fd)
            return
        if len(below) >= MAX_FOLDERS:
            raise too_deep(path)
        with opened_folder(folder, name, path) as inner, os.scandir(inner) as entries:
            empty = True
            for entry in entries:
                empty = False
                under = (*below, entry.name)
                kind = self._look(inner, entry.name, under, FILE, FOLDER)
                yield from self._anything(kind, inner, entry.name, under)
            if empty:
                yield Part(below, path)

    def _items(self, kind: ListOf | MapOf, folder: int) -> list[str]:
        """Return the names of what is there of a list or map, in the order of its items."""
        with os.scandir(folder) as entries:
            names = sorted(entry.name for entry in islice(entries, MAX_ENTRIES + 1))
        if len(names) > MAX_ENTRIES:
            text = f"has more than {MAX_ENTRIES} items: have the command write fewer"
            raise FaultError(Outcome.OUTPUT_TOO_LARGE, f"`{named(self.at)}` {text}")
        # The codec knows what the names in such a folder say: empty strings stand for its items.
        item = OptionalOf(SimpleType.STRING) if isinstance(kind.item, OptionalOf) else SimpleType.STRING
        there: dict[str, Tree] = dict.fromkeys(names, b"")
        try:
            found = from_tree(ListOf(item) if isinstance(kind, ListOf) else MapOf(item), there)
        except CodecError as error:
            raise FaultError(Outcome.OUTPUT_INVALID, f"`{named(self.at)}`: {error}") from None
        if isinstance(found, list):
            return [str(at) for at, one in enumerate(found) if one is not None]
        return [name for name in names if isinstance(found, dict) and found.get(from_name(name)) is not None]


def _kinds(kind: Type) -> tuple[str, ...]:
    """Return what may stand at the path of a value: a file, a folder, or both."""
    match kind:
        case OptionalOf() | UnionOf():
            return tuple(dict.fromkeys(one for each in alternatives(kind) for one in _kinds(each)))
        case ListOf() | MapOf() | StoredType.DIRECTORY:
            return (FOLDER,)
        case DatasetOf():
            return (FILE, FOLDER)
        case _:
            return (FILE,)
