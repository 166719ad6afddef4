"""Ten minutes without API server, in no time: what was under way comes to its right end, and nothing twice.

The nodes go on meanwhile and tell when it is back, and users act at once. The process dies with its Lease
and is started again and again, or only when it can begin. ``make soak`` has a real API server for the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import pytest

from containertask.core.names import TASK_LABEL
from containertask.runtime.operator import START_SECONDS
from support.model.laws import status_of, told
from support.model.server import is_over
from support.model.wire import Fault
from support.model.world import World

Json = dict[str, Any]

AWAY: Final = 600
AFTER: Final = 90
"""Seconds from its return until everything has ended."""
LEASE_SECONDS: Final = 10
MOST_ASKED: Final = 60
"""In a minute: nobody hammers at a door that stays shut."""
COMMAND: Final[Json] = {
    "image": "alpine",
    "command": ["true"],
    "outputs": [{"name": "area", "type": "float"}],
}
QUICKLY: Final[Json] = {"retries": {"limit": 1, "backoff": {"base": "1s", "factor": 1}}}


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One task.

    Attributes:
        spec: what it asks for.
        placed: whether there is a node for it, afterwards.
        before: how many steps its Pod takes before there is no API server: to its node, to its start.
        meanwhile: what becomes of its Pod until there is one again.
        wish: what its user says then.
        reason: the end that it comes to.
        attempts: how each ended.
    """

    spec: Json = field(default_factory=dict)
    placed: bool = True
    before: int = 2
    meanwhile: str = ""
    wish: Json | None = None
    reason: str = "Succeeded"
    attempts: tuple[str, ...] = ("Succeeded",)


CASES: Final = {
    "unplaced": Case(before=0),
    "placed": Case(before=1),
    "running": Case(),
    "ended": Case(meanwhile="the command succeeds"),
    "failed": Case(
        meanwhile="the command fails", spec=QUICKLY, reason="Succeeded", attempts=("NonZeroExit", "Succeeded")
    ),
    "final": Case(meanwhile="the command fails", reason="NonZeroExit", attempts=("NonZeroExit",)),
    "evicted": Case(meanwhile="is evicted", attempts=("Evicted", "Succeeded")),
    "deleted": Case(meanwhile="somebody removes it", attempts=("PodDeleted", "Succeeded")),
    "cancelled": Case(wish={"cancel": True}, reason="Cancelled", attempts=("Cancelled",)),
    "stale": Case(
        placed=False,
        before=0,
        spec={"timeout": {"queued": "1m"}, "retries": {"systemLimit": 0}},
        reason="QueuedTimeout",
        attempts=("QueuedTimeout",),
    ),
    "late": Case(
        before=1,
        spec={"timeout": {"total": "5m"}},
        reason="DeadlineExceeded",
        attempts=("DeadlineExceeded",),
    ),
}


@pytest.fixture
def world() -> Iterator[World]:
    found = World()
    found.begin(gates=True)
    try:
        for name, case in CASES.items():
            found.create(name, {**COMMAND, **case.spec})
        found.quiet_all()
        for step in range(2):
            for pod in found.pods():
                if CASES[task_of(pod)].before > step:
                    found.kubelet.go_on(pod, ends=False)
            found.quiet_all()
            for _ in range(3):
                found.loop.advance(1)
                found.quiet_all()
        yield found
        found.check()
    finally:
        found.close()


def task_of(pod: Json) -> str:
    name: str = pod["metadata"]["labels"][TASK_LABEL]
    return name


def refuse(world: World) -> int:
    """Answer nothing that is asked; return how much was."""
    asked = 0
    for process in world.processes():
        while process.wire.air:
            process.wire.faults.append(Fault.UNSENT)
            world.serve(process)
            asked += 1
    return asked


def be_away(world: World, *, patient: bool) -> int:
    """Let there be no API server; return how much was asked in the last minute."""
    world.drop(world.processes()[0], broken=True)
    starts = set() if patient else {LEASE_SECONDS, *range(int(START_SECONDS), AWAY, int(START_SECONDS))}
    asked = 0
    for second in range(AWAY):
        if second in {LEASE_SECONDS, *starts}:
            world.kill(0, done=False)
        if second in starts:
            world.start(0)
            world.lead(0)
        asked = refuse(world) + asked * (second != AWAY - 60)
        world.loop.advance(1)
    return asked


def return_(world: World) -> None:
    """Let the API server be there again, with no history: the nodes tell, users wish, watches begin anew."""
    for pod in world.pods():
        if (what := CASES[task_of(pod)].meanwhile) and not is_over(pod):
            world.kubelet.acts(pod)[what]()
    for task in world.tasks():
        if wish := CASES[task["metadata"]["name"]].wish:
            world.wish(task, wish)
    world.expire()
    world.start(0)
    world.lead(0)


def come_to_ends(world: World) -> None:
    """Let time pass as it does on a healthy cluster."""
    for _ in range(AFTER):
        world.quiet_all()
        if not world.unfinished():
            return
        for pod in world.pods():
            leaves = "deletionTimestamp" in pod["metadata"]
            if leaves or (CASES[task_of(pod)].placed and not is_over(pod)):
                world.kubelet.go_on(pod)
        world.loop.advance(1)
    raise AssertionError(f"not within {AFTER} s: {[*map(told, world.unfinished())]}")


@pytest.mark.parametrize("patient", [False, True], ids=["started every minute", "started at its end"])
def test_what_was_under_way_comes_to_its_end_after_ten_minutes_without_api_server(
    world: World, *, patient: bool
) -> None:
    asked = be_away(world, patient=patient)
    assert asked <= MOST_ASKED
    return_(world)
    come_to_ends(world)
    for task in world.tasks():
        case, status = CASES[task["metadata"]["name"]], status_of(task)
        ends = tuple(one["reason"] for one in status["attempts"])
        assert (status["reason"], ends) == (case.reason, case.attempts), told(task)
    assert len(world.tasks()) == len(CASES)
