"""What is left to do for a finished task: its Pod, and in the end the task itself."""

from __future__ import annotations

from containertask.api.lifecycle import PodRetention
from containertask.api.reasons import Reason
from containertask.api.status import Phase
from containertask.core.actions import Action, DeletePod, DeleteTask, Plan, StopPod
from containertask.core.config import Config
from containertask.core.instants import optional_ms
from containertask.core.names import DOWNLOADER
from containertask.core.podview import PodView, Running
from containertask.core.snapshot import Snapshot
from containertask.core.stop import Stop
from containertask.core.task import TaskView


def after_end(snapshot: Snapshot, now: int, config: Config) -> Plan:
    """Return the next step of the clean-up, if it is due; the status never changes again."""
    task = snapshot.task
    due = ttl_ends(task, config)
    if due is not None and now >= due:
        return Plan(action=DeleteTask(task.uid))
    again = None if due is None else due - now
    for pod in snapshot.pods:
        action = _pod_action(task, pod, now)
        if action is not None:
            return Plan(action=action, again_in=again)
    return Plan(again_in=again)


def ttl_ends(task: TaskView, config: Config) -> int | None:
    """Return when a finished task is to be deleted, in Unix milliseconds."""
    ttl = task.spec.get("ttlSecondsAfterFinished", config.default_ttl)
    completed = optional_ms(task.status.timeline.completed if task.status.timeline else None)
    return None if ttl is None or completed is None else completed + ttl * 1000


def _pod_action(task: TaskView, pod: PodView, now: int) -> Action | None:
    if pod.gone or pod.deleting:
        return None
    if not _kept(task):
        return DeletePod(pod.name, pod.uid)
    if pod.over:
        return None
    if pod.node is None:
        return DeletePod(pod.name, pod.uid)
    if pod.stop is None and not _ends_by_itself(pod):
        text = "the task has ended: whatever else was added to its Pod is ended, too"
        return StopPod(pod.name, pod.uid, Stop(_reason(task), text, now))
    return None


def _ends_by_itself(pod: PodView) -> bool:
    """Tell whether the kubelet is about to report the end of the Pod: a stop would be a wasted write."""
    if any(isinstance(one.state, Running) for one in pod.containers):
        return False
    downloader = pod.container(DOWNLOADER).ended
    failed = downloader is not None and downloader.exit_code != 0
    return failed or (bool(pod.containers) and all(one.ended for one in pod.containers))


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
