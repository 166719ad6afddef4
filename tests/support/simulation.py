"""A simulated node: scheduler and kubelet for the Pods of the fake API server, one step at a time.

It writes Pods as the real kubelet was seen to: every status whole, times in seconds. Nothing in it waits.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from containertask.contract.exitrecord import Cause
from containertask.contract.report import End, Figures, Outcome, Report, message_budget
from containertask.core.names import POD_SELECTOR
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

    def start(self) -> None:
        """Run the downloader to its end, then main and uploader."""
        told = Report(outcome=Outcome.DOWNLOADED, figures=Figures(inputs_ready_ms=self._ms()))
        self._report(
            phase="Running",
            startTime=self._time(),
            initContainerStatuses=[self._ended("downloader", 0, _message(told))],
            containerStatuses=[self._running("main"), self._running("uploader")],
        )

    def end_main(self, exit_code: int = 0) -> None:
        """Let the command end; the uploader reads."""
        self._report(
            containerStatuses=[self._ended("main", exit_code), self._running("uploader")],
        )

    def succeed(self, outputs: Mapping[str, object] | None = None) -> None:
        """Let the uploader report that all is there, and end the Pod."""
        end = End(cause=Cause.EXITED, exit_code=0)
        report = Report(
            outcome=Outcome.UPLOADED, end=end, outputs=dict(outputs or {}), figures=self._figures()
        )
        self._finish("Succeeded", 0, report)

    def fail(self, exit_code: int) -> None:
        """Let the command fail, and end the Pod."""
        end = End(cause=Cause.EXITED, exit_code=exit_code)
        self._finish(
            "Failed", exit_code, Report(outcome=Outcome.MAIN_FAILED, end=end, figures=self._figures())
        )

    def obey(self) -> None:
        """Do what Pods ask of a kubelet: end those whose deadline is over, remove those being deleted."""
        for pod in filter(_ours, self.store.items(PODS, None)):
            meta = pod["metadata"]
            if "deletionTimestamp" in meta:
                self.store.remove(PODS, meta["namespace"], meta["name"])
            elif is_live(pod) and pod["spec"].get("activeDeadlineSeconds") == 1 and "nodeName" in pod["spec"]:
                end = End(cause=Cause.SIGNALED, exit_code=_TERM, signal=15)
                report = Report(outcome=Outcome.MAIN_FAILED, end=end, figures=self._figures())
                why = "Pod was active on the node longer than the specified deadline"
                self._finish("Failed", _TERM, report, reason="DeadlineExceeded", message=why)

    def _finish(self, phase: str, exit_code: int, report: Report, **more: str) -> None:
        ended = [self._ended("main", exit_code), self._ended("uploader", 0, _message(report))]
        self._report(phase=phase, containerStatuses=ended, **more)

    def _report(self, **change: object) -> None:
        pod = self.live()
        self._write(pod, {**pod["status"], **change})

    def _write(self, pod: Json, status: Json) -> None:
        self.store.replace(POD, pod["metadata"]["namespace"], {**pod, "status": status})

    def _running(self, name: str) -> Json:
        return {"name": name, "state": {"running": {"startedAt": self._time()}}, "ready": True}

    def _ended(self, name: str, exit_code: int, message: str = "") -> Json:
        end = {
            "exitCode": exit_code,
            "reason": "Error" if exit_code else "Completed",
            "message": message,
            "startedAt": self._time(),
            "finishedAt": self._time(),
        }
        return {"name": name, "state": {"terminated": end}, "ready": False}

    def _condition(self, kind: str, status: str) -> Json:
        return {"type": kind, "status": status, "lastTransitionTime": self._time()}

    def _figures(self) -> Figures:
        return Figures(started_ms=self._ms(), finished_ms=self._ms(), uploaded_ms=self._ms())

    def _time(self) -> str:
        return self.now().strftime("%Y-%m-%dT%H:%M:%SZ")

    def _ms(self) -> int:
        return int(self.now().timestamp() * 1000)


def _ours(pod: Json) -> bool:
    return matches(POD_SELECTOR, pod)


def _message(report: Report) -> str:
    return report.encode(message_budget(3)).decode()
