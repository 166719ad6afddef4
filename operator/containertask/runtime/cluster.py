"""What was learnt of the cluster's way with image volumes: from its nodes, from Pods, from refusals.

A cache like the store: what is lost is learnt again, at the price of some tasks that start a little later.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from containertask.core.fallback import proves, replaced
from containertask.core.mode import Cluster
from containertask.core.podview import PodView
from containertask.core.refusals import WithoutVolume, judge_refusal
from containertask.core.snapshot import Refusal

_NODES: Final = 10_000
"""How many nodes are remembered: where they come and go, the list begins anew some day."""


def now_ms() -> int:
    """Return the wall clock in Unix milliseconds."""
    return time.time_ns() // 1_000_000


class ClusterNotes:
    """Takes notes; ``known`` is what they come to.

    Args:
        clock: gives Unix milliseconds.
    """

    def __init__(self, clock: Callable[[], int]) -> None:
        self._clock = clock
        self.known = Cluster()

    def nodes_gate(self, *, all_of_them: bool) -> None:
        """Note whether every Ready node is known to mount image volumes."""
        self.known = replace(self.known, gates=all_of_them)

    def look_at(self, pod: PodView) -> None:
        """Learn from a Pod whether its node mounts them. A note from the future was not written by us."""
        proven = self.known.proven
        if pod.node is not None and pod.node not in proven and proves(pod):
            kept = proven if len(proven) < _NODES else frozenset[str]()
            self.known = replace(self.known, proven=kept | {pod.node})
        if pod.stop is not None and replaced(pod) and pod.stop.at <= self._clock():
            self._failed(pod.stop.at)

    def hear(self, refusal: Refusal) -> None:
        """Learn from the API server's answer to a Pod."""
        if judge_refusal(refusal) == WithoutVolume(certain=True):
            self._failed(refusal.at)

    def _failed(self, at: int) -> None:
        self.known = replace(self.known, failed_at=max(self.known.failed_at or 0, at))
