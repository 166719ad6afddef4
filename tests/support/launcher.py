"""The real launcher as a process of this machine, seen from the uploader's side of the contract."""

from __future__ import annotations

import errno
import os
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from containertask.contract import EXIT_FIFO, GATE_FILE, GATE_OPEN, RECORD_FILE
from containertask.contract.exitrecord import ExitRecord

BINARY = Path(__file__).resolve().parents[2] / "build" / "launcher"
LIMIT_SECONDS = 30
_SLEEPER = ("Pid:", "voluntary_ctxt_switches:")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one run left: the record by both ways, the exit code, what came through the log."""

    fifo: bytes
    file: bytes
    exit_code: int
    stdout: bytes
    stderr: bytes

    @property
    def record(self) -> ExitRecord:
        return ExitRecord.parse(self.fifo)


@dataclass(frozen=True, slots=True)
class Volumes:
    """The volumes that launcher and uploader share, as folders of this machine."""

    root: Path

    @property
    def control(self) -> Path:
        return self.root / "control"

    @property
    def main(self) -> Path:
        return self.root / "main"

    def prepare(self) -> None:
        """Make the folders and the exit FIFO."""
        for folder in (self.control, self.main):
            folder.mkdir()
        os.mkfifo(self.control / EXIT_FIFO, 0o622)

    def gate(self, word: str) -> None:
        """Put the gate file in place, whole."""
        unfinished = self.control / ".gate"
        unfinished.write_text(word)
        unfinished.rename(self.control / GATE_FILE)


def start(
    volumes: Volumes, *command: str, flags: tuple[str, ...] = (), program: Sequence[str | Path] = (BINARY,)
) -> subprocess.Popen[bytes]:
    """Start the launcher, or what stands in for it, on the volumes; nobody reads the FIFO yet."""
    where = ["--control", str(volumes.control), "--main", str(volumes.main)]
    return subprocess.Popen(
        [*program, "run", *where, *flags, "--", *command],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def finish(process: subprocess.Popen[bytes], volumes: Volumes) -> Outcome:
    """Read the FIFO to its end as the uploader does, beside the streams as the node does."""
    with ThreadPoolExecutor(1) as uploader:
        record = uploader.submit((volumes.control / EXIT_FIFO).read_bytes)
        try:
            stdout, stderr = process.communicate(timeout=LIMIT_SECONDS)
        finally:
            process.kill()
            process.wait()
            _release_reader(volumes.control / EXIT_FIFO)
    file = volumes.main / RECORD_FILE
    return Outcome(record.result(), file.read_bytes(), process.returncode, stdout, stderr)


def run_once(*command: str) -> Outcome:
    """Run a command on volumes of its own, with the gate open and an uploader that reads."""
    with tempfile.TemporaryDirectory() as folder:
        volumes = Volumes(Path(folder))
        volumes.prepare()
        volumes.gate(GATE_OPEN)
        return finish(start(volumes, *command), volumes)


def until(condition: Callable[[], bool], what: str) -> None:
    """Look until a condition of another process holds."""
    ends = time.monotonic() + LIMIT_SECONDS
    while not condition():
        assert time.monotonic() < ends, f"in vain: {what}"


def asleep(process: subprocess.Popen[bytes]) -> bool:
    """Tell whether a launcher waits for something, or has ended.

    All its threads sleep, and none has run between two looks: one look alone takes its threads one by one,
    and may find each asleep while another runs.
    """
    if process.poll() is not None:
        return True
    first = _sleepers(process.pid)
    return len(first) > 1 and first == _sleepers(process.pid)


def _sleepers(pid: int) -> list[str]:
    """Return each thread with the number of times it has slept; empty where one does not sleep, or ends."""
    try:
        found = [(task / "status").read_text() for task in Path(f"/proc/{pid}/task").iterdir()]
    except (FileNotFoundError, ProcessLookupError):
        return []
    if not all("\nState:\tS" in status for status in found):
        return []
    return [line for status in found for line in status.splitlines() if line.startswith(_SLEEPER)]


def connected(process: subprocess.Popen[bytes], fifo: Path) -> bool:
    """Tell whether a launcher has the exit FIFO open."""
    links = Path(f"/proc/{process.pid}/fd").iterdir()
    return any(link.is_fifo() and link.samefile(fifo) for link in links)


def _release_reader(fifo: Path) -> None:
    """Let a reader go on that still waits for a launcher to connect, now that none can."""
    try:
        os.close(os.open(fifo, os.O_WRONLY | os.O_NONBLOCK))
    except OSError as error:
        if error.errno != errno.ENXIO:  # nobody reads any more
            raise
