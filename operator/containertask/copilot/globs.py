"""Which files below a folder fit a pattern such as ``parts/**/*.json``. Reads no file, follows no link.

Part by part: ``*``, ``?`` and ``[…]`` stand for what they do in a shell, also that a name which begins with a
dot is meant only by a part that does; ``**`` stands for any number of folders, at the end for all that is in
them. Folders are no match. Loaded for outputs with a pattern alone.
"""

from __future__ import annotations

import os
from fnmatch import fnmatchcase
from typing import Final

from containertask.contract import ERROR_FILE
from containertask.contract.outcome import Outcome
from containertask.copilot.outputtree import MAX_ENTRIES, MAX_FOLDERS, encodable, too_deep
from containertask.copilot.untrusted import FILE, FOLDER, FaultError, look, opened_folder, unreadable

MAX_LOOKED_AT: Final = 1_000_000
MAX_PATHS: Final = 4 * 1024 * 1024
"""How many bytes the paths that fit may have together."""

_ANY: Final = "**"


class Pattern:
    """A pattern. ``at`` is how far a path may be in it: the indexes of the parts that may be next."""

    def __init__(self, text: str) -> None:
        self._parts = text.split("/")
        if self._parts[-1] == _ANY:
            self._parts.append("*")
        self.start = self._from({0})

    def step(self, at: frozenset[int], name: str) -> frozenset[int]:
        """Return where the next name of a path leads; nowhere if it does not fit."""
        stays = set() if name.startswith(".") else {one for one in at if self._part(one) == _ANY}
        return self._from(stays | {one + 1 for one in at if self._fits(one, name)})

    def means(self, at: frozenset[int], name: str) -> bool:
        """Tell whether a part of the pattern other than ``**`` fits the name."""
        return any(self._fits(one, name) for one in at)

    def ends(self, at: frozenset[int]) -> bool:
        """Tell whether a path that leads there fits."""
        return len(self._parts) in at

    def goes_on(self, at: frozenset[int]) -> bool:
        """Tell whether a longer path may fit."""
        return any(one < len(self._parts) for one in at)

    def fits(self, path: str) -> bool:
        """Tell whether a file's path fits."""
        at = self.start
        for name in path.split("/"):
            at = self.step(at, name)
        return self.ends(at)

    def _part(self, index: int) -> str | None:
        return self._parts[index] if index < len(self._parts) else None

    def _fits(self, index: int, name: str) -> bool:
        part = self._part(index)
        if part is None or part == _ANY or (name.startswith(".") and not part.startswith(".")):
            return False
        return fnmatchcase(name, part)

    def _from(self, at: set[int]) -> frozenset[int]:
        """Add what comes behind a ``**``, which may stand for no folder."""
        for index, part in enumerate(self._parts):
            if part == _ANY and index in at:
                at.add(index + 1)
        return frozenset(at)


def matching(folder: int, pattern: Pattern) -> list[str]:
    """Return the paths of the files that fit, ordered by their bytes; raises FaultError.

    What fits and is neither file nor folder is a fault; so is a link in the place of a folder.
    """
    search = _Search(pattern)
    try:
        search.below(folder, "", pattern.start, MAX_FOLDERS)
    except OSError as error:
        raise unreadable(search.at, error) from None
    return sorted(search.found, key=str.encode)


class _Search:
    """What a search has found; ``at`` is where it is."""

    def __init__(self, pattern: Pattern) -> None:
        self.found: list[str] = []
        self.at = "."
        self._pattern = pattern
        self._looked_at = 0
        self._bytes = 0

    def below(self, folder: int, above: str, at: frozenset[int], depth: int) -> None:
        if depth == 0:
            raise too_deep(above)
        with os.scandir(folder) as entries:
            for entry in entries:
                self._count()
                if (after := self._pattern.step(at, entry.name)) and (above or entry.name != ERROR_FILE):
                    self.at = f"{above}{entry.name}"
                    if entry.is_symlink() and self._pattern.means(at, entry.name):
                        look(folder, entry.name, self.at, FILE if self._pattern.ends(after) else FOLDER)
                    self._take(folder, entry, after, depth)

    def _take(self, folder: int, entry: os.DirEntry[str], after: frozenset[int], depth: int) -> None:
        path = self.at
        if entry.is_dir(follow_symlinks=False):
            if self._pattern.goes_on(after):
                with opened_folder(folder, entry.name, path) as inner:
                    self.below(inner, f"{path}/", after, depth - 1)
        elif self._pattern.ends(after):
            look(folder, entry.name, path, FILE)
            encodable(path)
            self.found.append(path)
            self._bytes += len(path)
            if len(self.found) > MAX_ENTRIES or self._bytes > MAX_PATHS:
                limits = f"{MAX_ENTRIES} files, or {MAX_PATHS} bytes of paths,"
                text = f"more than {limits} fit the pattern: write all as JSON into one file, or fewer"
                raise FaultError(Outcome.OUTPUT_TOO_LARGE, text)

    def _count(self) -> None:
        self._looked_at += 1
        if self._looked_at > MAX_LOOKED_AT:
            text = (
                f"more than {MAX_LOOKED_AT} files and folders to look through: have the command write fewer"
            )
            raise FaultError(Outcome.OUTPUT_TOO_LARGE, text)
