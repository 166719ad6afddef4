"""A simulated node: scheduler and kubelet for the Pods of the fake API server, one step at a time.

It writes Pods of each mode as the real kubelet was seen to: every status whole, times in seconds. Nothing
in it waits.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from containertask.contract.exitrecord import Cause
from containertask.contract.manifest import Mode
from containertask.contract.outcome import Outcome
from containertask.contract.report import End, Figures, Report, message_budget
from containertask.core.names import POD_SELECTOR
from containertask.core.podview import mode_in
from containertask.kube.resources import PODS
from support.fakeapi import KINDS, Store
from support.fakeapi.selectors import matches

Json = dict[str, Any]

NODE: Final = "node-1"
POD: Final = next(kind for kind in KINDS if kind.resource == PODS)
OVER: Final = ("Succeeded", "Failed")
_TERM: Final = 143


def is_live(pod: Json) -> bool:
    """Tell whether anything of a Pod may still run, or come to run."""
    return (pod.get("status") or {}).get("phase") not in OVER


@dataclass(frozen=True, slots=True)
class Node:
    """One node for all namespaces. ``now`` is its clock."""

    store: Store
    now: Callable[[], datetime]

    def live(self) -> Json:
        """Return the one Pod of ours that lives."""
        (found,) = (pod for pod in self.store.items(PODS, None) if _ours(pod) and is_live(pod))
        return found

    def leave_waiting(self, why: str = "0/1 nodes are available: 1 Insufficient cpu.") -> None:
        """Find no place for the Pod."""
        condition = self._condition("PodScheduled", "False") | {"reason": "Unschedulable", "message": why}
        self._write(self.live(), {"phase": "Pending", "conditions": [condition]})

    def bind(self) -> None:
        """Give the Pod its node."""
        pod = self.live()
        bound = {**pod, "spec": {**pod["spec"], "nodeName": NODE}}
        self._write(bound, {"phase": "Pending", "conditions": [self._condition("PodScheduled", "True")]})

    def lack_a_sandbox(self) -> None:
        """Begin with the Pod, and get no further."""
        pod = self.live()
        conditions = [*pod["status"]["conditions"], self._condition("PodReadyToStartContainers", "False")]
        self._report(startTime=self._time(), conditions=conditions)

    def start(self) -> None:
        """Run the downloader to its end, and main and uploader."""
        self._begin(self._running("main"))

    def lack_the_launcher(self) -> None:
        """Find nothing in the image volume: main cannot be started, the others wait for it."""
        text = 'exec: "/ct/launcher/launcher": stat /ct/launcher/launcher: no such file or directory'
        self._begin(self._ended("main", 128, text, reason="StartError"))

    def _begin(self, main: Json) -> None:
        told = Report(outcome=Outcome.DOWNLOADED, figures=Figures(inputs_ready_ms=self._ms()))
        downloader, uploader = self._ended("downloader", 0, _message(told)), self._running("uploader")
        self._report(downloader, main, uploader, phase="Running", startTime=self._time())

    def end_main(self, exit_code: int = 0) -> None:
        """Let the command end; the uploader reads."""
        self._report(self._ended("main", exit_code), self._running("uploader"))

    def succeed(self, outputs: Mapping[str, object] | None = None) -> None:
        """Let the uploader report that all is there, and end the Pod."""
        end = End(cause=Cause.EXITED, exit_code=0)
        self._finish("Succeeded", self._ended("main", 0), self._told(Outcome.UPLOADED, end, outputs))

    def run(self, outputs: Mapping[str, object] | None = None) -> None:
        """Run a Pod to its good end."""
        self.bind()
        self.start()
        self.succeed(outputs)

    def fail(self, exit_code: int) -> None:
        """Let the command fail, and end the Pod."""
        end = End(cause=Cause.EXITED, exit_code=exit_code)
        self._finish("Failed", self._ended("main", exit_code), self._told(Outcome.MAIN_FAILED, end))

    def obey(self) -> None:
        """Do what Pods ask of a kubelet: end those whose deadline is over, remove those being deleted."""
        for pod in filter(_ours, self.store.items(PODS, None)):
            meta = pod["metadata"]
            if "deletionTimestamp" in meta:
                self.store.remove(PODS, meta["namespace"], meta["name"])
            elif is_live(pod) and pod["spec"].get("activeDeadlineSeconds") == 1 and "nodeName" in pod["spec"]:
                why = "Pod was active on the node longer than the specified deadline"
                self._finish("Failed", *self._stopped(pod), reason="DeadlineExceeded", message=why)

    def _stopped(self, pod: Json) -> tuple[Json, Report | None]:
        """Return how main and uploader end that are told to; one that heard of no launcher has no word."""
        states = {one["name"]: one["state"] for one in pod["status"].get("containerStatuses", [])}
        if "terminated" in states.get("main", {}):
            return {"name": "main", "state": states["main"]}, None
        end = End(cause=Cause.SIGNALED, exit_code=_TERM, signal=15)
        return self._ended("main", _TERM), self._told(Outcome.MAIN_FAILED, end)

    def _told(self, outcome: Outcome, end: End, outputs: Mapping[str, object] | None = None) -> Report:
        """Return the uploader's report: in Signal mode it knows nothing of the command's end."""
        if mode_in(self.live()["spec"]) is Mode.SIGNAL:
            figures = Figures(uploaded_ms=self._ms())
            return Report(outcome=Outcome.UPLOADED, outputs=dict(outputs or {}), figures=figures)
        figures = Figures(started_ms=self._ms(), finished_ms=self._ms(), uploaded_ms=self._ms())
        return Report(outcome=outcome, end=end, outputs=dict(outputs or {}), figures=figures)

    def _finish(self, phase: str, main: Json, report: Report | None, **more: str) -> None:
        told = _message(report or Report(outcome=Outcome.NOT_STARTED))
        self._report(main, self._ended("uploader", 0 if report else 1, told), phase=phase, **more)

    def _report(self, *containers: Json, **change: object) -> None:
        """Report containers where they belong by the Pod's spec, beside the others."""
        pod = self.live()
        init = {one["name"] for one in pod["spec"].get("initContainers", [])}
        status = {**pod["status"], **change}
        for one in containers:
            field = "initContainerStatuses" if one["name"] in init else "containerStatuses"
            others = [known for known in status.get(field, []) if known["name"] != one["name"]]
            status[field] = [*others, one]
        self._write(pod, status)

    def _write(self, pod: Json, status: Json) -> None:
        self.store.replace(POD, pod["metadata"]["namespace"], {**pod, "status": status})

    def _running(self, name: str) -> Json:
        return {"name": name, "state": {"running": {"startedAt": self._time()}}, "ready": True}

    def _ended(self, name: str, exit_code: int, message: str = "", *, reason: str = "") -> Json:
        end = {
            "exitCode": exit_code,
            "reason": reason or ("Error" if exit_code else "Completed"),
            "message": message,
            "startedAt": self._time(),
            "finishedAt": self._time(),
        }
        return {"name": name, "state": {"terminated": end}, "ready": False}

    def _condition(self, kind: str, status: str) -> Json:
        return {"type": kind, "status": status, "lastTransitionTime": self._time()}

    def _time(self) -> str:
        return self.now().strftime("%Y-%m-%dT%H:%M:%SZ")

    def _ms(self) -> int:
        return int(self.now().timestamp() * 1000)


def _ours(pod: Json) -> bool:
    return matches(POD_SELECTOR, pod)


def _message(report: Report) -> str:
    return report.encode(message_budget(3)).decode()
