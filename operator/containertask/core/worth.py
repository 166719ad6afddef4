"""Whether a status says so much that is new that it is worth a write."""

from __future__ import annotations

from containertask.api.status import ContainerTaskStatus
from containertask.core.conditions import ACCEPTED, FINISHED, SUSPENDED

_WORTH_A_WRITE = frozenset({ACCEPTED, SUSPENDED, FINISHED})
"""Conditions whose change alone is written; the others come with the next phase."""


def worth_writing(old: ContainerTaskStatus, new: ContainerTaskStatus) -> bool:
    """Tell whether phase, reason, attempt, Pod or a condition changed; no message counts.

    Dependencies go with the others: a task that needs two hundred would have a write for each that comes, and
    when all are there the reason is another one.
    """
    return _essence(old) != _essence(new)


def _essence(status: ContainerTaskStatus) -> tuple[object, ...]:
    conditions = {(one.type, one.status) for one in status.conditions or () if one.type in _WORTH_A_WRITE}
    waiting = status.waiting_for.reason if status.waiting_for else None
    return status.phase, status.reason, status.attempt, status.pod_name, waiting, conditions
