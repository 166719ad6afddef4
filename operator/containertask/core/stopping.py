"""Why a Pod of an unfinished task is stopped, and when to look again whether it has to be."""

from __future__ import annotations

from containertask.api.reasons import Reason
from containertask.core import blocked, trouble, unheard, waiting
from containertask.core.case import Case
from containertask.core.clocks import (
    execution_elapsed,
    execution_ends,
    queued_elapsed,
    queued_ends,
    total_elapsed,
    total_ends,
)
from containertask.core.disruption import overdue_from
from containertask.core.fallback import unproven_until, unusable_volume
from containertask.core.instants import optional_ms
from containertask.core.leftover import looked_at
from containertask.core.lengths import upload_seconds
from containertask.core.names import MAIN
from containertask.core.podview import PodView, Running
from containertask.core.stop import Stop


def wanted_end(case: Case) -> Stop | None:
    """Return why no Pod of this task should live, if somebody or the total clock says so."""
    if case.task.cancelled:
        return Stop(Reason.CANCELLED, "spec.cancel was set", case.now)
    elapsed = total_elapsed(case.task, case.spec, case.now)
    if elapsed is None and case.task.suspended:
        return Stop(Reason.SUSPENDED, "spec.suspend is true", case.now)
    return elapsed


def queued_too_long(case: Case) -> Stop | None:
    """Return the stop for a task that did not get onto a node in time."""
    waits = not case.task.suspended and not waiting.is_resuming(case.task)
    return queued_elapsed(case.task, case.spec, case.queued_since, case.now) if waits else None


def blocking(case: Case, pod: PodView) -> Stop | None:
    """Return why a Pod that would not end by itself has to be stopped."""
    if pod.node is None:
        return queued_too_long(case)
    missing = blocked.unconfigured(pod, case.now, case.snapshot.trouble)
    waited = queued_too_long(case) if missing else None
    return (
        unusable_volume(pod, case.snapshot.cluster, case.now, case.config)
        or blocked.hopeless(pod, case.now, case.config, _waits_since(case, pod))
        or unheard.unheard(pod, _upload(case, pod), case.now)
        or execution_elapsed(pod, case.spec, case.now)
        or (missing if waited else None)
    )


def _waits_since(case: Case, pod: PodView) -> int | None:
    """Return since when the Pod waits for what it waits for now; None if that begins now.

    The status was written when it began. It says nothing of a wait beside a command that runs.
    """
    main = pod.container(MAIN).state
    if isinstance(main, Running):
        return main.started
    status, now = case.task.status, blocked.waiting_for(pod, case.snapshot.trouble)
    told = status.waiting_for if status.pod_name == pod.name else None
    same = told is not None and now is not None and told.reason == now.reason
    return optional_ms(told.since) if told is not None and same else None


def _upload(case: Case, pod: PodView) -> int:
    return upload_seconds(case.spec, pod.mode, case.config)


def next_look(case: Case, pod: PodView) -> int | None:
    """Return when time alone may change what is to be done, in Unix milliseconds."""
    waits = pod.node is None or blocked.unconfigured(pod, case.now, case.snapshot.trouble) is not None
    queued = queued_ends(case.task, case.spec, case.queued_since) if waits else None
    patience = (
        blocked.patience_ends(pod, case.now, case.config, _waits_since(case, pod)),
        trouble.ask_at(pod, case.snapshot.trouble),
        unheard.patience_ends(pod, _upload(case, pod)),
        unproven_until(pod, case.snapshot.cluster),
        looked_at(pod, case.config),
    )
    clocks = (queued, total_ends(case.task, case.spec), execution_ends(pod, case.spec))
    return case.next(*clocks, *patience, overdue_from(pod))
