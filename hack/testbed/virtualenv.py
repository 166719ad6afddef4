"""The project's Python environment: ``.venv`` as ``requirements.lock`` says, made with uv.

The lock is uv's universal one with a hash for every file, in the requirements format: unlike
``uv.lock`` that names no index host, so it serves behind any mirror. ``requirements.image.lock`` is the
part of it that the image installs: the same versions, without what only developers need.
"""

from __future__ import annotations

import filecmp
import shutil
import sys
import tempfile
from pathlib import Path

from testbed import apt, cache
from testbed.errors import TestbedError
from testbed.progress import step
from testbed.shell import on_path, output, run
from testbed.versions import Versions

_ROOT = Path(__file__).resolve().parents[2]
_LOCK = _ROOT / "requirements.lock"
_IMAGE_LOCK = _ROOT / "requirements.image.lock"
_IMAGE_PYTHON = "3.13"
_STAMP = _ROOT / ".venv" / ".synchronised-with"
_ENV = {"UV_PYTHON_DOWNLOADS": "never", "VIRTUAL_ENV": ""}


def sync(versions: Versions) -> None:
    """Make ``.venv`` agree with the lock file and with this checkout; cheap when it does."""
    wanted = cache.key(_LOCK, _ROOT / "pyproject.toml", sys.version, str(_ROOT))
    if _STAMP.exists() and _STAMP.read_text() == wanted:
        return
    program = uv(versions)
    with step("synchronising .venv with requirements.lock"):
        run([program, "venv", "--quiet", "--clear", "--python", sys.executable, ".venv"], env=_ENV, cwd=_ROOT)
        into = ["--quiet", "--python", ".venv"]
        run([program, "pip", "sync", *into, "--require-hashes", _LOCK], env=_ENV, cwd=_ROOT)
        own = ["--no-deps", "--no-build-isolation", "--editable", "."]
        run([program, "pip", "install", *into, *own], env=_ENV, cwd=_ROOT)
    _STAMP.write_text(wanted)


def lock(versions: Versions) -> None:
    """Bring both lock files in line with ``pyproject.toml``; versions that still fit stay."""
    _compile(versions, _ROOT)


def check(versions: Versions) -> None:
    """Raise unless both lock files are in line with ``pyproject.toml``."""
    with tempfile.TemporaryDirectory() as folder:
        for path in (_LOCK, _IMAGE_LOCK):
            shutil.copy(path, folder)
        _compile(versions, Path(folder))
        for path in (_LOCK, _IMAGE_LOCK):
            if not filecmp.cmp(path, Path(folder) / path.name, shallow=False):
                raise TestbedError(f"{path.name} does not follow pyproject.toml: run `hack/venv lock`")


def uv(versions: Versions) -> Path:
    """Return uv: the one on PATH if it has the pinned version, else the pinned one from PyPI."""
    found = on_path("uv")
    if found and versions.uv in (output([found, "--version"]) or ""):
        return found

    def build(folder: Path) -> None:
        run([*_installer(found), "--quiet", "--no-deps", "--target", folder, f"uv=={versions.uv}"])

    return cache.folder("uv", cache.key(versions.uv), build) / "bin" / "uv"


def _installer(other_uv: Path | None) -> list[str | Path]:
    """Return what can install a package: another uv, or pip; Debian's Python comes without either."""
    if other_uv:
        return [other_uv, "pip", "install", "--python", sys.executable]
    if output([sys.executable, "-m", "pip", "--version"]) is None:
        apt.install("python3-pip", reason=f"{sys.executable} has no pip, and no uv is on PATH")
    return [sys.executable, "-m", "pip", "install", "--disable-pip-version-check"]


def _compile(versions: Versions, folder: Path) -> None:
    """Write both lock files into a folder; the image's takes its versions from the other."""
    everything, image = folder / _LOCK.name, folder / _IMAGE_LOCK.name
    how = ["--universal", "--generate-hashes", "--no-header", "--no-annotate", "--quiet"]
    command: list[str | Path] = [uv(versions), "pip", "compile", "pyproject.toml", *how]
    run([*command, "--all-extras", "--group", "dev", "--output-file", everything], env=_ENV, cwd=_ROOT)
    extras = ["--extra", "operator", "--extra", "flyte", "--python-version", _IMAGE_PYTHON]
    run([*command, *extras, "--constraint", everything, "--output-file", image], env=_ENV, cwd=_ROOT)
