"""What Flyte's methods are handed beside their own arguments: where a task is written down, where it runs.

Plain values; nothing here opens a file, reads the environment or imports protobuf.
"""

from __future__ import annotations

import enum
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
        registry: of images, for subclasses that choose an image by it; nothing here reads it.
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


class ExecutionMode(enum.Enum):
    """Who runs a task: flytekit's ``ExecutionState.Mode``, as far as a task can tell."""

    TASK_EXECUTION = enum.auto()
    """A container of its own."""
    LOCAL_TASK_EXECUTION = enum.auto()
    """A call on a user's machine."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecutionParameters:
    """What a run may know of itself: what ``pre_execute`` takes and returns.

    Attributes:
        working_folder: a folder of this run alone.
        raw_prefix: path or URI below which files of outputs go; None where nobody said one.
        checkpoint_path: path or URI where this attempt may leave something for the next one.
        prev_checkpoint: path or URI of what an attempt before has left.
        execution_id: of the run, as the platform calls it.
        attempt: of the task, from 0.
    """

    working_folder: Path
    raw_prefix: str | None = None
    checkpoint_path: str | None = None
    prev_checkpoint: str | None = None
    execution_id: str = ""
    attempt: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecutionContext:
    """Where a task runs: what Flyte calls a FlyteContext.

    Attributes:
        raw_prefix: path or URI below which files of outputs go; None: they stay where they are.
        mode: who runs it.
        user_params: what ``pre_execute`` is given.
    """

    raw_prefix: str | None = None
    mode: ExecutionMode = ExecutionMode.TASK_EXECUTION
    user_params: ExecutionParameters | None = None
