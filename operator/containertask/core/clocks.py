"""The clocks that the operator keeps: ``queued`` and ``total``. The other three run inside the Pod."""

from __future__ import annotations

from typing import Final

from containertask.api.reasons import Reason
from containertask.api.spec import ContainerTaskSpec
from containertask.api.status import Condition, ConditionStatus
from containertask.core.conditions import SUSPENDED
from containertask.core.config import Config
from containertask.core.instants import to_ms
from containertask.core.manifest import seconds
from containertask.core.stop import Stop
from containertask.core.task import TaskView
from containertask.core.texts import cut

_SLACK: Final = 60
"""Seconds for making sandbox and containers, which none of the clocks counts."""


def total_ends(task: TaskView, spec: ContainerTaskSpec) -> int | None:
    """Return when ``timeout.total`` fires, in Unix milliseconds."""
    duration = spec.timeout.total if spec.timeout else None
    return None if duration is None else task.created + seconds(duration, 0) * 1000


def queued_ends(task: TaskView, spec: ContainerTaskSpec) -> int | None:
    """Return when ``timeout.queued`` fires: counted from the creation, or from the last resumption."""
    duration = spec.timeout.queued if spec.timeout else None
    begun = max([task.created, *(to_ms(one.last_transition_time) for one in _resumptions(task))])
    return None if duration is None else begun + seconds(duration, 0) * 1000


def total_elapsed(task: TaskView, spec: ContainerTaskSpec, now: int) -> Stop | None:
    """Return the stop for a task that took too long."""
    ends = total_ends(task, spec)
    if ends is None or now < ends:
        return None
    return Stop(Reason.DEADLINE_EXCEEDED, f"not done within timeout.total: {_total(spec)}", now)


def queued_elapsed(task: TaskView, spec: ContainerTaskSpec, now: int) -> Stop | None:
    """Return the stop for a task that did not get onto a node in time."""
    ends = queued_ends(task, spec)
    if ends is None or now < ends or spec.timeout is None:
        return None
    waiting = task.status.waiting_for
    why = f"; it waits for {waiting.reason}: {waiting.message}" if waiting else ""
    text = f"on no node within timeout.queued: {spec.timeout.queued}{why}"
    return Stop(Reason.QUEUED_TIMEOUT, cut(text, 1000), now)


def pod_deadline(spec: ContainerTaskSpec, config: Config) -> int | None:
    """Return the Pod's ``activeDeadlineSeconds``: all clocks together, a net below each of them.

    It counts from the kubelet's start of the Pod, so pulling images has to fit in, too.
    """
    timeout = spec.timeout
    if timeout is None or timeout.execution is None:
        return None
    download = seconds(timeout.download, config.download_timeout)
    upload = seconds(timeout.upload, config.upload_timeout)
    return download + seconds(timeout.execution, 0) + upload + config.image_pull_grace + _SLACK


def _resumptions(task: TaskView) -> list[Condition]:
    every = task.status.conditions or []
    return [one for one in every if one.type == SUSPENDED and one.status is ConditionStatus.FALSE]


def _total(spec: ContainerTaskSpec) -> str:
    return (spec.timeout.total if spec.timeout else None) or ""
