"""One version of one object, asked for in parts: that it became another one is an error, never a mixture."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import obstore

from containertask.copilot.transfer.errors import ChangedError
from containertask.copilot.transfer.faults import is_beyond_end
from containertask.copilot.transfer.place import Place

if TYPE_CHECKING:
    from obstore import GetResult, ObjectMeta


class OneObject:
    """An object of a store; used by many threads. ``size`` is in bytes, -1 until it is known."""

    def __init__(self, place: Place, key: str) -> None:
        self.size = -1
        self._place, self._key = place, key
        self._lock = threading.Lock()
        self._version: tuple[object, ...] = ()

    def first(self, most: int) -> GetResult:
        """Ask for so many bytes from its begin, which tells its size; raises what obstore raises."""
        try:
            found = obstore.get(self._place.store, self._key, options={"range": (0, most)})
        except Exception as error:
            if not is_beyond_end(error):
                raise
            found = obstore.get(self._place.store, self._key)  # it was empty
            if found.meta["size"]:
                raise self._changed() from None
        self.size, self._version = found.meta["size"], _version_of(found.meta)
        return found

    def piece(self, start: int, stop: int) -> GetResult:
        """Ask for a part; raises ChangedError, and what obstore raises."""
        try:
            found = obstore.get(self._place.store, self._key, options={"range": (start, stop)})
        except Exception as error:  # noqa: BLE001 - obstore's errors have no common base
            raise self._changed() if is_beyond_end(error) else error from None
        with self._lock:
            self._version = self._version or _version_of(found.meta)
        if found.meta["size"] != self.size or _version_of(found.meta) != self._version:
            raise self._changed()
        return found

    def _changed(self) -> ChangedError:
        return ChangedError(f"{self._place.shown(self._key)} was changed while it was read")


def _version_of(meta: ObjectMeta) -> tuple[object, ...]:
    """Return what no two versions of an object have in common; few servers have no tag."""
    return meta["e_tag"], meta["last_modified"], meta["version"]
