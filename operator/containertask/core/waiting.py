"""The status of a task that has no Pod now: suspended, or kept from getting one."""

from __future__ import annotations

from containertask.api.reasons import Reason
from containertask.api.status import (
    AttemptRecord,
    ContainerTaskStatus,
    Phase,
    TemplateRecord,
    Timeline,
    WaitingFor,
)
from containertask.core.conditions import ACCEPTED, SUSPENDED, Fact, holds, with_facts, without_attempt
from containertask.core.instants import from_ms
from containertask.core.task import TaskView
from containertask.core.texts import cut


def suspended(task: TaskView, attempt: int, now: int) -> ContainerTaskStatus:
    """Return the status while no Pod is wanted; ``attempt`` is the one that comes next."""
    text = "spec.suspend is true: set it to false to start"
    facts = [Fact(SUSPENDED, holds=True, reason=Reason.SUSPENDED, message=text)]
    status = _without_pod(task, attempt, now, facts)
    return _saying(status, Phase.QUEUED, Reason.SUSPENDED, text)


def kept_waiting(task: TaskView, attempt: int, now: int, what: WaitingFor) -> ContainerTaskStatus:
    """Return the status while the API server refuses the Pod for a reason that passes."""
    facts = [Fact(SUSPENDED, holds=False, reason=Reason.RESUMED)] if is_resuming(task) else []
    phase = Phase.QUEUED if what.reason == Reason.QUOTA_EXCEEDED.value else Phase.PENDING
    status = _saying(_without_pod(task, attempt, now, facts), phase, Reason(what.reason), what.message)
    return status.model_copy(update={"waiting_for": what})


def resolved(task: TaskView, record: TemplateRecord) -> ContainerTaskStatus:
    """Return the status of a task that begins with this template: it is written before there is any Pod."""
    said = {"template": record, "observed_generation": task.generation, "phase": Phase.PENDING}
    waits = {"reason": None, "message": None, "waiting_for": None}
    return task.status.model_copy(update=said | waits)


def retrying(task: TaskView, attempt: int, now: int) -> ContainerTaskStatus:
    """Return the status between an attempt that failed, the last one on record, and the next."""
    facts = [Fact(SUSPENDED, holds=False, reason=Reason.RESUMED)] if is_resuming(task) else []
    ended = [f"attempt {one.attempt} ended as {one.reason}: {one.message}" for one in _last(task)]
    text = "; ".join([*ended, f"attempt {attempt} begins at {task.status.next_attempt_time}"])
    what = WaitingFor(reason=Reason.RETRYING.value, message=cut(text))
    status = _saying(_without_pod(task, attempt, now, facts), Phase.PENDING, Reason.RETRYING, text)
    return status.model_copy(update={"waiting_for": what})


def _last(task: TaskView) -> list[AttemptRecord]:
    return (task.status.attempts or [])[-1:]


def is_resuming(task: TaskView) -> bool:
    """Tell whether the status still speaks of a suspension that is over."""
    return not task.suspended and holds(task.status.conditions, SUSPENDED)


def _without_pod(task: TaskView, attempt: int, now: int, facts: list[Fact]) -> ContainerTaskStatus:
    before = without_attempt(task.status.conditions)
    # Whether a task holds together that names a template is known when that is.
    accepted = [] if task.unresolved else [Fact(ACCEPTED, holds=True, reason=Reason.ACCEPTED)]
    every = [*accepted, *facts]
    return task.status.model_copy(
        update={
            "observed_generation": task.generation,
            "conditions": with_facts(before, every, now, task.generation),
            "attempt": attempt,
            "pod_name": None,
            "node_name": None,
            "timeline": Timeline(created=from_ms(task.created)),
            "waiting_for": None,
        }
    )


def _saying(status: ContainerTaskStatus, phase: Phase, reason: Reason, message: str) -> ContainerTaskStatus:
    said = {"phase": phase, "reason": reason.value, "message": cut(message) or None}
    return status.model_copy(update=said)
