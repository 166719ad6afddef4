"""The decision: from a task and its Pods, as they are known now, to the next write.

Pure, total and level-triggered. It may be asked at any time, twice, or after a crash between any two
writes, and it comes to the same end. All that matters is in the status and in the Pods.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final, assert_never

from containertask.api.reasons import Reason
from containertask.api.status import ContainerTaskStatus, Phase, WaitingFor
from containertask.contract.manifest import Mode
from containertask.core import waiting
from containertask.core.accept import Accepted, Refused
from containertask.core.actions import CreatePod, DeletePod, FindPod, Notice, Plan, StopPod
from containertask.core.attempt import Attempt
from containertask.core.case import Case
from containertask.core.cleanup import after_end
from containertask.core.clocks import queued_ends, total_ends
from containertask.core.config import Config
from containertask.core.ending import ended_with_pod, ended_without_pod
from containertask.core.judge import judge, kind_of
from containertask.core.mode import mode_of
from containertask.core.names import pod_name
from containertask.core.podspec import build_pod, build_values
from containertask.core.podview import PodView
from containertask.core.progress import progressed, standing
from containertask.core.refusals import Fatal, Wait, WithoutVolume, judge_refusal
from containertask.core.snapshot import Refusal, Snapshot
from containertask.core.stop import Stop
from containertask.core.stopping import blocking, next_look, queued_too_long, unheeded, wanted_end
from containertask.core.task import TaskView
from containertask.core.texts import cut
from containertask.core.verdict import Verdict
from containertask.core.worth import worth_writing

_ANOTHER_FOLLOWS: Final = frozenset({Reason.SUSPENDED, Reason.IMAGE_VOLUME_UNUSABLE})
"""Stops that cost no budget: the next attempt comes when it may."""


def plan(snapshot: Snapshot, now: int, config: Config) -> Plan:
    """Return what to do now. ``now`` is in Unix milliseconds."""
    task, accepted = snapshot.task, snapshot.accepted
    if task.deleting:
        return Plan()
    if task.finished:
        return after_end(snapshot, now, config)
    match accepted:
        case Refused():
            return _end(task, Stop(Reason.INVALID_SPEC, accepted.message, now))
        case Accepted():
            case, pod = Case(snapshot, accepted, now, config), _current(snapshot)
            return _with_pod(case, pod) if pod else _without_pod(case, task.status.attempt or 0)
        case None:
            raise ValueError(f"{task.name}: the spec of an unfinished task was not read")
    assert_never(accepted)


def _current(snapshot: Snapshot) -> PodView | None:
    """Return the Pod of the current attempt: the status may be older than the newest Pod, never newer."""
    attempt = snapshot.task.status.attempt or 0
    newest = max(snapshot.pods, key=lambda pod: pod.attempt, default=None)
    return newest if newest is not None and newest.attempt >= attempt else None


# --- Without a Pod ---------------------------------------------------------------------------------


def _without_pod(case: Case, attempt: int) -> Plan:
    task = case.task
    if any(not pod.over for pod in case.snapshot.pods):
        return Plan()
    name = pod_name(task.name, task.uid, attempt)
    if task.status.pod_name == name:
        return _vanished(case, name) if case.snapshot.missing == name else Plan(action=FindPod(name))
    stop = wanted_end(case) or queued_too_long(case)
    if stop is not None:
        return _suspend(case, attempt) if stop.reason is Reason.SUSPENDED else _end(task, stop)
    refusal = case.snapshot.refusal
    if refusal is not None and refusal.attempt >= attempt:
        return _refused(case, refusal)
    return _create(case, attempt)


def _vanished(case: Case, name: str) -> Plan:
    """Decide about an attempt whose Pod was there and is not any more."""
    task = case.task
    queued = None if task.status.node_name else queued_too_long(case)
    deleted = Stop(Reason.POD_DELETED, f"Pod {name} was deleted before it was done", case.now)
    stop, following = wanted_end(case) or queued, (task.status.attempt or 0) + 1
    if stop is not None and stop.reason is Reason.SUSPENDED:
        return _suspend(case, following)
    if stop is None and task.status.node_name is None:
        # Nothing of it ran, and it may have been our own stop of which a crash has lost the trace.
        return _without_pod(case, following)
    return _end(task, stop or deleted)


def _suspend(case: Case, attempt: int) -> Plan:
    status = waiting.suspended(case.task, attempt, case.now)
    return _wait(case, status, case.next(total_ends(case.task, case.spec)))


def _create(case: Case, attempt: int, mode: Mode | None = None) -> Plan:
    task = case.task
    mode = mode or mode_of(case.spec, case.snapshot.cluster, case.now)
    pod = build_pod(task, case.accepted, Attempt(number=attempt, mode=mode), case.config)
    notice = Notice(Reason.POD_CREATED.value, f"created Pod {pod['metadata']['name']}")
    return Plan(action=CreatePod(pod, build_values(task, case.accepted)), notices=(notice,))


def _refused(case: Case, refusal: Refusal) -> Plan:
    task = case.task
    match judge_refusal(refusal):
        case WithoutVolume():
            told = Notice(Reason.IMAGE_VOLUME_UNUSABLE.value, cut(refusal.message), warning=True)
            found = _create(case, refusal.attempt + 1, Mode.INIT)
            return replace(found, notices=(told, *found.notices))
        case Fatal(reason):
            return _end(task, Stop(reason, refusal.message, case.now))
        case Wait(reason, retry):
            if case.now >= refusal.at + retry:
                return _create(case, refusal.attempt, Mode.INIT if refusal.mode is Mode.INIT else None)
            what = WaitingFor(reason=reason.value, message=cut(refusal.message))
            ends = (
                refusal.at + retry,
                total_ends(task, case.spec),
                queued_ends(task, case.spec, case.queued_since),
            )
            status = waiting.kept_waiting(task, refusal.attempt, case.now, what)
            return _wait(case, status, case.next(*ends))


# --- With a Pod ------------------------------------------------------------------------------------


def _with_pod(case: Case, pod: PodView) -> Plan:
    verdict = judge(pod)
    if verdict is not None:
        return _after_attempt(case, pod, verdict)
    if not pod.deleting:
        stop = wanted_end(case) or blocking(case, pod)
        if pod.stop is None and stop is not None:
            told = Notice(stop.reason.value, stop.message, warning=True)
            replaced = stop.reason is Reason.IMAGE_VOLUME_UNUSABLE
            return Plan(action=StopPod(pod.name, pod.uid, stop), notices=(told,) if replaced else ())
        if pod.stop is not None and unheeded(pod, case.now):
            # Nothing of it runs that could be lost. Why it goes stands in its note, as for every other.
            return Plan(action=DeletePod(pod.name, pod.uid))
    return _going_on(case, pod)


def _going_on(case: Case, pod: PodView) -> Plan:
    told = case.task.status.phase if case.task.status.pod_name == pod.name else None
    found = standing(pod, told, case.now)
    status = progressed(case.task, pod, found, case.now)
    return _wait(case, status, next_look(case, pod), settles=found.until)


def _after_attempt(case: Case, pod: PodView, verdict: Verdict) -> Plan:
    if verdict.reason is Reason.POD_DELETED and (stop := _why_deleted(case, pod)):
        verdict = replace(verdict, reason=stop.reason, kind=kind_of(stop.reason), message=stop.message)
    if verdict.reason not in _ANOTHER_FOLLOWS:
        status = ended_with_pod(case.task, case.spec, pod, verdict, case.now)
        return Plan(status=status, notices=(_final(status),))
    return _without_pod(case, pod.attempt + 1) if pod.over else _going_on(case, pod)


def _why_deleted(case: Case, pod: PodView) -> Stop | None:
    """Somebody deleted it; what the user or a clock wants by now is the better reason."""
    return wanted_end(case) or (None if pod.node else queued_too_long(case))


# --- Plans -----------------------------------------------------------------------------------------


def _end(task: TaskView, stop: Stop) -> Plan:
    status = ended_without_pod(task, stop.reason, kind_of(stop.reason), stop.message, stop.at)
    return Plan(status=status, notices=(_final(status),))


def _wait(case: Case, status: ContainerTaskStatus, until: int | None, *, settles: int | None = None) -> Plan:
    """Write the status if it says something new that lasts, and look again in time."""
    new = worth_writing(case.task.status, status)
    if new and settles is not None and case.now < settles:
        new, until = False, case.next(settles, until)
    return Plan(status=status if new else None, again_in=None if until is None else until - case.now)


def _final(status: ContainerTaskStatus) -> Notice:
    failed = status.phase is not Phase.SUCCEEDED
    return Notice(status.reason or "", status.message or f"done in {status.duration}", warning=failed)
