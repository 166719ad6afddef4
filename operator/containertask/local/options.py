"""What a local run is told, and what it comes to."""

from __future__ import annotations

import enum
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from containertask.api.reasons import Reason
from containertask.api.status import Phase
from containertask.contract.report import Figures

Json = dict[str, Any]

Logs = Callable[[str, bytes], None]
"""Is told which stream, ``stdout`` or ``stderr`` of the command or ``ctask`` for words of ours, and bytes of
it. Called by threads of the run's, one at a time; what it raises only ends the telling."""


class Runtime(enum.StrEnum):
    """What runs the command."""

    AUTO = "auto"
    """Docker if it answers, else podman."""
    DOCKER = "docker"
    PODMAN = "podman"
    PROCESS = "process"
    """A process of this machine: no image, and nothing that isolates."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalOptions:
    """How a task is run here.

    Attributes:
        logs: is told what the command writes; None keeps it to the log files.
        folder: where inputs, outputs and logs go; None is a temporary one, which stays only if it has files
            that outputs name.
        secrets: a folder with a folder for each Secret, and a file for each key in it.
        config_maps: the same of ConfigMaps.
        stores: ArtifactStore and ClusterArtifactStore objects, as in YAML.
        attempt: which attempt it is to be, from 0.
        cancel: set by anybody, it ends the run as cancelled.
    """

    runtime: Runtime = Runtime.AUTO
    logs: Logs | None = None
    folder: Path | None = None
    secrets: Path | None = None
    config_maps: Path | None = None
    stores: Sequence[Json] = ()
    attempt: int = 0
    cancel: threading.Event | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalRun:
    """How a local run ended.

    Attributes:
        phase: ``Succeeded``, ``Failed`` or ``Cancelled``.
        reason: one of docs/reasons.md; ``Succeeded`` of a success.
        exit_code: of the command, None where it did not end by itself.
        outputs: values as the status has them, by name; of what is a file or folder ``{"uri": "file://…"}``.
        folder: where the outputs are; gone where it was a temporary one that no output needs.
        log: the last lines that the command wrote.
        origin: the input or output at fault, if one is.
        figures: times in Unix milliseconds, sizes in bytes, and what the command used where that is known.
        created_ms: when the run began, in Unix milliseconds.
        completed_ms: when it was over.
    """

    name: str
    phase: Phase
    reason: Reason
    message: str
    exit_code: int | None
    outputs: Mapping[str, Any]
    folder: Path
    log: str = ""
    origin: str | None = None
    figures: Figures = field(default_factory=Figures)
    created_ms: int
    completed_ms: int
