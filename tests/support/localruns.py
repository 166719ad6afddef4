"""Running tasks on this machine in tests: with each launcher, and in folders that nobody else has."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from containertask.local.copilots import interpreter
from containertask.local.process import STANDIN
from containertask.local.programs import LAUNCHER
from support.launcher import BINARY

Json = dict[str, Any]

GO: Final = "go"
PYTHON: Final = "python"
LAUNCHERS: Final = (GO, PYTHON)


def variable(launcher: str) -> dict[str, str]:
    """Return what has a local run take this launcher."""
    return {LAUNCHER: str(BINARY) if launcher == GO else ""}


def program(launcher: str) -> list[str | Path]:
    """Return what starts a launcher."""
    return [BINARY] if launcher == GO else [*interpreter(STANDIN)]
