"""What a decision is about: an unfinished task, and the moment it is looked at."""

from __future__ import annotations

from dataclasses import dataclass

from containertask.api.spec import ContainerTaskSpec
from containertask.core.accept import Accepted
from containertask.core.config import Config
from containertask.core.fallback import replaced
from containertask.core.instants import optional_ms
from containertask.core.retry import longest
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
        """Return since when the queued clock runs: a node that an earlier Pod was given had stopped it."""
        replacements = [pod.stop.at for pod in self.snapshot.pods if pod.stop and pod.node and replaced(pod)]
        due = self._told_due
        return max([self.task.created, *replacements, *([] if due is None else [due])])

    @property
    def due(self) -> int | None:
        """Return when the next attempt begins, if it has to wait for that."""
        due = self._told_due
        return due if due is not None and due > self.now else None

    @property
    def _told_due(self) -> int | None:
        """Return what the status says of it: further away than any back-off is what a wrong clock wrote."""
        due = optional_ms(self.task.status.next_attempt_time)
        return due if due is not None and due <= self.now + longest(self.spec) else None

    def next(self, *moments: int | None) -> int | None:
        """Return the first moment that is still to come: what is past has had its pass."""
        return min((moment for moment in moments if moment is not None and moment > self.now), default=None)
