"""The stores of this Pod: which one a URI belongs to, and each opened when it is first needed.

Loaded for tasks alone that move something.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from containertask.contract.outcome import Outcome
from containertask.contract.stores import StoreItem
from containertask.contract.uris import Located, UriError, located, route
from containertask.copilot.journal import FailureError

if TYPE_CHECKING:
    from containertask.copilot.transfer.place import Place


@dataclass(frozen=True, slots=True)
class Target:
    """Something in a store. ``at.key`` is where in its bucket or claim."""

    uri: str
    store: StoreItem
    at: Located


class Stores:
    """The stores of a manifest; ``folder`` has a folder for each."""

    def __init__(self, items: Sequence[StoreItem], folder: str) -> None:
        self.folder = folder
        self._items = items
        self._open: dict[str, Place] = {}

    def target(self, uri: str) -> Target:
        """Return where a URI leads; raises FailureError."""
        try:
            store, at = route(self._items, uri), located(uri)
        except UriError as error:
            raise FailureError(Outcome.COPILOT_FAILED, f"a URI that cannot be one: {error}") from None
        if store is None:
            raise FailureError(Outcome.COPILOT_FAILED, "the Pod has no store for a URI of its task")
        return Target(uri, store, at)

    def place(self, store: StoreItem) -> Place:
        """Open a bucket or container, once; raises TransferError."""
        found = self._open.get(store.id)
        if found is None:
            from containertask.copilot.transfer.opening import opened  # noqa: PLC0415 - obstore is slow to load

            found = self._open[store.id] = opened(store, folder=self.folder)
        return found
