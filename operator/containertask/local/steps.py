"""The steps of one attempt: downloader, command, uploader, of which none outlives it."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Final

from containertask.api.reasons import Reason
from containertask.contract.manifest import Mode
from containertask.core.clocks import EXECUTION_TEXT, total_elapsed, total_ends
from containertask.core.lengths import seconds
from containertask.core.names import DOWNLOADER, UPLOADER
from containertask.core.stop import Stop
from containertask.local.attending import Attendance, Clock
from containertask.local.copilots import Copilot, start
from containertask.local.judging import Ends
from containertask.local.main import Main
from containertask.local.moments import now_ms
from containertask.local.places import Folders
from containertask.local.planned import Planned
from containertask.local.streams import STDERR, STDOUT, Streams

LATE_MS: Final = 5_000
"""How long a command may outlive its uploader, whose end may be seen a moment before."""
_STREAM_SECONDS: Final = 5.0
_LEAVE_SECONDS: Final = 10


@dataclass(frozen=True, slots=True)
class Steps:
    """What an attempt is made with. ``begin`` starts the command; it may raise UnstartedError."""

    planned: Planned
    folders: Folders
    streams: Streams
    attendance: Attendance
    begin: Callable[[], Main]

    def run(self) -> Ends:
        """Run all of it. Raises what ``begin`` does; leaves no process behind."""
        task, spec = self.planned.task, self.planned.accepted.spec
        ends = total_ends(task, spec)
        if ends is not None and (stop := total_elapsed(task, spec, ends)) is not None:
            self.attendance.clocks.append(Clock(ends, stop))
        with ExitStack() as left:
            downloader = self._copilot(DOWNLOADER, left)
            self._until_ended(downloader)
            if downloader.process.returncode != 0 or self.attendance.stop is not None:
                return Ends(downloader=downloader.ended(), stop=self.attendance.stop)
            if self.planned.attempt.mode is Mode.SIGNAL:
                main = self._alone(left)
                uploader = self._copilot(UPLOADER, left)
            else:
                uploader = self._copilot(UPLOADER, left)
                main = self._beside(uploader, left)
                uploader.process.terminate()  # heard only where no launcher has ever come to it
            self._until_ended(uploader)
            return Ends(
                downloader=downloader.ended(),
                main=main.ended(),
                uploader=uploader.ended(),
                stop=self.attendance.stop,
            )

    def _copilot(self, who: str, left: ExitStack) -> Copilot:
        found = start(who, self.folders)
        left.callback(_end, found.process)
        self.attendance.follow(found.process)
        return found

    def _main(self, left: ExitStack) -> Main:
        main = self.begin()
        left.callback(main.remove)
        for name, source in ((STDOUT, main.process.stdout), (STDERR, main.process.stderr)):
            if source is not None:
                self.streams.take(name, source)
        self.attendance.follow(main.process)
        return main

    def _until_ended(self, part: Copilot) -> None:
        process = part.process
        self.attendance.until(lambda: process.poll() is not None, process.terminate, process.kill)

    def _beside(self, uploader: Copilot, left: ExitStack) -> Main:
        """Run the command beside the uploader, which ends before it only where something is wrong."""
        main = self._main(left)
        both = (main.process, uploader.process)
        self.attendance.until(lambda: any(one.poll() is not None for one in both), main.ask, main.force)
        text = "the uploader ended before the command"
        late = now_ms() + LATE_MS
        self._until_over(main, Clock(late, Stop(Reason.COPILOT_FAILED, text, late)))
        return main

    def _alone(self, left: ExitStack) -> Main:
        """Run a command that no launcher watches over."""
        main = self._main(left)
        timeout = self.planned.accepted.spec.timeout
        if timeout is None or timeout.execution is None:
            self._until_over(main)
            return main
        late = now_ms() + seconds(timeout.execution, 0) * 1000
        self._until_over(main, Clock(late, Stop(Reason.EXECUTION_TIMEOUT, EXECUTION_TEXT, late)))
        return main

    def _until_over(self, main: Main, *clocks: Clock) -> None:
        before = self.attendance.clocks
        self.attendance.clocks = [*before, *clocks]
        self.attendance.until(lambda: main.process.poll() is not None, main.ask, main.force)
        self.attendance.clocks = before
        self.streams.finish(_STREAM_SECONDS)


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.kill()
        process.wait(_LEAVE_SECONDS)
