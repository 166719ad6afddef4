"""The kinds of tasks in a storm: what each asks for, what befalls it, and the one end that it must come to.

A task is named ``t<number>-<kind>``, so that lists mix the kinds, and its Pods carry that name as a label:
the stages of the fake nodes (``pods.yaml``) read there how each attempt ends. ``act`` is what users and
cluster do (``acting.py``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from perf.fakenodes.nodes import PLACEMENT
from support.cluster import Json
from support.shapes import SHELL_IMAGE

NOWHERE: Final[Json] = {"nodeSelector": {"perf.containertask.dev/nowhere": "true"}}
FINAL: Final = frozenset({"Succeeded", "Failed", "Cancelled"})
_STOPS: Final = frozenset({"Suspended", "Cancelled", "QueuedTimeout"})
_BACKOFF: Final[Json] = {"base": "1s", "factor": 1}


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind.

    Attributes:
        share: how many of a round of tasks are of it.
        ends: for each attempt the reasons that it may end with; none if the task is deleted before its end.
        phase: how the task ends.
        failures: of the user's and of the system's budget, when it has ended.
        act: what is done to its first attempt once that runs.
        spec: what it asks for beside what all do.
    """

    share: int = 1
    ends: tuple[frozenset[str], ...]
    phase: str = "Succeeded"
    failures: tuple[int, int] = (0, 0)
    act: str = ""
    spec: Json = field(default_factory=dict)

    @property
    def attempts(self) -> int:
        """Return how many Pods it has."""
        return len(self.ends) or 1

    @property
    def taken(self) -> bool:
        """Tell whether a Pod of it is taken away, so that nothing is left to tell of it."""
        return self.act in {"delete the Pod", "evict the Pod", "preempt the Pod"}

    @property
    def stopped(self) -> bool:
        """Tell whether the operator has to stop a Pod."""
        return any(one & _STOPS for one in self.ends)

    @property
    def stays(self) -> bool:
        """Tell whether the task is there in the end."""
        return bool(self.ends)


def _ends(*reasons: str) -> tuple[frozenset[str], ...]:
    """Return one set for each attempt; ``A|B`` is either: who was dead saw only that the Pod is gone."""
    return tuple(frozenset(one.split("|")) for one in reasons)


def _retries(**more: object) -> Json:
    return {"retries": {"backoff": _BACKOFF, **more}}


KINDS: Final[Mapping[str, Kind]] = MappingProxyType(
    {
        "good": Kind(share=9, ends=_ends("Succeeded")),
        "failing": Kind(ends=_ends("NonZeroExit"), phase="Failed", failures=(1, 0)),
        "tried": Kind(
            ends=_ends("NonZeroExit", "Succeeded"), failures=(1, 0), spec=_retries(limit=1), share=2
        ),
        "spent": Kind(
            ends=_ends("NonZeroExit", "NonZeroExit"), phase="Failed", failures=(2, 0), spec=_retries(limit=1)
        ),
        "evicted": Kind(ends=_ends("Evicted", "Succeeded"), failures=(0, 1), spec=_retries()),
        "outcast": Kind(
            ends=_ends("Evicted", "Evicted"), phase="Failed", failures=(0, 2), spec=_retries(systemLimit=1)
        ),
        "deleted": Kind(
            ends=_ends("PodDeleted", "Succeeded"), failures=(0, 1), spec=_retries(), act="delete the Pod"
        ),
        "drained": Kind(
            ends=_ends("Evicted|PodDeleted", "Succeeded"),
            failures=(0, 1),
            spec=_retries(),
            act="evict the Pod",
        ),
        "preempted": Kind(
            ends=_ends("Preempted|PodDeleted", "Succeeded"),
            failures=(0, 1),
            spec=_retries(),
            act="preempt the Pod",
        ),
        "suspended": Kind(ends=_ends("Suspended", "Succeeded"), act="suspend"),
        "cancelled": Kind(ends=_ends("Cancelled"), phase="Cancelled", act="cancel"),
        "removed": Kind(ends=(), act="delete the task"),
        "unplaced": Kind(
            ends=_ends("QueuedTimeout"),
            phase="Failed",
            failures=(0, 1),
            spec={**NOWHERE, "timeout": {"queued": "10s"}, **_retries(systemLimit=0)},
        ),
    }
)
_ROUND: Final = [name for name, kind in KINDS.items() for _ in range(kind.share)]


def kind_of(task: str) -> Kind:
    """Return a task's kind, by its name."""
    return KINDS[task.partition("-")[2]]


def number_of(task: str) -> int:
    """Return a task's number, by its name."""
    return int(task.partition("-")[0].removeprefix("t"))


def task(number: int) -> Json:
    """Return a task; the kinds take turns."""
    name = _ROUND[number * 7 % len(_ROUND)]
    return {
        "apiVersion": "containertask.dev/v1alpha1",
        "kind": "ContainerTask",
        "metadata": {"name": f"t{number:05}-{name}"},
        "spec": {
            "image": SHELL_IMAGE,
            "command": ["cp", "/var/inputs/n", "/var/outputs/y"],
            "inputs": [{"name": "n", "type": "integer", "value": number}],
            "outputs": [{"name": "y", "type": "integer"}],
            "start": "Gated",
            **PLACEMENT,
            **KINDS[name].spec,
        },
    }


def output_of(task: str) -> int:
    """Return the output that only this task's last attempt can have."""
    return 10 * number_of(task) + kind_of(task).attempts - 1
