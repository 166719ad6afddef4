"""What Flyte's methods are handed beside their own arguments: where a task is written down, where it runs.

Plain values; nothing here opens a file, reads the environment or imports protobuf.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

PLACEHOLDER: Final = "PLACEHOLDER"
"""The project, domain and version of a template that never leaves this machine."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SerializationContext:
    """Where a task is written down for: flytekit's ``SerializationSettings``, Flyte 2's class of this name.

    Attributes:
        registry: of images, None where an image's name says it; nothing here reads it.
        project: of the task's id.
        domain: of the task's id.
        version: of the task's id.
        env: environment of the container, under the task's own.
    """

    registry: str | None = None
    project: str = ""
    domain: str = ""
    version: str = ""
    env: Mapping[str, str] = field(default_factory=dict)


PLACEHOLDERS: Final = SerializationContext(project=PLACEHOLDER, domain=PLACEHOLDER, version=PLACEHOLDER)
"""With which a task is written down that runs on this machine."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecutionParameters:
    """What a run may know of itself: what ``pre_execute`` takes and returns.

    Attributes:
        working_folder: a folder of this run alone.
        raw_prefix: path or URI below which files of outputs go; None where nobody said one.
        execution_id: of the run, as the platform calls it.
        attempt: of the task, from 0.
    """

    working_folder: Path
    raw_prefix: str | None = None
    execution_id: str = ""
    attempt: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecutionContext:
    """Where a task runs: what Flyte calls a FlyteContext.

    Attributes:
        working_folder: a folder of this run alone.
        output_prefix: path or URI of the folder of ``outputs.pb`` and ``error.pb``.
        raw_prefix: path or URI below which files of outputs go.
        local: whether this is a call on a user's machine.
        user_params: what ``pre_execute`` is given.
    """

    working_folder: Path
    output_prefix: str | None = None
    raw_prefix: str | None = None
    local: bool = False
    user_params: ExecutionParameters | None = None
