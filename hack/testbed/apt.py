"""Debian packages for this machine, where we are root on Debian; else a message that names them."""

from __future__ import annotations

import os
import shutil

from testbed.errors import TestbedError
from testbed.progress import step
from testbed.shell import output, run

_ENV = {"DEBIAN_FRONTEND": "noninteractive"}


def install(*packages: str, reason: str, optional: tuple[str, ...] = ()) -> None:
    """Install packages, and those of ``optional`` that this release of Debian knows."""
    names = " ".join(packages)
    if not shutil.which("apt-get"):
        raise TestbedError(f"{reason}: install {names} (this is not Debian, so it was not tried)")
    if os.geteuid() != 0:
        raise TestbedError(f"{reason}: run `apt-get install {names}` as root, or run this as root")
    with step(f"installing {names}"):
        run(["apt-get", "update", "-q"], env=_ENV)
        known = [name for name in optional if output(["apt-cache", "show", name])]
        quiet = ["-q", "-y", "--no-install-recommends"]
        run(["apt-get", "install", *quiet, *packages, *known], env=_ENV)
