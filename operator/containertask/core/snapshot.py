"""All that one plan looks at."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from containertask.contract.manifest import Mode
from containertask.core.accept import Accepted, Refused
from containertask.core.dependencies import Sources
from containertask.core.mode import Cluster
from containertask.core.podview import PodView
from containertask.core.stores import StoreView
from containertask.core.task import TaskView
from containertask.core.tasktemplates import TemplateView
from containertask.core.trouble import Trouble


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """The API server's answer when it last refused to create the Pod of an attempt."""

    attempt: int
    mode: Mode
    code: int
    message: str
    at: int
    volume: int | None = None
    """Which of the Pod's volumes was the launcher's, where that is known: refusals name them by number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateNote:
    """What a request for a PodTemplate brought. ``raw`` is None if it is not there, or not for us to read."""

    name: str
    at: int
    raw: dict[str, Any] | None = None
    refused: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """A task and its Pods as the store knows them.

    ``missing`` names a Pod that the API server itself says is not there; ``accepted`` is None for a
    finished task, whose spec nobody reads any more. ``stores`` are those of its namespace and of the cluster;
    ``named`` is the template that an unresolved task names, if it is there.
    """

    task: TaskView
    accepted: Accepted | Refused | None
    pods: tuple[PodView, ...] = ()
    missing: str | None = None
    refusal: Refusal | None = None
    template: TemplateNote | None = None
    trouble: Trouble | None = None
    sources: Sources = field(default_factory=Sources)
    stores: tuple[StoreView, ...] = ()
    named: TemplateView | None = None
    cluster: Cluster = field(default_factory=Cluster)

    def pod(self, attempt: int) -> PodView | None:
        """Return the Pod of an attempt."""
        return next((one for one in self.pods if one.attempt == attempt), None)

    @property
    def current(self) -> PodView | None:
        """Return the Pod of the current attempt: the status may be older than the newest Pod, never newer."""
        newest = max(self.pods, key=lambda pod: pod.attempt, default=None)
        return newest if newest is not None and newest.attempt >= (self.task.status.attempt or 0) else None
