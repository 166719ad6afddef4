"""What a scene with a real task is made of: the task, what is done to it, and when its Pod is recorded."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any, Final

from support import cluster
from support.admission import Policy
from support.cluster import Json
from support.modes import GATED
from support.tasks import Tasks

Condition = Callable[[Json], bool]

_PIDS: Final = """
for one in /proc/[0-9]*; do
  if grep -q {id} $one/cgroup && [ "$(cat $one/comm)" = {comm} ]; then echo ${{one#/proc/}}; exit; fi
done 2>/dev/null
exit 1"""


@dataclass(frozen=True, slots=True)
class Stage:
    """One task that has its Pod, for those who do something to it."""

    tasks: Tasks
    task: str
    pod: Json
    """As it was when this began."""

    @property
    def pod_name(self) -> str:
        name: str = self.pod["metadata"]["name"]
        return name

    @property
    def node(self) -> str:
        node: str = self.pod["spec"]["nodeName"]
        return node

    def on_node(self, script: str) -> str:
        """Run shell on the Pod's node."""
        return on_node(self.node, script)

    def kill(self, container: str, program: str, signal: str) -> None:
        """Send a signal to the first process of a container that runs this program."""
        now = self.tasks.pod(self.task)
        found: str = cluster.status(now, container)["containerID"]
        script = _PIDS.format(id=found.rpartition("/")[2], comm=program)
        self.on_node(f"kill -{signal} $({script})")


Act = Callable[[Stage], object]
Around = Callable[[Tasks], AbstractContextManager[Any]]


def on_node(node: str, script: str) -> str:
    """Run shell on a node, outside of every Pod."""
    command = ["docker", "exec", node, "sh", "-euc", script]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def nothing_around(_tasks: Tasks) -> AbstractContextManager[None]:
    """Prepare nothing."""
    return nullcontext()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """A task, and what its Pod comes to: it is recorded when it is over or gone, or shows something."""

    about: str
    spec: Json
    mode: str = GATED
    act: Act | None = None
    """What is done to it when its command has printed ``ready``, or when it shows ``acted_when``."""
    acted_when: Condition | None = None
    shows: Condition | None = None
    later: int = 0
    """Seconds between what it shows and the recording."""
    around: Around = nothing_around
    """What has to be there, from before the task until it is recorded."""
    needs: tuple[Json, ...] = ()
    """Objects of the namespace that have to be there."""
    policy: Policy | None = None
    events: bool = False
    """Whether the Pod's events belong to the recording."""
    patience: int = 90


def in_modes(name: str, about: str, spec: Json, modes: Iterable[str], **more: Any) -> dict[str, Ending]:
    """Return the same scene in each of these modes."""
    return {
        f"{name}-{mode}": Ending(about=f"{about}, {mode.capitalize()}", spec=spec, mode=mode, **more)
        for mode in modes
    }


def over(pod: Json) -> bool:
    """Tell whether nothing of the Pod lives any more, as it says itself."""
    phase: str = pod["status"]["phase"]
    return phase in {"Succeeded", "Failed"}


def ready(pod: Json) -> bool:
    """Tell whether the Pod serves."""
    every = pod["status"].get("conditions", [])
    return ("Ready", "True") in [(one["type"], one["status"]) for one in every]
