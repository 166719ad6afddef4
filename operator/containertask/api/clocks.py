"""The five clocks of a task: how long each part may take; and what a duration is in seconds."""

from __future__ import annotations

import re
from typing import Annotated, Final

from pydantic import Field

from containertask.api.base import DURATION_PATTERN, ApiModel, Duration

_WHOLE: Final = re.compile(DURATION_PATTERN.removesuffix("$"), re.ASCII)
_PART: Final = re.compile(r"([0-9]+)([hms])", re.ASCII)
_UNITS: Final = {"h": 3600, "m": 60, "s": 1}


def duration_seconds(text: str) -> int:
    """Return a duration of the API, such as ``1h30m``, in seconds.

    Raises:
        ValueError: the text is no duration. One that ``parse_spec`` took always is.
    """
    if not _WHOLE.fullmatch(text):
        raise ValueError("no duration: write hours, minutes and seconds, such as 30s, 5m or 1h30m")
    return sum(int(number) * _UNITS[unit] for number, unit in _PART.findall(text))


class Timeout(ApiModel):
    """Limits in time, in hours, minutes and seconds: `30s`, `5m`, `1h30m`. Each has a reason of its own."""

    queued: Annotated[
        Duration | None,
        Field(
            description="Until the Pod is on a node that has got it ready, such as `10m`: from creation, "
            "resumption, or the time at which an attempt is due. Reason: QueuedTimeout."
        ),
    ] = None
    download: Annotated[
        Duration | None, Field(description="For getting the inputs on disk. Reason: DownloadTimeout.")
    ] = None
    execution: Annotated[
        Duration | None,
        Field(
            description="For the command alone, from the moment its inputs are there; SIGTERM, then SIGKILL "
            "5 s later. Reason: ExecutionTimeout."
        ),
    ] = None
    upload: Annotated[
        Duration | None, Field(description="For reading and storing the outputs. Reason: UploadTimeout.")
    ] = None
    total: Annotated[
        Duration | None,
        Field(description="From creation until the end, all attempts together. Reason: DeadlineExceeded."),
    ] = None
