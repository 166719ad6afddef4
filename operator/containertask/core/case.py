"""What a decision is about: an unfinished task, and the moment it is looked at."""

from __future__ import annotations

from dataclasses import dataclass

from containertask.api.spec import ContainerTaskSpec
from containertask.core.accept import Accepted
from containertask.core.config import Config
from containertask.core.fallback import replaced
from containertask.core.snapshot import Snapshot
from containertask.core.task import TaskView


@dataclass(frozen=True, slots=True)
class Case:
    """An unfinished task with a spec that holds together, and the moment it is looked at."""

    snapshot: Snapshot
    accepted: Accepted
    now: int
    config: Config

    @property
    def task(self) -> TaskView:
        """Return the task."""
        return self.snapshot.task

    @property
    def spec(self) -> ContainerTaskSpec:
        """Return its spec."""
        return self.accepted.spec

    @property
    def queued_since(self) -> int:
        """Return when its last Pod was replaced that had been given a node: the queued clock had stopped."""
        replacements = [pod.stop.at for pod in self.snapshot.pods if pod.stop and pod.node and replaced(pod)]
        return max(replacements, default=self.task.created)

    def next(self, *moments: int | None) -> int | None:
        """Return the first moment that is still to come: what is past has had its pass."""
        return min((moment for moment in moments if moment is not None and moment > self.now), default=None)
