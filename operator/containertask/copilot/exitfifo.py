"""Waiting for the launcher's exit record, or for the order to stop while no launcher has connected.

The FIFO is opened without blocking: to a launcher that opens it for writing a reader is a reader. On
Linux such a FIFO says nothing to poll until the first writer has come, so that poll takes the place
of the open that blocks, and can wait for signals too.
"""

from __future__ import annotations

import os
import select
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from containertask.contract import RECORD_FILE, RECORD_MAX_BYTES
from containertask.contract.exitrecord import ExitRecord, RecordError
from containertask.contract.outcome import Outcome
from containertask.copilot import files
from containertask.copilot.journal import FailureError
from containertask.copilot.stops import Stops
from containertask.copilot.untrusted import Content, Fault, read_file

_CAREFUL: Final = os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW
_MAX_KEPT: Final = RECORD_MAX_BYTES + 1
"""One byte more than is valid tells that there was more; the rest is read, for its writer waits."""
_NONE: Final = "the command's container ended without an exit record"


@contextmanager
def listening(path: str) -> Iterator[int]:
    """Give the descriptor of the FIFO for the length of a block: in it launchers may connect."""
    with files.opened(path, _CAREFUL) as fifo:
        if not stat.S_ISFIFO(os.fstat(fifo).st_mode):
            raise FailureError(Outcome.COPILOT_FAILED, "`exit` in the control volume is not a FIFO")
        yield fifo


def await_record(fifo: int, stops: Stops) -> bytes | None:
    """Read the FIFO from the first writer to the last; None where a stop came before any writer.

    A stop while a writer is connected does nothing. Empty where every writer left without a word.
    """
    waiting, only_fifo = select.poll(), select.poll()
    for poll, fd in ((waiting, fifo), (waiting, stops.fileno()), (only_fifo, fifo)):
        poll.register(fd, select.POLLIN)
    record = b""
    while True:
        waiting.poll()
        piece = _piece(fifo)
        if piece:
            record = (record + piece)[:_MAX_KEPT]
        elif piece is None:
            stops.forget()
        elif only_fifo.poll(0):  # a hang-up: somebody was there
            return record
        else:
            return None


def _piece(fifo: int) -> bytes | None:
    """Return what has been written, nothing where no writer is connected, None where one is silent."""
    try:
        return os.read(fifo, _MAX_KEPT)
    except BlockingIOError:
        return None


def find_record(received: bytes, main: int) -> tuple[ExitRecord | None, str]:
    """Return the record as it was received, or else as it is in the open folder; and what is wrong."""
    problem = _NONE
    try:
        if received:
            return ExitRecord.parse(received), ""
    except RecordError as error:
        problem = str(error)
    try:
        match read_file(main, RECORD_FILE, RECORD_MAX_BYTES + 1):
            case Content(data):
                return ExitRecord.parse(data), ""
            case Fault(Outcome.OUTPUT_MISSING):
                return None, problem
            case Fault(_, text):
                return None, f"{problem}; its file: {text}"
    except RecordError as error:
        return None, f"{problem}; its file: {error}"
