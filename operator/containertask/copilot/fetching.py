"""Fetching inputs from where they lie: all files of all inputs at once, by one crew, within their limits.

Loaded for tasks alone that fetch something.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Final

from containertask.codec.simple import MAX_BYTES
from containertask.codec.stored import Shape
from containertask.codec.trees import InputTree
from containertask.contract.items import InputItem
from containertask.contract.manifest import MAX_SOURCE_BYTES, Manifest
from containertask.copilot.arrivals import Arrivals, Coming, InMemory
from containertask.copilot.bringing import Bringing, Errand
from containertask.copilot.fetchfaults import failure_of
from containertask.copilot.journal import Journal
from containertask.copilot.places import Places
from containertask.copilot.progress import Progress
from containertask.copilot.stores import Stores
from containertask.copilot.transfer.crew import Crew
from containertask.copilot.transfer.disk import disk_fault
from containertask.copilot.transfer.errors import TransferError
from containertask.copilot.transfer.limits import Room, of_input
from containertask.copilot.transfer.wanted import Spot

_UMASK: Final = 0o022
"""What is fetched is for another user to read."""
_DOCUMENT: Final = (MAX_BYTES, f"a value has at most {MAX_BYTES}: have it written as a file")
_DOCUMENTS: Final = f"the values that are kept in stores have at most {MAX_SOURCE_BYTES} together"


class Fetching:
    """What of the inputs of one task is fetched."""

    def __init__(self, places: Places, manifest: Manifest, journal: Journal) -> None:
        self._stores = Stores(manifest.stores, places.stores)
        self._progress = Progress(journal)

    @property
    def moved(self) -> int:
        """Return how many bytes have come."""
        return self._progress.moved

    def documents(self, items: Sequence[InputItem]) -> dict[str, bytes]:
        """Return the values that are kept in stores, by the names of their inputs; raises FailureError."""
        room, found = Room(MAX_SOURCE_BYTES, _DOCUMENTS), dict[str, InMemory]()
        errands = []
        for item in items:
            if item.document is not None:
                spot = found[item.name] = InMemory()
                where = partial(_there, spot)
                errands.append(
                    Errand(item.name, item.document, Shape.FILE, where, room, item.sha256, _DOCUMENT)
                )
        self._run(errands)
        return {name: one.read(MAX_BYTES) for name, one in found.items()}

    def fetch(self, folder: int, given: Sequence[tuple[InputItem, InputTree]]) -> None:
        """Bring inputs into an open folder, all whole; raises FailureError or OSError, and none is."""
        os.umask(_UMASK)
        arrivals = Arrivals(folder)
        try:
            errands = [one for item, tree in given for one in self._errands(arrivals, item, tree)]
            self._run(errands)
            arrivals.show()
        except Exception:
            arrivals.abandon()
            raise

    def _errands(self, arrivals: Arrivals, item: InputItem, tree: InputTree) -> list[Errand]:
        room = of_input(item.max_bytes, self._know)
        named = item.document is None
        sha256 = item.sha256 if named else None
        found = []
        for one in self._begun(arrivals, item, tree):
            self._progress.expect()
            spot = partial(arrivals.at, one)
            uri, shape = one.sought.uri, one.sought.shape
            empty = item.may_be_empty
            found.append(Errand(item.name, uri, shape, spot, room, sha256, named=named, may_be_empty=empty))
        return found

    def _begun(self, arrivals: Arrivals, item: InputItem, tree: InputTree) -> Iterator[Coming]:
        try:
            return arrivals.begin(item.name, tree)
        except OSError as error:
            raise failure_of(disk_fault(error, "its files"), item.name) from None

    def _know(self, size: int, first: bool) -> None:  # noqa: FBT001 - a callback
        self._progress.know(size, first=first)

    def _run(self, errands: Sequence[Errand]) -> None:
        crew = Crew()
        try:
            with crew:
                bringing = Bringing(crew, self._stores, self._progress.came, len(errands))
                for one in errands:
                    crew.lead(partial(bringing.begin, one), one.name)
        except TransferError as error:
            raise failure_of(error, crew.culprit) from None


def _there(spot: Spot, _what: str) -> Spot:
    return spot
