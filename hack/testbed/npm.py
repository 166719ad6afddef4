"""Programs from npm, as the lock file of a folder here says, with Debian's Node.js where there is none."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Final

from testbed import apt, cache
from testbed.errors import TestbedError
from testbed.shell import on_path, output, run
from testbed.versions import HERE, Versions, parse

_FILES: Final = ("package.json", "package-lock.json")


def azurite(versions: Versions) -> list[Path]:
    """Return the command that runs Azurite's blob service; it is installed if need be."""
    node, source = _node(versions, "Azurite"), HERE / "azurite"

    def build(folder: Path) -> None:
        for name in _FILES:
            shutil.copy(source / name, folder)
        _require("npm", "Azurite")
        run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=folder)

    made = cache.folder("azurite", cache.key(*(source / name for name in _FILES)), build)
    return [node, made / "node_modules" / "azurite" / "dist" / "src" / "blob" / "main.js"]


def _node(versions: Versions, wanted_for: str) -> Path:
    """Return a usable ``node``."""
    found = _require("nodejs", wanted_for, program="node")
    printed = output([found, "--version"])
    have, minimum = parse(printed or ""), parse(versions.servers["node"])
    if have is None or minimum is None or have < minimum:
        least = versions.servers["node"]
        raise TestbedError(f"Node.js >= {least} is needed to run {wanted_for} (found: {printed or 'none'})")
    return found


def _require(package: str, wanted_for: str, *, program: str | None = None) -> Path:
    """Return a program of PATH; its Debian package is installed if there is none."""
    name = program or package
    if on_path(name) is None:
        with cache.lock("apt"):
            if on_path(name) is None:
                apt.install(package, reason=f"{wanted_for} needs {name}, which is not on PATH")
    found = on_path(name)
    if found is None:
        raise TestbedError(f"{wanted_for} needs {name}: the package {package} has none")
    return found
