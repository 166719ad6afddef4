"""What runs the command: the same to the rest of a run, whether it is a container or a process."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from containertask.core.podview import Terminated

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be run.

    Attributes:
        name: of the Pod that it would be.
        container: ``main`` as core/v1 has it.
        variables: its variables, by name.
        command: as the process gets it, launcher included; empty where the image's own runs.
        args: what comes behind it.
        launched: whether our launcher runs it.
        secrets: the files that Secrets are, by the paths at which the command finds them.
        shared: how large /dev/shm may be at most, as a quantity; None is no limit.
    """

    name: str
    container: Json
    variables: Mapping[str, str]
    command: list[str]
    args: list[str]
    launched: bool
    secrets: Mapping[str, Path]
    shared: str | int | None = None


class Main(Protocol):
    """The command, running."""

    @property
    def process(self) -> subprocess.Popen[bytes]:
        """Return the process that ends when the command has, and whose pipes are its streams."""

    def ask(self) -> None:
        """Ask it to end, as a kubelet does."""

    def force(self) -> None:
        """End it."""

    def ended(self) -> Terminated:
        """Return how it has ended, as a kubelet would tell. The process must have ended."""

    def remove(self) -> None:
        """Leave nothing of it behind, also where it has not ended."""
