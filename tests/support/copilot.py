"""Downloader and uploader as processes of this machine, started as the image starts them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from containertask import contract
from containertask.contract.items import OutputItem
from containertask.contract.manifest import Manifest, Mode, Values
from containertask.contract.outcome import Outcome
from containertask.contract.report import Report
from support.launcher import BINARY, LIMIT_SECONDS, asleep, until

LIBRARY = Path(__file__).resolve().parents[2] / "operator"
WAITING = b"uploader: waiting for the launcher\n"
PLACES = ("control", "main", "inputs", "outputs", "manifest", "values", "sources", "stores", "message")

_CODE = """
import sys
sys.path.append({library!r})
from containertask.copilot import {part}
from containertask.copilot.places import Places
{before}
code = {part}.run(Places({places}))
{after}
sys.exit(code)
"""

MANIFEST = Manifest(
    namespace="default",
    name="add",
    uid="b1ff5f2c-0c5c-4c1f-8a4e-0d9b1a3e7a11",
    attempt=0,
    mode=Mode.INIT,
    metadata_format="JSON",
    input_dir="/var/inputs",
    values=Values(),
    message_bytes=2457,
)
GATED = replace(MANIFEST, mode=Mode.GATED)
SIGNAL = replace(MANIFEST, mode=Mode.SIGNAL)


@dataclass(frozen=True, slots=True)
class Told:
    """What one part left: its exit code, its message as it stands in the file, its log."""

    exit_code: int
    message: str
    log: str

    @property
    def report(self) -> Report:
        return Report.decode(self.message)


@dataclass(frozen=True, slots=True)
class Part:
    """A running downloader or uploader."""

    process: subprocess.Popen[bytes]
    message: Path

    def waits(self) -> None:
        """Return when the uploader has begun to wait; what it logged before is gone."""
        assert self.process.stderr is not None
        while (line := self.process.stderr.readline()) != WAITING:
            assert line, "the uploader ended before it waited"

    def told(self) -> Told:
        """Wait for the end."""
        try:
            _, log = self.process.communicate(timeout=LIMIT_SECONDS)
        finally:
            self.process.kill()
            self.process.wait()
        return Told(self.process.returncode, self.message.read_text(), log.decode())


@dataclass(frozen=True, slots=True)
class Pod:
    """The volumes and files of one task's Pod, as folders of this machine."""

    root: Path
    user: str = ""
    """Code that downloader and uploader begin with, such as AS_COPILOT."""
    env: Mapping[str, str] = field(default_factory=dict)
    """What the Pod sets for them."""

    def path(self, place: str) -> Path:
        """Return the path of a place by the name of its field in Places."""
        return self.root / place

    def prepare(self, manifest: Manifest) -> None:
        """Make what kubelet and operator make: volumes, manifest, an empty message."""
        shared = () if manifest.mode is Mode.SIGNAL else ("control", "main")
        for folder in (*shared, "inputs", "outputs"):
            self.path(folder).mkdir()
            self.path(folder).chmod(0o777)
        self.rewrite(manifest)
        self.path("message").touch()
        self.path("message").chmod(0o666)

    def rewrite(self, manifest: Manifest) -> None:
        """Put another manifest in place."""
        self.path("manifest").write_text(manifest.encode())

    def code(self, part: str, *, before: str = "", after: str = "", **others: str) -> str:
        """Return the program that runs a part on these places, or on others by their names."""
        places = {name: str(self.path(name)) for name in PLACES} | {"launcher": str(BINARY)} | others
        arguments = ", ".join(f"{name}={path!r}" for name, path in places.items())
        before = f"{self.user}\n{before}"
        return _CODE.format(library=str(LIBRARY), part=part, places=arguments, before=before, after=after)

    def spawn(self, part: str, *, under: Sequence[str | Path] = (), **code: str) -> Part:
        """Start downloader (`download`) or uploader (`upload`) by a program; the rest is for ``code``."""
        process = subprocess.Popen(
            [*under, sys.executable, "-I", "-S", "-c", self.code(part, **code)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            env=dict(self.env),
        )
        return Part(process, Path(code.get("message", self.path("message"))))

    def sidecar(self, **code: str) -> Part:
        """Start the uploader as Signal mode does: the launcher's wait, which sleeps by now."""
        part = self.spawn("upload", under=(BINARY, "wait", "--"), **code)
        until(lambda: asleep(part.process), "a sidecar that sleeps")
        return part

    def woken(self, asking: int = signal.SIGTERM, **code: str) -> Told:
        """Be the kubelet at the end of the command in Signal mode: tell the sidecar, hear the uploader."""
        part = self.sidecar(**code)
        part.process.send_signal(asking)
        return part.told()

    def download(self, **code: str) -> Told:
        """Run the downloader."""
        return self.spawn("download", **code).told()

    def launch(
        self, *command: str, flags: Sequence[str] = (), launcher: Path | None = None
    ) -> subprocess.Popen[bytes]:
        """Start the launcher that the downloader brought, or that one; what the command says goes nowhere."""
        where = [f"--{place}={self.path(place)}" for place in ("control", "main", "outputs")]
        return subprocess.Popen(
            [
                launcher or self.path("control") / contract.LAUNCHER_NAME,
                "run",
                *where,
                *flags,
                "--",
                *command,
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=self.path("outputs"),
        )

    def run(self, *command: str, flags: Sequence[str] = (), **code: str) -> Told:
        """Run a command from the inputs to the uploader's message."""
        assert self.download().exit_code == 0
        uploader = self.spawn("upload", **code)
        main = self.launch(*command, flags=flags)
        try:
            return uploader.told()
        finally:
            main.kill()
            main.wait()

    def tell(self, record: bytes) -> None:
        """Be the launcher of an uploader that waits: leave a record in the FIFO."""
        fifo = os.open(self.path("control") / contract.EXIT_FIFO, os.O_WRONLY | os.O_NONBLOCK)
        os.write(fifo, record)
        os.close(fifo)

    def upload_after(self, record: bytes, **code: str) -> Told:
        """Run the uploader behind a launcher that says no more than this."""
        fifo = self.path("control") / contract.EXIT_FIFO
        os.mkfifo(fifo)
        fifo.chmod(0o666)
        uploader = self.spawn("upload", **code)
        uploader.waits()
        self.tell(record)
        return uploader.told()


def record(**changes: object) -> bytes:
    """Return the exit record of a command that ended well, or as the changes say."""
    least = {"version": 1, "cause": "Exited", "exitCode": 0, "finishedMs": 1_700_000_000_000}
    return json.dumps(least | changes).encode()


def shell(pod: Pod, script: str, **code: str) -> Told:
    """Run a shell script as the command, in the output folder, with `$INPUTS` set."""
    return pod.run("env", f"INPUTS={pod.path('inputs')}", "sh", "-c", script, **code)


@contextmanager
def temporary_pod(manifest: Manifest = MANIFEST) -> Iterator[Pod]:
    """Give a Pod whose folders any user can reach."""
    with tempfile.TemporaryDirectory() as folder:
        pod = Pod(Path(folder))
        pod.root.chmod(0o755)
        pod.prepare(manifest)
        yield pod


def declare(pod: Pod, *outputs: OutputItem, manifest: Manifest = MANIFEST) -> None:
    """Have the task declare these outputs."""
    pod.rewrite(replace(manifest, outputs=outputs))


def gate(pod: Pod) -> str | None:
    """Return what the gate says; None where there is none."""
    file = pod.path("control") / contract.GATE_FILE
    return file.read_text() if file.is_file() else None


def fault(told: Told) -> tuple[int, Outcome, str | None]:
    """Return exit code, outcome and who is at fault."""
    return told.exit_code, told.report.outcome, told.report.origin


def message(told: Told) -> str:
    """Return the report's message, where there has to be one."""
    assert told.report.message is not None
    return told.report.message
