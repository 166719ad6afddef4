"""One output whose files only a store can keep: how much there is of it, where it goes, and what came of it.

All of it is looked at before any of it is sent: an output that is too large costs nobody anything.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field, replace
from functools import partial

from containertask.codec import text, typed
from containertask.codec.errors import CodecError
from containertask.codec.stored import LocalPath, Stored
from containertask.codec.typed import AnyValue
from containertask.contract.items import OutputItem
from containertask.contract.outcome import Outcome
from containertask.contract.report import Kept
from containertask.contract.stores import StoreItem
from containertask.copilot import keptkeys
from containertask.copilot.keptmanifest import File
from containertask.copilot.shelves import Shelf
from containertask.copilot.storedfiles import Leaf, Part, Parts, Plain, Shape
from containertask.copilot.stores import Target
from containertask.copilot.transfer.crew import Crew
from containertask.copilot.transfer.keys import MAX_OBJECTS, MAX_TEXT
from containertask.copilot.transfer.outgoing import Sender
from containertask.copilot.untrusted import FaultError, changed, named
from containertask.types.leaves import StoredType
from containertask.types.model import DatasetOf, Type, present

Opened = Callable[[], Parts]
"""Begins to read the parts of an output."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredOutput:
    """An output on its way, or there.

    Attributes:
        target: its one object, or the folder that it is in.
        folders: paths of empty folders.
    """

    item: OutputItem
    kind: Type
    target: Target
    shape: Shape
    sender: Sender
    folders: list[str] = field(default_factory=list)

    @property
    def is_single(self) -> bool:
        """Tell whether it is one file, directory or dataset by its type, and so no value in JSON."""
        return isinstance(present(self.kind), StoredType | DatasetOf)

    @property
    def is_folder(self) -> bool:
        """Tell whether it is one folder."""
        return isinstance(self.shape, Leaf) and self.shape.is_folder

    def files(self) -> list[File]:
        """Return path, size and digest of all files, in order; that of a single file has no path."""
        return sorted((one.key, one.size, one.sha256) for one in self.sender.sent)

    def kept(self, results: str) -> Kept:
        """Return what the report says of a single one."""
        uri = self.target.uri
        key = uri.removeprefix(results)
        files = self.files()
        if is_file(self.shape):
            return Kept(key, files[0][1], files[0][2])
        return Kept(key, sum(size for _, size, _ in files), _digest(files))

    def hold(self) -> None:
        """Raise FaultError if nobody could read its value again: it has one URI for each file."""
        if not self.is_single:
            try:
                typed.from_json(self.kind, self.to_json())
            except CodecError as error:
                raise _too_large(f"{error}, or all files as one directory") from None

    def to_json(self) -> object:
        """Return its value as JSON, with URIs in it."""
        return typed.to_json(self.kind, self._filled(self.shape, lambda uri, _: Stored(uri)))

    def value(self) -> AnyValue:
        """Return its value as literals are made of it: a path is known as that of a file or of a folder."""
        return self._filled(self.shape, lambda uri, kind: LocalPath(uri, kind is StoredType.FILE))

    def _filled(self, shape: Shape, leaf: Callable[[str, Type], AnyValue]) -> AnyValue:
        match shape:
            case Leaf(path, kind, is_folder):
                names = keptkeys.item_names(path, globbed=self.item.glob is not None)
                below = "/".join(names) + ("/" if is_folder and names else "")
                return leaf(self.target.uri + below, kind)
            case Plain(_, value):
                return value
            case list():
                return [self._filled(one, leaf) for one in shape]
            case dict():
                return {key: self._filled(one, leaf) for key, one in shape.items()}
            case None:
                return None


class Tally:
    """How much of an output there is; ``before`` is of those before it, as the names of all are in memory."""

    def __init__(self, item: OutputItem, store: StoreItem, before: Tally | None = None) -> None:
        self.files, self.size = 0, 0
        self.all_files: int = before.all_files if before is not None else 0
        self.all_text: int = before.all_text if before is not None else 0
        self._item, self._store = item, store

    def add(self, part: Part) -> None:
        """Count a part; raises FaultError."""
        self.files, self.size = self.files + 1, self.size + part.size
        self.all_files, self.all_text = self.all_files + 1, self.all_text + sum(map(len, part.path))
        most, largest = self._store.max_objects or MAX_OBJECTS, self._store.max_object_bytes
        if self.all_files > MAX_OBJECTS or self.all_text > MAX_TEXT:
            raise _too_large(
                f"makes all outputs together more than {MAX_OBJECTS} files, or names of more than {MAX_TEXT} "
                "characters: have the command write fewer, such as one archive"
            )
        if self.files > most:
            raise _too_large(
                f"has more than {most} files, which is what its store allows: have the command write fewer, "
                "such as one archive, or raise limits.maxObjects of its ArtifactStore"
            )
        if largest is not None and part.size > largest:
            raise _too_large(
                f"`{named(part.at)}` has {part.size} bytes, and its store allows {largest}: "
                "have the command write smaller files, or raise limits.maxObjectSize of its ArtifactStore"
            )

    def end(self) -> None:
        """Say that this is all; raises FaultError."""
        most = self._item.max_bytes
        if most is not None and self.size > most:
            said = f"has {self.size} bytes, and its maxBytes is {most}"
            raise _too_large(f"{said}: have the command write less, or raise maxBytes")


def measured(opened: Opened, tally: Tally) -> Shape:
    """Look at all parts of an output, and return what they are parts of; raises FaultError."""
    with closing(opened()) as parts:
        while True:
            try:
                tally.add(next(parts))
            except StopIteration as end:
                tally.end()
                shape: Shape = end.value
                return shape


def send(output: StoredOutput, opened: Opened, shelf: Shelf, crew: Crew) -> StoredOutput:
    """Send all parts of an output, and return it as it was found now.

    Raises FaultError, TransferError, OSError: it failed. StoppedError: something else did.
    """
    tally, base = Tally(output.item, output.target.store), output.target.at.key
    with closing(opened()) as parts:
        while True:
            try:
                part = next(parts)
            except StopIteration as end:
                if is_file(end.value) != is_file(output.shape):
                    raise changed(output.item.path or output.item.name) from None
                return replace(output, shape=end.value)
            tally.add(part)
            tally.end()
            path = keptkeys.part_path(part, globbed=output.item.glob is not None)
            key = base + path
            keptkeys.check(key)
            if part.fd is None:
                output.folders.append(path)
                crew.do(partial(shelf.add_folder, key))
            else:
                chosen = output.item.destination is not None
                output.sender.send(part, key, keptkeys.attributes(key, shown_there=chosen))


def is_file(shape: Shape) -> bool:
    """Tell whether an output is one file."""
    return isinstance(shape, Leaf) and not shape.is_folder


def _digest(files: list[File]) -> str:
    """Return the SHA-256 of the compact JSON of a list of files, of which there may be many."""
    digest, before = hashlib.sha256(), "["
    for one in files:
        digest.update(f"{before}{text.compact(one)}".encode())
        before = ","
    digest.update(b"]" if files else b"[]")
    return digest.hexdigest()


def _too_large(text: str) -> FaultError:
    return FaultError(Outcome.OUTPUT_TOO_LARGE, text)
