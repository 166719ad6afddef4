"""The clocks that the operator keeps: ``queued`` and ``total``, and ``execution`` where no launcher does.

The others run inside the Pod.
"""

from __future__ import annotations

from typing import Final

from containertask.api.reasons import Reason
from containertask.api.spec import ContainerTaskSpec
from containertask.api.status import Condition, ConditionStatus
from containertask.contract.manifest import Mode
from containertask.core.conditions import SUSPENDED
from containertask.core.config import Config
from containertask.core.instants import to_ms
from containertask.core.lengths import download_seconds, seconds, upload_seconds
from containertask.core.names import MAIN
from containertask.core.podview import PodView, Running
from containertask.core.stop import MAX_NOTE, Stop
from containertask.core.task import TaskView
from containertask.core.texts import cut

EXECUTION_TEXT: Final = "the command took longer than timeout.execution"
_SLACK: Final = 60
"""Seconds for making sandbox and containers, which none of the clocks counts."""


def total_ends(task: TaskView, spec: ContainerTaskSpec) -> int | None:
    """Return when ``timeout.total`` fires, in Unix milliseconds."""
    duration = spec.timeout.total if spec.timeout else None
    return None if duration is None else task.created + seconds(duration, 0) * 1000


def queued_ends(task: TaskView, spec: ContainerTaskSpec, since: int) -> int | None:
    """Return when ``timeout.queued`` fires: counted from ``since``, or from a later resumption."""
    duration = spec.timeout.queued if spec.timeout else None
    begun = max([since, *(to_ms(one.last_transition_time) for one in _resumptions(task))])
    return None if duration is None else begun + seconds(duration, 0) * 1000


def total_elapsed(task: TaskView, spec: ContainerTaskSpec, now: int) -> Stop | None:
    """Return the stop for a task that took too long."""
    ends = total_ends(task, spec)
    if ends is None or now < ends:
        return None
    return Stop(Reason.DEADLINE_EXCEEDED, f"not done within timeout.total: {_total(spec)}", now)


def queued_elapsed(task: TaskView, spec: ContainerTaskSpec, since: int, now: int) -> Stop | None:
    """Return the stop for a task that did not get onto a node in time."""
    ends = queued_ends(task, spec, since)
    if ends is None or now < ends or spec.timeout is None:
        return None
    waiting = task.status.waiting_for
    why = f"; it waits for {waiting.reason}: {waiting.message}" if waiting else ""
    text = f"on no node within timeout.queued: {spec.timeout.queued}{why}"
    return Stop(Reason.QUEUED_TIMEOUT, cut(text, MAX_NOTE), now)


def execution_ends(pod: PodView, spec: ContainerTaskSpec) -> int | None:
    """Return when ``timeout.execution`` fires for a command that no launcher watches over.

    The kubelet tells the second of its start, so that this may be up to a second late, never early.
    """
    main, duration = pod.container(MAIN).state, spec.timeout.execution if spec.timeout else None
    if pod.mode is not Mode.SIGNAL or not isinstance(main, Running) or duration is None:
        return None
    return main.started + (seconds(duration, 0) + 1) * 1000


def execution_elapsed(pod: PodView, spec: ContainerTaskSpec, now: int) -> Stop | None:
    """Return the stop for a command that took too long."""
    ends = execution_ends(pod, spec)
    if ends is None or now < ends:
        return None
    return Stop(Reason.EXECUTION_TIMEOUT, EXECUTION_TEXT, now)


def pod_deadline(spec: ContainerTaskSpec, mode: Mode, config: Config) -> int | None:
    """Return the Pod's ``activeDeadlineSeconds``: all clocks together, a net below each of them.

    It counts from the kubelet's start of the Pod, so pulling images has to fit in, too.
    """
    timeout = spec.timeout
    if timeout is None or timeout.execution is None:
        return None
    transfers = download_seconds(spec, config) + upload_seconds(spec, mode, config)
    return transfers + seconds(timeout.execution, 0) + config.image_pull_grace + _SLACK


def _resumptions(task: TaskView) -> list[Condition]:
    every = task.status.conditions or []
    return [one for one in every if one.type == SUSPENDED and one.status is ConditionStatus.FALSE]


def _total(spec: ContainerTaskSpec) -> str:
    return (spec.timeout.total if spec.timeout else None) or ""
