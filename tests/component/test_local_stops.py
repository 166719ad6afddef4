"""What ends a local run before its time: clocks, a caller, Ctrl-C, a part that dies. Nothing goes on then."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from containertask.local.copilots import Copilot, start
from containertask.local.places import Folders
from containertask.local.process import descendants
from support.ctrlc import HEARS_CTRL_C
from support.launcher import LIMIT_SECONDS, until
from support.localruns import LAUNCHERS, run, task, variable
from support.tasks import typed

_PROGRAM = """
import json, sys
from containertask.local.run import LocalOptions, Runtime, run_local
told = run_local(json.loads(sys.argv[1]), LocalOptions(runtime=Runtime.PROCESS))
print(json.dumps([told.phase, told.reason, told.message, told.outputs]))
"""


@pytest.fixture(params=LAUNCHERS, autouse=True)
def _launcher(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in variable(request.param).items():
        monkeypatch.setenv(name, value)


def lives(marker: str) -> list[str]:
    """Return the command lines of living processes that have a marker in them."""
    found = []
    for one in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            text = one.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if marker in text:
            found.append(text)
    return found


def test_the_clock_of_the_whole_ends_the_command() -> None:
    script = "echo 1 > /var/outputs/a; sleep 601.25"
    ended = run(task(script, outputs=typed(a="integer"), timeout={"total": "1s"}))
    assert (ended.phase, ended.reason) == ("Failed", "DeadlineExceeded")
    assert ended.message == "not done within timeout.total: 1s"
    assert ended.outputs == {"a": 1}
    assert not lives("sleep 601.25")


def test_a_caller_may_cancel_it() -> None:
    cancel, told = threading.Event(), []

    def tell(stream: str, data: bytes) -> None:
        told.append(stream)
        if data == b"ready\n":
            cancel.set()

    script = "echo 1 > /var/outputs/a; echo ready; sleep 602.25"
    ended = run(task(script, outputs=typed(a="integer")), cancel=cancel, logs=tell)
    assert (ended.phase, ended.reason) == ("Cancelled", "Cancelled")
    assert ended.outputs == {"a": 1}
    assert not lives("sleep 602.25")


def test_one_that_is_cancelled_before_it_begins_runs_nothing(tmp_path: Path) -> None:
    cancel = threading.Event()
    cancel.set()
    ended = run(task(f"touch {tmp_path}/ran"), cancel=cancel)
    assert ended.phase == "Cancelled"
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("times", [1, 2])
def test_control_c_ends_it_as_cancelled(tmp_path: Path, times: int) -> None:
    """The second one does not wait for a command that takes its time."""
    trap = "trap '' TERM INT; " if times > 1 else ""
    script = f"{trap}touch {tmp_path}/ready; while :; do sleep 0.0625; done"
    given = json.dumps(task(script))
    process = subprocess.Popen(
        [*HEARS_CTRL_C, sys.executable, "-c", _PROGRAM, given],
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        until((tmp_path / "ready").exists, "a command that runs")
        below = descendants(process.pid)
        process.send_signal(signal.SIGINT)
        if times > 1:
            process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=LIMIT_SECONDS)
    finally:
        process.kill()
        process.wait()
    assert json.loads(out)[:2] == ["Cancelled", "Cancelled"]
    until(lambda: not any(map(_lives, below)), "the end of all processes")


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_an_uploader_that_dies_takes_the_command_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[Copilot] = []

    def starting(who: str, folders: Folders) -> Copilot:
        started.append(start(who, folders))
        return started[-1]

    def tell(_stream: str, data: bytes) -> None:
        if data == b"ready\n":
            started[-1].process.kill()

    monkeypatch.setattr("containertask.local.steps.start", starting)
    monkeypatch.setattr("containertask.local.steps.LATE_MS", 100)
    ended = run(task("echo ready; sleep 603.25"), logs=tell)
    assert (ended.phase, ended.reason) == ("Failed", "CopilotFailed")
    assert not lives("sleep 603.25")
