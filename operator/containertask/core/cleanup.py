"""What is left to do for a finished task: its Pod, and in the end the task itself."""

from __future__ import annotations

from containertask.api.lifecycle import PodRetention
from containertask.api.reasons import Reason
from containertask.api.status import Phase
from containertask.core.actions import Action, DeletePod, DeleteTask, Plan
from containertask.core.config import Config
from containertask.core.instants import optional_ms
from containertask.core.leftover import ending, looked_at
from containertask.core.podview import PodView
from containertask.core.snapshot import Snapshot
from containertask.core.stop import Stop
from containertask.core.task import TaskView


def after_end(snapshot: Snapshot, now: int, config: Config) -> Plan:
    """Return the next step of the clean-up, if it is due; the status never changes again."""
    task = snapshot.task
    due = ttl_ends(task, config)
    if due is not None and now >= due:
        return Plan(action=DeleteTask(task.uid))
    for pod in snapshot.pods:
        action = _pod_action(task, pod, now, config)
        if action is not None:
            return Plan(action=action, again_in=None if due is None else due - now)
    looks = (looked_at(pod, config) for pod in snapshot.pods if not pod.over and not pod.deleting)
    again = min((moment for moment in (due, *looks) if moment is not None and moment > now), default=None)
    return Plan(again_in=None if again is None else again - now)


def ttl_ends(task: TaskView, config: Config) -> int | None:
    """Return when a finished task is to be deleted, in Unix milliseconds."""
    ttl = task.spec.get("ttlSecondsAfterFinished", config.default_ttl)
    completed = optional_ms(task.status.timeline.completed if task.status.timeline else None)
    return None if ttl is None or completed is None else completed + ttl * 1000


def _pod_action(task: TaskView, pod: PodView, now: int, config: Config) -> Action | None:
    if pod.gone or pod.deleting:
        return None
    if not _kept(task):
        return DeletePod(pod.name, pod.uid)
    text = "the task has ended: whatever else was added to its Pod is ended, too"
    return ending(pod, Stop(_reason(task), text, now), config)


def _kept(task: TaskView) -> bool:
    match task.spec.get("podRetention", PodRetention.ALWAYS.value):
        case PodRetention.NEVER.value:
            return False
        case PodRetention.ON_FAILURE.value:
            return task.status.phase is not Phase.SUCCEEDED
        case _:
            return True


def _reason(task: TaskView) -> Reason:
    return Reason.SUCCEEDED if task.status.phase is Phase.SUCCEEDED else Reason.POD_FAILED
