"""The operator is killed again and again at random moments, and every task comes to its one right end."""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import islice

import pytest

from support import killing, modes
from support.follow import Objects, follow
from support.seen import Failure, Seen, assert_failed, assert_succeeded
from support.tasks import Tasks, shell, typed

pytestmark = pytest.mark.alone

SEED = 20261122
KILLS = 3
BATCH = 10


def create(tasks: Tasks, number: int) -> str:
    """Create a task that takes up to two seconds, in one mode after the other; every fifth one fails."""
    name = f"task-{number}"
    works = f"sleep {number % 3}; echo $(( $(cat /var/inputs/n) * 2 )) > /var/outputs/a"
    inputs = [{"name": "n", "type": "integer", "value": number}]
    script = f"{works}; exit {7 * fails(number)}"
    start = modes.START[mode_of(number)]
    tasks.create(name, shell(script, inputs=inputs, outputs=typed(a="integer"), start=start))
    return name


def mode_of(number: int) -> str:
    # Not in step with how long a task takes, which is by threes.
    return modes.EVERY[number // 3 % 3]


def fails(number: int) -> bool:
    return number % 5 == 4


def created(pods: Iterator[Objects], changes: int) -> set[tuple[str, str]]:
    """Let so many changes of Pods pass; return name and uid of every Pod that was there."""
    seen = islice(pods, changes)
    return {(name, pod["metadata"]["uid"]) for state in seen for name, pod in state.items()}


def test_all_tasks_end_right_with_one_pod_each_however_often_the_operator_is_killed(apart: Tasks) -> None:
    chance = random.Random(SEED)  # noqa: S311 (a test that can be repeated, no secret)
    names: list[str] = []
    every: set[tuple[str, str]] = set()
    killing.fresh(apart.core)
    pods = follow(apart.core.list_namespaced_pod, apart.namespace, seconds=killing.PATIENCE)
    for killed in range(KILLS):
        pod = killing.running(apart.core, killing.restarted(killed))
        names += [create(apart, number) for number in range(killed * BATCH, (killed + 1) * BATCH)]
        every |= created(pods, chance.randint(1, 3 * BATCH))
        killing.kill(pod)
    killing.running(apart.core, killing.restarted(KILLS))
    for number, name in enumerate(names):
        assert_right_end(apart.ended(name), number)
    for number, name in enumerate(names):
        (pod,) = next(apart.pods(name)).values()
        assert modes.mode_of(pod) == mode_of(number)
        every.add((pod["metadata"]["name"], pod["metadata"]["uid"]))
    assert sorted(name for name, _ in every) == sorted(f"{name}-{apart.made[name][:5]}-0" for name in names)


def assert_right_end(task: Seen, number: int) -> None:
    if not fails(number):
        assert_succeeded(task, a=2 * number)
        return
    says = ("exit code 7",)
    failure = Failure(reason="NonZeroExit", kind="User", says=says, container="main", exit_code=7)
    assert_failed(task, failure, a=2 * number)
