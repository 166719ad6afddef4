"""Environments with Flyte's two SDKs, one each, as the lock files in ``tests/interop`` say, made with uv.

Each has its own, as its users have: together they would bend each other's versions. An environment is cached
by its lock, so that a fresh checkout finds it made.
"""

from __future__ import annotations

import filecmp
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Final

from testbed import cache
from testbed.errors import TestbedError
from testbed.shell import run
from testbed.versions import Versions
from testbed.virtualenv import uv

SDKS: Final = ("flytekit", "flyte")
_FOLDER: Final = Path(__file__).resolve().parents[2] / "tests" / "interop"
_ENV: Final = {"UV_PYTHON_DOWNLOADS": "never", "VIRTUAL_ENV": ""}
_PYTHON: Final = ">=3.11,<3.13"
"""What flytekit runs on."""


def python(versions: Versions, sdk: str) -> Path:
    """Return the Python of the environment with this SDK; it is made if it is not there."""
    lock = _FOLDER / f"{sdk}.lock"

    def build(folder: Path) -> None:
        program, place = uv(versions), folder / "venv"
        run([program, "venv", "--quiet", "--relocatable", "--python", _interpreter(), place], env=_ENV)
        how: list[str | Path] = ["--quiet", "--no-build", "--require-hashes", "--python", place]
        run([program, "pip", "sync", *how, lock], env=_ENV)

    return cache.folder(sdk, cache.key(lock, sys.version), build) / "venv" / "bin" / "python"


def sync(versions: Versions) -> None:
    """Make both environments."""
    for sdk in SDKS:
        python(versions, sdk)


def lock(versions: Versions) -> None:
    """Bring the lock files in line with the ``.in`` files; versions that still fit stay."""
    _compile(versions, _FOLDER)


def check(versions: Versions) -> None:
    """Raise unless the lock files are in line with the ``.in`` files."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        for sdk in SDKS:
            shutil.copy(_FOLDER / f"{sdk}.lock", folder)
        _compile(versions, folder)
        for sdk in SDKS:
            if not filecmp.cmp(_FOLDER / f"{sdk}.lock", folder / f"{sdk}.lock", shallow=False):
                raise TestbedError(f"{sdk}.lock does not follow {sdk}.in: run `hack/sdks.py lock`")


def _interpreter() -> str:
    """Return this Python if it will do, else what uv is to look for on PATH."""
    return sys.executable if sys.version_info < (3, 13) else _PYTHON


def _compile(versions: Versions, folder: Path) -> None:
    how = ["--universal", "--python-version", "3.11", "--generate-hashes", "--no-header", "--no-annotate"]
    command: list[str | Path] = [uv(versions), "pip", "compile", "--quiet", *how]
    for sdk in SDKS:
        files: list[str | Path] = [_FOLDER / f"{sdk}.in", "--output-file", folder / f"{sdk}.lock"]
        run([*command, *files], env=_ENV, cwd=_FOLDER)
