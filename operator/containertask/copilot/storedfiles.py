"""The files of an output that only a store can keep, open for reading, one after another. Sends none.

A ``file`` is one file, a ``directory`` a folder, a ``dataset`` either; lists and maps of them are folders, as
the codec lays them out. Nothing is held in memory but the names in the folders of lists and maps. Of a union
the first variant counts, as they are written, that takes what is there: it may be one that needs no store.
"""

from __future__ import annotations

import os
import re
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final, TypeAlias

from containertask.codec.errors import CodecError
from containertask.codec.trees import Tree, from_name, from_tree
from containertask.codec.typed import AnyValue
from containertask.contract.outcome import Outcome
from containertask.copilot.outputtree import MAX_ENTRIES, MAX_FOLDERS, Reading, encodable, too_deep
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
from containertask.types.model import (
    DatasetOf,
    ListOf,
    MapOf,
    OptionalOf,
    Type,
    UnionOf,
    alternatives,
    needs_store,
    present,
)

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
    depth: int = 0
    """How many names of the path are those of items of lists and maps."""

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


@dataclass(frozen=True, slots=True)
class Leaf:
    """Where the one part, or all parts, of a file, directory or dataset are."""

    path: Path
    kind: Type
    is_folder: bool


@dataclass(frozen=True, slots=True)
class Plain:
    """A value that needs no store after all."""

    kind: Type
    value: AnyValue


Shape: TypeAlias = "Leaf | Plain | list[Shape] | dict[str, Shape] | None"
"""A value whose leaves are still files: a list, a map by its keys, None for what is absent."""
Parts: TypeAlias = Generator[Part, None, Shape]
"""The parts in no order, and behind the last one what they are parts of."""


def parts(kind: Type, folder: int, path: str) -> Parts:
    """Yield the parts of an output of a type that needs a store, in no order; raises FaultError.

    Whoever does not ask for all of them has to close the generator.
    """
    walk = _Walk((path,))
    try:
        with parent(folder, path) as (inner, name):
            return (yield from walk.of_type(kind, inner, name, ()))
    except OSError as error:
        raise unreadable(walk.at, error) from None


def matched(kind: Type, folder: int, paths: Sequence[str]) -> Parts:
    """Yield the parts of a list whose items were found by a pattern, as ``parts`` does."""
    whole = present(kind)
    if not isinstance(whole, ListOf):
        raise FaultError(Outcome.COPILOT_FAILED, "what fits a pattern is a list")
    walk = _Walk(())
    shape: list[Shape] = []
    try:
        for path in paths:
            with parent(folder, path) as (inner, name):
                shape.append((yield from walk.of_type(whole.item, inner, name, tuple(path.split("/")))))
    except OSError as error:
        raise unreadable(walk.at, error) from None
    return shape


class _Walk:
    """``at`` is the path, in the output folder, of what is being read."""

    def __init__(self, output: Path) -> None:
        self.at = "/".join(output)
        self._output = output

    def of_type(self, kind: Type, folder: int, name: str, below: Path) -> Parts:
        seen = self._look(folder, name, below, *_kinds(kind))
        fitting = [one for one in alternatives(kind) if seen in _kinds(one)]
        for one in fitting:
            if not needs_store(one):
                try:
                    return Plain(one, from_tree(one, Reading(folder).tree(name)))
                except CodecError:
                    continue
                except FaultError as error:
                    if error.fault.outcome is not Outcome.OUTPUT_TOO_LARGE:
                        raise
            elif isinstance(one, ListOf | MapOf):
                return (yield from self._several(one, folder, name, below))
            else:
                yield from self._anything(seen, folder, name, below, len(below))
                return Leaf(below, one, seen == FOLDER)
        text = f"`{named(self.at)}` fits no type of {kind}: have the command write one of these"
        raise FaultError(Outcome.OUTPUT_INVALID, text)

    def _several(self, kind: ListOf | MapOf, folder: int, name: str, below: Path) -> Parts:
        with opened_folder(folder, name, self.at) as inner:
            shape: dict[str, Shape] = {}
            items = self._items(kind, inner)
            if not items:
                yield Part(below, self.at, depth=len(below))
            for key, item in items.items():
                found = None
                if item is not None:
                    found = yield from self.of_type(kind.item, inner, item, (*below, item))
                shape[key] = found
        return list(shape.values()) if isinstance(kind, ListOf) else shape

    def _look(self, folder: int, name: str, below: Path, *wanted: str) -> str:
        self.at = path = "/".join((*self._output, *below))
        encodable(path)
        if _CONTROL.search(name):
            text = f"the name of `{named(path)}` has a control character: have the command give it another"
            raise FaultError(Outcome.OUTPUT_INVALID, text)
        if not below:
            return look(folder, name, path, *wanted)
        with seen_before(path):
            return look(folder, name, path, *wanted)

    def _anything(
        self, seen: str, folder: int, name: str, below: Path, depth: int
    ) -> Generator[Part, None, None]:
        path = self.at
        if seen == FILE:
            with opened_file(folder, name, path) as (fd, size):
                yield Part(below, path, size, fd, depth)
            return
        if len(below) >= MAX_FOLDERS:
            raise too_deep(path)
        with opened_folder(folder, name, path) as inner, os.scandir(inner) as entries:
            empty = True
            for entry in entries:
                empty = False
                under = (*below, entry.name)
                kind = self._look(inner, entry.name, under, FILE, FOLDER)
                yield from self._anything(kind, inner, entry.name, under, depth)
            if empty:
                yield Part(below, path, depth=depth)

    def _items(self, kind: ListOf | MapOf, folder: int) -> dict[str, str | None]:
        """Return the items of a list or map, in order, by number or key: their names, or None if absent."""
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
            return {str(at): None if one is None else str(at) for at, one in enumerate(found)}
        by_key = found if isinstance(found, dict) else {}
        items: dict[str, str | None] = dict.fromkeys(by_key)
        return items | {key: name for name in names if by_key.get(key := from_name(name)) is not None}


def _kinds(kind: Type) -> tuple[str, ...]:
    """Return what may stand at the path of a value: a file, a folder, or both."""
    match kind:
        case ListOf() | MapOf() if not needs_store(kind):
            return (FILE, FOLDER)
        case OptionalOf() | UnionOf():
            return tuple(dict.fromkeys(one for each in alternatives(kind) for one in _kinds(each)))
        case ListOf() | MapOf() | StoredType.DIRECTORY:
            return (FOLDER,)
        case DatasetOf():
            return (FILE, FOLDER)
        case _:
            return (FILE,)
