"""Where an unfinished attempt stands, as its status shows it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from containertask.api.reasons import Reason
from containertask.api.status import ContainerTaskStatus, Phase, Timeline, WaitingFor
from containertask.contract.manifest import Mode
from containertask.contract.report import Figures, Report, ReportError
from containertask.core.blocked import waiting_for
from containertask.core.conditions import (
    ACCEPTED,
    INPUTS_READY,
    STARTED,
    SUSPENDED,
    Fact,
    with_facts,
    without_attempt,
)
from containertask.core.disruption import overdue_from
from containertask.core.instants import from_ms, optional_text, writable
from containertask.core.names import DOWNLOADER, MAIN
from containertask.core.podview import PodView, Running, Terminated
from containertask.core.task import TaskView
from containertask.core.texts import cut
from containertask.core.trouble import Trouble

SETTLE: Final = 2_000
"""A state that lasts less than this many milliseconds is not written: each write costs everyone. A task that
is over by then has one status write, its end. Kubernetes tells whole seconds, so it is one to two of them."""

LONG_SETTLE: Final = 30_000
"""Two writes come before the end: one when the Pod waits or starts, one when the command runs. A third, for a
state between them, has to last this long to be worth it: on a crowded node every state lasts two seconds."""

MOUNT_SETTLE: Final = 5_000
"""Every Pod waits for its volumes at first, mostly for less than a second."""

STOP_SETTLE: Final = 10_000
"""A stop is over in about two seconds, and what it leads to is written then."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Phase, reason and message; ``until`` is when it will be worth a write, None for at once."""

    phase: Phase
    reason: Reason
    message: str = ""
    waiting: WaitingFor | None = None
    until: int | None = None


def standing(pod: PodView, told: Phase | None, trouble: Trouble | None, now: int) -> Standing:
    """Tell where a Pod stands whose end is not settled yet; ``told`` is the phase that the status shows."""
    found, overdue = _standing(pod, told, trouble, now), overdue_from(pod)
    if overdue is not None and now >= overdue:
        text = f"Pod {pod.name} is deleted, and node {pod.node} does not say that it has ended"
        return Standing(found.phase, Reason.NODE_LOST, text)
    if pod.stop is not None:
        text = f"being stopped: {pod.stop.message}"
        return Standing(found.phase, pod.stop.reason, text, None, _lasts(pod.stop.at, STOP_SETTLE, now))
    return found


def _standing(pod: PodView, told: Phase | None, trouble: Trouble | None, now: int) -> Standing:
    waiting = waiting_for(pod, trouble)
    main = pod.container(MAIN)
    if pod.node is None:
        if waiting is not None:
            return Standing(Phase.QUEUED, Reason(waiting.reason), waiting.message, waiting)
        return Standing(Phase.QUEUED, Reason.UNSCHEDULED, until=_lasts(pod.created, SETTLE, now))
    if isinstance(main.state, Running):
        until = _lasts(main.state.started, SETTLE, now)
        return Standing(Phase.RUNNING, Reason.MAIN_RUNNING, until=until)
    if main.ended is not None:
        settle = LONG_SETTLE if told is Phase.RUNNING else SETTLE
        until = None if main.ended.finished is None else _lasts(main.ended.finished, settle, now)
        return Standing(Phase.UPLOADING, Reason.READING_OUTPUTS, until=until)
    if waiting is not None:
        until = _lasts(pod.scheduled or pod.created, MOUNT_SETTLE, now) if pod.mounting else None
        return Standing(Phase.INITIALIZING, Reason(waiting.reason), waiting.message, waiting, until)
    settle = LONG_SETTLE if told is Phase.QUEUED else SETTLE
    return Standing(Phase.INITIALIZING, Reason.STARTING, until=_lasts(pod.created, settle, now))


def _lasts(since: int, settle: int, now: int) -> int | None:
    """Return when a state that began then has lasted. A clock that is far ahead of ours is not waited for."""
    return None if since > now + settle else since + settle


