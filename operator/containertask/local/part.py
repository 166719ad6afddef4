"""Downloader or uploader as a process of this machine: what the image's ``copilot`` is in a Pod.

Imports what the copilot itself imports, and nothing more.
"""

from __future__ import annotations

import ctypes
import json
import os
import sys
from typing import NoReturn


def main() -> NoReturn:
    """Be the part that the arguments say, with the places that they say; end the process."""
    which, places = sys.argv[1], json.loads(sys.argv[2])
    if which == "upload":
        from containertask.copilot.stops import Stops  # noqa: PLC0415 - before anything that takes long

        stops = Stops()
        _unguarded()
        from containertask.copilot import upload  # noqa: PLC0415 - only what this part needs
        from containertask.copilot.places import Places  # noqa: PLC0415

        os._exit(upload.run(Places(**places), stops))
    _unguarded()
    from containertask.copilot import download  # noqa: PLC0415
    from containertask.copilot.places import Places  # noqa: PLC0415

    os._exit(download.run(Places(**places)))


def _unguarded() -> None:
    """Let hosts be reached where no guard was loaded: this is no Pod, and the network the caller's own."""
    if not hasattr(ctypes.CDLL(None), "netguard_allow"):
        from containertask.copilot.transfer import guard  # noqa: PLC0415 - before who takes it from there

        vars(guard)["allow"] = _allow


def _allow(_host: str, *, local: bool = False) -> None:
    """Do nothing."""
