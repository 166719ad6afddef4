"""The last status of a task: written once, and never changed again."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace

from containertask.api.reasons import Kind, Reason
from containertask.api.spec import ContainerTaskSpec
from containertask.api.status import ContainerTaskStatus, OutputValue, Phase, TaskError, Timeline, Usage
from containertask.codec import typed
from containertask.codec.errors import CodecError
from containertask.codec.text import compact
from containertask.codec.trees import to_leaf
from containertask.contract.report import Figures
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
from containertask.core.names import UPLOADER
from containertask.core.podview import PodView
from containertask.core.progress import at_attempt, facts_of, timeline_of
from containertask.core.task import TaskView
from containertask.core.texts import cut
from containertask.core.verdict import Verdict
from containertask.types.grammar import parse_type


def ended_without_pod(
    task: TaskView, reason: Reason, kind: Kind, message: str, now: int
) -> ContainerTaskStatus:
    """Return the status of a task that ends while no Pod of it lives."""
    invalid = reason is Reason.INVALID_SPEC
    accepted = reason if invalid else Reason.ACCEPTED
    facts = [Fact(ACCEPTED, holds=not invalid, reason=accepted, message=message if invalid else "")]
    verdict = Verdict(reason=reason, kind=kind, message=message)
    timeline = task.status.timeline or Timeline(created=from_ms(task.created))
    return _ended(task, verdict, facts, timeline, now)


def ended_with_pod(
    task: TaskView, spec: ContainerTaskSpec, pod: PodView, verdict: Verdict, now: int
) -> ContainerTaskStatus:
    """Return the status of a task whose last attempt came to this end."""
    outputs, unreadable = _outputs(spec, verdict)
    if verdict.succeeded and unreadable:
        text = f"the uploader reported no value of the declared type for {', '.join(unreadable)}"
        verdict = replace(
            verdict, reason=Reason.MESSAGE_UNREADABLE, kind=Kind.SYSTEM, message=text, container=UPLOADER
        )
    task = at_attempt(task, pod.attempt)
    facts = facts_of(pod, task)
    if verdict.figures.inputs_ready_ms is not None or verdict.figures.started_ms is not None:
        facts.append(Fact(INPUTS_READY, holds=True, reason=Reason.INPUTS_WRITTEN))
    if verdict.figures.started_ms is not None:
        facts.append(Fact(STARTED, holds=True, reason=Reason.COMMAND_STARTED))
    if verdict.succeeded:
        facts.append(Fact(OUTPUTS_UPLOADED, holds=True, reason=Reason.OUTPUTS_READ))
    elif verdict.exit_code == 0 and verdict.reason is not None:
        facts.append(Fact(OUTPUTS_UPLOADED, holds=False, reason=verdict.reason, message=verdict.message))
    status = _ended(task, verdict, facts, timeline_of(task, pod, verdict.figures), now)
    return status.model_copy(
        update={
            "attempt": pod.attempt,
            "pod_name": pod.name,
            "node_name": pod.node,
            "exit_code": verdict.exit_code,
            "outputs": outputs or None,
            "usage": _usage(verdict.figures),
        }
    )


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
        kind=verdict.kind.value,
        origin=None if verdict.origin is None else cut(verdict.origin, 64),
        message=cut(verdict.message),
        container=verdict.container,
    )


def _outputs(spec: ContainerTaskSpec, verdict: Verdict) -> tuple[list[OutputValue], list[str]]:
    """Return the outputs that arrived, and the names of those that should have or are not of their types."""
    found, unreadable = [], []
    for one in spec.outputs or ():
        kind = parse_type(one.type)
        if one.name not in verdict.outputs:
            unreadable += [] if one.optional or typed.holds(kind, None) else [one.name]
            continue
        try:
            value = typed.from_json(kind, verdict.outputs[one.name])
        except CodecError:
            unreadable.append(one.name)
            continue
        if value is None:
            continue
        raw = typed.to_json(kind, value)
        content = compact(raw).encode() if isinstance(value, list | dict) else to_leaf(value)
        found.append(
            OutputValue(
                name=one.name,
                type=one.type,
                value=raw,
                size=len(content),
                sha256=hashlib.sha256(content).hexdigest(),
            )
        )
    return found, unreadable


def _usage(figures: Figures) -> Usage | None:
    if figures.cpu_milliseconds is None and figures.memory_peak_bytes is None:
        return None
    return Usage(cpu_milliseconds=figures.cpu_milliseconds, memory_peak_bytes=figures.memory_peak_bytes)
