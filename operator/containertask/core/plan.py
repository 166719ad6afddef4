"""The decision: from a task and its Pods, as they are known now, to the next write.

Pure, total and level-triggered. It may be asked at any time, twice, or after a crash between any two
writes, and it comes to the same end. All that matters is in the status and in the Pods.
"""

from __future__ import annotations

from dataclasses import replace
from typing import assert_never

from containertask.api.classification import Class, classify
from containertask.api.reasons import Reason
from containertask.api.status import ContainerTaskStatus, WaitingFor
from containertask.contract.manifest import Mode
from containertask.core import asking, dependencies, trouble, waiting
from containertask.core.accept import Accepted, Refused
from containertask.core.actions import (
    CreatePod,
    DeletePod,
    FindPod,
    Notice,
    Plan,
    ReadEvents,
    ReadTasks,
    ReadTemplate,
    StopPod,
)
from containertask.core.attempts import next_attempt, remembered
from containertask.core.case import Case
from containertask.core.cleanup import after_end
from containertask.core.clocks import queued_ends, total_ends
from containertask.core.config import Config
from containertask.core.ending import ended_without_pod
from containertask.core.judge import judge
from containertask.core.leftover import ending, given_up, looked_at, unheeded
from containertask.core.mode import mode_of
from containertask.core.names import pod_name
from containertask.core.outcome import ended, final, given_up_on
from containertask.core.podspec import build_pod, build_values
from containertask.core.podview import PodView
from containertask.core.progress import progressed, standing
from containertask.core.ready import NotYet, Ready, Resolved, readiness
from containertask.core.refusals import Fatal, Wait, WithoutVolume, judge_refusal
from containertask.core.retry import spent
from containertask.core.snapshot import Refusal, Snapshot
from containertask.core.stop import Stop
from containertask.core.stopping import blocking, next_look, queued_too_long, wanted_end
from containertask.core.texts import cut
from containertask.core.unbuildable import UnbuildableError
from containertask.core.verdict import Verdict
from containertask.core.worth import worth_writing


def plan(snapshot: Snapshot, now: int, config: Config) -> Plan:
    """Return what to do now. ``now`` is in Unix milliseconds."""
    task, accepted = snapshot.task, snapshot.accepted
    if task.deleting:
        return Plan()
    if task.finished:
        return after_end(snapshot, now, config)
    match accepted:
        case Refused():
            verdict = Verdict(reason=Reason.INVALID_SPEC, message=accepted.message)
            status = ended_without_pod(task, verdict, spent(task), now)
            return Plan(status=status, notices=(final(status),))
        case Accepted():
            pod = snapshot.current
            number = pod.attempt if pod else task.status.attempt or 0
            known = remembered(task, accepted.spec, snapshot.pods, number)
            known = dependencies.seen(known, accepted, snapshot.sources)
            case = Case(replace(snapshot, task=known), accepted, now, config)
            return _with_pod(case, pod) if pod else _without_pod(case, number)
        case None:
            raise ValueError(f"{task.name}: the spec of an unfinished task was not read")
    assert_never(accepted)


# --- Without a Pod ---------------------------------------------------------------------------------


def _without_pod(case: Case, attempt: int) -> Plan:
    task = case.task
    left = [pod for pod in case.snapshot.pods if not pod.over]
    if left:
        return _ending_first(case, left)
    name = pod_name(task.name, task.uid, attempt)
    if task.status.pod_name == name:
        return _vanished(case, attempt, name) if case.snapshot.missing == name else Plan(action=FindPod(name))
    stop = wanted_end(case) or (None if case.due else queued_too_long(case))
    if stop is not None:
        return (
            _suspend(case, attempt) if stop.reason is Reason.SUSPENDED else given_up_on(case, attempt, stop)
        )
    if case.due is not None:
        again = case.next(case.due, total_ends(task, case.spec))
        return _wait(case, waiting.retrying(task, attempt, case.now), again)
    refusal = case.snapshot.refusal
    if refusal is not None and refusal.attempt >= attempt:
        return _refused(case, refusal)
    return _create(case, attempt)


def _ending_first(case: Case, pods: list[PodView]) -> Plan:
    """End what is left of an earlier attempt: never do two of them live."""
    stop = Stop(Reason.POD_FAILED, "the attempt has ended, and another one follows", case.now)
    actions = [action for pod in pods if (action := ending(pod, stop, case.config))]
    if actions:
        return Plan(action=actions[0])
    until = case.next(*(looked_at(pod, case.config) for pod in pods))
    return Plan(again_in=None if until is None else until - case.now)


def _vanished(case: Case, attempt: int, name: str) -> Plan:
    """Decide about an attempt whose Pod was there and is not any more."""
    task = case.task
    queued = None if task.status.node_name else queued_too_long(case)
    deleted = Stop(Reason.POD_DELETED, f"Pod {name} was deleted before it was done", case.now)
    stop = wanted_end(case) or queued
    if stop is not None and stop.reason is Reason.SUSPENDED:
        return _suspend(case, attempt + 1)
    if stop is None and task.status.node_name is None:
        # Nothing of it ran, and it may have been our own stop of which a crash has lost the trace.
        return _without_pod(case, attempt + 1)
    return given_up_on(case, attempt, stop or deleted)


