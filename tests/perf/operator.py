"""What the operator costs: tasks a second, CPU, writes, memory, and how long a cold start takes.

Run as ``PYTHONPATH=tests python -m perf.operator``. Against the fake API server, on two cores. Figures beside
their bounds; nothing fails here, because the machine decides some of them.
"""

from __future__ import annotations

import asyncio
import json
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import uvloop

from containertask.core.names import pod_name
from containertask.kube.resources import PODS
from perf.fakenode import SHORT, TALKATIVE, USUAL
from perf.operatorload import (
    LIMIT_SECONDS,
    NAMESPACE,
    TASK,
    Load,
    Measured,
    count_writes,
    pinned,
    put_task,
    run,
)
from perf.realpods import Completion
from support.fakeapi import Change, FakeApi
from support.simulation import POD
from support.table import show_figures

Json = dict[str, Any]

LOADS: Final = (
    Load(name="20 a second", course=USUAL, tasks=400, at_once=400, per_second=20),
    Load(name="short", course=SHORT, tasks=6000, at_once=1000),
    Load(name="lasting", course=USUAL, tasks=6000, at_once=3000),
    Load(name="talkative", course=TALKATIVE, tasks=6000, at_once=3000),
    Load(name="all at once", course=SHORT, tasks=6000, at_once=6000),
)
FINISHED_TASKS: Final = 10_000
WAITING: Final = "waiting"
_EVENTS: Final = "POST events"


@dataclass(frozen=True, slots=True, kw_only=True)
class ColdStart:
    """Seconds from the start of the process; memory in MB."""

    first_pod: float
    cpu_until_then: float
    server_cpu_until_then: float
    resident: float
    peak: float


async def cold_start(example: tuple[Json, Json], folder: Path, *, pods: bool) -> ColdStart:
    """Start an operator where many tasks have ended and one waits for its Pod."""
    async with asyncio.timeout(LIMIT_SECONDS), FakeApi() as api:
        fill(api, example, pods=pods)
        api.verbs.complete = Completion()
        put_task(api, WAITING)
        count_writes(api)
        created: asyncio.Future[float] = asyncio.get_running_loop().create_future()

        def hear(change: Change) -> None:
            if change.resource == PODS and change.before is None:
                created.set_result(time.monotonic())

        api.store.listeners.append(hear)
        begun, own = time.monotonic(), time.process_time()
        async with pinned(api, folder) as (_, process):
            seconds = await created - begun
            cpu, own = process.cpu_seconds, time.process_time() - own
            await process.quiet()
            return ColdStart(
                first_pod=seconds,
                cpu_until_then=cpu,
                server_cpu_until_then=own,
                resident=process.resident_mb,
                peak=process.peak_mb,
            )


def fill(api: FakeApi, example: tuple[Json, Json], *, pods: bool) -> None:
    """Put in tasks that have ended as the example has, with or without their Pods."""
    task, pod = example
    name, uid = task["metadata"]["name"], task["metadata"]["uid"]
    for number in range(FINISHED_TASKS):
        new = f"done-{number:05}"
        own = json.loads(json.dumps(task).replace(name, new))
        made = api.store.create(TASK, NAMESPACE, own)
        names = (pod["metadata"]["name"], pod_name(new, made["metadata"]["uid"], 0))
        made["status"]["podName"] = names[1]
        if pods:
            text = json.dumps(pod).replace(*names).replace(name, new).replace(uid, made["metadata"]["uid"])
            api.store.create(POD, NAMESPACE, json.loads(text))


def show_loads(measured: Sequence[Measured]) -> None:
    """Print what each load cost."""
    rows = {
        "tasks": [f"{len_of(one)}" for one in measured],
        "Pod events a task": [f"{len(one.load.course)}" for one in measured],
        "tasks/s": [f"{len_of(one) / one.seconds:.0f}" for one in measured],
        "tasks per CPU second": [f"{len_of(one) / one.cpu:.0f}" for one in measured],
        "CPU ms/task": [f"{one.cpu / len_of(one) * 1000:.2f}" for one in measured],
        "reading 14 KB of JSON, CPU µs": [f"{one.speed.usual:.0f}" for one in measured],
        "CPU/task in such readings": [
            f"{one.cpu / len_of(one) * 1e6 / one.speed.usual:.0f}" for one in measured
        ],
        "operator's core busy": [f"{one.cpu / one.seconds:.0%}" for one in measured],
        "fake server's core busy": [f"{one.server_cpu / one.seconds:.0%}" for one in measured],
        "writes/task": [
            f"{(one.writes.total() - one.writes[_EVENTS]) / len_of(one):.2f}" for one in measured
        ],
        "events/task": [f"{one.writes[_EVENTS] / len_of(one):.2f}" for one in measured],
        "passes/task": [f"{one.passes / len_of(one):.1f}" for one in measured],
        "resident before, MB": [f"{one.resident_before:.0f}" for one in measured],
        "resident after, MB": [f"{one.resident_after:.0f}" for one in measured],
        "MB per 1,000 tasks": [f"{growth(one):.1f}" for one in measured],
        "peak, MB": [f"{one.peak:.0f}" for one in measured],
        "ended": [" ".join(f"{name} {count}" for name, count in one.phases.items()) for one in measured],
    }
    bounds = {
        "tasks/s": ">= 150",
        "CPU ms/task": "<= 6",
        "writes/task": "<= 5",
        "events/task": "<= 2",
    }
    table = {name: [*texts, bounds.get(name, "")] for name, texts in rows.items()}
    show_figures("operator under load", [*(one.load.name for one in measured), "bound"], table)


def len_of(one: Measured) -> int:
    """Return the number of tasks."""
    return one.load.tasks


def growth(one: Measured) -> float:
    """Return by how many MB a thousand tasks make the process grow."""
    return (one.resident_after - one.resident_before) / len_of(one) * 1000


def show_starts(starts: Sequence[ColdStart], columns: Sequence[str]) -> None:
    """Print what each cold start took."""
    rows = {
        "first Pod after, s": [f"{one.first_pod:.1f}" for one in starts] + ["<= 20"],
        "operator's CPU until then, s": [f"{one.cpu_until_then:.1f}" for one in starts] + [""],
        "fake server's CPU until then, s": [f"{one.server_cpu_until_then:.1f}" for one in starts] + [""],
        "resident when quiet, MB": [f"{one.resident:.0f}" for one in starts] + ["<= 200"],
        "peak, MB": [f"{one.peak:.0f}" for one in starts] + [""],
    }
    show_figures(f"cold start with {FINISHED_TASKS} finished tasks", [*columns, "bound"], rows)


async def main() -> None:
    """Measure all of it and print it."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        measured = [await run(load, folder) for load in LOADS]
        show_loads(measured)
        example = measured[0].example
        starts = [await cold_start(example, folder, pods=pods) for pods in (False, True)]
        show_starts(starts, ["Pods deleted", "Pods there"])


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main())
