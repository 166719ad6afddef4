"""A recording as a task's own Pod: what a real node said of one that was built like it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from containertask.contract.manifest import Mode
from containertask.core.config import Config
from containertask.core.instants import to_ms
from containertask.core.podview import mode_in
from containertask.core.snapshot import Refusal
from support import recorded
from support.builders.clock import NOW
from support.builders.pods import PodBuilder, a_pod
from support.builders.tasks import TaskBuilder, a_task

Json = dict[str, Any]

_COMMANDS: Final = {Mode.GATED: ["/probe"], Mode.SIGNAL: None}


@dataclass(frozen=True, slots=True)
class Recording:
    """A task with such a Pod, the settings under which that was made, and when its kubelet began."""

    task: TaskBuilder
    pod: PodBuilder
    config: Config
    began: int

    def after(self, seconds: float) -> int:
        """Return a moment after the kubelet had begun, in Unix milliseconds."""
        return self.began + round(seconds * 1000)


def a_recording(name: str) -> Recording:
    """Return the recording of a Pod."""
    raw = recorded.pod(name)
    mode, created = mode_in(raw["spec"]), raw["metadata"]["creationTimestamp"]
    task = a_task(command=_COMMANDS[mode]).having("metadata", {"creationTimestamp": created})
    pod = a_pod(task=task, mode=mode).having("metadata", creationTimestamp=created)
    pod = pod.having("spec", nodeName=raw["spec"]["nodeName"]).having("status", **raw["status"])
    return Recording(task, pod, Config(image=_image_of(raw)), to_ms(raw["status"]["startTime"]))


def a_recorded_refusal(name: str, *, mode: Mode = Mode.GATED) -> Refusal:
    """Return the recording of a creation that was refused, as if it had just been."""
    raw = recorded.refusal(name)
    return Refusal(attempt=0, mode=mode, code=raw["code"], message=raw["message"], at=NOW)


def _image_of(raw: Json) -> str:
    """Return what was the operator's image there: a volume of it, or else the copilot's."""
    found: list[str] = [one["image"]["reference"] for one in raw["spec"]["volumes"] if "image" in one]
    containers = [*raw["spec"].get("initContainers", []), *raw["spec"]["containers"]]
    return found[0] if found else next(one["image"] for one in containers if one["name"] == "downloader")
