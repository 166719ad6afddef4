"""The command under the launcher's stand-in: started, its streams copied, what it leaves behind ended."""

from __future__ import annotations

import ctypes
import os
import signal
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from containertask import contract
from containertask.contract.exitrecord import Cause
from containertask.local.moments import now_ms
from containertask.local.standinfind import find, refusal
from containertask.local.standinopening import open_up
from containertask.local.standinoptions import Options
from containertask.local.standinrecord import Captured, RefusedError
from containertask.local.standinsegments import Segments

_SUBREAPER: Final = 36
_SETTLE_SECONDS: Final = 2.0
_PIECE: Final = 64 * 1024
_LOOK_SECONDS: Final = 0.005


def adopt_orphans() -> None:
    """Become the parent of whoever loses theirs below us."""
    ctypes.CDLL(None).prctl(_SUBREAPER, 1, 0, 0, 0)


@dataclass(slots=True)
class Stream:
    """One stream of the command, on its way to ours and into segments. Neither may make the command fail."""

    source: int
    through: int
    segments: Segments
    captured: Captured = field(default_factory=Captured)

    def pump(self) -> None:
        """Copy until the last writer has closed it. It captures first: the log may block."""
        while piece := os.read(self.source, _PIECE):
            self._keep(piece)
            try:
                while piece:
                    piece = piece[os.write(self.through, piece) :]
            except OSError:
                continue  # a log that is gone or full loses this piece

    def _keep(self, piece: bytes) -> None:
        self.captured.bytes += len(piece)
        if self.captured.error is not None:
            return
        try:
            self.segments.write(piece)
        except OSError as error:
            self.captured.error = str(error)


@dataclass(slots=True)
class Command:
    """The user's process, never known by more than its pid."""

    pid: int
    streams: tuple[Stream, Stream]
    pumps: list[threading.Thread]
    status: int | None = None
    ended_ms: int = 0

    @classmethod
    def start(cls, options: Options) -> Command:
        """Start it in a process group of its own; raises RefusedError."""
        name = options.command[0]
        try:
            path = find(name)
        except OSError as error:
            raise refusal(name, error) from None
        streams, ends = [], []
        for through, stem in ((1, contract.STDOUT_STEM), (2, contract.STDERR_STEM)):
            source, end = os.pipe()
            streams.append(Stream(source, through, Segments(f"{options.main}/{stem}", options.capture_bytes)))
            ends.append(end)
        try:
            pid = os.posix_spawn(
                path,
                options.command,
                os.environ,
                file_actions=[(os.POSIX_SPAWN_DUP2, end, number) for number, end in enumerate(ends, start=1)],
                setpgroup=0,
                setsigdef=signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP},
            )
        except OSError as error:
            raise refusal(path, error) from None
        except ValueError as error:
            raise RefusedError(Cause.START_FAILED, contract.EXIT_NOT_EXECUTABLE, str(error)) from None
        finally:
            for end in ends:
                os.close(end)
        pumps = [threading.Thread(target=one.pump, daemon=True) for one in streams]
        for pump in pumps:
            pump.start()
        return cls(pid, (streams[0], streams[1]), pumps)

    def over(self) -> bool:
        """Tell whether it has ended; reaps whatever else has."""
        self._reap()
        return self.status is not None

    def end(self) -> tuple[Cause, int, int | None]:
        """Return cause, exit code and signal of its end."""
        status = self.status or 0
        if os.WIFSIGNALED(status):
            number = os.WTERMSIG(status)
            return Cause.SIGNALED, contract.EXIT_SIGNAL_BASE + number, number
        return Cause.EXITED, os.WEXITSTATUS(status), None

    def signal(self, number: int) -> None:
        """Send a signal to it and what it started in its group, to it also where it has moved to another."""
        with suppress(OSError):
            os.killpg(self.pid, number)
        with suppress(OSError):
            if os.getpgid(self.pid) != self.pid:
                os.kill(self.pid, number)

    def kill(self) -> None:
        """End it at once."""
        self.signal(signal.SIGKILL)

    def settle(self, outputs: str) -> tuple[Captured, Captured, tuple[int, str]]:
        """End what it left behind, so that its streams end and its outputs keep still."""
        ends = time.monotonic() + _SETTLE_SECONDS
        with suppress(OSError):
            os.killpg(self.pid, signal.SIGKILL)
        while self._reap() and time.monotonic() < ends:
            for pid in _children():
                with suppress(OSError):
                    os.kill(pid, signal.SIGKILL)
            time.sleep(_LOOK_SECONDS)
        for pump in self.pumps:
            pump.join(max(ends - time.monotonic(), 0))
        opened = open_up(Path(outputs)) if outputs else (0, "")
        first, second = self.streams
        return first.captured, second.captured, opened

    def _reap(self) -> bool:
        """Take the ends of all children that have come; tell whether there is any child left."""
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return False
            if pid == 0:
                return True
            if pid == self.pid:
                self.status, self.ended_ms = status, now_ms()


def _children() -> list[int]:
    """Return our own children; each belongs to one of our threads."""
    found: list[int] = []
    for task in Path("/proc/self/task").iterdir():
        try:
            found += map(int, (task / "children").read_text().split())
        except OSError:
            continue
    return found
