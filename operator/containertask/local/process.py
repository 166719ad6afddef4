"""The command as a process of this machine, under the launcher or its stand-in. Nothing isolates it."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from containertask import contract
from containertask.api.reasons import Reason
from containertask.core.podview import Terminated
from containertask.local import programs
from containertask.local.copilots import interpreter
from containertask.local.main import Wanted
from containertask.local.moments import now_ms
from containertask.local.places import Folders
from containertask.local.unstarted import UnstartedError

STANDIN: Final = """
import json, sys
sys.path[:] = json.loads(sys.argv.pop(1))
from containertask.local.standin import main
main()
"""
_OURS: Final = "CT_"
_PATIENCE: Final = 10
"""Seconds for a launcher to go that was killed."""


class ProcessMain:
    """A launcher, and the command below it."""

    def __init__(self, wanted: Wanted, folders: Folders) -> None:
        """Start it; raises UnstartedError, MissingToolError."""
        where = {contract.CONTROL_DIR: folders.part("control"), contract.MAIN_DIR: folders.part("main")}
        given = [os.fspath(where[one]) if one in where else one for one in wanted.command[1:]]
        _relink(folders)
        self._started = now_ms()
        self.process = _started([*launched(), *_until_command(given, wanted.command[1:])], wanted)

    def ask(self) -> None:
        """Tell the launcher, which tells the command."""
        self.process.terminate()

    def force(self) -> None:
        """Kill the launcher, and who is left of the command's."""
        for pid in descendants(self.process.pid):
            _kill(pid)
        self.process.kill()

    def ended(self) -> Terminated:
        """Return how it has ended."""
        code = self.process.returncode
        exit_code = code if code >= 0 else contract.EXIT_SIGNAL_BASE - code
        return Terminated(
            exit_code=exit_code, reason="", message="", started=self._started, finished=now_ms()
        )

    def remove(self) -> None:
        """Leave no process behind."""
        if self.process.poll() is None:
            self.force()
            self.process.wait(_PATIENCE)


def launched() -> list[str]:
    """Return what starts the launcher, or its stand-in where it is not there. Raises MissingToolError."""
    found = programs.launcher()
    return interpreter(STANDIN) if found is None else [os.fspath(found)]


def _relink(folders: Folders) -> None:
    """Have inputs that stream lead to their FIFOs, which are elsewhere than in a Pod."""
    for fifo in folders.part("control").glob(f"{contract.STREAM_PREFIX}*"):
        place = folders.part("inputs") / fifo.name.removeprefix(contract.STREAM_PREFIX)
        for link in [place] if place.is_symlink() else list(place.iterdir()):
            link.unlink()
            link.symlink_to(fifo)


def _until_command(moved: Sequence[str], given: Sequence[str]) -> list[str]:
    """Return options as they are here, and behind ``--`` the command untouched."""
    at = given.index("--")
    return [*moved[:at], *given[at:]]


def _started(arguments: list[str], wanted: Wanted) -> subprocess.Popen[bytes]:
    own = {name: value for name, value in os.environ.items() if not name.startswith(_OURS)}
    folder = wanted.container.get("workingDir")
    if folder is not None and not Path(folder).is_dir():
        text = f"spec.workingDir: {folder} is no folder of this machine, and there is no image: leave it out"
        raise UnstartedError(Reason.CONTAINER_START_FAILED, text)
    try:
        return subprocess.Popen(
            arguments,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**own, **wanted.variables},
            cwd=folder,
        )
    except OSError as error:
        why = (error.strerror or "unknown error").lower()
        raise UnstartedError(
            Reason.CONTAINER_START_FAILED, f"the launcher cannot be started: {why}"
        ) from None


def descendants(pid: int) -> list[int]:
    """Return all processes below one, as far as they can be seen."""
    found: list[int] = []
    waiting = [pid]
    while waiting:
        below = _children(waiting.pop())
        found += below
        waiting += below
    return found


def _children(pid: int) -> list[int]:
    found: list[int] = []
    try:
        for task in Path(f"/proc/{pid}/task").iterdir():
            found += map(int, (task / "children").read_text().split())
    except OSError:
        return found
    return found


def _kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except OSError:
        return
