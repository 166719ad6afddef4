"""Starting downloader and uploader as processes, and reading what they say at their end."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from containertask.contract.stores import TRANSFER_ENVIRONMENT
from containertask.core.names import DOWNLOADER, UPLOADER
from containertask.core.podview import Terminated
from containertask.local.moments import now_ms
from containertask.local.places import Folders
from containertask.local.programs import netguard

_CODE: Final = """
import json, sys
sys.path[:] = json.loads(sys.argv.pop(1))
from containertask.local.part import main
main()
"""
_ARGUMENTS: Final = {DOWNLOADER: "download", UPLOADER: "upload"}
_LIBRARY: Final = str(Path(__file__).resolve().parents[2])


@dataclass(frozen=True, slots=True)
class Copilot:
    """Downloader or uploader, running."""

    process: subprocess.Popen[bytes]
    message: Path
    started: int

    def ended(self) -> Terminated:
        """Return how it has ended, as a kubelet would tell. It must have ended."""
        code = self.process.returncode
        return Terminated(
            exit_code=code if code >= 0 else 128 - code,
            reason="",
            message=self.message.read_text(errors="replace"),
            started=self.started,
            finished=now_ms(),
        )


def start(who: str, folders: Folders) -> Copilot:
    """Start downloader or uploader; its log is a file beside those of the command."""
    message = folders.message(who)
    message.touch()
    logs = folders.kept / "logs"
    logs.mkdir(exist_ok=True)
    with (logs / who).open("wb") as log:
        process = subprocess.Popen(
            [*interpreter(_CODE), _ARGUMENTS[who], folders.copilot(who)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=_environment(),
        )
    return Copilot(process, message, now_ms())


def interpreter(code: str) -> list[str]:
    """Return a Python that runs code which takes its path for imports from its first argument.

    No variable and no folder of the caller's decides what it imports, and nothing is looked for.
    """
    paths = [_LIBRARY, *(one for one in sys.path if one and one != _LIBRARY)]
    return [sys.executable, "-I", "-S", "-c", code, json.dumps(paths)]


def _environment() -> dict[str, str]:
    found = {**os.environ, **TRANSFER_ENVIRONMENT}
    if (guard := netguard()) is not None:
        found["LD_PRELOAD"] = os.pathsep.join(filter(None, (os.fspath(guard), os.environ.get("LD_PRELOAD"))))
    return found
