"""Signals as something that can be waited for: of each that has come, its number."""

from __future__ import annotations

import os
import select
import signal
from contextlib import suppress
from types import FrameType
from typing import Final

STOPPING: Final = (int(signal.SIGTERM), int(signal.SIGINT), 37)
"""What ends a running command; the last is SIGRTMIN+3, as runtimes count it."""
_NOT_OURS: Final = frozenset(
    {
        signal.SIGKILL,
        signal.SIGSTOP,
        signal.SIGCHLD,
        signal.SIGPIPE,
        signal.SIGURG,
        signal.SIGPROF,
        signal.SIGSEGV,
        signal.SIGBUS,
        signal.SIGFPE,
    }
)
"""What cannot be caught, is about ourselves, or is a fault of our own."""
_OF_TERMINALS: Final = frozenset(
    {
        signal.SIGWINCH,
        signal.SIGHUP,
        signal.SIGCONT,
        signal.SIGTSTP,
        signal.SIGTTIN,
        signal.SIGTTOU,
    }
)
"""What terminals and job control send by themselves."""


def ends_the_wait(number: int) -> bool:
    """Tell whether a signal ends a launcher whose command has not begun."""
    return number not in _OF_TERMINALS


def forwarded() -> list[int]:
    """Return the signals that are passed on."""
    return sorted(int(one) for one in signal.valid_signals() - _NOT_OURS)


class Signals:
    """Catches from its making on what is passed on to the command, and wakes at the ends of children."""

    def __init__(self) -> None:
        self._read, self._write = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        self._come: list[int] = []
        self._woken = False
        signal.set_wakeup_fd(self._write, warn_on_full_buffer=False)
        for number in (*forwarded(), int(signal.SIGCHLD)):
            signal.signal(number, _noted)

    def wait(self, seconds: float | None) -> None:
        """Return when, since the last wait, a signal has come or a child ended, or after so many seconds."""
        if not self._woken:
            milliseconds = None if seconds is None else max(int(seconds * 1000), 1)
            poll = select.poll()
            poll.register(self._read, select.POLLIN)
            poll.poll(milliseconds)
            self._take()
        self._woken = False

    def come(self) -> list[int]:
        """Return the signals that have come since last asked."""
        self._take()
        found, self._come = self._come, []
        return found

    def _take(self) -> None:
        """Read what has come; an end of a child that is read here must wake the next wait."""
        with suppress(BlockingIOError):
            found = os.read(self._read, 4096)
            self._woken = True
            self._come += [one for one in found if one != signal.SIGCHLD]


def _noted(_number: int, _frame: FrameType | None) -> None:
    """Do nothing: that there is a handler is what makes the byte."""
