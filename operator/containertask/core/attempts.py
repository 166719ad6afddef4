"""What a status tells of the attempts that have ended, and what the next one learns from them.

Pure. The records are what memory there is of earlier attempts: their Pods may be gone.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from containertask.api.classification import CLASSES, Class, classify
from containertask.api.quantity import from_bytes, to_bytes
from containertask.api.reasons import Reason
from containertask.api.spec import ContainerTaskSpec
from containertask.api.status import MAX_RECORDS, AttemptRecord, ContainerTaskStatus, Timeline
from containertask.contract.manifest import Mode
from containertask.core.attempt import Attempt
from containertask.core.instants import from_ms, optional_text
from containertask.core.names import MAIN
from containertask.core.podview import PodView
from containertask.core.progress import timeline_of
from containertask.core.retry import Decision, interruptible, retries_of
from containertask.core.task import TaskView
from containertask.core.texts import cut
from containertask.core.verdict import Verdict

Records = Sequence[AttemptRecord] | None

_MESSAGE: Final = 256
_AVOIDED: Final = 3
"""How many nodes the next attempt keeps away from: the newest on which one was lost."""


def next_attempt(task: TaskView, spec: ContainerTaskSpec, number: int, mode: Mode) -> Attempt:
    """Return the attempt that begins now, with what the earlier ones have shown."""
    records = task.status.attempts
    return Attempt(
        number=number,
        mode=mode,
        memory=memory_of(spec, records),
        avoid=_avoided(records),
        interruptible=interruptible(spec, task.status),
        cuts=sum(one.reason == Reason.MESSAGE_TRUNCATED for one in records or ()),
    )


def memory_of(spec: ContainerTaskSpec, records: Records) -> str | None:
    """Return the limit of memory of the attempt after these, if ``onOOM`` decides about it."""
    more, limits = retries_of(spec).on_oom, spec.resources.limits if spec.resources else None
    if more is None or not limits or "memory" not in limits:
        return None
    last = records[-1] if records else None
    if last is None or last.memory_limit is None:
        return str(limits["memory"])
    if last.reason != Reason.OOM_KILLED:
        return last.memory_limit if _bytes(last.memory_limit) else str(limits["memory"])
    had = _bytes(last.memory_limit) or to_bytes(limits["memory"])
    return from_bytes(max(had, min(had * more.memory_percent // 100, to_bytes(more.max))))


def recorded(records: Records, one: AttemptRecord) -> list[AttemptRecord]:
    """Return the records with this one, each attempt once, the newest of them."""
    others = [other for other in records or () if other.attempt != one.attempt]
    return sorted([*others, one], key=lambda other: other.attempt)[-MAX_RECORDS:]


def counted(task: TaskView, decision: Decision, record: AttemptRecord | None) -> dict[str, Any]:
    """Return the fields of a status that count failures and tell of attempts."""
    records = task.status.attempts
    return {
        "user_failures": decision.user_failures or None,
        "system_failures": decision.system_failures or None,
        "attempts": records if record is None else recorded(records, record),
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptEnd:
    """How one attempt ended, at which moment (Unix milliseconds), and its Pod, where there was one."""

    number: int
    verdict: Verdict
    at: int
    pod: PodView | None = None


def record_of(task: TaskView, spec: ContainerTaskSpec, end: AttemptEnd) -> AttemptRecord:
    """Return what is kept of an attempt that has ended."""
    status, pod, verdict = task.status, end.pod, end.verdict
    told = status if status.attempt == end.number else ContainerTaskStatus()
    timeline = timeline_of(task, pod, verdict.figures) if pod else Timeline()
    return AttemptRecord(
        attempt=end.number,
        reason=(verdict.reason or Reason.SUCCEEDED).value,
        message=cut(verdict.message, _MESSAGE) or None,
        pod_name=pod.name if pod else told.pod_name,
        node_name=pod.node if pod else told.node_name,
        exit_code=verdict.exit_code,
        memory_limit=memory_of(spec, [one for one in status.attempts or () if one.attempt < end.number]),
        started_at=timeline.started or optional_text(pod.started if pod else None),
        finished_at=timeline.finished or from_ms(end.at),
    )


def remembered(task: TaskView, spec: ContainerTaskSpec, pods: Iterable[PodView], before: int) -> TaskView:
    """Return the task with records of the attempts that cost nothing, whose Pods alone tell of them.

    ``before`` is the number of the attempt that is current, or comes next.
    """
    found = task
    for pod in sorted(pods, key=lambda one: one.attempt):
        records = found.status.attempts or ()
        stop = pod.stop if pod.over and pod.attempt < before else None
        if stop is None or classify(stop.reason) is not Class.FREE:
            continue
        if any(one.attempt == pod.attempt for one in records):
            continue
        ended = pod.container(MAIN).ended
        exit_code = ended.own_exit_code if ended else None
        verdict = Verdict(reason=stop.reason, message=stop.message, exit_code=exit_code)
        record = record_of(found, spec, AttemptEnd(number=pod.attempt, verdict=verdict, at=stop.at, pod=pod))
        every = recorded(found.status.attempts, record)
        found = replace(found, status=found.status.model_copy(update={"attempts": every}))
    return found


def _avoided(records: Records) -> tuple[str, ...]:
    """Return the nodes on which attempts were lost to the system, newest first, each once."""
    lost = [
        one.node_name for one in reversed(records or ()) if one.node_name and _class_of(one) is Class.SYSTEM
    ]
    return tuple(dict.fromkeys(lost))[:_AVOIDED]


def _bytes(quantity: str) -> int | None:
    """Return what a status says, if it can be read: anybody may have written it."""
    try:
        return to_bytes(quantity)
    except ValueError:
        return None


def _class_of(one: AttemptRecord) -> Class | None:
    """Return the class of an end, if it is a reason of this operator's: a status may say anything."""
    known = one.reason in CLASSES
    return classify(Reason(one.reason), one.message or "") if known else None
