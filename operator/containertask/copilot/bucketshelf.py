"""A bucket as a place to keep outputs in."""

from __future__ import annotations

import hashlib
import time
from typing import Final, Literal

import obstore

from containertask.contract.stores import S3Place, StoreItem
from containertask.copilot.transfer.crew import Crew
from containertask.copilot.transfer.errors import ExistsError, TransferError, UnavailableError
from containertask.copilot.transfer.faults import fault_of
from containertask.copilot.transfer.outgoing import Moved
from containertask.copilot.transfer.place import Place
from containertask.copilot.transfer.send import Sending

_PAUSE: Final = 1.0
_SECONDS: Final = 20.0
"""For how long the last put is tried again; obstore takes its own time for each."""


class BucketShelf:
    """An open bucket or container."""

    def __init__(self, store: StoreItem, place: Place) -> None:
        self._place = place
        self._conditional = not isinstance(store.place, S3Place) or store.place.conditional

    def sender(self, crew: Crew, moved: Moved, base: str = "") -> Sending:
        """Return what takes files in the block of a crew."""
        return Sending(crew, self._place, moved, base)

    def add_folder(self, key: str) -> None:
        """Do nothing: a bucket has no folders, and obstore drops the slash at the end of a marker's key."""

    def settle(self) -> None:
        """Do nothing: what a store has answered for is kept."""

    def put_new(self, crew: Crew, key: str, data: bytes, attributes: dict[str, str]) -> None:
        """Write an object that is not there yet, or is there with this very content.

        The store is asked for that where it can be. Raises StoppedError; other failures are the crew's.
        """
        crew.ask(lambda: self._put_new(crew, key, data, attributes))

    def _put_new(self, crew: Crew, key: str, data: bytes, attributes: dict[str, str]) -> None:
        """Try until somebody has said what became of it: obstore asks for this but once."""
        ends = time.monotonic() + _SECONDS
        while True:
            try:
                self._put(key, data, attributes)
            except ExistsError:
                if self._has(key, data):
                    return  # the answer to an earlier try was lost
                raise
            except UnavailableError:
                if time.monotonic() + _PAUSE > ends:
                    raise
            else:
                return
            crew.pause(_PAUSE)

    def _put(self, key: str, data: bytes, attributes: dict[str, str]) -> None:
        mode: Literal["create", "overwrite"] = "create" if self._conditional else "overwrite"
        try:
            obstore.put(self._place.store, key, data, attributes=attributes, mode=mode, use_multipart=False)
        except Exception as error:  # noqa: BLE001 - obstore's errors have no common base
            raise self._fault(error, key) from None

    def _has(self, key: str, data: bytes) -> bool:
        try:
            found = obstore.get(self._place.store, key)
            if found.meta["size"] != len(data):
                return False
            digest = hashlib.sha256()
            for piece in found.stream():
                digest.update(piece)
        except Exception as error:  # noqa: BLE001 - as above
            raise self._fault(error, key) from None
        return digest.digest() == hashlib.sha256(data).digest()

    def _fault(self, error: Exception, key: str) -> TransferError:
        return fault_of(error, self._place.shown(key))
