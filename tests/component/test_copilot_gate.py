"""The gate of Gated mode where a downloader cannot decide it, is killed at it, or has decided it already."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from dataclasses import replace

import pytest

from containertask import contract
from containertask.contract.exitrecord import Cause
from containertask.contract.manifest import Values
from containertask.contract.outcome import Outcome
from support.copilot import gate, message
from support.launcher import LIMIT_SECONDS
from support.trio import DOWNLOADER, LAUNCHER, TASK, UPLOADER, Trio, trio

_KILLED = """
import os
open_gate = download.open_gate
def dying(*args):
    os.rename = lambda *_, **__: os.kill(os.getpid(), 9)
    open_gate(*args)
download.open_gate = dying
"""
"""Code: die when the gate is written and has not got its name."""

_FULL = """
import errno, os
write = os.write
def full(fd, data):
    if fd == 2 or bytes(data[:1]) == b"{": return write(fd, data)
    raise OSError(errno.ENOSPC, "x")
os.write = full
"""
"""Code: the disk is full, but for a message and the log."""

_SLOW = """
import time
open_gate = download.open_gate
def slow(*args):
    open_gate(*args)
    end = time.monotonic() + 1.5
    while time.monotonic() < end: pass
download.open_gate = slow
"""
"""Code: longer than the clock lies between the opened gate and the termination message."""


@pytest.fixture
def pod() -> Iterator[Trio]:
    with trio() as made:
        yield made


def test_a_manifest_that_neither_can_read_leaves_the_launcher_to_the_operator(pod: Trio) -> None:
    """The launcher looks at the gate only behind the exit FIFO, and here nobody reads that, nor makes it."""
    pod.pod.path("manifest").write_text("{")
    pod.start(LAUNCHER)
    for who in (DOWNLOADER, UPLOADER):
        pod.start(who)
        told = pod.told(who)
        assert (told.exit_code, message(told)) == (1, "manifest: not JSON (JSONDecodeError)")
    assert gate(pod.pod) == contract.GATE_ABORT
    pod.comes_to_rest(LAUNCHER)
    pod.process(LAUNCHER).terminate()
    assert pod.launcher_ends() != 0
    assert not pod.command_ran


def test_without_a_message_file_the_gate_is_aborted_all_the_same(pod: Trio) -> None:
    pod.pod.rewrite(replace(TASK, metadata_format="XML"))
    pod.start(DOWNLOADER, message="/no/such/message")
    assert pod.process(DOWNLOADER).wait(LIMIT_SECONDS) == 1
    assert gate(pod.pod) == contract.GATE_ABORT


def test_a_gate_that_cannot_be_decided_is_said_in_the_log(pod: Trio) -> None:
    """A folder in its place is decision enough for the launcher."""
    (pod.pod.path("control") / contract.GATE_FILE).mkdir()
    for who in (DOWNLOADER, LAUNCHER, UPLOADER):
        pod.start(who)
    told = pod.told(DOWNLOADER)
    assert message(told) == "could not open the gate: is a directory (EISDIR)"
    assert "downloader: could not abort the gate: is a directory (EISDIR)\n" in told.log
    pod.ends_aborted()


def test_on_a_full_disk_the_launcher_may_be_left_to_the_operator(pod: Trio) -> None:
    pod.start(DOWNLOADER, before=_FULL)
    told = pod.told(DOWNLOADER)
    assert message(told) == "could not write input `a`: the disk is full (ENOSPC)"
    assert "downloader: could not abort the gate: the disk is full (ENOSPC)\n" in told.log
    assert gate(pod.pod) is None
    assert [path.name for path in pod.pod.path("control").iterdir()] == ["exit"]


def test_a_gate_that_is_open_stays_open(pod: Trio) -> None:
    """Else the command may have run, and the task is reported as one whose inputs never came."""
    pod.pod.rewrite(replace(TASK, download_seconds=1))
    pod.start(DOWNLOADER, before=_SLOW)
    assert pod.told(DOWNLOADER).report.outcome is Outcome.DOWNLOADED
    assert gate(pod.pod) == contract.GATE_OPEN


@pytest.mark.parametrize("left", [[], [".gate.partial"]], ids=["before the gate", "at the gate"])
def test_a_downloader_that_is_killed_leaves_the_gate_undecided(pod: Trio, left: list[str]) -> None:
    pod.pod.rewrite(replace(TASK, values=Values()))
    for who in (UPLOADER, LAUNCHER):
        pod.start(who)
        pod.comes_to_rest(who)
    if left:
        pod.start(DOWNLOADER, before=_KILLED)
    else:
        pod.hold()
        pod.process(DOWNLOADER).kill()
    told = pod.told(DOWNLOADER)
    assert (told.exit_code, told.message) == (-signal.SIGKILL, "")
    assert sorted(path.name for path in pod.pod.path("control").iterdir()) == [*left, "exit"]
    pod.comes_to_rest(LAUNCHER)
    pod.process(LAUNCHER).terminate()
    assert pod.launcher_ends() == contract.EXIT_SIGNAL_BASE + signal.SIGTERM
    assert pod.record.cause is Cause.STOPPED_AT_GATE
    assert not pod.command_ran
