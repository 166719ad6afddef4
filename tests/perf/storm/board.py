"""What a storm's watches have shown: the tasks as they are, the Pods that live, and when each task ended."""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field

from containertask.core.names import ATTEMPT_LABEL, TASK_LABEL
from perf.storm.kinds import FINAL, kind_of
from support.cluster import Json

_OVER = frozenset({"Succeeded", "Failed"})


@dataclass(slots=True)
class Board:
    """Everything that was seen of one namespace.

    Attributes:
        wanted: the names of the tasks that were asked for.
        tasks: as they were seen last.
        ended: when each was seen to have ended, or to be gone, by the monotonic clock.
        living: the Pods of each task in which something may still run.
        pods: which Pods are there, by the name of their task.
        made: the uids of all Pods ever seen, by the names of task and Pod.
        crowded: tasks that were seen with two living Pods.
        first_pod: when the first Pod was seen.
        states: where each Pod stood that is there, in short.
        said: what the status of each task said, one text for each that was seen.
        listeners: are told of each change of a task or of a Pod, which of them it was and what it is now.
        moved: set with each change.
    """

    wanted: set[str]
    tasks: dict[str, Json] = field(default_factory=dict)
    ended: dict[str, float] = field(default_factory=dict)
    living: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    pods: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    made: defaultdict[tuple[str, str], set[str]] = field(default_factory=lambda: defaultdict(set))
    crowded: list[str] = field(default_factory=list)
    first_pod: float | None = None
    states: dict[str, str] = field(default_factory=dict)
    said: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    listeners: list[Callable[[str, Json], None]] = field(default_factory=list)
    moved: asyncio.Event = field(default_factory=asyncio.Event)

    def see_task(self, change: str, raw: Json) -> None:
        """Take a change of a task."""
        name = raw["metadata"]["name"]
        if change == "DELETED":
            self.tasks.pop(name, None)
            if not kind_of(name).stays:
                self.ended.setdefault(name, time.monotonic())
        else:
            self.tasks[name] = raw
            if (text := _said(raw.get("status", {}))) not in self.said[name][-1:]:
                self.said[name].append(text)
            if raw.get("status", {}).get("phase") in FINAL:
                self.ended.setdefault(name, time.monotonic())
        self._tell("task" if change != "DELETED" else "", raw)

    def see_pod(self, change: str, raw: Json) -> None:
        """Take a change of a Pod."""
        if self.first_pod is None:
            self.first_pod = time.monotonic()
        metadata = raw["metadata"]
        task, name = metadata["labels"][TASK_LABEL], metadata["name"]
        self.made[task, name].add(metadata["uid"])
        leaving = metadata.get("deletionTimestamp", "")
        self.states[name] = f"{change} {raw.get('status', {}).get('phase')} {leaving}".strip()
        there = self.pods[task]
        (there.discard if change == "DELETED" else there.add)(name)
        living = self.living[task]
        if change == "DELETED" or not is_alive(raw):
            living.discard(name)
        else:
            living.add(name)
            if len(living) > 1:
                self.crowded.append(f"{task}: {sorted(living)}")
        self._tell("pod" if change != "DELETED" else "", raw)

    def _tell(self, kind: str, raw: Json) -> None:
        for listener in self.listeners if kind else ():
            listener(kind, raw)
        self.moved.set()

    @property
    def done(self) -> int:
        """Return how much an operator has done: the Pods that it made and the ends that it told."""
        return len(self.made) + len(self.ended)

    @property
    def left(self) -> set[str]:
        """Return the tasks that have not ended."""
        return self.wanted - self.ended.keys()

    async def until(self, condition: Callable[[], bool], seconds: float, what: str) -> None:
        """Wait until something seen makes the condition true."""
        try:
            async with asyncio.timeout(seconds):
                while not condition():
                    self.moved.clear()
                    await self.moved.wait()
        except TimeoutError:
            raise AssertionError(f"not within {seconds:.0f} s: {what}; {self._stuck()}") from None

    def _stuck(self) -> str:
        some = sorted(self.left)[:5]
        told = [(self.said[name], {pod: self.states[pod] for pod in self.pods[name]}) for name in some]
        return f"{len(self.left)} tasks have not ended, such as {told}"


def _said(status: Json) -> str:
    """Return in short what people are told."""
    waiting = status.get("waitingFor", {}).get("reason", "")
    told = (
        status.get("attempt"),
        status.get("phase"),
        status.get("reason"),
        waiting,
        status.get("nextAttemptTime"),
    )
    return " ".join(f"{one}" for one in told if one not in {None, ""})


def attempt_of(pod: Json) -> int:
    """Return which attempt a Pod is."""
    return int(pod["metadata"]["labels"][ATTEMPT_LABEL])


def is_alive(pod: Json) -> bool:
    """Tell whether anything of a Pod may still run, or come to run."""
    status = pod.get("status", {})
    states = [one["state"] for one in status.get("containerStatuses", [])]
    done = bool(states) and all("terminated" in state for state in states)
    return status.get("phase") not in _OVER and not done
