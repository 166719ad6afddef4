"""``make perf``: one big file and many small ones, each way, by our engine and by others."""

from __future__ import annotations

import argparse
import hashlib
import os
import select
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Final

from containertask.contract.stores import TRANSFER_ENVIRONMENT
from perf.figures import middle, print_table, say
from perf.processes import Process
from support import s3
from support.s3 import REGION, SECRET, USER, S3Server
from testbed import cache
from testbed.shell import output, run
from testbed.versions import load
from testbed.virtualenv import uv

_HERE: Final = Path(__file__).parent
_S5CMD: Final = "github.com/peak/s5cmd/v2"
_BOTO3: Final = "boto3>=1.44,<1.45"
_BLOCK: Final = 1 << 24
_SMALL: Final = 4096
_LOOK_MS: Final = 50

Command = Callable[[str, str, str, Path], list[str | Path]]


@dataclass(frozen=True, slots=True)
class Run:
    """What one transfer took."""

    seconds: float
    cpu: float
    peak_mb: float


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(prog="perf.transfer", description=__doc__)
    parser.add_argument("--gigabytes", type=float, default=4, help="of the big file")
    parser.add_argument("--files", type=int, default=5000, help="small ones, of 4 KB")
    parser.add_argument("--runs", type=int, default=3, help="of each, in turns")
    given = parser.parse_args()
    clients = {"ours": ours, "ours, sha256": ours, "s5cmd": s5cmd(), "boto3": boto3()}
    say(f"obstore {version('obstore')}\n{load().go['versitygw']}")
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder), round(given.gigabytes * 1e9), given.files)
        with s3.running(bench.data) as server:
            bench.fill(server)
            for what in ("file", "folder"):
                for how in ("get", "put"):
                    found = bench.measure(server, clients, how, what, given.runs)
                    show(how, what, found, bench)
    load_now = " ".join(f"{one:.1f}" for one in os.getloadavg())
    say(f"\nload of this machine in the last 1, 5 and 15 minutes: {load_now}")


class Bench:
    """The files, and the server's folder."""

    def __init__(self, folder: Path, size: int, files: int) -> None:
        self.size, self.files = size, files
        self.data, self.local, self.target = (folder / name for name in ("data", "local", "target"))
        for one in (self.data, self.local, self.target):
            one.mkdir()
        self._digest = ""

    def fill(self, server: S3Server) -> None:
        """Make the files, here and in the bucket."""
        folder, digest = server.bucket("bucket"), hashlib.sha256()
        with (self.local / "file").open("wb") as big:
            for left in range(self.size, 0, -_BLOCK):
                block = os.urandom(min(left, _BLOCK))
                digest.update(block)
                big.write(block)
        self._digest = digest.hexdigest()
        (self.local / "folder").mkdir()
        for number in range(self.files):
            (self.local / "folder" / f"f{number:06}").write_bytes(os.urandom(_SMALL))
        os.link(self.local / "file", folder / "file")
        shutil.copytree(self.local / "folder", folder / "folder", copy_function=os.link)

    def measure(
        self, server: S3Server, clients: dict[str, Command], how: str, what: str, runs: int
    ) -> dict[str, list[Run]]:
        """Return the runs of each client, made in turns."""
        environ = {
            **os.environ,
            **TRANSFER_ENVIRONMENT,
            "AWS_ACCESS_KEY_ID": USER,
            "AWS_SECRET_ACCESS_KEY": SECRET,
            "AWS_REGION": REGION,
            "ENDPOINT": server.url,
        }
        found: dict[str, list[Run]] = {name: [] for name in clients}
        for number in range(runs):
            for name, command in clients.items():
                key = what if how == "get" else f"put-{number}-{len(found[name])}-{what}"
                path = (self.target if how == "get" else self.local) / what
                digest = {"SHA256": self._digest if "sha256" in name else ""}
                found[name].append(_timed(command(how, what, key, path), environ | digest))
                self._hold(how, what, key)
        return found

    def _hold(self, how: str, what: str, key: str) -> None:
        """See to it that all came, and make room."""
        came = (self.target if how == "get" else self.data / "bucket") / (what if how == "get" else key)
        size = came.stat().st_size if what == "file" else len(list(came.iterdir()))
        assert size == (self.size if what == "file" else self.files), f"{how} {came}: {size}"
        shutil.rmtree(came) if came.is_dir() else came.unlink()


