"""A node for many Pods at once: writes each Pod's course as scheduler and kubelet were seen to.

Where a course is patient, a state lasts until the operator has told it to the user. Else states would be
skipped on a busy machine, and writes be saved that real tasks cost.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Final

from containertask.contract.exitrecord import Cause
from containertask.contract.outcome import Outcome
from containertask.contract.report import End, Figures, Report, message_budget
from containertask.kube.resources import PODS, TASKS
from perf.realpods import conditions, pod_status
from support.fakeapi import Change, FakeApi
from support.simulation import NODE, POD

Json = dict[str, Any]

STEP_SECONDS: Final = 0.25
"""Between what a node says of a Pod; more would only need more tasks at once for the same load."""
OUTPUTS: Final = {"area": 7.5, "count": 3, "note": "all of it is done"}
_BUDGET: Final = message_budget(3)
_SCHEDULED: Final = frozenset({"PodScheduled"})
_SANDBOX: Final = _SCHEDULED | {"PodReadyToStartContainers"}
_INITIALIZED: Final = _SANDBOX | {"Initialized"}
_ALL: Final = _INITIALIZED | {"Ready", "ContainersReady"}


@dataclass(frozen=True, slots=True)
class Step:
    """One MODIFIED event of a Pod.

    Attributes:
        phase: the Pod's phase from now on.
        holding: the conditions that are true.
        states: what each container does: ``runs`` or ``ended``; the others wait.
        patience: the operator must have told the user of the task's phase before; ``""`` is any phase.
    """

    phase: str
    holding: frozenset[str]
    states: Mapping[str, str] = field(default_factory=dict)
    patience: str | None = None


_BOUND: Final = Step("Pending", _SCHEDULED)
_SEEN_BY_KUBELET: Final = Step("Pending", _SCHEDULED, patience="")
_DOWNLOADING: Final = Step("Pending", _SANDBOX, {"downloader": "runs"})
_DOWNLOADED: Final = Step("Pending", _INITIALIZED, {"downloader": "ended"})
_RUNNING: Final = Step("Running", _ALL, {"downloader": "ended", "main": "runs", "uploader": "runs"})
_ENDED: Final = dict.fromkeys(("downloader", "main", "uploader"), "ended")
_OVER: Final = Step("Succeeded", _INITIALIZED, _ENDED)

USUAL: Final = (
    _BOUND,
    _SEEN_BY_KUBELET,
    _DOWNLOADING,
    _DOWNLOADED,
    _RUNNING,
    Step("Succeeded", _INITIALIZED, _ENDED, patience="Running"),
)
"""Six events: a node that sees several changes at once."""
SHORT: Final = tuple(replace(step, patience=None) for step in USUAL)
"""The same of a command that is over in a moment: no state lasts, as with a small task on an idle node."""
TALKATIVE: Final = (
    _BOUND,
    _SEEN_BY_KUBELET,
    Step("Pending", _SANDBOX),
    _DOWNLOADING,
    _DOWNLOADED,
    _RUNNING,
    Step("Running", _INITIALIZED, _ENDED, patience="Running"),
    _OVER,
)
"""Eight events: as seen on our own node (Kubernetes 1.36)."""


class FakeNode:
    """Plays the course of every Pod that is created, for ``async with``.

    Attributes:
        finished: how many tasks were told to have ended, by phase.
        changed: set at each end of a task.
    """

    def __init__(self, api: FakeApi, course: tuple[Step, ...] = USUAL) -> None:
        self.finished: dict[str, int] = defaultdict(int)
        self.changed = asyncio.Event()
        self._api = api
        self._course = course
        self._phases: dict[str, str] = {}
        self._waiting: dict[str, tuple[str, asyncio.Event]] = {}
        self._plays: set[asyncio.Task[None]] = set()
        api.store.listeners.append(self._hear)

    async def until_finished(self, count: int) -> None:
        """Wait until so many tasks have ended."""
        while sum(self.finished.values()) < count:
            self.changed.clear()
            await self.changed.wait()

    def _hear(self, change: Change) -> None:
        if change.after is None:
            return
        if change.resource == TASKS:
            self._hear_of_task(change.after)
        elif change.resource == PODS and change.before is None:
            play = asyncio.get_running_loop().create_task(self._play(change.after))
            self._plays.add(play)
            play.add_done_callback(self._played)

    def _played(self, play: asyncio.Task[None]) -> None:
        self._plays.discard(play)
        play.result()

    def _hear_of_task(self, task: Json) -> None:
        name, phase = task["metadata"]["name"], task.get("status", {}).get("phase", "")
        if not phase:
            return
        self._phases[name] = phase
        wanted, heard = self._waiting.get(name, (phase, None))
        if heard is not None and wanted in ("", phase):
            heard.set()
        if "completed" in task["status"]["timeline"]:
            del self._phases[name]
            self.finished[phase] += 1
            self.changed.set()

    async def _play(self, pod: Json) -> None:
        namespace, name = pod["metadata"]["namespace"], pod["metadata"]["name"]
        task = pod["metadata"]["ownerReferences"][0]["name"]
        for step in self._course:
            await asyncio.sleep(STEP_SECONDS)
            if step.patience is not None:
                await self._told(task, step.patience)
            pod = self._api.store.get(PODS, namespace, name)
            self._api.store.replace(POD, namespace, after(pod, step))

    async def _told(self, task: str, phase: str) -> None:
        known = self._phases.get(task)
        if known is None or phase not in ("", known):
            heard = asyncio.Event()
            self._waiting[task] = (phase, heard)
            await heard.wait()
            del self._waiting[task]


def after(pod: Json, step: Step, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> Json:
    """Return a Pod as it is after a step."""
    moment = now()
    time, ms = moment.strftime("%Y-%m-%dT%H:%M:%SZ"), int(moment.timestamp() * 1000)
    if step is _BOUND:
        bound = [one for one in conditions(time, _SCHEDULED) if one["type"] == "PodScheduled"]
        spec = {**pod["spec"], "nodeName": NODE}
        return {**pod, "spec": spec, "status": {"phase": step.phase, "conditions": bound}}
    ends = _ends(pod)
    states = ends | {
        name: _state(name, what, time, ms) for name, what in step.states.items() if name not in ends
    }
    status = {
        "phase": step.phase,
        "startTime": pod["status"].get("startTime", time),
        "conditions": conditions(time, step.holding),
        **pod_status(pod, states),
    }
    return {**pod, "status": status}


def _ends(pod: Json) -> dict[str, Json]:
    """Return the states that never change again."""
    fields = ("initContainerStatuses", "containerStatuses")
    statuses = [one for field in fields for one in pod["status"].get(field, [])]
    return {one["name"]: one["state"] for one in statuses if "terminated" in one["state"]}


def _state(name: str, what: str, time: str, ms: int) -> Json:
    if what == "runs":
        return {"running": {"startedAt": time}}
    end = {"exitCode": 0, "reason": "Completed", "startedAt": time, "finishedAt": time}
    report = _REPORTS.get(name)
    return {"terminated": end if report is None else {**end, "message": report(ms)}}


def _downloaded(ms: int) -> str:
    report = Report(outcome=Outcome.DOWNLOADED, figures=Figures(inputs_ready_ms=ms))
    return report.encode(_BUDGET).decode()


def _uploaded(ms: int) -> str:
    figures = Figures(
        started_ms=ms, finished_ms=ms, uploaded_ms=ms, cpu_milliseconds=9, memory_peak_bytes=8_413_184
    )
    end = End(cause=Cause.EXITED, exit_code=0)
    report = Report(outcome=Outcome.UPLOADED, end=end, outputs=OUTPUTS, figures=figures)
    return report.encode(_BUDGET).decode()


_REPORTS: Final = {"downloader": _downloaded, "uploader": _uploaded}
