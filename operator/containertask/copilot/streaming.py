"""Inputs that the command reads while they come: the uploader, which runs beside it, feeds their FIFOs.

A command that finds the end of such a file cannot tell whether all of it has come, so what failed here has
failed the attempt, whatever the command says. That it does not read a file, or not all of it, is no failure.
"""

from __future__ import annotations

import os
import threading
from typing import Final

from containertask.contract import STREAM_PREFIX
from containertask.contract.items import StreamItem
from containertask.contract.manifest import Manifest
from containertask.contract.outcome import Outcome
from containertask.contract.report import Report
from containertask.copilot import files
from containertask.copilot.feeding import Pipe, ReaderGoneError, feed
from containertask.copilot.fetchfaults import failure_of
from containertask.copilot.journal import FailureError, Journal
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
    """The inputs of one task that stream."""

    def __init__(self, manifest: Manifest, places: Places, journal: Journal) -> None:
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
            with files.opened(path, _WRITE) as fd:  # waits for the command to open it
                os.unlink(path)  # noqa: PTH108 - whoever opens it again is told, and does not wait for ever
                self._feed(item, Pipe(fd, self._progress.came))
        except Exception as error:  # noqa: BLE001 - a thread has nobody to tell but this
            self._fail(item, error)

    def _feed(self, item: StreamItem, pipe: Pipe) -> None:
        """Feed one. That it failed has to be known before the command is told that this was all."""
        try:
            feed(self._stores, item, pipe, len(self._items) - 1)
        except ReaderGoneError:
            self._journal.note(f"input `{item.name}` was not read to its end")
        except Exception as error:  # noqa: BLE001 - as above
            if pipe.has_reader:
                self._fail(item, error)
        else:
            self._journal.note(f"input `{item.name}` has gone to the command")

    def _fail(self, item: StreamItem, error: Exception) -> None:
        match error:
            case TransferError():
                said = failure_of(error, item.name).report
            case FailureError():
                said = error.report
            case _:
                text = f"input `{item.name}`: {self._journal.fault(error)}"
                said = Report(outcome=Outcome.INPUT_UNAVAILABLE, message=text, origin=item.name)
        outcome = _OF_INPUTS.get(said.outcome, said.outcome)
        said = Report(outcome=outcome, message=said.message, origin=item.name)
        self._journal.note(f"{outcome.value}: {said.message}")
        with self._lock:
            self._failure = self._failure or said
