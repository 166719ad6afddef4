"""What downloader and uploader make in the control volume: FIFOs and the gate.

In Gated mode both may come to a FIFO first, so either makes it, and neither replaces the other's.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from typing import Final

from containertask import contract
from containertask.contract.items import StreamItem
from containertask.contract.outcome import Outcome
from containertask.copilot import files
from containertask.copilot.journal import FailureError, Journal, reason
from containertask.copilot.places import Places

_FIFO_MODE: Final = 0o622
_STREAM_MODE: Final = 0o644


def make_exit_fifo(places: Places, journal: Journal) -> None:
    """Make the exit FIFO unless it is there. Raises OSError or FailureError."""
    journal.begin("make the exit FIFO")
    with files.opened(places.control, files.FOLDER) as folder:
        files.make_fifo(folder, contract.EXIT_FIFO, _FIFO_MODE)
        found = os.stat(contract.EXIT_FIFO, dir_fd=folder, follow_symlinks=False)
    if not stat.S_ISFIFO(found.st_mode):
        text = f"`{contract.EXIT_FIFO}` in the control volume is not a FIFO"
        raise FailureError(Outcome.COPILOT_FAILED, text)


def make_stream_fifos(places: Places, streams: Sequence[StreamItem], journal: Journal) -> None:
    """Make the FIFOs through which inputs come, unless they are there. Raises OSError."""
    journal.begin("make the FIFOs of inputs")
    with files.opened(places.control, files.FOLDER) as folder:
        for one in streams:
            files.make_fifo(folder, f"{contract.STREAM_PREFIX}{one.name}", _STREAM_MODE)


def open_gate(places: Places, journal: Journal) -> None:
    """Let the launcher start the command. Raises OSError."""
    journal.begin("open the gate")
    _decide(places, contract.GATE_OPEN)


def abort_gate(places: Places, journal: Journal) -> None:
    """Tell a launcher that waits that the command is not to be started."""
    try:
        _decide(places, contract.GATE_ABORT)
    except FileNotFoundError:
        return  # no control volume, and so nobody who waits
    except OSError as error:
        journal.note(f"could not abort the gate: {reason(error)}")


def _decide(places: Places, word: str) -> None:
    with files.opened(places.control, files.FOLDER) as folder:
        files.put(folder, contract.GATE_FILE, word.encode())
