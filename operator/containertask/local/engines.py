"""Docker and podman: which one is there, and asking it for one thing."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from containertask.errors import LocalRunError, MissingToolError
from containertask.local.options import Runtime

_ANSWER_SECONDS: Final = 30
_ELSEWHERE: Final = "Docker Desktop"
_PROCESS: Final = "choose the runtime `process`, which needs neither and isolates nothing"


@dataclass(frozen=True, slots=True)
class Said:
    """What a program said."""

    exit_code: int
    stdout: str
    stderr: str


@dataclass(frozen=True, slots=True)
class Engine:
    """A program that runs containers, by its path."""

    path: str
    name: str

    def ask(
        self, *arguments: str, env: Mapping[str, str] | None = None, seconds: float | None = _ANSWER_SECONDS
    ) -> Said:
        """Run it to its end; ``env`` is added to its own. Too long is a failure, too."""
        command = [self.path, *arguments]
        try:
            done = subprocess.run(
                command,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                check=False,
                timeout=seconds,
                start_new_session=True,  # Ctrl-C on a terminal is told to us, and what we ask is answered
                env={**os.environ, **(env or {})},
            )
        except subprocess.TimeoutExpired:
            return Said(1, "", f"{self.name} does not answer")
        out, err = (one.decode(errors="replace").strip() for one in (done.stdout, done.stderr))
        return Said(done.returncode, out, err)

    def answers(self) -> bool:
        """Tell whether it can run anything. Raises LocalRunError where that would be elsewhere."""
        said = self.ask("version")
        if said.exit_code == 0 and _ELSEWHERE in said.stdout:
            text = f"{_ELSEWHERE} has a machine of its own, and a FIFO cannot be shared with that"
            raise LocalRunError(f"{text}: install docker's engine itself, or {_PROCESS}")
        return said.exit_code == 0


def engine(runtime: Runtime) -> Engine:
    """Return what runs containers here. Raises MissingToolError, LocalRunError."""
    names: Sequence[str]
    match runtime:
        case Runtime.DOCKER | Runtime.PODMAN:
            names = (runtime.value,)
        case _:
            names = (Runtime.DOCKER.value, Runtime.PODMAN.value)
    there = [Engine(path, name) for name in names if (path := shutil.which(name)) is not None]
    for one in there:
        if one.answers():
            return one
    if not there:
        either = " nor ".join(names)
        text = f"{'neither ' if len(names) > 1 else 'no '}{either} is on the PATH: install one"
    else:
        either = " and ".join(one.name for one in there)
        text = f"{either} cannot be asked for its version: start it, or get the right to use it"
    raise MissingToolError(f"{text}, or {_PROCESS}")
