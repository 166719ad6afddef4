"""An operator under load: the process on one core, fake API server and fake node on the others.

What is measured is the operator's own: its CPU seconds from the kernel, its writes as the server counted
them. How busy the server's side was is measured beside it, because a slow server would hide a fast operator.
"""

from __future__ import annotations

import asyncio
import collections
import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from containertask.kube.resources import PODS, TASKS
from perf.fakenode import FakeNode, Step
from perf.processes import Process, Speed, speed_of
from perf.realpods import Completion
from support.fakeapi import KINDS, FakeApi, Request
from support.simulation_process import Operator, operating, shapes

Json = dict[str, Any]

NAMESPACE: Final = "default"
TASK: Final = next(kind for kind in KINDS if kind.resource == TASKS)
LIMIT_SECONDS: Final = 900
CORES: Final = sorted(os.sched_getaffinity(0))
"""The first is the operator's; with a single one they share it, and the rate means little."""
_LEASES: Final = "leases"
_PASSES: Final = "containertask_pass_seconds_count"


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """How many tasks, how many of them at once, and how many a second at most."""

    name: str
    course: tuple[Step, ...]
    tasks: int
    at_once: int
    per_second: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What a load cost; CPU in seconds, memory in MB."""

    load: Load
    seconds: float
    cpu: float
    server_cpu: float
    writes: collections.Counter[str]
    resident_before: float
    resident_after: float
    peak: float
    passes: float
    phases: dict[str, int]
    speed: Speed
    example: tuple[Json, Json]
    """A finished task and its Pod."""


@asynccontextmanager
async def pinned(api: FakeApi, folder: Path) -> AsyncIterator[tuple[Operator, Process]]:
    """Run an operator on a core of its own, and everything of this process on the others."""
    async with operating(api, folder) as operator:
        os.sched_setaffinity(operator.process.pid, CORES[:1])
        os.sched_setaffinity(0, CORES[1:] or CORES)
        try:
            yield operator, Process(operator.process.pid)
        finally:
            os.sched_setaffinity(0, CORES)


async def run(load: Load, folder: Path) -> Measured:
    """Put a load on a new operator and wait until every task has ended."""
    async with asyncio.timeout(LIMIT_SECONDS), FakeApi() as api, pinned(api, folder) as (operator, process):
        api.verbs.complete = Completion()
        node, writes = FakeNode(api, load.course), count_writes(api)
        await operator.answers("/readyz", 200)
        await api.until(lambda: api.watches.count(TASKS) and api.watches.count(PODS))
        await process.quiet()
        writes.clear()
        passes = await operator.figure(_PASSES)
        resident, cpu, own, begun = process.resident_mb, process.cpu_seconds, time.process_time(), _now()
        with speed_of(CORES[0]) as speed:
            await _create(api, node, load)
            await node.until_finished(load.tasks)
        seconds, cpu, own = _now() - begun, process.cpu_seconds - cpu, time.process_time() - own
        await process.quiet()
        return Measured(
            load=load,
            seconds=seconds,
            cpu=cpu,
            server_cpu=own,
            speed=speed,
            writes=writes,
            resident_before=resident,
            resident_after=process.resident_mb,
            peak=process.peak_mb,
            passes=await operator.figure(_PASSES) - passes,
            phases=dict(node.finished),
            example=_first(api),
        )


def _first(api: FakeApi) -> tuple[Json, Json]:
    task = api.store.items(TASKS, NAMESPACE)[0]
    return task, api.store.get(PODS, NAMESPACE, task["status"]["podName"])


def count_writes(api: FakeApi) -> collections.Counter[str]:
    """Return what counts from now on the writes by their shape; nothing else of any request is kept."""
    found: collections.Counter[str] = collections.Counter()

    def note(request: Request) -> None:
        if request.writes and f"/{_LEASES}" not in request.path:
            found.update(shapes([request]))

    api.routes.tell = note
    return found


def put_task(api: FakeApi, name: str) -> Json:
    """Create a task as a user would have, with two inputs and three outputs."""
    spec = {
        "image": "registry.example/tools/area:1.4",
        "command": ["sh", "-euc", "compute {{.inputs.a}} > /var/outputs/area; count > /var/outputs/count"],
        "args": [],
        "inputs": [
            {"name": "a", "type": "float", "value": 2.5},
            {"name": "b", "type": "string", "value": "a text of some words"},
        ],
        "outputs": [
            {"name": "area", "type": "float"},
            {"name": "count", "type": "integer"},
            {"name": "note", "type": "string"},
        ],
        "resources": {"requests": {"cpu": "100m", "memory": "64Mi"}, "limits": {"memory": "128Mi"}},
        "inputDir": "/var/inputs",
        "outputDir": "/var/outputs",
        "metadataFormat": "JSON",
        "podRetention": "Always",
    }
    body = api.verbs.complete(TASK, {"metadata": {"name": name}, "spec": spec})
    return api.store.create(TASK, NAMESPACE, body)


async def _create(api: FakeApi, node: FakeNode, load: Load) -> None:
    begun = _now()
    for number in range(load.tasks):
        await node.until_finished(number + 1 - load.at_once)
        if load.per_second is not None:
            await asyncio.sleep(begun + number / load.per_second - _now())
        put_task(api, f"task-{number:05}")
        await asyncio.sleep(0)


def _now() -> float:
    return asyncio.get_running_loop().time()
