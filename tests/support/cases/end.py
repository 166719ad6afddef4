"""One row of the tables of ends."""

from __future__ import annotations

from dataclasses import dataclass

from containertask.core.snapshot import Snapshot
from support.builders import a_task, seen
from support.builders.pods import PodBuilder
from support.builders.tasks import TaskBuilder


@dataclass(frozen=True, slots=True)
class End:
    """A snapshot that is an end, and what of it the status says; ``outcome`` is ``Reason/Kind``."""

    snapshot: Snapshot
    outcome: str
    says: str = ""
    exit_code: int | None = None

    @property
    def reason(self) -> str:
        return self.outcome.partition("/")[0]

    @property
    def kind(self) -> str:
        return self.outcome.partition("/")[2]


def an_end(
    pod: PodBuilder,
    outcome: str,
    says: str = "",
    exit_code: int | None = None,
    *,
    task: TaskBuilder | None = None,
) -> End:
    """Return the row of a task whose only Pod this is."""
    return End(seen(task or a_task(), pod), outcome, says, exit_code)
