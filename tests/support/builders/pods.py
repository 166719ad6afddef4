"""A Pod of a task as the API server shows it: as the operator made it, then as scheduler and kubelet say."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from containertask.contract.exitrecord import Cause
from containertask.contract.manifest import Mode
from containertask.contract.outcome import Outcome
from containertask.contract.report import End
from containertask.core.accept import Accepted, accept
from containertask.core.attempt import Attempt
from containertask.core.config import Config
from containertask.core.names import DOWNLOADER, MAIN, STOP_ANNOTATION, UPLOADER
from containertask.core.podspec import build_pod
from containertask.core.podview import PodView, pod_view
from support.builders.clock import at, rfc
from support.builders.reports import downloaded, left, uploaded
from support.builders.tasks import TaskBuilder, a_task

Json = dict[str, Any]

CONFIG: Final = Config(image="containertask/operator:test")


@dataclass(frozen=True, slots=True)
class PodBuilder:
    """One Pod; ``raw`` is the whole object, and ``deleted`` means that this is the last of it."""

    raw: Json
    deleted: bool = False

    @property
    def name(self) -> str:
        return str(self.raw["metadata"]["name"])

    def view(self) -> PodView:
        return replace(pod_view(self.raw), gone=self.deleted)

    # --- The ordinary course ---

    def scheduled(self, node: str = "node-1") -> PodBuilder:
        condition = {"type": "PodScheduled", "status": "True", "lastTransitionTime": rfc(2)}
        pod = self.having("spec", nodeName=node).having("status", conditions=[condition], startTime=rfc(2))
        for name in (DOWNLOADER, MAIN, UPLOADER):
            pod = pod.waiting(name, "PodInitializing")
        return pod

    def sandbox(self, *, ready: bool = True) -> PodBuilder:
        """Say whether the node has made what the containers start in."""
        condition = {"type": "PodReadyToStartContainers", "status": str(ready), "lastTransitionTime": rfc(2)}
        return self.having("status", conditions=[*self.raw["status"].get("conditions", []), condition])

    def downloading(self) -> PodBuilder:
        return self.state(DOWNLOADER, {"running": {"startedAt": rfc(3)}})

    def initialized(self, message: str | None = None) -> PodBuilder:
        return self.ends(DOWNLOADER, 0, message=downloaded() if message is None else message, after=4)

    def running(self) -> PodBuilder:
        running = {"running": {"startedAt": rfc(5)}}
        return self.state(UPLOADER, running).state(MAIN, running).having("status", phase="Running")

    def main_ended(self, exit_code: int = 0, reason: str = "", message: str = "") -> PodBuilder:
        return self.ends(MAIN, exit_code, reason=reason, message=message, after=9)

    def uploader_ended(self, message: str = "", exit_code: int = 0, reason: str = "") -> PodBuilder:
        return self.ends(UPLOADER, exit_code, reason=reason, message=message, after=10)

    def at_work(self) -> PodBuilder:
        return self.scheduled().initialized().running()

    def done(self, outputs: Mapping[str, object] | None = None) -> PodBuilder:
        """End well."""
        return self.at_work().main_ended().uploader_ended(uploaded(outputs))

    def failed(
        self,
        exit_code: int,
        reason: str = "",
        *,
        cause: Cause = Cause.EXITED,
        message: str | None = None,
        **record: Any,
    ) -> PodBuilder:
        """End with a record of a command that did not end well."""
        end = End(cause=cause, exit_code=exit_code, **record)
        report = uploaded({}, outcome=Outcome.MAIN_FAILED, end=end, message=message)
        return self.at_work().main_ended(exit_code, reason).uploader_ended(report)

    def left(self, exit_code: int, outputs: Mapping[str, object] | None = None) -> PodBuilder:
        """End without a record, as in Signal mode."""
        return self.at_work().main_ended(exit_code).uploader_ended(left(outputs))

    # --- What else happens ---

    def unschedulable(
        self, message: str = "0/1 nodes are available: 1 Insufficient cpu.", reason: str = "Unschedulable"
    ) -> PodBuilder:
        condition = {"type": "PodScheduled", "status": "False", "reason": reason, "message": message}
        return self.having("status", conditions=[condition])

    def waiting(self, name: str, reason: str, message: str = "") -> PodBuilder:
        return self.state(name, {"waiting": {"reason": reason, "message": message}})

    def ends(
        self, name: str, exit_code: int, *, reason: str = "", message: str = "", after: float
    ) -> PodBuilder:
        end = {
            "exitCode": exit_code,
            "reason": reason or ("Error" if exit_code else "Completed"),
            "message": message,
            "startedAt": rfc(after - 1),
            "finishedAt": rfc(after),
        }
        return self.state(name, {"terminated": end})

    def over(self, phase: str = "Failed", reason: str = "", message: str = "") -> PodBuilder:
        return self.having("status", phase=phase, reason=reason, message=message)

    def disrupted(self, reason: str, message: str = "") -> PodBuilder:
        condition = {"type": "DisruptionTarget", "status": "True", "reason": reason, "message": message}
        return self.having("status", conditions=[*self.raw["status"].get("conditions", []), condition])

    def deleting(self, until: float = 90) -> PodBuilder:
        return self.having("metadata", deletionTimestamp=rfc(until))

    def gone(self) -> PodBuilder:
        return replace(self, deleted=True)

    def stopped(self, reason: str, message: str = "for a reason", *, after: float = 50) -> PodBuilder:
        return self.noted(json.dumps({"reason": reason, "message": message, "at": at(after)}))

    def noted(self, note: str) -> PodBuilder:
        annotations = {**self.raw["metadata"]["annotations"], STOP_ANNOTATION: note}
        return self.having("metadata", annotations=annotations)

    def state(self, name: str, state: Json) -> PodBuilder:
        """Report a container, ours or one that a webhook added."""
        init = {one["name"] for one in self.raw["spec"].get("initContainers", [])}
        field = "initContainerStatuses" if name in init else "containerStatuses"
        others = [one for one in self.raw["status"].get(field, []) if one["name"] != name]
        return self.having("status", **{field: [*others, {"name": name, "state": state}]})

    def having(self, part: str, **fields: object) -> PodBuilder:
        """Set fields of metadata, spec or status."""
        raw = copy.deepcopy(self.raw)
        raw[part] = {**raw.get(part, {}), **fields}
        raw["metadata"]["resourceVersion"] = str(int(raw["metadata"]["resourceVersion"]) + 1)
        return replace(self, raw=raw)


def a_pod(attempt: int = 0, task: TaskBuilder | None = None, mode: Mode = Mode.INIT) -> PodBuilder:
    """Return the Pod of an attempt just after its creation."""
    view = (task or a_task()).view()
    accepted = accept(view)
    assert isinstance(accepted, Accepted), accepted
    return PodBuilder(created(build_pod(view, accepted, Attempt(number=attempt, mode=mode), CONFIG), attempt))


def created(pod: Json, number: int, *, after: float = 1) -> Json:
    """Return a Pod as the API server stores it."""
    added = {
        "uid": f"0f0e0d0c-0000-4000-8000-{number:012d}",
        "resourceVersion": "200",
        "creationTimestamp": rfc(after),
    }
    return {**pod, "metadata": {**pod["metadata"], **added}, "status": {"phase": "Pending"}}