def _suspend(case: Case, attempt: int) -> Plan:
    status = waiting.suspended(case.task, attempt, case.now)
    return _wait(case, status, case.next(total_ends(case.task, case.spec)))


def _create(case: Case, attempt: int, mode: Mode | None = None) -> Plan:
    match readiness(case):
        case ReadTasks() | ReadTemplate() as action:
            return Plan(action=action)
        case NotYet(what, again):
            return _kept_waiting(case, attempt, what, again)
        case Resolved(record):
            return Plan(status=waiting.resolved(case.task, record))
        case Stop() as stop:
            return given_up_on(case, attempt, stop)
        case Ready() as ready:
            return _created(case, ready, attempt, mode)


def _created(case: Case, ready: Ready, attempt: int, mode: Mode | None) -> Plan:
    task, accepted, use = case.task, ready.accepted, ready.use
    if mode is None:
        mounts = any(store.secret or store.claim or store.authorities for store in use.stores)
        cluster = case.snapshot.cluster
        mode = mode_of(case.spec, cluster, case.now, fetches=accepted.fetches, mounts=mounts)
    one = replace(next_attempt(task, case.spec, attempt, mode), template=asking.read(case), use=use)
    try:
        pod = build_pod(task, accepted, one, case.config)
    except UnbuildableError as error:
        return given_up_on(case, attempt, Stop(error.reason, error.message, case.now))
    notice = Notice(Reason.POD_CREATED.value, f"created Pod {pod['metadata']['name']}")
    return Plan(action=CreatePod(pod, build_values(task, accepted)), notices=(notice,))


def _refused(case: Case, refusal: Refusal) -> Plan:
    match judge_refusal(refusal):
        case WithoutVolume():
            told = Notice(Reason.IMAGE_VOLUME_UNUSABLE.value, cut(refusal.message), warning=True)
            found = _create(case, refusal.attempt + 1, Mode.INIT)
            return replace(found, notices=(told, *found.notices))
        case Fatal(reason):
            return given_up_on(case, refusal.attempt, Stop(reason, refusal.message, case.now))
        case Wait(reason, retry):
            if case.now >= refusal.at + retry:
                return _create(case, refusal.attempt, Mode.INIT if refusal.mode is Mode.INIT else None)
            what = WaitingFor(reason=reason.value, message=cut(refusal.message))
            return _kept_waiting(case, refusal.attempt, what, refusal.at + retry)


def _kept_waiting(case: Case, attempt: int, what: WaitingFor, again: int) -> Plan:
    task = case.task
    ends = (again, total_ends(task, case.spec), queued_ends(task, case.spec, case.queued_since))
    return _wait(case, waiting.kept_waiting(task, attempt, case.now, what), case.next(*ends))


# --- With a Pod ------------------------------------------------------------------------------------


def _with_pod(case: Case, pod: PodView) -> Plan:
    verdict = judge(pod)
    if verdict is not None:
        return _after_attempt(case, pod, verdict)
    if pod.deleting:
        lost = given_up(pod, case.now, case.config)
        return Plan(action=lost) if lost else _going_on(case, pod)
    stop = wanted_end(case) or blocking(case, pod)
    if pod.stop is None and stop is not None:
        told = Notice(stop.reason.value, stop.message, warning=True)
        replaced = stop.reason is Reason.IMAGE_VOLUME_UNUSABLE
        return Plan(action=StopPod(pod.name, pod.uid, stop), notices=(told,) if replaced else ())
    if unheeded(pod, case.now):
        # Nobody listens to the stop. Why the Pod goes stands in its note, as for every other.
        return Plan(action=DeletePod(pod.name, pod.uid))
    return _going_on(case, pod)


def _going_on(case: Case, pod: PodView) -> Plan:
    told = case.task.status.phase if case.task.status.pod_name == pod.name else None
    if (when := trouble.ask_at(pod, case.snapshot.trouble)) is not None and case.now >= when:
        return Plan(action=ReadEvents(pod.uid))
    found = standing(pod, told, case.snapshot.trouble, case.now)
    status = progressed(case.task, pod, found, case.now)
    return _wait(case, status, next_look(case, pod), settles=found.until)


def _after_attempt(case: Case, pod: PodView, verdict: Verdict) -> Plan:
    if verdict.reason is Reason.POD_DELETED and (stop := _why_deleted(case, pod)):
        verdict = replace(verdict, reason=stop.reason, message=stop.message)
    if verdict.reason is None or classify(verdict.reason) is not Class.FREE:
        return ended(case, pod, verdict)
    if not pod.over:
        return _going_on(case, pod)
    known = remembered(case.task, case.spec, case.snapshot.pods, pod.attempt + 1)
    return _without_pod(replace(case, snapshot=replace(case.snapshot, task=known)), pod.attempt + 1)


def _why_deleted(case: Case, pod: PodView) -> Stop | None:
    """Somebody deleted it; what the user or a clock wants by now is the better reason."""
    return wanted_end(case) or (None if pod.node else queued_too_long(case))


def _wait(case: Case, status: ContainerTaskStatus, until: int | None, *, settles: int | None = None) -> Plan:
    """Write the status if it says something new that lasts, and look again in time."""
    new = worth_writing(case.task.status, status)
    if new and settles is not None and case.now < settles:
        new, until = False, case.next(settles, until)
    return Plan(status=status if new else None, again_in=None if until is None else until - case.now)
