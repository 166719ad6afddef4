"""The launcher (Go) and ``containertask.contract`` (Python) are two halves of one page: do they agree?

What can be seen from outside holds for the stand-in of local runs, too.
"""

from __future__ import annotations

import re
import signal
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from containertask import contract
from containertask.contract.exitrecord import Cause, ExitRecord, Stop
from support.launcher import LIMIT_SECONDS, Outcome, Volumes, finish, start
from support.localruns import LAUNCHERS, program

GO_CONSTANTS = Path(__file__).resolve().parents[2] / "operator/launcher/contract.go"


@dataclass(frozen=True, slots=True)
class Run:
    """Volumes, and what is started on them."""

    volumes: Volumes
    program: Sequence[str | Path]

    def start(self, *command: str, flags: tuple[str, ...] = ()) -> subprocess.Popen[bytes]:
        return start(self.volumes, *command, flags=flags, program=self.program)

    def __call__(self, *command: str, flags: tuple[str, ...] = (), gate: str = contract.GATE_OPEN) -> Outcome:
        self.volumes.gate(gate)
        return finish(self.start(*command, flags=flags), self.volumes)

    @contextmanager
    def running(self, script: str, *flags: str) -> Iterator[subprocess.Popen[bytes]]:
        """Give a launcher whose command, a script that says `ready`, has said so; take its record."""
        self.volumes.gate(contract.GATE_OPEN)
        process = self.start("sh", "-c", script, flags=flags)
        with (self.volumes.control / contract.EXIT_FIFO).open("rb") as fifo:
            assert process.stdout is not None
            assert process.stdout.readline() == b"ready\n"
            yield process
            fifo.read()
            process.communicate(timeout=LIMIT_SECONDS)

    @property
    def record(self) -> ExitRecord:
        return ExitRecord.parse((self.volumes.main / contract.RECORD_FILE).read_bytes())


@pytest.fixture(params=LAUNCHERS)
def run(request: pytest.FixtureRequest, tmp_path: Path) -> Run:
    volumes = Volumes(tmp_path)
    volumes.prepare()
    return Run(volumes, program(request.param))


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
    run: Run, command: list[str], cause: Cause, code: int
) -> None:
    outcome = run(*command)
    assert (outcome.record.cause, outcome.record.exit_code, outcome.exit_code) == (cause, code, code)


def test_an_aborted_gate_is_told_by_its_cause(run: Run) -> None:
    outcome = run("true", gate=contract.GATE_ABORT)
    assert outcome.record.cause is Cause.GATE_ABORTED
    assert outcome.exit_code == outcome.record.exit_code == contract.EXIT_ABORTED
    assert outcome.record.started_ms is None


def test_a_stop_before_the_command_is_told_by_its_cause(run: Run) -> None:
    process = run.start("true")
    with (run.volumes.control / contract.EXIT_FIFO).open("rb") as fifo:  # the launcher is connected
        process.terminate()
        record = fifo.read()
    process.communicate(timeout=LIMIT_SECONDS)
    assert (run.volumes.main / contract.RECORD_FILE).read_bytes() == record
    assert process.returncode == contract.EXIT_SIGNAL_BASE + signal.SIGTERM
    assert b'"cause":"StoppedAtGate"' in record


def test_the_execution_clock_is_told_beside_the_end(run: Run) -> None:
    outcome = run("sleep", "600", flags=("--execution-timeout", "100ms"))
    record = outcome.record
    assert (record.cause, record.signal, record.stop) == (Cause.SIGNALED, 15, Stop.EXECUTION_TIMEOUT)
    assert record.gate_opened_ms is not None
    assert record.finished_ms - record.gate_opened_ms >= 100


def test_file_and_fifo_carry_the_same_record(run: Run) -> None:
    outcome = run("true")
    assert outcome.file == outcome.fifo
    assert len(outcome.fifo) <= contract.RECORD_MAX_BYTES


