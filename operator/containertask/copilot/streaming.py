"""Inputs that the command reads while they come: the uploader, which runs beside it, feeds their FIFOs.

A command that finds the end of such a file cannot tell whether all of it has come, so what failed here has
failed the attempt, whatever the command says. That it does not read a file, or not all of it, is no failure.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from typing import Final

from containertask.contract import STREAM_PREFIX
from containertask.contract.items import StreamItem
from containertask.contract.manifest import Manifest
from containertask.contract.outcome import Outcome
from containertask.contract.report import Report
from containertask.copilot.feeding import Pipe, ReaderGoneError, feed
from containertask.copilot.fetchfaults import failure_of
from containertask.copilot.journal import FailureError, Journal, reason
from containertask.copilot.places import Places
from containertask.copilot.progress import Progress
from containertask.copilot.stores import Stores
from containertask.copilot.transfer.errors import TransferError

_WRITE: Final = os.O_WRONLY | os.O_NOFOLLOW | os.O_CLOEXEC
_OF_INPUTS: Final = {
    Outcome.STORE_UNAVAILABLE: Outcome.INPUT_UNAVAILABLE,
    Outcome.STORE_FORBIDDEN: Outcome.INPUT_FORBIDDEN,
}


class Streams:
    """The inputs of one task that stream; ``give_up`` ends a process without which nobody would go on."""

    def __init__(
        self, manifest: Manifest, places: Places, journal: Journal, give_up: Callable[[Report], None]
    ) -> None:
        self._give_up = give_up
        self._items, self._folder, self._journal = manifest.streams, places.control, journal
        self._stores = Stores(manifest.stores, places.stores)
        self._progress = Progress(journal)
        self._lock = threading.Lock()
        self._failure: Report | None = None

    @property
    def moved(self) -> int:
        """Return how many bytes have gone to the command."""
        return self._progress.moved

    @property
    def failure(self) -> Report | None:
        """Return what the first one says that failed while the command read it."""
        with self._lock:
            return self._failure

    def begin(self) -> None:
        """Feed each of them as soon as it is opened. Nobody waits for that: the process has to be ended."""
        for one in self._items:
            self._progress.expect()  # its size is nobody's matter: the command may want a part of it
            threading.Thread(target=self._run, args=(one,), name=one.name, daemon=True).start()

    def _run(self, item: StreamItem) -> None:
        path = f"{self._folder}/{STREAM_PREFIX}{item.name}"
        try:
            fd = os.open(path, _WRITE)  # waits for the command to open it
        except OSError as error:
            text = f"could not open the FIFO of input `{item.name}`: {reason(error)}"
            self._give_up(Report(outcome=Outcome.COPILOT_FAILED, message=text))
            return
        try:
            self._feed(item, path, Pipe(fd, self._progress.came))
        finally:
            os.close(fd)

    def _feed(self, item: StreamItem, path: str, pipe: Pipe) -> None:
        """Feed one. That it failed has to be known before the command is told that this was all."""
        try:
            os.unlink(path)  # noqa: PTH108 - whoever opens it again is told, and does not wait for ever
            feed(self._stores, item, pipe, len(self._items) - 1)
        except ReaderGoneError:
            self._journal.note(f"input `{item.name}` was not read to its end")
        except BaseException as error:  # noqa: BLE001 - a panic of compiled code is no Exception
            if pipe.has_reader:
                self._fail(item, error)
            else:
                self._journal.note(f"input `{item.name}` failed when nobody read it any more")
        else:
            self._journal.note(f"input `{item.name}` has gone to the command")

    def _fail(self, item: StreamItem, error: BaseException) -> None:
        fault = f"input `{item.name}`: a fault of the uploader ({type(error).__name__})"
        self._keep(Report(outcome=Outcome.INPUT_UNAVAILABLE, message=fault, origin=item.name))
        match error:
            case TransferError():
                said = failure_of(error, item.name).report
            case FailureError():
                said = error.report
            case OSError():
                text = f"input `{item.name}`: could not feed it: {reason(error)}"
                said = Report(outcome=Outcome.INPUT_UNAVAILABLE, message=text)
            case _:
                self._journal.fault(error)
                return
        outcome = _OF_INPUTS.get(said.outcome, said.outcome)
        self._journal.note(f"{outcome.value}: {said.message}")
        self._keep(Report(outcome=outcome, message=said.message, origin=item.name))

    def _keep(self, said: Report) -> None:
        """Keep what failed first, in its best words: what it is called is found out after that it failed."""
        with self._lock:
            if self._failure is None or self._failure.origin == said.origin:
                self._failure = said
