"""Running other programs: their output goes to a log file, whose end is shown when they fail."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from testbed.errors import TestbedError

_TAIL_LINES = 25


def run(
    command: Sequence[str | Path],
    *,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    timeout: float | None = None,
) -> None:
    """Run to the end, silently; raise TestbedError with the last lines of output on failure."""
    with tempfile.TemporaryFile() as log:
        try:
            done = subprocess.run(
                command,
                env={**os.environ, **(env or {})},
                cwd=cwd,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                timeout=timeout,
                check=False,
            )
            ended = f"exit code {done.returncode}" if done.returncode else None
        except FileNotFoundError:
            raise TestbedError(f"{command[0]} is not on this machine") from None
        except subprocess.TimeoutExpired:
            ended = f"no end within {timeout:.0f} s"
        if ended:
            log.seek(0)
            tail = log.read().decode(errors="replace").splitlines()[-_TAIL_LINES:]
            shown = " ".join(map(str, command))
            raise TestbedError("\n".join([f"{ended}: {shown}", *(f"  | {line}" for line in tail)]))


def output(command: Sequence[str | Path], *, timeout: float = 60) -> str | None:
    """Return stripped standard output, or None if the program is absent, fails or hangs."""
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=timeout,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.decode(errors="replace").strip() if done.returncode == 0 else None


def on_path(name: str) -> Path | None:
    """Return where PATH has a program of this name."""
    found = shutil.which(name)
    return Path(found) if found else None
