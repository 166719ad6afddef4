"""Where outputs are kept: buckets and claims, each opened when it is needed. For tasks with a store alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Protocol

from containertask.contract.stores import ClaimPlace, StoreItem, WebPlace
from containertask.copilot.stores import Stores, Target
from containertask.copilot.transfer.crew import Crew
from containertask.copilot.transfer.errors import ForbiddenError
from containertask.copilot.transfer.outgoing import Moved, Sender


class Shelf(Protocol):
    """A bucket or claim, open. All but ``sender`` may raise TransferError, and take long."""

    def sender(self, crew: Crew, moved: Moved, base: str = "") -> Sender:
        """Return what takes files in the block of a crew; their keys all begin with ``base``."""

    def add_folder(self, key: str) -> None:
        """Have an empty folder there, where there are folders at all."""

    def settle(self) -> None:
        """See to it that what was written stays."""

    def put_new(self, crew: Crew, key: str, data: bytes, attributes: dict[str, str]) -> None:
        """Write what is not there yet, or is there with this very content, or else raise ExistsError."""


class Shelves:
    """The shelves of one attempt."""

    def __init__(self, stores: Stores) -> None:
        self._stores = stores
        self._open: dict[str, Shelf] = {}

    def target(self, uri: str) -> Target:
        """Return where a URI leads; raises FailureError."""
        return self._stores.target(uri)

    def of(self, target: Target) -> Shelf:
        """Return the shelf that a target is on; raises TransferError."""
        store = target.store
        if store.id not in self._open:
            self._open[store.id] = self._opened(store, target.at.root)
        return self._open[store.id]

    def all(self) -> Iterator[Shelf]:
        """Yield those that are open."""
        yield from self._open.values()

    def _opened(self, store: StoreItem, root: str) -> Shelf:
        match store.place:
            case WebPlace():
                raise ForbiddenError("nothing is kept on the web: name a bucket or a claim for the outputs")
            case ClaimPlace():
                from containertask.copilot.claimshelf import ClaimShelf  # noqa: PLC0415 - as the others

                return ClaimShelf(store, self._stores.folder, root)
            case _:
                from containertask.copilot.bucketshelf import BucketShelf  # noqa: PLC0415 - obstore is slow to load

                return BucketShelf(store, self._stores.place(store))


def load(stores: Stores, uris: Iterable[str]) -> None:
    """Load what it takes to write there, but open nothing for later: credentials may change until then."""
    shelves = Shelves(stores)
    for uri in uris:
        with suppress(Exception):  # whatever it is, it is told when outputs are to be written
            shelves.of(stores.target(uri))
