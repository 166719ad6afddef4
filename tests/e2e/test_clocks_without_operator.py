"""The five clocks again, with the operator away while they fire: the ends are those of ``test_clocks.py``.

Three of them are kept inside the Pod and end it at their moment; the others fire when the operator is back,
and so does ``execution`` where the command runs without our launcher. All tasks run at once, in Pods that no
node takes before the operator is away.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import pytest

from support import cluster, killing, modes, tasks
from support.cluster import Json
from support.follow import Objects, first, follow
from support.modes import EVERY, SIGNAL
from support.seen import Seen, assert_failed
from support.taskclocks import DOWNLOAD, EXECUTION, UPLOAD, Lengths, clocks
from support.tasks import Tasks

pytestmark = pytest.mark.alone

LENGTHS: Final = Lengths(queued=30, total=30)
"""Seconds: enough for all tasks to have their Pods, and for the operator to go."""
CLOCKS: Final = clocks(LENGTHS)
RUNS: Final = [(clock, mode) for clock in CLOCKS for mode in EVERY]
INSIDE: Final = [
    (clock, mode)
    for clock, mode in RUNS
    if clock in {"download", "execution", "upload"} and (clock, mode) != ("execution", SIGNAL)
]
WORK_ON: Final = [run for run in RUNS if run not in INSIDE and run[0] != "queued"]
"""Commands that go on until the operator is back."""
SECONDS: Final = {"download": DOWNLOAD, "execution": EXECUTION, "upload": UPLOAD}
PATIENCE: Final = 120


def name_of(clock: str, mode: str) -> str:
    return f"{clock}-{mode}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Absence:
    """What was there while the operator was away, and what it made of it.

    Attributes:
        pods, before: the Pods and the tasks at the end of its absence.
        back: when it was back.
        after: the tasks as they ended.
        later: their Pods, by name.
    """

    pods: Objects
    before: dict[str, Seen]
    back: float
    after: dict[str, Seen]
    later: Objects


@pytest.fixture(scope="module")
def absence() -> Iterator[Absence]:
    with tasks.namespace("baseline") as made, nodes_taking(label := uuid.uuid4().hex[:8]) as take:
        create_all(made, {"clocks": label})
        with killing.away(made.core):
            take()
            pods = first(pods_of(made), all_fired, "the Pods whose clocks are inside to end by themselves")
            until(made, created(made) + max(LENGTHS.queued, LENGTHS.total) + 1)
            before = {task.name: task for task in now(made)}
        back = time.time()
        after = {name: made.ended(name) for name in made.made}
        yield Absence(pods=pods, before=before, back=back, after=after, later=next(pods_of(made)))
        made.assert_nothing_left()


@contextmanager
def nodes_taking(label: str) -> Iterator[Any]:
    """Give what lets nodes take Pods with this label's node selector; they do not afterwards."""
    try:
        yield lambda: cluster.kubectl("label", "nodes", "--all", f"clocks={label}", "--overwrite")
    finally:
        cluster.kubectl("label", "nodes", "--all", "clocks-")


def create_all(made: Tasks, selector: Json) -> None:
    """Create a task for each clock in each mode; return when all have their Pods, and none a node."""
    for clock, mode in RUNS:
        spec = {"nodeSelector": selector, **CLOCKS[clock].within(mode).spec}
        made.create(name_of(clock, mode), {**spec, "start": modes.START[mode]})
    first(pods_of(made), lambda pods: len(pods) == len(RUNS), "the Pods of all tasks")


def pods_of(made: Tasks) -> Iterator[Objects]:
    return follow(made.core.list_namespaced_pod, made.namespace, seconds=PATIENCE)


def now(made: Tasks) -> list[Seen]:
    return [next(made.states(name)) for name in made.made]


def created(made: Tasks) -> float:
    """Return when the last task was created."""
    return max(instant(task.raw["metadata"]["creationTimestamp"]) for task in now(made))


def all_fired(pods: Objects) -> bool:
    """Tell whether the clocks inside Pods have fired, and the commands of the other tasks run."""
    by_task = {pod["metadata"]["labels"]["containertask.dev/task"]: pod for pod in pods.values()}
    # A sidecar's exit code is nothing to the kubelet, so an upload that took too long may be a success to it.
    ended = [by_task[name_of(*run)]["status"]["phase"] in {"Failed", "Succeeded"} for run in INSIDE]
    return all(ended) and all(cluster.running(by_task[name_of(*run)], "main") for run in WORK_ON)


def until(made: Tasks, moment: float) -> None:
    """Let the clocks that count from the creation fire: nothing but time tells that they have."""
    while (left := moment - time.time()) > 0:
        for _ in follow(made.core.list_namespaced_pod, made.namespace, seconds=int(left) + 1):
            pass


def instant(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


def one_of(absence: Absence, clock: str, mode: str) -> Json:
    """Return the Pod of a task while the operator was away."""
    name = absence.after[name_of(clock, mode)].pod_name()
    found: Json = absence.pods[name]
    return found


@pytest.mark.parametrize(("clock", "mode"), RUNS)
def test_reason_and_outputs_are_those_that_a_watching_operator_gives(
    absence: Absence, clock: str, mode: str
) -> None:
    ending = CLOCKS[clock].within(mode)
    task = absence.after[name_of(clock, mode)]
    assert_failed(task, ending.failure, **ending.values)
    assert task.attempt == 0


@pytest.mark.parametrize(("clock", "mode"), INSIDE)
def test_a_clock_inside_the_pod_ends_it_at_its_moment(absence: Absence, clock: str, mode: str) -> None:
    assert absence.before[name_of(clock, mode)].phase not in {"Failed", "Succeeded"}
    pod = one_of(absence, clock, mode)
    uploader, main = (cluster.terminated(pod, name) or {} for name in ("uploader", "main"))
    downloader = cluster.terminated(pod, "downloader") or {}
    begin, end = {
        "download": lambda: (downloader["startedAt"], downloader["finishedAt"]),
        "execution": lambda: (main["startedAt"], main["finishedAt"]),
        "upload": lambda: (main["finishedAt"], uploader["finishedAt"]),
    }[clock]()
    # Kubelets tell whole seconds, and what is slowed down needs seconds to start and to end.
    assert SECONDS[clock] - 1 <= instant(end) - instant(begin) <= SECONDS[clock] + 10


@pytest.mark.parametrize(("clock", "mode"), [run for run in RUNS if run not in INSIDE])
def test_a_clock_of_the_operators_fires_as_soon_as_it_is_back(
    absence: Absence, clock: str, mode: str
) -> None:
    assert absence.before[name_of(clock, mode)].phase not in {"Failed", "Succeeded"}
    assert one_of(absence, clock, mode)["status"]["phase"] in {"Pending", "Running"}
    completed = instant(absence.after[name_of(clock, mode)].status["timeline"]["completed"])
    assert completed <= absence.back + 15


def test_no_task_had_a_second_pod(absence: Absence) -> None:
    left = {task.pod_name() for name, task in absence.after.items() if not name.startswith("queued")}
    assert set(absence.later) == left
