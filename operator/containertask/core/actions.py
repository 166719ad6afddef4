"""What a plan can ask for: at most one write of a Pod, and at most one of the task's status."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from containertask.api.status import ContainerTaskStatus
from containertask.core.stop import Stop

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class CreatePod:
    """Create the Pod, and before it the ConfigMap with the values of its inputs, if it has one."""

    pod: Json
    values: Json | None = None


@dataclass(frozen=True, slots=True)
class StopPod:
    """End the Pod and keep it."""

    name: str
    uid: str
    stop: Stop


@dataclass(frozen=True, slots=True)
class DeletePod:
    """Delete the Pod, if it still is this one; ``at_once`` does not wait for its node to say so."""

    name: str
    uid: str
    at_once: bool = False


@dataclass(frozen=True, slots=True)
class FindPod:
    """Ask the API server itself for a Pod that the store does not know."""

    name: str


@dataclass(frozen=True, slots=True)
class ReadTemplate:
    """Ask the API server for the PodTemplate that the task names."""

    name: str


@dataclass(frozen=True, slots=True)
class ReadTasks:
    """Read what other tasks gave, which have succeeded."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReadEvents:
    """Read what a Pod's events say of what keeps it from starting."""

    uid: str


@dataclass(frozen=True, slots=True)
class DeleteTask:
    """Delete the task, if it still is this one; what it owns goes with it."""

    uid: str


Action = CreatePod | StopPod | DeletePod | FindPod | ReadTemplate | DeleteTask | ReadEvents | ReadTasks


@dataclass(frozen=True, slots=True)
class Notice:
    """One event for people: ``kubectl describe`` shows it."""

    reason: str
    message: str
    warning: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is to be done now, and after how many milliseconds to look again at the latest."""

    action: Action | None = None
    status: ContainerTaskStatus | None = None
    notices: tuple[Notice, ...] = ()
    again_in: int | None = None
