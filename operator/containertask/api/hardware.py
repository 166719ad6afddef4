"""What a task asks of a node beside CPU and memory: accelerators, shared memory, room for its files."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import Field

from containertask.api.base import ApiModel, Quantity
from containertask.api.structural import PATTERN_MESSAGE

_KIND: Final = {PATTERN_MESSAGE: "write letters, digits, `-`, `_` and `.`, such as nvidia-t4 or 1g.5gb"}
_KIND_PATTERN: Final = r"^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$"


class Accelerator(ApiModel):
    """Accelerators for the command, of a type that the administrator has named."""

    type: Annotated[
        str,
        Field(
            max_length=63,
            pattern=_KIND_PATTERN,
            json_schema_extra=_KIND,
            description="One of the types in the operator's chart (`accelerators`), such as `nvidia-t4`.",
        ),
    ]
    count: Annotated[int, Field(ge=1, le=1024, description="How many, such as `2`. Default: 1.")] = 1
    partition: Annotated[
        str | None,
        Field(
            max_length=63,
            pattern=_KIND_PATTERN,
            json_schema_extra=_KIND,
            description="A part of one, by its name in the operator's chart, such as `1g.5gb`.",
        ),
    ] = None


class SharedMemory(ApiModel):
    """Memory at /dev/shm."""

    size_limit: Annotated[
        Quantity | None,
        Field(description="How much, such as `2Gi`. It counts as the command's memory. Default: no limit."),
    ] = None


class VolumeSizes(ApiModel):
    """How large the volumes with the command's inputs and outputs may grow."""

    inputs: Annotated[
        Quantity | None, Field(description="Limit of the inputs' volume, such as `5Gi`. Default: none.")
    ] = None
    outputs: Annotated[
        Quantity | None,
        Field(description="Limit of the outputs' volume, such as `20Gi`: beyond, the Pod is evicted."),
    ] = None
