"""A bucket or container of a store, open; and what is tried again there."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, Protocol, TypeVar

import obstore
from obstore.store import ObjectStore

from containertask.copilot.transfer.errors import UnavailableError
from containertask.copilot.transfer.faults import fault_of
from containertask.copilot.transfer.keys import Listed, shown

T = TypeVar("T")

_PAUSES: Final = (0.2, 0.8, 3.2)
"""Seconds before each further try of what obstore itself does not try again."""


class Patient(Protocol):
    """Who waits between tries, such as a crew."""

    def pause(self, seconds: float) -> None:
        """Wait; may raise StoppedError, when there is nothing to wait for any more."""


@dataclass(frozen=True, slots=True)
class Place:
    """An open bucket. ``name`` is what its keys are shown behind: ``s3://bucket``."""

    store: ObjectStore
    name: str

    def shown(self, key: str) -> str:
        """Return an object's URI as a message shows it."""
        return f"`{shown(f'{self.name}/{key}')}`"

    def listed(self, prefix: str) -> Iterator[Listed]:
        """Yield the objects below a prefix, a page at a time; raises TransferError."""
        try:
            for page in obstore.list(self.store, prefix or None):
                for one in page:
                    yield Listed(one["path"], one["size"])
        except Exception as error:  # noqa: BLE001 - obstore's errors have no common base
            raise fault_of(error, f"the folder {self.shown(prefix)}", broken=True) from None

    def tried(self, patience: Patient, what: Callable[[], T], key: str) -> T:
        """Return what a request for an object comes to, tried again where nobody has done that yet.

        Raises:
            TransferError: it failed for good, or too often.
            StoppedError: as ``patience`` does.
        """
        for pause in (*_PAUSES, None):
            try:
                return what()
            except Exception as error:  # noqa: BLE001 - as above
                fault = fault_of(error, self.shown(key))
                if pause is None or not (isinstance(fault, UnavailableError) and fault.again):
                    raise fault from None
            patience.pause(pause * random.uniform(0.5, 1.5))  # noqa: S311 - no secret
        raise AssertionError(key)
