"""What downloader and uploader say: log lines on stderr, and the one termination message.

Neither a value nor a traceback gets into the message; the log has no value either.
"""

from __future__ import annotations

import errno
import os
import signal
import time
from collections.abc import Callable
from types import FrameType
from typing import Final, NoReturn

from containertask.contract import MESSAGE_MAX
from containertask.contract.outcome import Outcome
from containertask.contract.report import Report

_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT})
_QUOTING: Final = frozenset({Outcome.INVALID_INPUT, Outcome.OUTPUT_INVALID, Outcome.USER_ERROR})
"""Their messages may quote from a value."""


class FailureError(Exception):
    """There is no way on; ``report`` says why."""

    def __init__(self, outcome: Outcome, message: str, origin: str | None = None) -> None:
        super().__init__(message)
        self.report = Report(outcome=outcome, message=message, origin=origin)


class Journal:
    """The log, one line a step, and the step that is being done."""

    def __init__(self, who: str) -> None:
        self._who = who
        self._doing = "start"
        self._since = time.monotonic()

    def begin(self, doing: str) -> None:
        """Say, as an infinitive, what is done next: ``write input `x```."""
        self._doing = doing
        self._since = time.monotonic()

    def done(self, what: str) -> None:
        """Log the end of the step."""
        self.note(f"{self._doing}: {what}, {(time.monotonic() - self._since) * 1000:.1f} ms")

    def note(self, text: str) -> None:
        """Log one line; a log that is gone or full is no reason to fail."""
        try:
            os.write(2, f"{self._who}: {printable(text)}\n".encode())
        except OSError:
            return

    def failure(self, error: Exception) -> Report:
        """Return what an exception in the present step makes of the whole."""
        match error:
            case FailureError():
                return error.report
            case OSError():
                why = reason(error)
            case MemoryError():
                why = "out of memory: raise copilotResources"
            case _:
                why = self.fault(error)
        return Report(outcome=Outcome.COPILOT_FAILED, message=f"could not {self._doing}: {why}")

    def fault(self, error: BaseException) -> str:
        """Log where it happened, but not its own text, which may quote a value; say whose fault it is."""
        import traceback  # noqa: PLC0415 - hardly ever needed, and slow to import

        for line in "".join(traceback.format_tb(error.__traceback__)).splitlines():
            self.note(line)
        return f"a fault of the {self._who} ({type(error).__name__}); its log shows where"

    def say(self, path: str, report: Report) -> None:
        """Write the termination message, in one write. Raises OSError."""
        message = report.encode(MESSAGE_MAX)
        fd = os.open(path, os.O_WRONLY | os.O_TRUNC | os.O_CLOEXEC)
        try:
            os.write(fd, message)
        finally:
            os.close(fd)
        self._note_report(report)

    def last_word(self, path: str, report: Report) -> bool:
        """Say the report, with no clock running any more; return whether it could be written."""
        stop_clock()
        try:
            self.say(path, report)
        except OSError as error:
            self._note_report(report)
            self.note(f"could not write the termination message: {reason(error)}")
            return False
        return True

    def _note_report(self, report: Report) -> None:
        quotes = report.message is None or report.outcome in _QUOTING
        self.note(report.outcome.value if quotes else f"{report.outcome.value}: {report.message}")


def reason(error: OSError) -> str:
    """Return why the system refused, with the name of the error."""
    name = errno.errorcode.get(error.errno or 0, "no number")
    if error.errno in _FULL:
        return f"the disk is full ({name})"
    return f"{(error.strerror or 'unknown error').lower()} ({name})"


def printable(text: str) -> str:
    """Return the text on one line, without what could steer a terminal."""
    return "".join(letter if letter.isprintable() else "?" for letter in text)


def now_ms() -> int:
    """Return the wall clock in Unix milliseconds."""
    return time.time_ns() // 1_000_000


def start_clock(seconds: float | None, expired: Callable[[], Report], tell: Callable[[Report], None]) -> None:
    """Have the process say ``expired()`` by ``tell`` and exit with 1 after so many seconds.

    It happens between two steps of whatever is being done; ``stop_clock`` before the last word.
    """
    if seconds is None:
        return

    def end(_number: int, _frame: FrameType | None) -> NoReturn:
        tell(expired())
        os._exit(1)

    signal.signal(signal.SIGALRM, end)
    signal.setitimer(signal.ITIMER_REAL, max(seconds, 0.001))


def stop_clock() -> None:
    """Let nothing expire any more."""
    signal.setitimer(signal.ITIMER_REAL, 0)
