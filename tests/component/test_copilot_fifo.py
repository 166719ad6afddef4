"""The exit FIFO in Gated mode: either of the two makes it, and neither makes it anew."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from containertask import contract
from containertask.contract.exitrecord import Cause, ExitRecord
from containertask.contract.outcome import Outcome
from support.copilot import GATED, LIBRARY, Pod, gate, message, temporary_pod
from support.copilotcode import UNPRIVILEGED
from support.launcher import BINARY, LIMIT_SECONDS

ROUNDS = 300
NOT_ONE = "`exit` in the control volume is not a FIFO"

_TWO = """
import os, sys, time
sys.path.append({library!r})
from containertask.copilot.control import make_exit_fifo
from containertask.copilot.exitfifo import await_record, listening
from containertask.copilot.journal import Journal
from containertask.copilot.places import Places
from containertask.copilot.stops import Stops

made, mkfifo = 0, os.mkfifo

def counted(*args, **named):
    global made
    mkfifo(*args, **named)
    made += 1

def make(number, begin, umask):
    control = {root!r} + "/" + str(number)
    while time.monotonic_ns() < begin:
        pass
    make_exit_fifo(Places(control=control), Journal("test"))
    assert os.umask(umask) == umask
    assert os.stat(control + "/exit").st_mode & 0o7777 == 0o622
    return control + "/exit"

def downloader_and_launcher(ready, begin):
    os.umask({umasks[0]})
    for number in range({rounds}):
        os.read(ready, 1)
        now = time.monotonic_ns() + 300_000
        os.write(begin, now.to_bytes(8, "big"))
        fifo = os.open(make(number, now, {umasks[0]}), os.O_WRONLY)
        os.write(fifo, str(number).encode())
        os.close(fifo)

def uploader(ready, begin):
    os.umask({umasks[1]})
    stops = Stops()
    for number in range({rounds}):
        os.write(ready, b".")
        apart = (number % 31 - 15) * 20_000
        with listening(make(number, int.from_bytes(os.read(begin, 8), "big") + apart, {umasks[1]})) as fifo:
            assert await_record(fifo, stops) == str(number).encode()

os.mkfifo = counted
ready, begin = os.pipe(), os.pipe()
child = os.fork()
if child == 0:
    uploader(ready[1], begin[0])
    os._exit(0 if 0 < made < {rounds} else 3)
