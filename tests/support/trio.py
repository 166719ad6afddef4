"""Downloader, launcher and uploader of one Gated Pod as processes of this machine, started one by one.

What they wait for is theirs to decide: a test learns of it by ``comes_to_rest``, never by a length of time.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from typing import IO

from containertask import contract
from containertask.contract.exitrecord import Cause, ExitRecord
from containertask.contract.items import InputItem, OutputItem
from containertask.contract.manifest import Values
from containertask.contract.outcome import Outcome
from support.copilot import GATED, Part, Pod, Told, temporary_pod
from support.launcher import BINARY, LIMIT_SECONDS, asleep, connected, until

DOWNLOADER, LAUNCHER, UPLOADER = "downloader", "launcher", "uploader"
TASK = replace(
    GATED,
    values=Values((InputItem("a", "integer"),), {"a": 41}),
    outputs=(OutputItem(name="x", type="integer", path="x"),),
)
COMMAND = "touch ran; echo $(($(cat ../inputs/a) + 1)) > x"
"""What TASK runs, in its output folder."""

_HOLDING = """
load = download.load_values
def held(*args):
    open({go!r}).read()
    return load(*args)
download.load_values = held
"""
"""Code: behind its exit FIFO and before its first input, wait until the writer of a FIFO has gone."""


@dataclass(frozen=True, slots=True)
class Trio:
    """The Pod, and what its three containers do."""

    pod: Pod
    _stack: ExitStack
    _parts: dict[str, Part]
    _held: dict[str, IO[str]]

    def start(self, who: str, **code: str) -> None:
        """Start one of the three; the rest is for ``Pod.code``."""
        message = self.pod.root / f"message-{who}"
        message.touch()
        message.chmod(0o666)
        if who == LAUNCHER:
            part = Part(self.pod.launch("sh", "-c", COMMAND, launcher=BINARY), message)
        else:
            part = self.pod.spawn(who.removesuffix("er"), **{"message": str(message)} | code)
        self._parts[who] = part
        self._stack.callback(part.process.communicate)
        self._stack.callback(part.process.kill)

    def hold(self) -> None:
        """Start a downloader that waits for ``go_on``; return when it does."""
        go = self.pod.root / "go"
        self.start(DOWNLOADER, before=_HOLDING.format(go=str(go)))
        self._held[DOWNLOADER] = self._stack.enter_context(go.open("w"))

    def comes_to_rest(self, who: str) -> None:
        """Return when a part waits for another one or has ended."""
        if who == LAUNCHER:
            until(lambda: asleep(self.process(LAUNCHER)), "a launcher that waits")
        elif who == UPLOADER:
            self._parts[who].waits()
        elif who not in self._held:
            self.process(who).wait(LIMIT_SECONDS)

    def all_wait(self) -> None:
        """Start all three and return when the downloader is held and the launcher is at the gate."""
        self.hold()
        self.start(UPLOADER)
        self.comes_to_rest(UPLOADER)
        self.start(LAUNCHER)
        fifo = self.pod.path("control") / contract.EXIT_FIFO
        until(lambda: connected(self.process(LAUNCHER), fifo), "a launcher that is connected")
        self.comes_to_rest(LAUNCHER)

    def go_on(self) -> None:
        """Let the held downloader go on."""
        self._held[DOWNLOADER].close()

    def process(self, who: str) -> subprocess.Popen[bytes]:
        return self._parts[who].process

    def told(self, who: str) -> Told:
        """Wait for the end of downloader or uploader."""
        return self._parts[who].told()

    def launcher_ends(self) -> int:
        """Wait for the launcher's end; return its exit code."""
        return self.process(LAUNCHER).wait(LIMIT_SECONDS)

    def ends_aborted(self) -> None:
        """Wait for launcher and uploader: each says that the gate was aborted, and nothing has run."""
        assert self.launcher_ends() == contract.EXIT_ABORTED
        uploader = self.told(UPLOADER)
        assert (uploader.exit_code, uploader.report.outcome) == (0, Outcome.MAIN_FAILED)
        assert uploader.report.end is not None
        assert (uploader.report.end.cause, uploader.report.end.exit_code) == (Cause.GATE_ABORTED, 125)
        assert uploader.report.outputs == {}
        assert (self.record.cause, self.record.started_ms) == (Cause.GATE_ABORTED, None)
        assert not self.command_ran

    @property
    def record(self) -> ExitRecord:
        """What the launcher left in its file."""
        return ExitRecord.parse((self.pod.path("main") / contract.RECORD_FILE).read_bytes())

    @property
    def command_ran(self) -> bool:
        return (self.pod.path("outputs") / "ran").exists()


@contextmanager
def trio() -> Iterator[Trio]:
    """Give a Pod of TASK in which nothing has started; what still runs in the end is killed."""
    with temporary_pod(TASK) as pod, ExitStack() as stack:
        os.mkfifo(pod.root / "go")
        yield Trio(pod, stack, {}, {})
