"""The Docker daemon: used as it is where it works, else installed (root on Debian) and started.

A daemon that was started here is written down, so that ``stop`` ends that one and no other.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from testbed import apt, cache
from testbed.errors import TestbedError
from testbed.progress import say, step
from testbed.shell import output, run
from testbed.versions import HERE

_START_SECONDS = 60
_STOP_SECONDS = 30
_CAP_SYS_RESOURCE = 24
_SOCKET = Path("/var/run/docker.sock")


def works() -> bool:
    """Tell whether a daemon answers."""
    return bool(output(["docker", "info", "--format", "{{.ServerVersion}}"], timeout=20))


def ensure() -> bool:
    """Make sure that a daemon answers; return True if it had to be started."""
    if works():
        return False
    if os.environ.get("DOCKER_HOST"):
        raise TestbedError("DOCKER_HOST names a daemon that does not answer: start it, or unset DOCKER_HOST")
    if os.geteuid() != 0 and _SOCKET.exists() and not os.access(_SOCKET, os.W_OK):
        raise TestbedError(f"you may not use Docker's {_SOCKET}: join the group docker, or run this as root")
    with cache.lock("dockerd"):
        if works():
            return False
        if not _program("dockerd") or not _program("docker"):
            apt.install(
                "docker.io",
                "jq",
                optional=("docker-cli", "docker-buildx"),
                reason="Docker is needed and no daemon answers",
            )
        _start()
    return True


def stop() -> None:
    """End the daemon that ``ensure`` started, unless containers of somebody else run on it."""
    by_systemd = _systemd_mark().exists()
    pid = _ours()
    if pid is None and not by_systemd:
        return
    if others := output(["docker", "ps", "--format", "{{.Names}}"]):
        say(f"the Docker daemon stays, other containers run on it: {', '.join(others.split())}")
        return
    with step("stopping the Docker daemon that was started for the test bed"):
        if by_systemd:
            run(["systemctl", "stop", "docker.socket", "docker"])
            _systemd_mark().unlink()
        elif pid is not None:
            _end(pid)


def _end(pid: int) -> None:
    os.kill(pid, signal.SIGTERM)
    limit = time.monotonic() + _STOP_SECONDS
    while _ours() is not None:
        if time.monotonic() > limit:
            raise TestbedError(f"dockerd (process {pid}) did not end within {_STOP_SECONDS} s")
        time.sleep(0.1)


def _program(name: str) -> str | None:
    """Find a program also where a regular user's PATH does not look."""
    return shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin")


def _systemd_mark() -> Path:
    """Return the file that says that Docker's units were started here."""
    return _run_folder() / "docker-started-by-systemd"


def _run_folder() -> Path:
    folder = cache.root() / "run"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _ours() -> int | None:
    """Return the process id of the daemon we started, if it lives; a reused id is not taken for it."""
    try:
        pid = int((_run_folder() / "dockerd.pid").read_text())
        command = Path(f"/proc/{pid}/cmdline").read_bytes()
    except (OSError, ValueError):
        return None
    return pid if Path(os.fsdecode(command.split(b"\0")[0])).name == "dockerd" else None


def _start() -> None:
    if os.geteuid() != 0:
        raise TestbedError("Docker is installed but no daemon answers: start it, or run this as root")
    if Path("/run/systemd/system").is_dir():
        with step("starting Docker by systemd"):
            _systemd_mark().touch()
            run(["systemctl", "start", "docker"])
        return
    log = _run_folder() / "dockerd.log"
    pidfile = _run_folder() / "dockerd.pid"
    with step(f"starting the Docker daemon (log: {log})"):
        if (pid := _ours()) is not None:  # a run that was killed while this one came up, or it hangs
            if _answers_in_time(lambda: _ours() is not None):
                return
            _end(pid)
        flags = [f"--pidfile={pidfile}", *_runtime_flags()]
        # Twice, because a containerd that is just dying with a killed dockerd is taken for a live one.
        if not any(_comes_up(flags, pidfile, log) for _ in range(2)):
            tail = "\n".join(f"  | {line}" for line in log.read_text().splitlines()[-15:])
            raise TestbedError(f"dockerd does not come up on this machine; it said:\n{tail}")


def _comes_up(flags: list[str], pidfile: Path, log: Path) -> bool:
    pidfile.unlink(missing_ok=True)  # dockerd refuses a stale file whose number is in use again
    process = _launch(flags, log)
    return _answers_in_time(lambda: process.poll() is None)


def _launch(flags: list[str], log: Path) -> subprocess.Popen[bytes]:
    with log.open("wb") as out:
        return subprocess.Popen(
            [_program("dockerd") or "dockerd", *flags],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            start_new_session=True,
            cwd="/",
        )


def _answers_in_time(lives: Callable[[], bool]) -> bool:
    limit = time.monotonic() + _START_SECONDS
    while not works():
        if not lives() or time.monotonic() > limit:
            return False
        time.sleep(0.1)
    return True


def _runtime_flags() -> list[str]:
    """Return the flags for a machine whose root cannot grant every capability; else none."""
    status = Path("/proc/self/status").read_text()
    bounding = next(line.split()[1] for line in status.splitlines() if line.startswith("CapBnd"))
    if int(bounding, 16) & (1 << _CAP_SYS_RESOURCE):
        return []
    if not shutil.which("jq"):
        apt.install("jq", reason="this root lacks CAP_SYS_RESOURCE, and the runtime wrapper needs jq")
    say("this root lacks CAP_SYS_RESOURCE: containers run without it")
    source = HERE / "docker" / "runc-bounded"

    def copy(folder: Path) -> None:
        shutil.copy(source, folder / source.name)

    wrapper = cache.folder(source.name, cache.key(source), copy) / source.name
    return [f"--add-runtime=bounded={wrapper}", "--default-runtime=bounded"]
