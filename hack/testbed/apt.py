"""Debian packages for this machine, where we are root on Debian; else a message that names them."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from testbed.errors import TestbedError
from testbed.progress import step
from testbed.shell import output, run

_ENV = {"DEBIAN_FRONTEND": "noninteractive"}


def install(*packages: str, reason: str, optional: tuple[str, ...] = ()) -> None:
    """Install packages, and those of ``optional`` that this release of Debian knows."""
    names = " ".join(packages)
    _require_debian(names, reason)
    if os.geteuid() != 0:
        raise TestbedError(f"{reason}: run `apt-get install {names}` as root, or run this as root")
    with step(f"installing {names}"):
        run(["apt-get", "update", "-q"], env=_ENV)
        known = [name for name in optional if output(["apt-cache", "show", name])]
        quiet = ["-q", "-y", "--no-install-recommends"]
        run(["apt-get", "install", *quiet, *packages, *known], env=_ENV)


def download(package: str, *, into: Path, reason: str) -> Path:
    """Fetch a package's file without installing it; the machine stays as it is."""
    _require_debian(package, reason)
    with step(f"fetching package {package}"):
        run(["apt-get", "update", "-q"], env=_ENV)
        run(["apt-get", "download", package], env=_ENV, cwd=into)
    return next(into.glob("*.deb"))


def _require_debian(names: str, reason: str) -> None:
    if not shutil.which("apt-get"):
        raise TestbedError(f"{reason}: install {names} (this is not Debian, so it was not tried)")
