"""One input that streams: from where it lies into its FIFO, as fast as the command reads it.

Loaded for tasks alone that have one.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import select
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Final

from containertask.contract.items import StreamItem
from containertask.contract.stores import ClaimPlace, WebPlace
from containertask.copilot.stores import Stores, Target
from containertask.copilot.transfer.errors import CutOffError, UnfitError
from containertask.copilot.transfer.keys import shown
from containertask.copilot.transfer.limits import Allowed, of_input
from containertask.copilot.transfer.wanted import Wanted

_PIPE: Final = 1 << 20
"""Bytes that a FIFO holds at most, where the node allows it: fewer turns between us and the command."""


class ReaderGoneError(Exception):
    """The command has closed it: it wants no more."""


class Pipe:
    """The end of an open FIFO to write to; ``moved`` is told of each part that has gone through.

    What comes last is held back until ``finish``: a file that turns out to be another one is never there as a
    whole, and its reader still waits when that is known.
    """

    def __init__(self, fd: int, moved: Callable[[int], None]) -> None:
        self._fd, self._moved = fd, moved
        self._begun = False
        self._last: bytes | bytearray = b""
        with suppress(OSError):
            fcntl.fcntl(fd, fcntl.F_SETPIPE_SZ, _PIPE)

    @property
    def has_reader(self) -> bool:
        """Tell whether anybody still has it open to read."""
        poll = select.poll()
        poll.register(self._fd, 0)
        return not any(events & select.POLLERR for _, events in poll.poll(0))

    def begin(self) -> None:
        """Be told that the file comes from its first byte; raises CutOffError if a part has gone through."""
        if self._begun:
            raise CutOffError("its server cannot go on where that was: leave `mode: Stream` out")
        self._last = b""

    def put(self, data: bytes | bytearray) -> None:
        """Write what came before, waiting for the command; raises ReaderGoneError."""
        self.finish()
        self._last = data

    def finish(self) -> None:
        """Write the rest; raises ReaderGoneError."""
        view, self._last = memoryview(self._last), b""
        self._begun = self._begun or bool(view)
        while view:
            try:
                done = os.write(self._fd, view)
            except BrokenPipeError:
                raise ReaderGoneError from None
            self._moved(done)
            view = view[done:]


def feed(stores: Stores, item: StreamItem, pipe: Pipe, others: int) -> None:
    """Write all of an input into a pipe, beside so many others; raises TransferError, ReaderGoneError."""
    target = stores.target(item.uri)
    store = target.store
    allowed = Allowed(of_input(item.max_bytes), store.max_object_bytes, store.max_objects)
    wanted = Wanted(target.at.key, item.sha256, allowed=allowed, whose=item.name)
    if isinstance(store.place, WebPlace):
        _from_web(stores, target, store.place, wanted, pipe)
    elif target.at.is_folder:
        raise UnfitError(f"`{shown(item.uri)}` is the URI of a folder, and a file is wanted")
    else:
        digest = hashlib.sha256() if item.sha256 is not None else None
        for data in _pieces(stores, target, wanted, others):
            if digest is not None:
                digest.update(data)
            pipe.put(data)
        wanted.check(digest.hexdigest() if digest is not None else None, f"`{shown(item.uri)}`")
    pipe.finish()


def _pieces(stores: Stores, target: Target, wanted: Wanted, others: int) -> Iterator[bytes | bytearray]:
    if isinstance(target.store.place, ClaimPlace):
        from containertask.copilot.claims import content  # noqa: PLC0415 - of claims alone
        from containertask.copilot.claimtree import Claim  # noqa: PLC0415 - as above

        return content(Claim(f"{stores.folder}/{target.store.id}/volume", target.at.root), wanted)
    from containertask.copilot.transfer.inorder import in_order  # noqa: PLC0415 - obstore is slow to load

    return in_order(stores.place(target.store), wanted, others)


def _from_web(stores: Stores, target: Target, place: WebPlace, wanted: Wanted, pipe: Pipe) -> None:
    from containertask.copilot.transfer.web import fetch_url  # noqa: PLC0415 - of the web alone
    from containertask.copilot.webstore import web_of  # noqa: PLC0415 - as above

    web = web_of(target.store, place, stores.folder)
    fetch_url(web, Wanted(target.uri, wanted.sha256, allowed=wanted.allowed), pipe, lambda _: None)
