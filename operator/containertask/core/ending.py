"""The last status of a task: written once, and never changed again."""

from __future__ import annotations

from collections.abc import Sequence

from containertask.api.classification import classify
from containertask.api.reasons import Reason
from containertask.api.status import (
    AttemptRecord,
    ContainerTaskStatus,
    OutputValue,
    Phase,
    TaskError,
    Timeline,
    Usage,
)
from containertask.contract.report import Figures
from containertask.core.attempts import counted
from containertask.core.conditions import (
    ACCEPTED,
    COMPLETE,
    FAILED,
    FINISHED,
    INPUTS_READY,
    OUTPUTS_UPLOADED,
    STARTED,
    Fact,
    with_facts,
)
from containertask.core.instants import from_ms, span
from containertask.core.podview import PodView
from containertask.core.progress import at_attempt, facts_of, folders_of, timeline_of
from containertask.core.retry import Decision
from containertask.core.task import TaskView
from containertask.core.texts import cut
from containertask.core.verdict import Verdict


def ended_without_pod(
    task: TaskView, verdict: Verdict, decision: Decision, now: int, record: AttemptRecord | None = None
) -> ContainerTaskStatus:
    """Return the status of a task that ends while no Pod of it lives."""
    invalid = verdict.reason is Reason.INVALID_SPEC
    accepted = Reason.INVALID_SPEC if invalid else Reason.ACCEPTED
    facts = [Fact(ACCEPTED, holds=not invalid, reason=accepted, message=verdict.message if invalid else "")]
    timeline = task.status.timeline or Timeline(created=from_ms(task.created))
    return _ended(task, verdict, facts, timeline, now).model_copy(update=counted(task, decision, record))


def ended_with_pod(
    task: TaskView, pod: PodView, verdict: Verdict, outputs: Sequence[OutputValue], now: int
) -> ContainerTaskStatus:
    """Return the status of a task whose last attempt came to this end; the caller counts it."""
    task = at_attempt(task, pod.attempt)
    timeline = timeline_of(task, pod, verdict.figures)
    status = _ended(task, verdict, _facts(task, pod, verdict), timeline, now)
    return status.model_copy(
        update={
            "attempt": pod.attempt,
            "pod_name": pod.name,
            "node_name": pod.node,
            "exit_code": verdict.exit_code,
            "outputs": list(outputs) or None,
            "usage": _usage(verdict.figures),
            **folders_of(pod),
        }
    )


def _facts(task: TaskView, pod: PodView, verdict: Verdict) -> list[Fact]:
    facts = facts_of(pod, task)
    if verdict.figures.inputs_ready_ms is not None or verdict.figures.started_ms is not None:
        facts.append(Fact(INPUTS_READY, holds=True, reason=Reason.INPUTS_WRITTEN))
    if verdict.figures.started_ms is not None:
        facts.append(Fact(STARTED, holds=True, reason=Reason.COMMAND_STARTED))
    if verdict.succeeded:
        facts.append(Fact(OUTPUTS_UPLOADED, holds=True, reason=Reason.OUTPUTS_READ))
    elif verdict.exit_code == 0 and verdict.reason is not None:
        facts.append(Fact(OUTPUTS_UPLOADED, holds=False, reason=verdict.reason, message=verdict.message))
    return facts


def _ended(
    task: TaskView, verdict: Verdict, facts: Sequence[Fact], timeline: Timeline, now: int
) -> ContainerTaskStatus:
    reason = verdict.reason or Reason.SUCCEEDED
    result = COMPLETE if verdict.succeeded else FAILED
    last = [Fact(kind, holds=True, reason=reason, message=verdict.message) for kind in (result, FINISHED)]
    return task.status.model_copy(
        update={
            "phase": _phase(verdict),
            "reason": reason.value,
            "message": cut(verdict.message) or None,
            "observed_generation": task.generation,
            "conditions": with_facts(task.status.conditions, [*facts, *last], now, task.generation),
            "attempt": task.status.attempt or 0,
            "duration": span(now - task.created),
            "error": _error(verdict),
            "timeline": timeline.model_copy(update={"completed": from_ms(now)}),
            "waiting_for": None,
            "next_attempt_time": None,
        }
    )


def _phase(verdict: Verdict) -> Phase:
    if verdict.succeeded:
        return Phase.SUCCEEDED
    return Phase.CANCELLED if verdict.reason is Reason.CANCELLED else Phase.FAILED


def _error(verdict: Verdict) -> TaskError | None:
    if verdict.reason is None or verdict.reason is Reason.CANCELLED:
        return None
    return TaskError(
        code=verdict.reason.value,
        kind=classify(verdict.reason, verdict.message).kind.value,
        origin=None if verdict.origin is None else cut(verdict.origin, 64),
        message=cut(verdict.message),
        container=verdict.container,
    )


def _usage(figures: Figures) -> Usage | None:
    found = Usage(
        cpu_milliseconds=figures.cpu_milliseconds,
        memory_peak_bytes=figures.memory_peak_bytes,
        bytes_in=figures.bytes_in,
        bytes_out=figures.bytes_out,
    )
    return None if found == Usage() else found
