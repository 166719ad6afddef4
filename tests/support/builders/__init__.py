"""Builders that chain: a task and its Pods as the API server shows them, and the snapshot of both.

Every step returns a new builder. Times are seconds after the task's creation.
"""

from __future__ import annotations

from containertask.contract.manifest import Mode
from containertask.core.accept import accept
from containertask.core.dependencies import Sources
from containertask.core.mode import Cluster
from containertask.core.plan import plan
from containertask.core.snapshot import Refusal, Snapshot
from containertask.core.stores import StoreView
from containertask.core.tasktemplates import TemplateView
from containertask.core.trouble import Trouble
from support.builders.clock import NOW, at, rfc
from support.builders.pods import CONFIG, PodBuilder, a_pod
from support.builders.reports import downloaded, left, uploaded
from support.builders.tasks import TaskBuilder, a_task

__all__ = [
    "CONFIG",
    "NOW",
    "PodBuilder",
    "TaskBuilder",
    "a_pod",
    "a_task",
    "at",
    "downloaded",
    "left",
    "quiet",
    "refused",
    "rfc",
    "seen",
    "told",
    "uploaded",
]


def seen(  # noqa: PLR0913 - what a plan looks at
    task: TaskBuilder,
    *pods: PodBuilder,
    missing: str | None = None,
    refusal: Refusal | None = None,
    cluster: Cluster | None = None,
    trouble: Trouble | None = None,
    sources: Sources | None = None,
    stores: tuple[StoreView, ...] = (),
    named: TemplateView | None = None,
) -> Snapshot:
    """Return what the operator knows of a task and these Pods."""
    view = task.view()
    return Snapshot(
        task=view,
        accepted=None if view.finished else accept(view),
        pods=tuple(pod.view() for pod in pods),
        missing=missing,
        refusal=refusal,
        cluster=cluster or Cluster(),
        trouble=trouble,
        sources=sources or Sources(),
        stores=stores,
        named=named,
    )


def told(task: TaskBuilder, pod: PodBuilder, now: int) -> TaskBuilder:
    """Return the task as it stands once the operator has told where its Pod stood then."""
    status = plan(seen(task, pod, trouble=quiet(pod, now)), now, CONFIG).status
    assert status is not None
    return task.status(status)


def quiet(pod: PodBuilder, now: int) -> Trouble:
    """Return what was read of a Pod's events in which there is nothing of interest."""
    return Trouble(pod_uid=pod.view().uid, at=now)


def refused(
    code: int, message: str, *, attempt: int = 0, mode: Mode = Mode.INIT, after: float = 59
) -> Refusal:
    """Return an answer of the API server that takes no Pod."""
    return Refusal(attempt=attempt, mode=mode, code=code, message=message, at=at(after))
