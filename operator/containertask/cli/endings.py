"""What ends a run on this machine beside its command: signals to ``ctask``, and a reader that has gone.

By default SIGTERM and SIGHUP would end ``ctask`` alone, and leave the command, and a folder with Secrets.
"""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import FrameType
from typing import Final, NoReturn, TextIO

_SIGNALS: Final = (signal.SIGTERM, signal.SIGHUP)
_BASE: Final = 128
"""Beyond it, a shell's exit code is the number of a signal."""


@dataclass(slots=True)
class Endings:
    """What has come so far.

    Attributes:
        cancel: set where nobody reads the log any more.
        code: the exit code of a run that was cancelled.
    """

    cancel: threading.Event = field(default_factory=threading.Event)
    code: int = _BASE + signal.SIGINT

    def come(self, number: int, _frame: FrameType | None) -> NoReturn:
        """Take a signal as Ctrl-C is taken."""
        self.code = _BASE + number
        raise KeyboardInterrupt

    def gone(self) -> None:
        """End the run, as SIGPIPE ends a program that writes for nobody."""
        self.code = _BASE + signal.SIGPIPE
        self.cancel.set()


@contextmanager
def endings() -> Iterator[Endings]:
    """Take signals for the length of a block, on the main thread alone; those that are ignored stay so."""
    found = Endings()
    main = threading.current_thread() is threading.main_thread()
    taken = [one for one in _SIGNALS if main and signal.getsignal(one) is not signal.SIG_IGN]
    before = [signal.signal(one, found.come) for one in taken]
    try:
        yield found
    finally:
        for number, handler in zip(taken, before, strict=True):
            signal.signal(number, handler)


@dataclass(slots=True)
class Log:
    """Writes what the command writes, as it comes, and what is said of it to stderr."""

    stream: TextIO
    endings: Endings

    def __call__(self, name: str, data: bytes) -> None:
        """Write it."""
        to = sys.stderr if name == "ctask" else self.stream
        try:
            to.write(data.decode(errors="replace"))
            to.flush()
        except BrokenPipeError:
            self.endings.gone()
            raise
