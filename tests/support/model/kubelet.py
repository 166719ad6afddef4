"""Scheduler, kubelet and other hands on Pods: every act that a Pod of a task may see, one step at a time.

Which acts a Pod can see now follows from what it is; each writes the whole status, times in seconds.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Final

from containertask.contract import LAUNCHER_DIR
from containertask.contract.exitrecord import Cause
from containertask.contract.exitrecord import Stop as Told
from containertask.contract.manifest import Mode
from containertask.contract.outcome import Outcome
from containertask.contract.report import End, Figures, Report
from containertask.core.names import DOWNLOADER, MAIN, UPLOADER
from containertask.core.podview import mode_in
from containertask.kube.resources import PODS
from support.fakeapi.verbs import merged
from support.model.ends import DOWNLOADS, ENDINGS, WAITS, Ending
from support.model.podstatus import Clerk, begun, guests, said, state, statuses
from support.model.server import is_over

Json = dict[str, Any]
Act = Callable[[], object]

FOREIGN: Final = "mesh"
"""A container that somebody else has added; it never ends by itself."""
LASTING: Final = frozenset({"ImagePullBackOff", "InvalidImageName", "CreateContainerError", "ErrImagePull"})
"""What a container waits for in vain, until the operator has had enough."""


class Kubelet(Clerk):
    """Acts on Pods."""

    def acts(self, pod: Json) -> dict[str, Act]:
        """Return what may happen to a Pod now, by name."""
        found: dict[str, Act] = {"somebody removes it": partial(self._remove, pod)}
        if is_over(pod):
            return found
        found["somebody deletes it"] = partial(self.server.delete_pod, pod)
        if "nodeName" not in pod["spec"]:
            return found | {
                "no node has room": partial(self._unschedulable, pod),
                "gets a node": partial(self._bind, pod),
            }
        if pod["metadata"]["uid"] in self.silent:
            return found
        found |= self._disruptions(pod)
        if self.must_end(pod):
            found["ends as it is told"] = partial(self.obey, pod)
        elif not begun(pod):
            found |= self._starts(pod)
        elif state(pod, MAIN) == "running":
            found |= {f"the command {name}": act for name, act in self.endings(pod).items()}
        elif state(pod, MAIN) == "terminated" and state(pod, UPLOADER) == "running":
            found["the uploader reports"] = partial(self.end, pod, ENDINGS["succeeds"])
        return found

    def ends_alone(self, pod: Json) -> bool:
        """Tell whether a Pod comes to its end, or gets a node, without anybody's doing."""
        if pod["metadata"]["uid"] in self.silent:
            return False
        if self.must_end(pod) or is_over(pod) or "nodeName" not in pod["spec"]:
            return True
        waits = any("waiting" in one["state"] for one in statuses(pod))
        return state(pod, MAIN) == "running" or not (begun(pod) or waits)

    def go_on(self, pod: Json, *, ends: bool = True, guest: bool = False) -> None:
        """Do what a healthy cluster does; what only the operator can end stays as it is."""
        if pod["metadata"]["uid"] in self.silent:
            return
        if self.must_end(pod):
            self.obey(pod)
        elif "nodeName" not in pod["spec"]:
            self._bind(pod)
        elif any(one["state"].get("waiting", {}).get("reason") in LASTING for one in statuses(pod)):
            return
        elif not begun(pod):
            self.start(pod, guest=guest)
        elif state(pod, MAIN) == "running" and ends:
            self.end(pod, ENDINGS["succeeds"])

    def must_end(self, pod: Json) -> bool:
        """Tell whether the kubelet is to end a Pod."""
        stopped = pod["spec"].get("activeDeadlineSeconds") == 1
        return stopped or "deletionTimestamp" in pod["metadata"]

    def _disruptions(self, pod: Json) -> dict[str, Act]:
        return {
            "is evicted": partial(self._fall, pod, "Evicted"),
            "is shut down": partial(self._fall, pod, "Terminated"),
            "is preempted": partial(self._target, pod, "PreemptionByScheduler"),
            "loses its node": partial(self._target, pod, "DeletionByTaintManager"),
            "loses its node for good": partial(self._lose, pod),
        }

    def _starts(self, pod: Json) -> dict[str, Act]:
        waits = {f"waits for its {name}": partial(self._wait, pod, *what) for name, what in WAITS.items()}
        bad = {f"the downloader {name}": partial(self._bad, pod, *how) for name, how in DOWNLOADS.items()}
        return {
            "starts": partial(self.start, pod),
            "starts with a guest": partial(self.start, pod, guest=True),
            "gets no sandbox": partial(self._no_sandbox, pod),
            "main cannot be started": partial(self._start_error, pod),
            **waits,
            **bad,
        }

    def endings(self, pod: Json) -> dict[str, Act]:
        """Return what the command of a Pod can come to."""
        signal = mode_in(pod["spec"]) is Mode.SIGNAL
        able = {name: one for name, one in ENDINGS.items() if not (signal and one.command)}
        found: dict[str, Act] = {name: partial(self.end, pod, one) for name, one in able.items()}
        found["ends, and the uploader goes on"] = partial(
            self.report, pod, self.ended(MAIN, 0), phase="Running"
        )
        return found

    # --- Before the command ---

    def _unschedulable(self, pod: Json) -> None:
        condition = self.condition("PodScheduled", "False") | {"reason": "Unschedulable", "message": "0/1"}
        self.write(pod, {"conditions": [condition]})

    def _bind(self, pod: Json) -> None:
        bound = merged(pod, {"spec": {"nodeName": "node-1"}})
        self.write(bound, {"conditions": [self.condition("PodScheduled", "True")], "startTime": self.time()})

    def _no_sandbox(self, pod: Json) -> None:
        known = [one for one in pod["status"]["conditions"] if one["type"] == "PodScheduled"]
        self.write(pod, {"conditions": [*known, self.condition("PodReadyToStartContainers", "False")]})

    def _wait(self, pod: Json, name: str, reason: str, message: str) -> None:
        self.report(pod, {"name": name, "state": {"waiting": {"reason": reason, "message": message}}})

    def start(self, pod: Json, *, guest: bool = False) -> None:
        """Run the downloader to its end, and main and uploader."""
        told = said(Report(outcome=Outcome.DOWNLOADED))
        running = [self.running(name) for name in (MAIN, UPLOADER, *([FOREIGN] if guest else []))]
        self.report(pod, self.ended(DOWNLOADER, 0, told), *running, phase="Running")

    def _start_error(self, pod: Json) -> None:
        told = said(Report(outcome=Outcome.DOWNLOADED))
        main = self.ended(MAIN, 128, f"exec: {LAUNCHER_DIR}/launcher: no such file", reason="StartError")
        self.report(pod, self.ended(DOWNLOADER, 0, told), main, self.running(UPLOADER), phase="Running")

    def _bad(self, pod: Json, outcome: Outcome | None, whose: str) -> None:
        told = "" if outcome is None else said(Report(outcome=outcome, message="as the test wants"))
        ended = [self.ended(DOWNLOADER, 1, told)]
        if mode_in(pod["spec"]) is Mode.GATED:
            aborted = Report(outcome=Outcome.MAIN_FAILED, end=End(cause=Cause.GATE_ABORTED, exit_code=125))
            ended += [self.ended(MAIN, 125), self.ended(UPLOADER, 0, said(aborted))]
        self.report(pod, *ended, phase="Failed", whose=whose)

    # --- The end ---

    def end(self, pod: Json, ending: Ending) -> None:
        """Let command and uploader end; the Pod goes on where a guest does."""
        told = self._told(pod, ending)
        phase = "Running" if guests(pod) else "Failed" if ending.whose else "Succeeded"
        main = self.ended(MAIN, ending.exit_code, reason=ending.reason)
        self.report(
            pod,
            main,
            self.ended(UPLOADER, 0 if told else 1, told),
            phase=phase,
            whose=ending.whose or "Nobody",
        )

    def _told(self, pod: Json, ending: Ending) -> str:
        if ending.outcome is None:
            return ""
        outputs, figures = {"area": 2.5}, Figures(uploaded_ms=self.ms())
        if mode_in(pod["spec"]) is Mode.SIGNAL:
            outcome = Outcome.UPLOADED if ending.outcome is Outcome.MAIN_FAILED else ending.outcome
            text = said(Report(outcome=outcome, outputs=outputs, figures=figures))
        else:
            report = Report(outcome=ending.outcome, end=ending.end, outputs=outputs, figures=figures)
            text = said(report)
        return text if ending.whole else text.partition("\n")[0] + "\n"

    def obey(self, pod: Json) -> None:
        """End a Pod that is stopped or deleted, and remove one that is deleted."""
        if not is_over(pod):
            why = {"reason": "DeadlineExceeded"} if "deletionTimestamp" not in pod["metadata"] else {}
            self.report(pod, *self._stopped(pod), phase="Failed", whose="Told", **why)
        meta = pod["metadata"]
        if "deletionTimestamp" in meta:
            self.server.objects.remove(PODS, meta["namespace"], meta["name"])

    def _stopped(self, pod: Json) -> list[Json]:
        if not begun(pod):
            return []
        main = self.known(pod, MAIN) if state(pod, MAIN) == "terminated" else self.ended(MAIN, 143)
        end = End(cause=Cause.SIGNALED, exit_code=143, signal=15, stop=Told.SIGNAL)
        ended = Ending(whose="Told", exit_code=143, end=end, outcome=Outcome.MAIN_FAILED)
        told = "" if state(pod, MAIN) == "terminated" else self._told(pod, ended)
        uploader = self.known(pod, UPLOADER)
        if state(pod, UPLOADER) != "terminated":
            uploader = self.ended(UPLOADER, 0 if told else 1, told)
        return [main, uploader, *(self.ended(name, 143) for name in guests(pod))]

    def _fall(self, pod: Json, reason: str) -> None:
        """End a Pod as a whole, with no word of its containers."""
        self.report(pod, phase="Failed", reason=reason, message="as the test wants it", whose="System")

    def _target(self, pod: Json, reason: str) -> None:
        known = [one for one in pod["status"].get("conditions", []) if one["type"] != "DisruptionTarget"]
        condition = self.condition("DisruptionTarget", "True") | {"reason": reason, "message": ""}
        self.server.delete_pod(pod, conditions=[*known, condition])

    def _lose(self, pod: Json) -> None:
        """Have the node controller delete a Pod that nobody ends."""
        self.silent.add(pod["metadata"]["uid"])
        self._target(pod, "DeletionByTaintManager")

    def _remove(self, pod: Json) -> None:
        self.server.objects.remove(PODS, pod["metadata"]["namespace"], pod["metadata"]["name"])