downloader_and_launcher(ready[0], begin[1])
assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
print(made)
"""
"""Program: two processes make FIFO after FIFO within 300 us of one another, and use each one."""


@pytest.fixture
def pod() -> Iterator[Pod]:
    with temporary_pod(GATED) as made:
        yield made


@pytest.mark.parametrize("umasks", [(0, 0o777), (0o077, 0o022), (0o777, 0o777)])
def test_both_make_it_at_the_same_moment_and_no_record_is_lost(
    tmp_path: Path, umasks: tuple[int, int]
) -> None:
    for number in range(ROUNDS):
        (tmp_path / str(number)).mkdir()
    code = _TWO.format(library=str(LIBRARY), root=str(tmp_path), rounds=ROUNDS, umasks=umasks)
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code],
        check=False,
        capture_output=True,
        text=True,
        timeout=LIMIT_SECONDS,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert 0 < int(done.stdout) < ROUNDS, "each of the two came first now and then"


@pytest.mark.parametrize("umask", [0, 0o077, 0o777], ids=oct)
@pytest.mark.parametrize("part", ["download", "upload"])
def test_its_mode_is_the_same_whatever_the_umask(pod: Pod, part: str, umask: int) -> None:
    started = pod.spawn(part, before=f"import os; os.umask({umask})")
    if part == "upload":
        started.waits()
        started.process.terminate()
    started.told()
    made = (pod.path("control") / contract.EXIT_FIFO).lstat()
    assert oct(made.st_mode) == oct(0o010622)


def a_socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(str(path))


def a_link_to_a_fifo(path: Path) -> None:
    os.mkfifo(path.with_name("fifo"))
    path.symlink_to("fifo")


TAKEN: list[Callable[[Path], object]] = [
    Path.touch,
    Path.mkdir,
    lambda path: path.symlink_to("nowhere"),
    a_link_to_a_fifo,
    a_socket,
]


@pytest.mark.parametrize("part", ["download", "upload"])
@pytest.mark.parametrize(
    "take", TAKEN, ids=["a file", "a folder", "a link to nothing", "a link to a FIFO", "a socket"]
)
def test_a_name_that_is_taken_is_said_and_left_alone(
    pod: Pod, part: str, take: Callable[[Path], object]
) -> None:
    taken = pod.path("control") / contract.EXIT_FIFO
    take(taken)
    before = taken.lstat()
    told = pod.spawn(part).told()
    assert (told.exit_code, told.report.outcome, message(told)) == (1, Outcome.COPILOT_FAILED, NOT_ONE)
    assert "Traceback" not in told.log
    assert (taken.lstat().st_ino, taken.lstat().st_mode) == (before.st_ino, before.st_mode)


@pytest.mark.parametrize("take", TAKEN[:4], ids=["a file", "a folder", "a link to nothing", "a link"])
def test_of_a_name_that_is_taken_the_launcher_runs_nothing(pod: Pod, take: Callable[[Path], object]) -> None:
    take(pod.path("control") / contract.EXIT_FIFO)
    assert launched(pod).cause is Cause.GATE_ABORTED
    assert (launched(pod).message or "").endswith("/exit is not a FIFO")


def launched(pod: Pod) -> ExitRecord:
    """Run a launcher to its end, which has to be that it runs nothing; return its record."""
    launcher = pod.launch("touch", "ran", launcher=BINARY)
    try:
        assert launcher.wait(LIMIT_SECONDS) == contract.EXIT_ABORTED
    finally:
        launcher.kill()
        launcher.wait()
    assert not (pod.path("outputs") / "ran").exists()
    return ExitRecord.parse((pod.path("main") / contract.RECORD_FILE).read_bytes())


def missing(pod: Pod) -> None:
    pod.path("control").rmdir()


def a_file(pod: Pod) -> None:
    missing(pod)
    pod.path("control").touch()


def closed(pod: Pod) -> None:
    pod.path("control").chmod(0o555)


@pytest.mark.parametrize("part", ["download", "upload"])
@pytest.mark.parametrize(
    ("arrange", "why"),
    [
        (missing, "no such file or directory (ENOENT)"),
        (a_file, "not a directory (ENOTDIR)"),
        (closed, "permission denied (EACCES)"),
    ],
)
def test_a_control_volume_that_is_not_as_agreed(
    pod: Pod, part: str, arrange: Callable[[Pod], None], why: str
) -> None:
    arrange(pod)
    told = replace(pod, user=UNPRIVILEGED).spawn(part).told()
    assert (told.exit_code, told.report.outcome) == (1, Outcome.COPILOT_FAILED)
    assert message(told) == f"could not make the exit FIFO: {why}"
    if part == "download":
        said = f"downloader: could not abort the gate: {why}\n" in told.log
        assert said is not ("ENOENT" in why), "without a volume nobody waits at a gate"


def test_without_a_control_volume_the_launcher_runs_nothing(pod: Pod) -> None:
    missing(pod)
    record = launched(pod)
    assert record.cause is Cause.GATE_ABORTED
    assert (record.message or "").endswith("/control is not a directory")


@pytest.mark.parametrize("name", ["ENOSPC", "EDQUOT"])
@pytest.mark.parametrize("part", ["download", "upload"])
def test_a_control_volume_that_is_full_is_called_so(pod: Pod, part: str, name: str) -> None:
    full = f"import os, errno\ndef full(*_, **__): raise OSError(errno.{name}, 'x')\nos.mkfifo = full"
    told = pod.spawn(part, before=full).told()
    assert (told.exit_code, told.report.outcome) == (1, Outcome.COPILOT_FAILED)
    assert message(told) == f"could not make the exit FIFO: the disk is full ({name})"
    assert gate(pod) == (contract.GATE_ABORT if part == "download" else None)
