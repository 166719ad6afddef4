"""The Docker daemon: used as it is where it works, else installed (root on Debian) and started.

A daemon that was started here is written down, so that ``stop`` ends that one and no other.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

from testbed import apt, cache
from testbed.errors import TestbedError
from testbed.progress import say, step
from testbed.shell import output, run
from testbed.versions import HERE

_START_SECONDS = 60
_STOP_SECONDS = 30
_CAP_SYS_RESOURCE = 24


def works() -> bool:
    """Tell whether a daemon answers."""
    return bool(output(["docker", "info", "--format", "{{.ServerVersion}}"], timeout=20))


def ensure() -> bool:
    """Make sure that a daemon answers; return True if it had to be started."""
    if works():
        return False
    if os.environ.get("DOCKER_HOST"):
        raise TestbedError("DOCKER_HOST names a daemon that does not answer: start it, or unset DOCKER_HOST")
    with cache.lock("dockerd"):
        if works():
            return False
        if not shutil.which("dockerd") or not shutil.which("docker"):
            apt.install(
                "docker.io",
                "jq",
                optional=("docker-cli", "docker-buildx"),
                reason="Docker is needed and no daemon answers",
            )
        _start()
    return True


def stop() -> None:
    """End the daemon that ``ensure`` started, if it did and it still runs."""
    pid = _ours()
    if pid is None:
        return
    with step("stopping the Docker daemon that was started for the test bed"):
        os.kill(pid, signal.SIGTERM)
        limit = time.monotonic() + _STOP_SECONDS
        while _ours() is not None:
            if time.monotonic() > limit:
                raise TestbedError(f"dockerd (process {pid}) did not end within {_STOP_SECONDS} s")
            time.sleep(0.1)


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
            run(["systemctl", "start", "docker"])
        return
    log = _run_folder() / "dockerd.log"
    pidfile = _run_folder() / "dockerd.pid"
    if _ours() is None:
        pidfile.unlink(missing_ok=True)  # dockerd refuses a stale file whose number is in use again
    command = ["dockerd", f"--pidfile={pidfile}", *_runtime_flags()]
    with step(f"starting the Docker daemon (log: {log})"), log.open("wb") as out:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            start_new_session=True,
            cwd="/",
        )
        _wait_for(process, log)


def _wait_for(process: subprocess.Popen[bytes], log: Path) -> None:
    limit = time.monotonic() + _START_SECONDS
    while not works():
        if process.poll() is not None or time.monotonic() > limit:
            tail = "\n".join(f"  | {line}" for line in log.read_text().splitlines()[-15:])
            raise TestbedError(f"dockerd does not come up on this machine; it said:\n{tail}")
        time.sleep(0.1)


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
