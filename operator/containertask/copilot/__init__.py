"""Runs inside task Pods: the downloader before the user's command, the uploader after it.

Imports of ours only ``codec``, ``types`` and ``contract``, and nothing that a task does not need.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence


def main(argv: Sequence[str] | None = None) -> int:
    """Be the downloader or the uploader of this Pod, as the one argument says; return the exit code.

    The termination message holds what became of it; see ``contract.report``.
    """
    match list(sys.argv[1:] if argv is None else argv):
        case ["download"]:
            from containertask.copilot import download  # noqa: PLC0415 - only what this part needs
            from containertask.copilot.places import Places  # noqa: PLC0415

            return download.run(Places())
        case ["upload"]:
            from containertask.copilot.stops import Stops  # noqa: PLC0415

            stops = Stops()  # before the other imports: PID 1 loses a signal that it does not handle
            from containertask.copilot import upload  # noqa: PLC0415
            from containertask.copilot.places import Places  # noqa: PLC0415

            return upload.run(Places(), stops)
        case _:
            sys.stderr.write("copilot: the one argument is download or upload\n")
            return 2
