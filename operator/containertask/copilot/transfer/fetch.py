"""From a store to the disk: any number of files and folders by one crew.

What is brought is whole once the crew's block is left without an error: nobody else should see it before.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Final

from containertask.copilot.transfer.crew import Crew
from containertask.copilot.transfer.disk import Folders
from containertask.copilot.transfer.errors import NotThereError
from containertask.copilot.transfer.keys import Listed, arranged
from containertask.copilot.transfer.landing import PIECE, Landing
from containertask.copilot.transfer.place import Place
from containertask.copilot.transfer.wanted import Moved, Spot, Wanted

__all__ = ["PIECE", "Fetch", "Moved", "Wanted", "fetch_file", "fetch_folder"]

_LISTING: Final = 8 << 20
"""Bytes that the names of one folder count for while they are asked for."""


class Fetch:
    """What has a crew bring objects. Its methods are called by the thread that hands out.

    ``first``: how many bytes of a file are asked for before its size is known.

    Attributes:
        objects: how many the folders had.
    """

    def __init__(self, crew: Crew, moved: Moved, first: int = PIECE) -> None:
        self._crew, self._moved, self._first = crew, moved, first
        self.objects = 0

    def file(self, place: Place, wanted: Wanted, target: Callable[[], int]) -> Landing:
        """Bring one object into the new file that ``target`` opens, to read and write."""
        landing = Landing(self._crew, place, wanted, self._moved)
        landing.seek(target, self._first)
        return landing

    def folder(self, place: Place, wanted: Wanted, spot: Spot) -> None:
        """Bring all objects below a prefix."""
        self._folder(place, wanted, spot, f"there is nothing below {place.shown(wanted.key)}")

    def either(self, place: Place, wanted: Wanted, spot: Spot) -> None:
        """Bring an object, or if there is none, all that is in the folder of its name."""
        absent = f"{place.shown(wanted.key)} is not there, and nothing is below it"
        folder = replace(wanted, key=f"{wanted.key}/")

        def otherwise() -> None:
            self._crew.leave(lambda: self._folder(place, folder, spot, absent), wanted.whose)

        Landing(self._crew, place, wanted, self._moved).seek(spot.file, self._first, otherwise)

    def _folder(self, place: Place, wanted: Wanted, spot: Spot, absent: str) -> None:
        taken = min(_LISTING, self._crew.memory)

        def listing() -> None:
            found = place.tried(self._crew, lambda: _listed(place, wanted, absent), wanted.key)
            wanted.hold_all(found.values(), f"the folder {place.shown(wanted.key)}")
            self._crew.give(taken)
            self._crew.leave(lambda: self._hand_out(place, wanted, found, spot), wanted.whose)

        self._crew.take(taken)
        self._crew.do(listing, wanted.whose)

    def _hand_out(self, place: Place, wanted: Wanted, found: dict[str, int], spot: Spot) -> None:
        folder = spot.folder()
        self.objects += len(found)
        try:
            folders = Folders(folder)
            for path, size in found.items():
                one = Wanted(wanted.key + path, whose=wanted.whose)
                fd = folders.file(path, place.shown(one.key))
                Landing(self._crew, place, one, self._moved).begin(size, fd)
        finally:
            os.close(folder)


def fetch_file(place: Place, wanted: Wanted, target: Callable[[], int], moved: Moved) -> int:
    """Bring one object into the new file that ``target`` opens, to read and write; return its size.

    Raises TransferError: what is in the file then is of no use.
    """
    with Crew() as crew:
        landing = Fetch(crew, moved).file(place, wanted, target)
    return landing.size


def fetch_folder(place: Place, wanted: Wanted, folder: int, moved: Moved) -> int:
    """Bring all objects below a prefix into an open, empty folder; return how many; raises TransferError."""
    with Crew() as crew:
        fetch = Fetch(crew, moved)
        fetch.folder(place, wanted, _Made(folder))
    return fetch.objects


@dataclass(frozen=True, slots=True)
class _Made:
    """A folder that is there already."""

    fd: int

    def file(self) -> int:
        raise NotADirectoryError

    def folder(self) -> int:
        return os.dup(self.fd)


def _listed(place: Place, wanted: Wanted, absent: str) -> dict[str, int]:
    """Return the objects below a prefix; what only says that a folder is there, is there, and has none."""
    seen = 0

    def counted() -> Iterator[Listed]:
        nonlocal seen
        for one in place.listed(wanted.key):
            seen += 1
            yield one

    found = arranged(counted(), wanted.key)
    if not seen and not wanted.may_be_empty:
        raise NotThereError(absent)
    return found
