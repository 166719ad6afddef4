"""The uploader and the signals and clocks of its Pod: before a launcher, beside one, after its end."""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from containertask import contract
from containertask.contract.exitrecord import ExitRecord, Stop
from containertask.contract.items import OutputItem
from containertask.contract.outcome import Outcome
from support.copilot import MANIFEST, Pod, record, temporary_pod

ROUNDS = 25
LONGEST_SECONDS = 0.02
X = OutputItem(name="x", type="integer", path="x")
BOTH = (signal.SIGTERM, signal.SIGINT)
HOLDING = "echo > running; read go < go; echo 1 > x; rm running go"
"""A command that says when it runs and ends when told to; both by FIFOs in its folder."""


@pytest.fixture
def pod() -> Iterator[Pod]:
    with temporary_pod(replace(MANIFEST, outputs=(X,), upload_seconds=60)) as made:
        assert made.download().exit_code == 0
        yield made


def busy(seconds: float) -> None:
    """Let time pass: there is no condition to wait for where any moment is the test."""
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        pass


@pytest.mark.parametrize("asking", BOTH)
def test_a_stop_before_any_launcher_ends_it_at_any_moment(pod: Pod, asking: signal.Signals) -> None:
    chance = random.Random(int(asking))  # noqa: S311 - a seed, so that a failure can be repeated
    for _ in range(ROUNDS):
        part = pod.spawn("upload")
        part.waits()
        busy(chance.uniform(0, LONGEST_SECONDS / 10))
        part.process.send_signal(asking)
        told = part.told()
        assert (told.exit_code, told.report.outcome) == (1, Outcome.NOT_STARTED)
        assert told.report.message == "the Pod was stopped before the launcher had started"


def test_a_stop_beside_a_launcher_that_connects_is_one_or_the_other(pod: Pod) -> None:
    chance = random.Random(7)  # noqa: S311 - as above
    for _ in range(ROUNDS):
        part = pod.spawn("upload")
        part.waits()
        main = pod.launch("sh", "-c", "echo 1 > x")
        busy(chance.uniform(0, LONGEST_SECONDS))
        part.process.terminate()
        told = part.told()
        main.terminate()
        main.wait(timeout=30)
        assert (told.exit_code, told.report.outcome) in {(1, Outcome.NOT_STARTED), (0, Outcome.UPLOADED)}


def test_a_stop_in_the_moment_of_connection_loses_no_record(pod: Pod) -> None:
    """The FIFO's writer opens, writes and leaves while signals come: the record wins or nobody was there."""
    chance = random.Random(11)  # noqa: S311 - as above
    for _ in range(ROUNDS):
        part = pod.spawn("upload")
        part.waits()
        fifo = os.open(pod.path("control") / contract.EXIT_FIFO, os.O_WRONLY | os.O_NONBLOCK)
        part.process.terminate()
        busy(chance.uniform(0, LONGEST_SECONDS / 10))
        part.process.terminate()
        os.write(fifo, record(exitCode=4))
        os.close(fifo)
        told = part.told()
        assert told.report.outcome is Outcome.MAIN_FAILED
        assert told.report.end is not None
        assert told.report.end.exit_code == 4


@pytest.fixture
def holding(pod: Pod) -> Pod:
    for name in ("running", "go"):
        os.mkfifo(pod.path("outputs") / name)
    return pod


def test_beside_a_running_command_signals_do_nothing(holding: Pod) -> None:
    part = holding.spawn("upload")
    main = holding.launch("sh", "-c", HOLDING)
    (holding.path("outputs") / "running").read_text()
    for asking in BOTH * 3:
        part.process.send_signal(asking)
    (holding.path("outputs") / "go").write_text("go\n")
    told = part.told()
    assert (told.exit_code, told.report.outcome) == (0, Outcome.UPLOADED)
    assert told.report.outputs == {"x": 1}
    assert main.wait(timeout=30) == 0


def test_a_launcher_that_is_stopped_too_tells_its_end(holding: Pod) -> None:
    part = holding.spawn("upload")
    main = holding.launch("sh", "-c", HOLDING)
    (holding.path("outputs") / "running").read_text()
    part.process.terminate()
    main.terminate()
    told = part.told()
    assert (told.exit_code, told.report.outcome) == (0, Outcome.MAIN_FAILED)
    assert told.report.end is not None
    assert told.report.end.stop is Stop.SIGNAL
    main.wait(timeout=30)


def test_a_launcher_that_is_killed_is_an_end_without_a_record(holding: Pod) -> None:
    part = holding.spawn("upload")
    main = holding.launch("sh", "-c", HOLDING)
    (holding.path("outputs") / "running").read_text()
    main.kill()
    told = part.told()
    (holding.path("outputs") / "go").write_text("go\n")  # the command outlives it where no PID 1 died
    assert (told.exit_code, told.report.outcome) == (0, Outcome.MAIN_FAILED)
    assert told.report.end is None
    assert told.report.message == "the command's container ended without an exit record"
    main.wait(timeout=30)


def test_signals_during_the_upload_do_nothing(pod: Pod) -> None:
    signals = (
        "import os\nread = upload.read_output\ndef stopped(*args):\n"
        "    for asking in (15, 2, 15): os.kill(os.getpid(), asking)\n    return read(*args)\n"
        "upload.read_output = stopped"
    )
    told = pod.run("sh", "-c", "echo 1 > x", before=signals)
    assert (told.exit_code, told.report.outcome, told.report.outputs) == (0, Outcome.UPLOADED, {"x": 1})


def test_the_upload_clock_starts_at_the_commands_end_and_ends_the_upload(holding: Pod) -> None:
    holding.rewrite(replace(MANIFEST, outputs=(X,), upload_seconds=1))
    stuck = "import signal\ndef stuck(*_):\n    while True: signal.pause()\nupload.read_output = stuck"
    part = holding.spawn("upload", before=stuck)
    main = holding.launch("sh", "-c", HOLDING)
    (holding.path("outputs") / "running").read_text()
    busy(1.1)  # longer than the clock, which must not run yet
    (holding.path("outputs") / "go").write_text("go\n")
    main.wait(timeout=30)
    told = part.told()
    assert (told.exit_code, told.report.outcome) == (1, Outcome.UPLOAD_TIMEOUT)
    assert told.report.message == "the outputs were not read after 1 s: raise timeout.upload"
    assert told.report.end is not None
    finished, uploaded = told.report.figures.finished_ms, told.report.figures.uploaded_ms
    assert finished is not None
    assert uploaded is not None
    assert uploaded - finished >= 990
    assert ExitRecord.parse((holding.path("main") / contract.RECORD_FILE).read_bytes()).exit_code == 0


def test_a_signal_before_the_uploader_is_ready_is_not_lost(pod: Pod) -> None:
    """From the making of Stops on: what comes during the other imports is seen before the wait."""
    early = (
        "import os, signal\nfrom containertask.copilot.stops import Stops\nstops = Stops()\n"
        "run = upload.run\nupload.run = lambda places: run(places, stops)\n"
        "os.kill(os.getpid(), signal.SIGTERM)"
    )
    told = pod.spawn("upload", before=early).told()
    assert (told.exit_code, told.report.outcome) == (1, Outcome.NOT_STARTED)
