"""The recordings of ``tests/recorded/ends`` and ``refusals``, and what the operator's core says of each.

Real Pods of real tasks as the API server last showed them, and its real answers to the creation of such.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from containertask.api.reasons import Reason
from containertask.contract.manifest import Mode
from containertask.core.accept import accept
from containertask.core.actions import CreatePod, DeletePod, Plan, StopPod
from containertask.core.config import Config
from containertask.core.judge import judge
from containertask.core.mode import Cluster
from containertask.core.plan import plan
from containertask.core.podview import PodView, pod_view
from containertask.core.snapshot import Refusal, Snapshot
from containertask.core.task import TaskView
from support.builders.clock import NOW
from support.builders.tasks import a_task

Json = dict[str, Any]

_FOLDER: Final = Path(__file__).resolve().parents[1] / "recorded"
_CONFIG: Final = Config(image="containertask/operator:dev")
_LATER: Final = 3_600_000
"""Milliseconds: beyond every patience that the operator has with a Pod."""
_SOON: Final = 15_000
_START: Final = {Mode.GATED: "Gated", Mode.INIT: "Init", Mode.SIGNAL: "Signal"}


@dataclass(frozen=True, slots=True)
class Told:
    """What is made of a recording: how, with which reason and words.

    ``ended``: the attempt has. ``stopped``: the operator ends the Pod when its patience is over, or when
    ``timeout.queued`` is. ``taken away``: it deletes the Pod, as its node does not. ``stands``: it is
    let be. ``tries Init``: the answer may be about the image volume.
    """

    how: str
    reason: str
    message: str


def names() -> list[str]:
    """Return the names of all recordings, with their folder."""
    return sorted(f"{one.parent.name}/{one.stem}" for one in _FOLDER.glob("*/*.json"))


def recording(name: str) -> Json:
    """Return a recording as it was written; its name is one of ``names``."""
    found: Json = json.loads((_FOLDER / f"{name}.json").read_text())
    return found


def told_by(found: Json) -> Told:
    """Return what the core says of a recording."""
    if "refusal" in found:
        return told_of_refusal(found["refusal"], Mode(found["mode"]))
    return told(view_of(found["pod"], gone=found["gone"]))


def view_of(pod: Json, *, gone: bool) -> PodView:
    """Return a Pod as the operator reads it."""
    return replace(pod_view(pod), gone=gone)


def told(pod: PodView) -> Told:
    """Return how an attempt ended; where it has not, what is done about its Pod much later."""
    verdict = judge(pod)
    if verdict is not None:
        return Told("ended", verdict.reason or Reason.SUCCEEDED, verdict.message)
    return _patience(pod) or _patience(pod, queued="5s") or _standing(pod)


def _patience(pod: PodView, *, queued: str | None = None) -> Told | None:
    """Return the stop of a Pod that does not end by itself."""
    found = _much_later(pod, queued)
    if not isinstance(found.action, StopPod):
        return None
    stop = found.action.stop
    return Told("stopped by timeout.queued" if queued else "stopped", stop.reason, stop.message)


def _standing(pod: PodView) -> Told:
    found = _much_later(pod)
    verdict = judge(replace(pod, gone=True))
    if isinstance(found.action, DeletePod) and verdict is not None:
        return Told("taken away", verdict.reason or Reason.SUCCEEDED, verdict.message)
    status = found.status or _soon(pod).status
    return Told("stands", (status and status.reason) or "", (status and status.message) or "")


def _soon(pod: PodView, queued: str | None = None) -> Plan:
    """Return the first plan, which says in the status what the Pod waits for."""
    return plan(_seen(pod, queued), pod.created + _SOON, _CONFIG)


def _much_later(pod: PodView, queued: str | None = None) -> Plan:
    """Return the plan when nothing has changed for long, but that it was told."""
    snapshot, status = _seen(pod, queued), _soon(pod).status
    if status is not None:
        snapshot = replace(snapshot, task=replace(snapshot.task, status=status))
    return plan(snapshot, pod.created + _LATER, _CONFIG)


def _seen(pod: PodView, queued: str | None) -> Snapshot:
    """Return the task of a Pod as if nobody had looked at it yet, on a node known for image volumes."""
    task = _task(pod.mode, queued)
    view = replace(
        task,
        namespace=pod.namespace,
        name=pod.owner_name or task.name,
        uid=pod.owner_uid or task.uid,
        created=pod.created,
    )
    cluster = Cluster(gates=True, proven=frozenset({pod.node} if pod.node else ()))
    return Snapshot(task=view, accepted=accept(view), pods=(pod,), cluster=cluster)


def _task(mode: Mode, queued: str | None = None) -> TaskView:
    task = a_task(start=_START[mode], retries={"systemLimit": 0})
    return (task if queued is None else task.timeout(queued=queued)).view()


def told_of_refusal(refusal: Json, mode: Mode) -> Told:
    """Return what is made of an answer of the API server that took no Pod."""
    task = _task(mode)
    given = Refusal(attempt=0, mode=mode, code=refusal["code"], message=refusal["message"], at=NOW)
    found = plan(Snapshot(task=task, accepted=accept(task), refusal=given), NOW, _CONFIG)
    if isinstance(found.action, CreatePod):
        return Told("tries Init", "", given.message)
    assert found.status is not None
    ended = found.status.phase is not None and found.status.phase.value == "Failed"
    return Told("ended" if ended else "stands", found.status.reason or "", found.status.message or "")
