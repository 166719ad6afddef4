"""The signals that ask the uploader to end, as something that poll can wait for.

A handler in Python would not do: it runs only when the interpreter does, and a signal between its
last look and a blocking call would wait as long as the call. The byte in the pipe does not.
"""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from types import FrameType
from typing import Final

_ASKING: Final = (signal.SIGTERM, signal.SIGINT)


class Stops:
    """Catches SIGTERM and SIGINT from its making on; ``fileno`` is readable once one has come."""

    def __init__(self) -> None:
        self._read, write = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        signal.set_wakeup_fd(write, warn_on_full_buffer=False)
        for asking in _ASKING:
            signal.signal(asking, _noted)

    def fileno(self) -> int:
        """Return the descriptor to poll."""
        return self._read

    def forget(self) -> None:
        """Forget the signals that have come; nothing happens where there are none."""
        with suppress(BlockingIOError):
            os.read(self._read, 4096)

    def ignore(self) -> None:
        """From now on no such signal does anything."""
        signal.set_wakeup_fd(-1)
        for asking in _ASKING:
            signal.signal(asking, signal.SIG_IGN)


def _noted(_number: int, _frame: FrameType | None) -> None:
    """Do nothing: that there is a handler is what makes the byte."""