def ours(how: str, what: str, key: str, path: Path) -> list[str | Path]:
    """Return the command of our engine."""
    return [sys.executable, "-m", "perf.transfer.ours", how, what, "bucket", key, path]


def s5cmd() -> Command:
    """Return the command of s5cmd, built if need be."""

    def build(folder: Path) -> None:
        environ = {"CGO_ENABLED": "0", "GOTOOLCHAIN": "auto", "GOFLAGS": "-mod=mod"}
        run(["go", "build", "-o", folder / "s5cmd", _S5CMD], env=environ, cwd=_HERE / "s5cmd")

    program = cache.folder("s5cmd", cache.key(_HERE / "s5cmd"), build) / "s5cmd"
    say((_HERE / "s5cmd" / "go.mod").read_text().splitlines()[-1].removeprefix("require "))

    def command(how: str, what: str, key: str, path: Path) -> list[str | Path]:
        remote, local = f"s3://bucket/{key}", str(path)
        if what == "folder":
            remote, local = (f"{remote}/*", f"{local}/") if how == "get" else (f"{remote}/", f"{local}/")
        ends = (remote, local) if how == "get" else (local, remote)
        return ["sh", "-c", 'exec "$0" --log error --endpoint-url "$ENDPOINT" cp "$1" "$2"', program, *ends]

    return command


def boto3() -> Command:
    """Return the command of boto3, in an environment of its own, made if need be."""

    def build(folder: Path) -> None:
        program = uv(load())
        run([program, "venv", "--quiet", "--relocatable", "--python", sys.executable, folder / "venv"])
        run([program, "pip", "install", "--quiet", "--python", folder / "venv", _BOTO3])

    python = cache.folder("boto3", cache.key(_BOTO3, sys.version), build) / "venv" / "bin" / "python"
    code = "import boto3; print('boto3', boto3.__version__)"
    say(output([python, "-c", code]) or "")
    return lambda how, what, key, path: [python, _HERE / "theirs.py", how, what, "bucket", key, path]


def _timed(command: list[str | Path], environ: dict[str, str]) -> Run:
    began = time.monotonic()
    pid = os.posix_spawnp(str(command[0]), [str(one) for one in command], environ)
    peak = _peak(pid)
    _, status, used = os.wait4(pid, 0)
    assert status == 0, f"{command[:3]} ended with {status}"
    return Run(time.monotonic() - began, used.ru_utime + used.ru_stime, peak)


def _peak(pid: int) -> float:
    """Return the most memory that a process had when it was last looked at; ``wait4`` tells ours instead."""
    ends, peak = select.poll(), 0.0
    fd = os.pidfd_open(pid)
    try:
        ends.register(fd, select.POLLIN)
        while not ends.poll(_LOOK_MS):
            with suppress(OSError, ValueError):  # it has just ended, and has no memory any more
                peak = Process(pid).peak_mb
    finally:
        os.close(fd)
    return peak


def show(how: str, what: str, found: dict[str, list[Run]], bench: Bench) -> None:
    """Print one table; the medians of all runs."""
    amount = bench.size / 1e6 if what == "file" else bench.files
    unit = "MB/s" if what == "file" else "files/s"
    speeds = {name: amount / middle([one.seconds for one in runs]) for name, runs in found.items()}
    best = max(speed for name, speed in speeds.items() if not name.startswith("ours"))
    rows = {
        name: [
            f"{speeds[name]:.0f}",
            f"{speeds[name] / best:.2f}",
            f"{middle([one.cpu for one in runs]) / (amount / 1000):.2f}",
            f"{max(one.peak_mb for one in runs):.0f}",
        ]
        for name, runs in found.items()
    }
    size = f"one file of {bench.size / 1e9:.1f} GB" if what == "file" else f"{bench.files} files of 4 KB"
    per = "CPU s/GB" if what == "file" else "CPU s/1000"
    print_table(f"{how} {size}", [unit, "to the best other", per, "peak MB"], rows, "medians")


if __name__ == "__main__":
    main()
