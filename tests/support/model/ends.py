"""The ways in which the containers of a Pod can end by themselves, and whose failure each is by design 9."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from containertask.contract.exitrecord import Cause, Stop
from containertask.contract.outcome import Outcome
from containertask.contract.report import End
from containertask.core.names import DOWNLOADER, UPLOADER


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """How ``main`` ends, and what the uploader then says; ``whose`` is None for a success."""

    whose: str | None
    exit_code: int
    reason: str = ""
    end: End | None = None
    outcome: Outcome | None = None
    """None: the uploader says nothing that can be read."""
    whole: bool = True
    """Whether the second line of its message arrives."""
    command: bool = True
    """Whether it can only happen where a launcher runs the command."""


def _exited(code: int) -> End:
    return End(cause=Cause.EXITED, exit_code=code)


_OOM: Final = End(cause=Cause.SIGNALED, exit_code=137, signal=9, oom_kills=1)
_KILLED: Final = End(cause=Cause.SIGNALED, exit_code=143, signal=15)
_LATE: Final = End(cause=Cause.SIGNALED, exit_code=143, signal=15, stop=Stop.EXECUTION_TIMEOUT)
_UNKNOWN: Final = End(cause=Cause.COMMAND_NOT_FOUND, exit_code=127)
_FAILED: Final = Outcome.MAIN_FAILED

ENDINGS: Final = {
    "succeeds": Ending(whose=None, exit_code=0, end=_exited(0), outcome=Outcome.UPLOADED, command=False),
    "fails": Ending(whose="User", exit_code=3, end=_exited(3), outcome=_FAILED, command=False),
    "asks for a retry": Ending(whose="User", exit_code=75, end=_exited(75), outcome=_FAILED, command=False),
    "runs out of memory": Ending(
        whose="User", exit_code=137, reason="OOMKilled", end=_OOM, outcome=_FAILED, command=False
    ),
    "is killed without a record": Ending(whose="User", exit_code=137, outcome=_FAILED),
    "is interrupted": Ending(whose="System", exit_code=143, end=_KILLED, outcome=_FAILED),
    "takes too long": Ending(whose="User", exit_code=143, end=_LATE, outcome=_FAILED),
    "is not found": Ending(whose="Permanent", exit_code=127, end=_UNKNOWN, outcome=_FAILED),
    "leaves an output out": Ending(
        whose="User", exit_code=0, end=_exited(0), outcome=Outcome.OUTPUT_MISSING, command=False
    ),
    "leaves _ERROR": Ending(whose="User", exit_code=0, end=_exited(0), outcome=Outcome.USER_ERROR),
    "is not read in time": Ending(
        whose="System", exit_code=0, end=_exited(0), outcome=Outcome.UPLOAD_TIMEOUT, command=False
    ),
    "is told of in part": Ending(
        whose="System", exit_code=0, end=_exited(0), outcome=Outcome.UPLOADED, whole=False, command=False
    ),
    "is told of by nobody": Ending(whose="System", exit_code=0, command=False),
}
"""What a command can come to, in words that follow "the command"."""

DOWNLOADS: Final = {
    "cannot read an input": (Outcome.INVALID_INPUT, "Permanent"),
    "takes too long": (Outcome.DOWNLOAD_TIMEOUT, "System"),
    "breaks": (None, "System"),
}
"""How a downloader fails."""

WAITS: Final = {
    "image": ("main", "ImagePullBackOff", 'Back-off pulling image "alpine"'),
    "image of ours": ("main", "ImagePullBackOff", 'image volume "registry.example/containertask:1" failed'),
    "image name": ("main", "InvalidImageName", "couldn't parse image name"),
    "secret": ("main", "CreateContainerConfigError", 'secret "s" not found'),
    "root": ("main", "CreateContainerConfigError", "container has runAsNonRoot and image will run as root"),
    "runtime": (DOWNLOADER, "CreateContainerError", "context deadline exceeded"),
    "uploader's image": (UPLOADER, "ErrImagePull", "not found"),
}
"""What a container waits for that may not come."""
