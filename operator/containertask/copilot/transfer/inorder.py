"""One object as a stream of its bytes: in order, some pieces ahead of whoever takes them.

Pieces and not one long answer: whoever takes them may do so for hours, and no server waits for that.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import TYPE_CHECKING, Final

from containertask.copilot.transfer import piece
from containertask.copilot.transfer.errors import UnavailableError
from containertask.copilot.transfer.oneobject import OneObject

if TYPE_CHECKING:
    from containertask.copilot.transfer.place import Place
    from containertask.copilot.transfer.wanted import Wanted

PIECE: Final = 2 << 20
"""Bytes of one request, where only one object comes."""
_AHEAD: Final = 4
"""Pieces that are in memory besides the one that is taken."""


class Patience:
    """Waits between tries for as long as it is told."""

    def pause(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)


def in_order(place: Place, wanted: Wanted, others: int) -> Iterator[bytearray]:
    """Yield the pieces of an object, which are smaller where others come, too. Raises TransferError."""
    size = PIECE // (1 + others)
    what, one, patience = place.shown(wanted.key), OneObject(place, wanted.key), Patience()

    def begin() -> bytearray:
        answer = one.first(size)
        return piece.read(answer, 0, min(size, one.size), what)

    def bring(start: int) -> bytearray:
        stop = min(start + size, one.size)
        return place.tried(
            patience, lambda: piece.read(one.piece(start, stop), start, stop, what), wanted.key
        )

    first = place.tried(patience, begin, wanted.key)
    wanted.hold(one.size, what)
    pool = ThreadPoolExecutor(_AHEAD, "ahead")
    try:
        starts = iter(range(len(first), one.size, size))
        coming = deque((at, pool.submit(bring, at)) for at in islice(starts, _AHEAD))
        yield first
        del first
        while coming:
            at, one_ahead = coming.popleft()
            try:
                found = one_ahead.result()
            except UnavailableError:  # it may be long ago that nobody wanted it yet
                found = bring(at)
            coming.extend((at, pool.submit(bring, at)) for at in islice(starts, 1))
            yield found
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
