"""A storm's parts: many tasks at once, and what is done meanwhile. Returns what was seen, judges nothing."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Final

from perf.fakenodes.nodes import namespace
from perf.storm import kinds
from perf.storm.acting import PODS, TASKS, Actors
from perf.storm.api import Api, connected
from perf.storm.board import Board
from perf.storm.faults import Machine
from perf.storm.ledger import Ledger
from perf.storm.rig import Rig
from support.cluster import Json

_CONNECTIONS: Final = 16
_READING: Final = 60.0
"""Seconds between two looks at the audit log: it is rotated when it is large."""
_COLLECTED: Final = 120.0
"""Seconds until the Pods of deleted tasks are gone."""
_MADE: Final = frozenset({HTTPStatus.CREATED, HTTPStatus.CONFLICT})


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How large a storm is.

    Attributes:
        tasks: at once, while the operator is killed.
        kills: the most.
        every: seconds between two of them.
        others: tasks, while the API server is taken away.
        away: for how many seconds, after it was killed twice.
        seconds: for each part until all tasks have ended.
    """

    tasks: int
    kills: int
    every: float
    others: int
    away: float
    seconds: float


@dataclass(slots=True, kw_only=True)
class Part:
    """One part as it was seen; moments by the monotonic clock.

    Attributes:
        cold: seconds from the operator's start, with all tasks there, to the first Pod.
        fault: when the last fault was over.
        cpu: seconds that the operator used.
        starts: how often its process began.
        faults: what was done.
        outages: how often there was no API server.
        costs: what the operator wrote for each task.
    """

    name: str
    board: Board
    ledger: Ledger
    began: float = 0.0
    cold: float | None = None
    fault: float = 0.0
    cpu: float = 0.0
    starts: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    outages: int = 0
    costs: dict[str, Counter[str]] = field(default_factory=dict)


@asynccontextmanager
async def _watched(name: str, account: str, count: int) -> AsyncIterator[tuple[Part, Api, str, list[Json]]]:
    """Watch a namespace with everybody who acts there."""
    bodies = [kinds.task(number) for number in range(count)]
    board = Board(wanted={one["metadata"]["name"] for one in bodies})
    with namespace("storm") as where:
        part = Part(name=name, board=board, ledger=Ledger(account, where))
        async with connected(2 * _CONNECTIONS) as api, asyncio.TaskGroup() as group:
            board.listeners.append(Actors(api, where, group).see)
            watches = [
                group.create_task(api.follow(TASKS.format(where), board.see_task)),
                group.create_task(api.follow(PODS.format(where), board.see_pod)),
            ]
            yield part, api, TASKS.format(where), bodies
            removed = [one for one in board.wanted if not kinds.kind_of(one).stays]
            await board.until(
                lambda: not any(board.pods[one] for one in removed), _COLLECTED, "Pods of deleted tasks go"
            )
            for watch in watches:
                watch.cancel()
        await asyncio.to_thread(part.ledger.read)
        part.costs = part.ledger.by_task(board.wanted)


async def _create(api: Api, path: str, bodies: list[Json]) -> None:
    left: Iterator[Json] = iter(bodies)

    async def some() -> None:
        for body in left:
            code, answer = await api.ask("POST", path, body)
            assert code in _MADE, answer

    await asyncio.gather(*(some() for _ in range(_CONNECTIONS)))


async def operator_killed(rig: Rig, plan: Plan) -> Part:
    """All tasks are there when the operator starts; it is killed every ten seconds."""
    account = rig.release.name
    async with _watched("operator killed", account, plan.tasks) as (part, api, path, bodies):
        board = part.board
        await _create(api, path, bodies)
        await board.until(lambda: len(board.tasks) == plan.tasks, plan.seconds, "all tasks seen")
        part.began = time.monotonic()
        await asyncio.to_thread(rig.begin)
        use = await asyncio.to_thread(rig.read)
        started = time.monotonic() - use.age
        await board.until(lambda: board.first_pod is not None, plan.seconds, "a first Pod")
        part.cold = (board.first_pod or 0.0) - started
        killing = asyncio.create_task(
            asyncio.to_thread(rig.keep_killing, plan.kills, plan.every, lambda: board.done)
        )
        reading = asyncio.create_task(_keep_reading(part.ledger))
        try:
            await board.until(lambda: not board.left, plan.seconds, "all tasks ended")
        finally:
            rig.let_live()
            await killing
            reading.cancel()
        part.faults["kills of the operator"] = rig.kills
        part.fault = rig.killed_at
        use = await asyncio.to_thread(rig.read)
        part.cpu, part.starts = use.cpu, use.starts
    return part


async def _keep_reading(ledger: Ledger) -> None:
    while True:
        await asyncio.sleep(_READING)
        await asyncio.to_thread(ledger.read)


async def server_taken_away(rig: Rig, plan: Plan) -> Part:
    """The API server is killed twice, and then away for long, each time with tasks under way."""
    machine, account = rig.machine, rig.release.name
    async with _watched("API server away", account, plan.others) as (part, api, path, bodies):
        board, before = part.board, await asyncio.to_thread(rig.read)
        part.began = time.monotonic()
        creating = asyncio.create_task(_create(api, path, bodies))
        for sixths in (1, 2):
            await _under_way(board, plan.others * sixths // 6, plan)
            await asyncio.to_thread(machine.restart_server)
            part.faults["kills of the API server"] += 1
        await creating
        await _under_way(board, plan.others // 2, plan)
        await asyncio.to_thread(_away, machine, plan.away)
        part.faults[f"{plan.away:.0f} s without API server"] = 1
        part.fault, part.outages = time.monotonic(), part.faults.total()
        await board.until(lambda: not board.left, plan.seconds, "all tasks ended")
        use = await asyncio.to_thread(rig.read)
        part.cpu, part.starts = use.cpu - before.cpu, use.starts - before.starts
    return part


async def _under_way(board: Board, many: int, plan: Plan) -> None:
    """Wait until so many tasks have ended, and not all."""
    await board.until(lambda: len(board.ended) >= many, plan.seconds, f"{many} tasks ended")
    assert board.left


def _away(machine: Machine, seconds: float) -> None:
    with machine.server_away():
        time.sleep(seconds)
