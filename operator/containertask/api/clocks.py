"""The five clocks of a task: how long each part may take."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from containertask.api.base import ApiModel, Duration


class Timeout(ApiModel):
    """Limits in time. Each has a reason of its own when it fires."""

    queued: Annotated[
        Duration | None,
        Field(description="From creation until the Pod is on a node, such as `10m`. Reason: QueuedTimeout."),
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
