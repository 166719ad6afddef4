"""The launcher (Go) and ``containertask.contract`` (Python) are two halves of one page: do they agree?"""

from __future__ import annotations

import re
import signal
from pathlib import Path

import pytest

from containertask import contract
from containertask.contract.exitrecord import Cause, Stop
from support.launcher import LIMIT_SECONDS, Outcome, Volumes, finish, start

GO_CONSTANTS = Path(__file__).resolve().parents[2] / "operator/launcher/contract.go"


@pytest.fixture
def volumes(tmp_path: Path) -> Volumes:
    made = Volumes(tmp_path)
    made.prepare()
    return made


def run(
    volumes: Volumes, *command: str, flags: tuple[str, ...] = (), gate: str = contract.GATE_OPEN
) -> Outcome:
    volumes.gate(gate)
    return finish(start(volumes, *command, flags=flags), volumes)


def go_constants() -> dict[str, str]:
    """Return the constants of the launcher's contract.go as written, quotes and escapes resolved."""
    found = re.findall(r"^\t(\w+)\s+= (.+)$", GO_CONSTANTS.read_text(), re.MULTILINE)
    return {name: value.strip('"').replace("\\n", "\n") for name, value in found}


def test_every_constant_of_the_launcher_is_the_contracts() -> None:
    causes = {f"cause{cause}": cause.value for cause in Cause}
    stops = {f"stop{stop}": stop.value for stop in Stop}
    assert go_constants() == {
        "exitFIFO": contract.EXIT_FIFO,
        "gateFile": contract.GATE_FILE,
        "gateOpen": contract.GATE_OPEN,
        "gateAbort": contract.GATE_ABORT,
        "recordFile": contract.RECORD_FILE,
        "stdoutStem": contract.STDOUT_STEM,
        "stderrStem": contract.STDERR_STEM,
        "captureBytes": f"{contract.CAPTURE_BYTES >> 20} << 20",
        "recordMaxBytes": str(contract.RECORD_MAX_BYTES),
        "exitAborted": str(contract.EXIT_ABORTED),
        "exitNotExecutable": str(contract.EXIT_NOT_EXECUTABLE),
        "exitNotFound": str(contract.EXIT_NOT_FOUND),
        "exitSignalBase": str(contract.EXIT_SIGNAL_BASE),
        **causes,
        **stops,
    }


@pytest.mark.parametrize(
    ("command", "cause", "code"),
    [
        (["true"], Cause.EXITED, 0),
        (["sh", "-c", "exit 7"], Cause.EXITED, 7),
        (["sh", "-c", "exit 125"], Cause.EXITED, contract.EXIT_ABORTED),
        (["sh", "-c", "exit 126"], Cause.EXITED, contract.EXIT_NOT_EXECUTABLE),
        (["sh", "-c", "exit 127"], Cause.EXITED, contract.EXIT_NOT_FOUND),
        (["sh", "-c", "exit 137"], Cause.EXITED, 137),
        (["sh", "-c", "kill -9 $$"], Cause.SIGNALED, 137),
        (["sh", "-c", "kill -15 $$"], Cause.SIGNALED, 143),
        (["no-such-program"], Cause.COMMAND_NOT_FOUND, contract.EXIT_NOT_FOUND),
        (["/no/such/program"], Cause.COMMAND_NOT_FOUND, contract.EXIT_NOT_FOUND),
        (["/etc"], Cause.COMMAND_NOT_EXECUTABLE, contract.EXIT_NOT_EXECUTABLE),
        (["/etc/passwd"], Cause.COMMAND_NOT_EXECUTABLE, contract.EXIT_NOT_EXECUTABLE),
    ],
)
def test_each_end_is_told_apart_though_codes_are_the_same(
    volumes: Volumes, command: list[str], cause: Cause, code: int
) -> None:
    outcome = run(volumes, *command)
    assert (outcome.record.cause, outcome.record.exit_code, outcome.exit_code) == (cause, code, code)


def test_an_aborted_gate_is_told_by_its_cause(volumes: Volumes) -> None:
    outcome = run(volumes, "true", gate=contract.GATE_ABORT)
    assert outcome.record.cause is Cause.GATE_ABORTED
    assert outcome.exit_code == outcome.record.exit_code == contract.EXIT_ABORTED
    assert outcome.record.started_ms is None


def test_a_stop_before_the_command_is_told_by_its_cause(volumes: Volumes) -> None:
    process = start(volumes, "true")
    with (volumes.control / contract.EXIT_FIFO).open("rb") as fifo:  # the launcher is connected
        process.terminate()
        record = fifo.read()
    process.communicate(timeout=LIMIT_SECONDS)
    assert (volumes.main / contract.RECORD_FILE).read_bytes() == record
    assert process.returncode == contract.EXIT_SIGNAL_BASE + signal.SIGTERM
    assert b'"cause":"StoppedAtGate"' in record


def test_the_execution_clock_is_told_beside_the_end(volumes: Volumes) -> None:
    outcome = run(volumes, "sleep", "600", flags=("--execution-timeout", "100ms"))
    record = outcome.record
    assert (record.cause, record.signal, record.stop) == (Cause.SIGNALED, 15, Stop.EXECUTION_TIMEOUT)
    assert record.gate_opened_ms is not None
    assert record.finished_ms - record.gate_opened_ms >= 100


def test_file_and_fifo_carry_the_same_record(volumes: Volumes) -> None:
    outcome = run(volumes, "true")
    assert outcome.file == outcome.fifo
    assert len(outcome.fifo) <= contract.RECORD_MAX_BYTES


def test_streams_pass_through_and_are_kept(volumes: Volumes) -> None:
    outcome = run(volumes, "sh", "-c", "echo out; echo err >&2")
    assert (outcome.stdout, outcome.stderr) == (b"out\n", b"err\n")
    assert (volumes.main / "stdout.0").read_bytes() == b"out\n"
    assert (volumes.main / "stderr.0").read_bytes() == b"err\n"
    assert outcome.record.stdout is not None
    assert outcome.record.stdout.bytes == 4


def test_of_a_long_stream_the_last_part_is_kept_in_segments(volumes: Volumes) -> None:
    keep = 4000
    outcome = run(volumes, "seq", "5000", flags=("--capture-bytes", str(keep)))
    segments = sorted(volumes.main.glob(f"{contract.STDOUT_STEM}.*"), key=lambda path: int(path.suffix[1:]))
    kept = b"".join(path.read_bytes() for path in segments)
    assert outcome.record.stdout is not None
    assert outcome.record.stdout.bytes == len(outcome.stdout)
    assert keep <= len(kept) <= keep * 5 // 4
    assert outcome.stdout.endswith(kept)
