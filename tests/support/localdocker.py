"""Local runs in containers: with the launcher of the operator's image, as the documentation has it."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Final

from containertask.local.engines import Engine
from containertask.local.options import Runtime
from containertask.local.programs import LAUNCHER

OPERATOR: Final = "containertask/operator:dev"
IN_IMAGE: Final = "/opt/containertask/launcher/launcher"


def bring_launcher(folder: Path) -> dict[str, str]:
    """Copy the launcher out of the operator's image; return the variable that names it."""
    container = docker("create", OPERATOR)
    try:
        docker("cp", f"{container}:{IN_IMAGE}", str(folder / "launcher"))
    finally:
        docker("rm", container)
    return {LAUNCHER: str(folder / "launcher")}


def docker(*arguments: str) -> str:
    """Run docker; return what it says."""
    done = subprocess.run([Runtime.DOCKER, *arguments], check=True, capture_output=True, text=True)
    return done.stdout.strip()


def containers(engine: Engine) -> list[str]:
    """Return the names of the containers of local runs that are there."""
    said = engine.ask("ps", "--all", "--filter", "name=ctask-", "--format", "{{.Names}}")
    return said.stdout.split()
