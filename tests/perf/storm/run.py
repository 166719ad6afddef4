"""One storm from beginning to end; cluster and shared operator are afterwards as they were before."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from perf.fakenodes.nodes import fake_nodes
from perf.storm.faults import Machine
from perf.storm.parts import Part, Plan, operator_killed, server_taken_away
from perf.storm.rig import Rig
from support import release

NODES: Final = 4
STAGES: Final = Path(__file__).with_name("pods.yaml")
_GONE_SECONDS: Final = 300
_PER_TASK: Final = 0.1
"""Seconds more for a namespace to go, for each of its tasks."""


@dataclass(slots=True)
class Outcome:
    """What was seen so far; memory in MB."""

    parts: list[Part] = field(default_factory=list)
    peak_mb: float = 0.0


def storm(plan: Plan, outcome: Outcome) -> None:
    """Install an operator of its own, and let everything happen to it. What was seen stays if this fails."""
    machine = Machine.find()
    room = plan.tasks + plan.others
    seconds = int(_GONE_SECONDS + _PER_TASK * room)
    with release.shared_one_rests(), release.own("--set=replicas=0") as own:
        rig = Rig(own, machine)
        rig.prepare()
        try:
            with fake_nodes(NODES, stages=STAGES, room=room, seconds=seconds):
                outcome.parts.append(asyncio.run(operator_killed(rig, plan)))
                outcome.parts.append(asyncio.run(server_taken_away(rig, plan)))
        finally:
            outcome.peak_mb = rig.peak_mb
            # Who comes next must find everybody at work, also when this went wrong.
            machine.healthy()
