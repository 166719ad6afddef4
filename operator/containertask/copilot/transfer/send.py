"""From the disk to a store: many small files at once, a big one in parts; what was read is what is hashed.

An object is there whole or not at all: a multipart upload that does not come to its end is aborted.
"""

from __future__ import annotations

import hashlib
from typing import Final

import obstore

from containertask.copilot.transfer.crew import Crew
from containertask.copilot.transfer.errors import ChangedError, TooLargeError, TransferError
from containertask.copilot.transfer.faults import fault_of
from containertask.copilot.transfer.outgoing import Moved, Outgoing, Reading, Sent
from containertask.copilot.transfer.place import Place

PIECE: Final = 8 << 20
"""Bytes of a part, where a file has no more parts than a store takes."""
_AT_ONCE: Final = 6
"""Parts of a big file that are under way, beside the one that is filled."""
_LEAST: Final = 256 << 10
_MOST_PARTS: Final = 10_000
"""What S3 takes."""


class Sending:
    """Files on their way into one store, below ``base``. Used in the block of its crew, and read after it.

    Attributes:
        sent: all that was written, in no order.
        failed: what ended the crew, if it was one of these files.
    """

    def __init__(self, crew: Crew, place: Place, moved: Moved, base: str = "") -> None:
        self._crew, self._place, self._moved, self._base = crew, place, moved, base
        self.sent: list[Sent] = []
        self.failed: TransferError | None = None

    def send(self, file: Outgoing, key: str, attributes: dict[str, str]) -> None:
        """Send a file: a small one is read at once and sent later.

        Raises TransferError, StoppedError, and what reading raises: then only this file has failed.
        """
        if file.size > PIECE:
            self._send_big(file, key, attributes)
            return
        taken = max(file.size, _LEAST)
        self._crew.take(taken)
        try:
            data = self._read(file, key)
        except BaseException:
            self._crew.give(taken)
            raise

        def put() -> None:
            try:
                self._place.tried(self._crew, lambda: self._put(key, data, attributes), key)
            except TransferError as error:
                self.failed = error
                raise
            self._crew.give(taken)
            self._done(key, len(data), hashlib.sha256(data).hexdigest())
            self._moved(len(data))

        self._crew.do(put)

    def _read(self, file: Outgoing, key: str) -> bytes:
        data = b"".join(file.pieces())
        if len(data) != file.size:
            raise self._changed(key)
        return data

    def _put(self, key: str, data: bytes, attributes: dict[str, str]) -> None:
        obstore.put(self._place.store, key, data, attributes=attributes, use_multipart=False)

    def _done(self, key: str, size: int, sha256: str) -> None:
        self.sent.append(Sent(key.removeprefix(self._base), size, sha256))

    def _changed(self, key: str) -> ChangedError:
        return ChangedError(f"what was to become {self._place.shown(key)} was changed while it was read")

    def _send_big(self, file: Outgoing, key: str, attributes: dict[str, str]) -> None:
        piece = piece_size(file.size, self._crew.memory // 2, self._place.shown(key))
        at_once = max(1, min(_AT_ONCE, self._crew.memory // piece - 2))
        self._crew.take(self._crew.memory)  # one at a time: each is as quick as all together
        reading = Reading(self._crew, file, self._moved, self._changed(key))

        def put() -> None:
            try:
                obstore.put(
                    self._place.store,
                    key,
                    iter(reading),
                    attributes=attributes,
                    use_multipart=True,
                    chunk_size=piece,
                    max_concurrency=at_once,
                )
            except Exception as error:  # noqa: BLE001 - obstore's errors have no common base
                if reading.failed is None:
                    fault = fault_of(error, self._place.shown(key))
                    self.failed = fault
                    raise fault from None

        self._crew.ask(put)
        self._crew.give(self._crew.memory)
        if reading.failed is not None:
            raise reading.failed
        self._done(key, file.size, reading.digest)


def piece_size(size: int, most: int, what: str) -> int:
    """Return how large the parts of a file of so many bytes are, at most ``most``; ``what`` names it.

    Raises:
        TooLargeError: it would have too many parts.
    """
    piece = PIECE
    while piece * _MOST_PARTS < size:
        piece *= 2
    if piece > most:
        allowed = most // PIECE * PIECE * _MOST_PARTS
        text = "raise copilotResources, or have the command write several files"
        raise TooLargeError(f"{what} would have {size} bytes, and this memory allows {allowed}: {text}")
    return piece
