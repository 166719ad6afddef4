"""A stand-in for the launcher in Python, for machines that have no other: the same contract, slower.

Waits for the uploader and for the gate, runs the command in a process group of its own, keeps the execution
clock, captures the streams, passes signals on, and leaves the exit record. Only without a container: it
measures nothing of what the command uses. Standard library and ``contract`` only.
"""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NoReturn

from containertask import contract
from containertask.contract.exitrecord import Cause, Stop
from containertask.local.moments import now_ms
from containertask.local.standinoptions import Options, OptionsError, parse
from containertask.local.standinrecord import Record, RefusedError, encoded, text, write
from containertask.local.standinrun import Command, adopt_orphans
from containertask.local.standinsignals import STOPPING, Signals, ends_the_wait

_LOOK_SECONDS: Final = 0.02
_GATE_BYTES: Final = 64
_SEND_SECONDS: Final = 5.0


def main(argv: Sequence[str] | None = None) -> NoReturn:
    """Be the launcher, as the arguments say; end the process with the exit code of the contract."""
    given = list(sys.argv[1:] if argv is None else argv)
    try:
        options = parse(given)
    except OptionsError as error:
        _complain(str(error))
        os._exit(contract.EXIT_ABORTED)
    signals = Signals()
    adopt_orphans()
    os._exit(_Life(options, signals).lead())


@dataclass(slots=True)
class _Life:
    """One run of the stand-in."""

    options: Options
    signals: Signals
    fifo: int | None = None

    def lead(self) -> int:
        """Do all of it; return the exit code."""
        record = Record()
        try:
            self._live(record)
        except RefusedError as refused:
            record.cause, record.exit_code, record.message = refused.cause, refused.exit_code, str(refused)
            record.finished_ms = now_ms()
        data = encoded(record)
        failed = write(self.options.main, data)
        self._send(data)
        for one in (record.message, failed):
            if one:
                _complain(text(one))
        return record.exit_code

    def _live(self, record: Record) -> None:
        self._check()
        self._connect()
        self._await_gate()
        opened = now_ms()
        record.gate_opened_ms = opened
        self._refuse_if_stopped()
        command = Command.start(self.options)
        record.started_ms = now_ms()
        self._supervise(command, opened, record)
        record.stdout, record.stderr, record.outputs = command.settle(self.options.outputs)

    # --- Before the command ----------------------------------------------------------------------

    def _check(self) -> None:
        if not Path(self.options.control).is_dir():
            raise RefusedError(
                Cause.GATE_ABORTED,
                contract.EXIT_ABORTED,
                f"--control: {self.options.control} is not a directory",
            )

    def _connect(self) -> None:
        """Open the FIFO for writing only, which its reader makes possible."""
        path = f"{self.options.control}/{contract.EXIT_FIFO}"
        while self.fifo is None:
            try:
                mode = os.lstat(path).st_mode
                if not stat.S_ISFIFO(mode):
                    raise RefusedError(Cause.GATE_ABORTED, contract.EXIT_ABORTED, f"{path} is not a FIFO")
                self.fifo = os.open(path, os.O_WRONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
            except OSError:  # there is none yet, or nobody reads it yet
                self._pause()

    def _await_gate(self) -> None:
        while (said := self._gate()) != contract.GATE_OPEN:
            if said == contract.GATE_ABORT:
                raise RefusedError(Cause.GATE_ABORTED, contract.EXIT_ABORTED, "")
            if said:
                message = f"the gate says {said!r}, neither open nor abort"
                raise RefusedError(Cause.GATE_ABORTED, contract.EXIT_ABORTED, message)
            self._pause()

    def _gate(self) -> str:
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        try:
            fd = os.open(f"{self.options.control}/{contract.GATE_FILE}", flags)
        except FileNotFoundError:
            return ""
        except OSError as error:
            raise RefusedError(Cause.GATE_ABORTED, contract.EXIT_ABORTED, str(error)) from None
        try:
            return os.read(fd, _GATE_BYTES).decode(errors="replace")
        finally:
            os.close(fd)

    def _pause(self) -> None:
        self.signals.wait(_LOOK_SECONDS)
        self._refuse_if_stopped()

    def _refuse_if_stopped(self) -> None:
        for number in self.signals.come():
            if ends_the_wait(number):
                raise RefusedError(Cause.STOPPED_AT_GATE, contract.EXIT_SIGNAL_BASE + number, "")

    # --- While it runs ---------------------------------------------------------------------------

    def _supervise(self, command: Command, opened: int, record: Record) -> None:
        """Stay with the command until it ends; of an end and a stop that are seen at once the end counts."""
        limit = self.options.execution_ms
        clock = opened + limit if limit else None
        deadline: int | None = None
        while not command.over():
            if clock is not None and now_ms() >= clock:
                clock, deadline = None, self._stopped(record, Stop.EXECUTION_TIMEOUT, deadline)
                command.signal(STOPPING[0])
            if deadline is not None and now_ms() >= deadline and not record.killed:
                record.killed = True
                command.kill()
            for number in self.signals.come():
                if number in STOPPING:
                    deadline = self._stopped(record, Stop.SIGNAL, deadline)
                command.signal(number)
            moments = [one for one in (clock, None if record.killed else deadline) if one is not None]
            self.signals.wait(max(min(moments) - now_ms(), 0) / 1000 if moments else None)
        record.finished_ms = command.ended_ms
        record.cause, record.exit_code, record.signal = command.end()

    def _stopped(self, record: Record, why: Stop, deadline: int | None) -> int:
        """Note the first reason, whose grace stands; return when it ends."""
        if deadline is not None:
            return deadline
        record.stop = why
        return now_ms() + self.options.grace_ms

    def _send(self, data: bytes) -> None:
        """Write the record in one piece. Nobody there, or no longer: the file has it too."""
        path = f"{self.options.control}/{contract.EXIT_FIFO}"
        try:
            if self.fifo is None:
                self.fifo = os.open(path, os.O_WRONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
            os.write(self.fifo, data)
            os.close(self.fifo)
        except OSError:
            return


def _complain(message: str) -> None:
    sys.stderr.write(f"launcher: {message}\n")
    sys.stderr.flush()
