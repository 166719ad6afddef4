"""The files of an output that may be a folder: read whole, as a tree, within bounds. Knows no type.

Loaded for outputs of types with parts alone.
"""

from __future__ import annotations

import os
from itertools import islice
from typing import Final

from containertask.codec.simple import MAX_BYTES
from containertask.codec.trees import Tree
from containertask.contract.outcome import Outcome
from containertask.copilot.untrusted import (
    FILE,
    FOLDER,
    FaultError,
    look,
    named,
    opened_folder,
    parent,
    read_here,
    seen_before,
    unreadable,
)
from containertask.types.grammar import MAX_DEPTH

MAX_ENTRIES: Final = 10_000
"""How many files and folders one output may be made of."""

MAX_FOLDERS: Final = 64
"""How deep is looked where no type bounds it; two descriptors are open for each level."""


class Reading:
    """The reading of one output: how much of it there may still be."""

    def __init__(self, folder: int) -> None:
        self._folder = folder
        self._bytes = 0
        self._entries = 0

    def tree(self, path: str) -> Tree:
        """Read what is at a path below the folder, a file or a folder; raises FaultError."""
        try:
            with parent(self._folder, path) as (inner, name):
                kind = look(inner, name, path, FILE, FOLDER)
                return self._any(kind, inner, name, path, MAX_DEPTH)
        except OSError as error:
            raise unreadable(path, error) from None

    def file(self, path: str) -> bytes:
        """Read the file that was seen at a path below the folder; raises FaultError."""
        try:
            with parent(self._folder, path) as (inner, name), seen_before(path):
                look(inner, name, path, FILE)
                return self._file(inner, name, path)
        except OSError as error:
            raise unreadable(path, error) from None

    def _any(self, kind: str, folder: int, name: str, path: str, depth: int) -> Tree:
        if kind == FILE:
            return self._file(folder, name, path)
        if depth == 0:
            text = f"`{named(path)}` is nested deeper than {MAX_DEPTH} folders, which no type is: write fewer"
            raise FaultError(Outcome.OUTPUT_INVALID, text)
        with opened_folder(folder, name, path) as inner:
            return {
                part: self._part(inner, part, f"{path}/{part}", depth) for part in self._names(inner, path)
            }

    def _part(self, folder: int, name: str, path: str, depth: int) -> Tree:
        try:
            with seen_before(path):
                kind = look(folder, name, path, FILE, FOLDER)
            return self._any(kind, folder, name, path, depth - 1)
        except OSError as error:
            raise unreadable(path, error) from None

    def _names(self, folder: int, path: str) -> list[str]:
        with os.scandir(folder) as entries:
            names = [entry.name for entry in islice(entries, MAX_ENTRIES + 1 - self._entries)]
        self._entries += len(names)
        if self._entries > MAX_ENTRIES:
            text = f"has more than {MAX_ENTRIES} files and folders: write it as JSON into one file, or fewer"
            raise FaultError(Outcome.OUTPUT_TOO_LARGE, text)
        for name in names:
            encodable(f"{path}/{name}")
        return sorted(names)

    def _file(self, folder: int, name: str, path: str) -> bytes:
        content = read_here(folder, name, path, MAX_BYTES + 1 - self._bytes)
        self._bytes += content.size
        if self._bytes > MAX_BYTES:
            text = f"has {self._bytes} bytes or more, a value has at most {MAX_BYTES}: write less"
            raise FaultError(Outcome.OUTPUT_TOO_LARGE, text)
        return content.data


def too_deep(path: str) -> FaultError:
    """Return the fault of folders that go on below ``MAX_FOLDERS``."""
    text = f"`{named(path)}` is deeper than {MAX_FOLDERS} folders: have the command write fewer"
    return FaultError(Outcome.OUTPUT_INVALID, text)


def encodable(path: str) -> None:
    """Take a path that is UTF-8; raises FaultError."""
    try:
        path.encode()
    except UnicodeEncodeError:
        text = f"the name of `{named(path)}` is not UTF-8: have the command give it another name"
        raise FaultError(Outcome.OUTPUT_INVALID, text) from None