def progressed(task: TaskView, pod: PodView, found: Standing, now: int) -> ContainerTaskStatus:
    """Return the status of a task whose Pod is not done and stands there, as of now."""
    old = at_attempt(task, pod.attempt).status
    return old.model_copy(
        update={
            "phase": found.phase,
            "reason": found.reason.value,
            "message": cut(found.message) or None,
            "observed_generation": task.generation,
            "conditions": with_facts(old.conditions, facts_of(pod, task), now, task.generation),
            "attempt": pod.attempt,
            "pod_name": pod.name,
            "node_name": pod.node,
            "timeline": timeline_of(task, pod, Figures()),
            "waiting_for": _since(found.waiting, old, pod, now),
            "next_attempt_time": None if pod.begun else old.next_attempt_time,
            "outputs": None,
            **folders_of(pod),
        }
    )


def folders_of(pod: PodView) -> dict[str, str | None]:
    """Return where a store keeps what this attempt leaves. Without our launcher nothing is captured."""
    logs = pod.results is not None and pod.mode is not Mode.SIGNAL
    return {"outputs_uri": pod.results, "logs_uri": f"{pod.results}logs/" if logs else None}


def _since(waiting: WaitingFor | None, old: ContainerTaskStatus, pod: PodView, now: int) -> WaitingFor | None:
    """Return what a Pod waits for, with the time since when; that stays for as long as the reason does."""
    if waiting is None:
        return None
    before = old.waiting_for if old.pod_name == pod.name else None
    same = before is not None and before.reason == waiting.reason
    return waiting.model_copy(update={"since": before.since if before and same else from_ms(now)})


def at_attempt(task: TaskView, attempt: int) -> TaskView:
    """Return the task without what its conditions say of an earlier attempt."""
    if task.status.attempt in {None, attempt}:
        return task
    lasting = without_attempt(task.status.conditions)
    return replace(task, status=task.status.model_copy(update={"conditions": lasting}))


def facts_of(pod: PodView, task: TaskView) -> list[Fact]:
    """Return what a Pod says of the conditions before its end."""
    facts = [Fact(ACCEPTED, holds=True, reason=Reason.ACCEPTED)]
    if any(one.type == SUSPENDED for one in task.status.conditions or ()):
        facts.append(Fact(SUSPENDED, holds=False, reason=Reason.RESUMED))
    downloader = pod.container(DOWNLOADER).ended
    if downloader is not None and downloader.exit_code == 0:
        facts.append(Fact(INPUTS_READY, holds=True, reason=Reason.INPUTS_WRITTEN))
    if _started(pod) is not None:
        facts.append(Fact(STARTED, holds=True, reason=Reason.COMMAND_STARTED))
    return facts


def timeline_of(task: TaskView, pod: PodView, figures: Figures) -> Timeline:
    """Return when each station was passed: from the reports where they say so, else from the kubelet."""
    old = task.status.timeline or Timeline()
    main = pod.container(MAIN)
    ended = main.ended
    return Timeline(
        created=from_ms(task.created),
        pod_created=old.pod_created
        if task.status.attempt == pod.attempt and old.pod_created
        else from_ms(pod.created),
        scheduled=optional_text(pod.scheduled),
        inputs_ready=optional_text(_inputs_ready(pod, figures)),
        started=optional_text(writable(figures.started_ms) or _started(pod)),
        finished=optional_text(writable(figures.finished_ms) or (ended.finished if ended else None)),
        uploaded=optional_text(writable(figures.uploaded_ms)),
    )


def _started(pod: PodView) -> int | None:
    """Return since when the command has run, as the kubelet knows it: at the gate it does not run yet."""
    main = pod.container(MAIN)
    if pod.mode is Mode.GATED:
        return None
    return writable(main.state.started) if isinstance(main.state, (Running, Terminated)) else None


def _inputs_ready(pod: PodView, figures: Figures) -> int | None:
    downloader = pod.container(DOWNLOADER).ended
    if downloader is None or downloader.exit_code != 0:
        return writable(figures.inputs_ready_ms)
    try:
        told = Report.decode(downloader.message).figures.inputs_ready_ms
    except ReportError:
        told = None
    return writable(told) or writable(figures.inputs_ready_ms) or downloader.finished
