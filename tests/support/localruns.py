"""Running tasks on this machine in tests: with each launcher, and in folders that nobody else has."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from containertask.local.copilots import interpreter
from containertask.local.process import STANDIN
from containertask.local.programs import LAUNCHER
from containertask.local.run import LocalOptions, LocalRun, Runtime, run_local
from support.launcher import BINARY

Json = dict[str, Any]

GO: Final = "go"
PYTHON: Final = "python"
LAUNCHERS: Final = (GO, PYTHON)
NO_IMAGE: Final = "none"
"""What a task names that no container runs."""


def variable(launcher: str) -> dict[str, str]:
    """Return what has a local run take this launcher."""
    return {LAUNCHER: str(BINARY) if launcher == GO else ""}


def program(launcher: str) -> list[str | Path]:
    """Return what starts a launcher."""
    return [BINARY] if launcher == GO else [*interpreter(STANDIN)]


def task(script: str, name: str = "task", **more: object) -> Json:
    """Return a task whose command is a shell script, as in YAML."""
    spec = {"image": NO_IMAGE, "command": ["sh", "-euc", script], **more}
    return {
        "apiVersion": "containertask.dev/v1alpha1",
        "kind": "ContainerTask",
        "metadata": {"name": name},
        "spec": spec,
    }


def run(given: Json, **options: Any) -> LocalRun:
    """Run a task as a process."""
    return run_local(given, LocalOptions(runtime=Runtime.PROCESS, **options))


def folder_of(root: Path, **named: dict[str, str]) -> Path:
    """Make a folder of Secrets or ConfigMaps, with keys and values by their names."""
    for name, values in named.items():
        (root / name).mkdir(parents=True)
        for key, value in values.items():
            (root / name / key).write_text(value)
    return root