def test_streams_pass_through_and_are_kept(run: Run) -> None:
    outcome = run("sh", "-c", "echo out; echo err >&2")
    assert (outcome.stdout, outcome.stderr) == (b"out\n", b"err\n")
    assert (run.volumes.main / "stdout.0").read_bytes() == b"out\n"
    assert (run.volumes.main / "stderr.0").read_bytes() == b"err\n"
    assert outcome.record.stdout is not None
    assert outcome.record.stdout.bytes == 4


def test_of_a_long_stream_the_last_part_is_kept_in_segments(run: Run) -> None:
    keep = 4000
    outcome = run("seq", "5000", flags=("--capture-bytes", str(keep)))
    segments = sorted(
        run.volumes.main.glob(f"{contract.STDOUT_STEM}.*"), key=lambda path: int(path.suffix[1:])
    )
    kept = b"".join(path.read_bytes() for path in segments)
    assert outcome.record.stdout is not None
    assert outcome.record.stdout.bytes == len(outcome.stdout)
    assert keep <= len(kept) <= keep * 5 // 4
    assert outcome.stdout.endswith(kept)


def test_a_stop_reaches_the_command_and_is_told(run: Run) -> None:
    with run.running("trap 'exit 9' TERM; echo ready; while :; do sleep 0.01; done") as process:
        process.terminate()
    assert (run.record.cause, run.record.exit_code, run.record.stop) == (Cause.EXITED, 9, Stop.SIGNAL)
    assert process.returncode == 9


def test_a_command_that_does_not_stop_is_killed_after_the_grace(run: Run) -> None:
    script = "trap '' TERM; echo ready; while :; do sleep 0.01; done"
    with run.running(script, "--grace", "100ms") as process:
        process.terminate()
    assert (run.record.cause, run.record.signal, run.record.killed) == (Cause.SIGNALED, 9, True)
    assert run.record.stop is Stop.SIGNAL


def test_a_signal_that_is_no_stop_only_passes_through(run: Run) -> None:
    script = "trap 'exit 4' USR1; echo ready; while :; do sleep 0.01; done"
    with run.running(script) as process:
        process.send_signal(signal.SIGUSR1)
    assert (run.record.exit_code, run.record.stop) == (4, None)


def test_what_a_command_leaves_behind_is_ended_with_it(run: Run) -> None:
    outcome = run("sh", "-c", "(setsid sleep 600 &); sleep 600 & exit 5")
    assert (outcome.record.cause, outcome.exit_code) == (Cause.EXITED, 5)
    assert outcome.record.stdout is not None


def test_what_only_its_user_may_read_is_opened_for_the_uploader(run: Run, tmp_path: Path) -> None:
    outputs = tmp_path / "outputs"
    outputs.mkdir()
    (outputs / "link").symlink_to("/etc/shadow")
    script = f"umask 077; cd {outputs}; mkdir -p a/b; echo 1 > a/b/c; chmod 000 a/b/c a/b"
    outcome = run("sh", "-c", script, flags=("--outputs", str(outputs)))
    assert (outcome.exit_code, outcome.record.unreadable_outputs) == (0, 0)
    modes = {path.name: path.stat().st_mode & 0o777 for path in (outputs / "a").rglob("*")}
    assert modes == {"b": 0o755, "c": 0o644}


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("script", "#!/no/such/shell\n", "its interpreter /no/such/shell"),
        ("folder", None, "is a directory"),
    ],
)
def test_why_a_command_cannot_be_started_is_said(
    run: Run, tmp_path: Path, name: str, content: str | None, said: str
) -> None:
    path = tmp_path / name
    if content is None:
        path.mkdir()
    else:
        path.write_text(content)
        path.chmod(0o755)
    outcome = run(str(path))
    assert outcome.record.cause is Cause.COMMAND_NOT_EXECUTABLE
    assert outcome.record.message is not None
    assert said in outcome.record.message
