"""What an attempt that has ended leads to: the end of its task, or another attempt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from containertask.api.classification import Class, classify
from containertask.api.status import AttemptRecord, ContainerTaskStatus, OutputValue, Phase
from containertask.core import waiting
from containertask.core.actions import Notice, Plan
from containertask.core.attempts import AttemptEnd, counted, record_of
from containertask.core.case import Case
from containertask.core.ending import ended_with_pod, ended_without_pod
from containertask.core.instants import optional_text
from containertask.core.podview import PodView
from containertask.core.progress import folders_of
from containertask.core.results import settled
from containertask.core.retry import Decision, decide, excused
from containertask.core.stop import Stop
from containertask.core.verdict import Verdict


def ended(case: Case, pod: PodView, verdict: Verdict) -> Plan:
    """Return what follows an attempt whose Pod came to this end, and which cost something."""
    outputs, verdict = settled(case.spec, excused(case.spec, verdict), pod.results)
    decision = decide(case.task, case.spec, verdict, pod.attempt, case.now)
    end = AttemptEnd(number=pod.attempt, verdict=verdict, at=case.now, pod=pod)
    record = record_of(case.task, case.spec, end)
    if decision.at is not None:
        return _again(case, record, decision, outputs, pod)
    status = ended_with_pod(case.task, pod, verdict, outputs, case.now)
    status = status.model_copy(update=counted(case.task, decision, record))
    return Plan(status=status, notices=(final(status),))


def given_up_on(case: Case, attempt: int, stop: Stop) -> Plan:
    """Return what follows an attempt that ends without a Pod."""
    task, verdict = case.task, Verdict(reason=stop.reason, message=stop.message)
    decision = decide(task, case.spec, verdict, attempt, case.now)
    attempted = task.status.pod_name is not None or classify(stop.reason) is not Class.TERMINAL
    end = AttemptEnd(number=attempt, verdict=verdict, at=stop.at)
    record = record_of(task, case.spec, end) if attempted else None
    if decision.at is not None and record is not None:
        return _again(case, record, decision, ())
    status = ended_without_pod(task, verdict, decision, stop.at, record)
    return Plan(status=status, notices=(final(status),))


def final(status: ContainerTaskStatus) -> Notice:
    """Return the event of a task's end."""
    failed = status.phase is not Phase.SUCCEEDED
    return Notice(status.reason or "", status.message or f"done in {status.duration}", warning=failed)


def _again(
    case: Case,
    record: AttemptRecord,
    decision: Decision,
    outputs: Sequence[OutputValue],
    pod: PodView | None = None,
) -> Plan:
    """Write down how an attempt ended, and when the next one begins; what it wrote stays until then."""
    told = counted(case.task, decision, record)
    told |= {"next_attempt_time": optional_text(decision.at), "outputs": list(outputs) or None}
    told |= {} if pod is None else folders_of(pod)
    task = replace(case.task, status=case.task.status.model_copy(update=told))
    status = waiting.retrying(task, record.attempt + 1, case.now)
    return Plan(status=status, notices=(Notice(record.reason, status.message or "", warning=True),))
