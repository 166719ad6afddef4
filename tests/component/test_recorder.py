"""Events of tasks: what is posted, what is not posted twice, and what gives way under pressure."""

from __future__ import annotations

import asyncio
import dataclasses
import logging
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from containertask.kube.errors import AlreadyExists, ApiError, Forbidden, Unreachable
from containertask.kube.resources import EVENTS, Resource
from containertask.runtime.recorder import Recorder, TaskEvent
from support import looptime
from support.looptime import settle

EPOCH = 1_700_000_000.0
EVENT = TaskEvent(
    namespace="team",
    name="train",
    uid="0b7e2a52-3c1f-4d7e-9a55-0c7c5d1f6e11",
    api_version="containertask.dev/v1alpha1",
    kind="ContainerTask",
    type="Warning",
    reason="Retrying",
    message="attempt 0 ended with exit code 3",
    attempt=0,
)


class Api:
    """Takes what is created; answers with an error, or not before a gate is open, if told so."""

    def __init__(self) -> None:
        self.bodies: list[dict[str, Any]] = []
        self.error: Exception | None = None
        self.gate = asyncio.Event()
        self.gate.set()

    async def create(self, resource: Resource, namespace: str, body: dict[str, Any]) -> object:
        assert (resource, namespace) == (EVENTS, body["metadata"]["namespace"])
        await self.gate.wait()
        self.bodies.append(body)
        if self.error is not None:
            raise self.error
        return body


class Bench:
    def __init__(self) -> None:
        self.api = Api()
        self.moment = EPOCH
        self.recorder = Recorder(self.api, instance="operator-0", clock=lambda: self.moment)

    def record(self, **changes: object) -> None:
        self.recorder.record(TaskEvent(**{**dataclasses.asdict(EVENT), **changes}))

    @property
    def counts(self) -> tuple[int, int, int]:
        return self.recorder.posted, self.recorder.dropped, self.recorder.failed


def play(story: Callable[[Bench], Awaitable[None]]) -> Bench:
    """Run a story beside a running recorder, then close it."""

    async def main() -> Bench:
        bench = Bench()
        running = asyncio.ensure_future(bench.recorder.run())
        await settle()
        await story(bench)
        await bench.recorder.close()
        await running
        return bench

    return looptime.run(main())


def test_an_event_says_what_kubectl_describe_shows() -> None:
    async def story(bench: Bench) -> None:
        bench.record()
        bench.moment += 3600
        await settle()
        assert bench.counts == (1, 0, 0)

    (body,) = play(story).api.bodies
    name = body["metadata"].pop("name")
    assert name.removeprefix("train.") == "a348bca25cb5b817"
    assert body == {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {"namespace": "team"},
        "involvedObject": {
            "apiVersion": "containertask.dev/v1alpha1",
            "kind": "ContainerTask",
            "namespace": "team",
            "name": "train",
            "uid": EVENT.uid,
        },
        "type": "Warning",
        "reason": "Retrying",
        "action": "Retrying",
        "message": "attempt 0 ended with exit code 3",
        "source": {"component": "containertask-operator"},
        "reportingComponent": "containertask-operator",
        "reportingInstance": "operator-0",
        "firstTimestamp": "2023-11-14T22:13:20Z",
        "lastTimestamp": "2023-11-14T22:13:20Z",
        "count": 1,
    }


@pytest.mark.parametrize(
    ("changes", "posted"),
    [
        ({}, 1),
        ({"message": "in other words"}, 1),
        ({"type": "Normal"}, 1),
        ({"attempt": 1}, 2),
        ({"reason": "Failed"}, 2),
        ({"uid": "another"}, 2),
    ],
    ids=["same", "other message", "other type", "other attempt", "other reason", "other object"],
)
def test_the_same_thing_is_posted_once(changes: dict[str, Any], posted: int) -> None:
    async def story(bench: Bench) -> None:
        bench.record()
        await settle()
        bench.record(**changes)
        bench.record(**changes)

    bench = play(story)
    assert bench.counts == (posted, 0, 0)
    assert len({body["metadata"]["name"] for body in bench.api.bodies}) == posted


def test_an_operator_started_anew_gives_an_event_the_same_name_and_takes_already_exists_for_success() -> None:
    async def again(bench: Bench) -> None:
        bench.api.error = AlreadyExists("there", code=409, reason="AlreadyExists")
        bench.record()

    async def first(bench: Bench) -> None:
        bench.record()

    before, after = play(first), play(again)
    assert before.api.bodies[0]["metadata"] == after.api.bodies[0]["metadata"]
    assert after.counts == (1, 0, 0)


@pytest.mark.parametrize(
    "error", [Forbidden("no", code=403), Unreachable("gone")], ids=["refused", "unreachable"]
)
def test_what_the_api_does_not_take_is_counted_and_gone(
    error: ApiError, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, logger="containertask")

    async def story(bench: Bench) -> None:
        bench.api.error = error
        bench.record()
        await settle()
        bench.api.error = None
        bench.record(attempt=1)

    bench = play(story)
    assert bench.counts == (1, 0, 1)
    assert len(bench.api.bodies) == 2
    assert [record.levelname for record in caplog.records] == ["DEBUG"]


def test_a_defect_ends_the_worker_instead_of_being_hidden() -> None:
    async def main() -> None:
        bench = Bench()
        bench.api.error = TimeoutError("raised by something that should have wrapped it")
        bench.record()
        with pytest.raises(TimeoutError, match="should have"):
            await bench.recorder.run()
        await bench.recorder.close()

    looptime.run(main())


def test_a_task_has_a_burst_of_25_and_one_more_every_five_minutes() -> None:
    async def story(bench: Bench) -> None:
        for attempt in range(30):
            bench.record(attempt=attempt)
        bench.record(uid="another")
        assert bench.counts == (0, 5, 0)
        await settle()
        assert bench.counts == (26, 5, 0)
        bench.moment += 299
        bench.record(attempt=30)
        bench.moment += 2
        bench.record(attempt=31)
        bench.record(attempt=32)

    assert play(story).counts == (27, 7, 0)


def test_a_long_silence_earns_no_more_than_a_burst() -> None:
    async def story(bench: Bench) -> None:
        bench.record()
        bench.moment += 1e6
        for attempt in range(1, 40):
            bench.record(attempt=attempt)
        for number in range(40):
            bench.record(uid=f"task-{number}")

    assert play(story).counts == (1 + 50, 14 + 15, 0)


def test_what_was_dropped_may_be_posted_later() -> None:
    async def story(bench: Bench) -> None:
        for attempt in range(26):
            bench.record(attempt=attempt)
        bench.moment += 301
        bench.record(attempt=25)

    assert play(story).counts == (26, 1, 0)


def test_all_tasks_together_have_50_a_second_and_a_talkative_one_costs_the_others_nothing() -> None:
    async def story(bench: Bench) -> None:
        for attempt in range(100):
            bench.record(attempt=attempt)
        for number in range(30):
            bench.record(uid=f"task-{number}")
        assert bench.recorder.dropped == 75 + 5
        bench.moment += 0.5
        for number in range(40):
            bench.record(uid=f"late-{number}")

    assert play(story).counts == (50 + 25, 75 + 5 + 15, 0)


def test_a_clock_that_is_set_back_stops_nothing() -> None:
    async def story(bench: Bench) -> None:
        for number in range(50):
            bench.record(uid=f"task-{number}")
        bench.moment -= 86_400
        bench.record(uid="none left")
        bench.moment += 1
        bench.record(uid="refilled")

    assert play(story).counts == (51, 1, 0)


def test_while_the_api_is_slow_a_thousand_wait_and_the_rest_is_dropped() -> None:
    async def story(bench: Bench) -> None:
        bench.api.gate.clear()
        for number in range(1100):
            bench.moment += 1
            bench.record(uid=f"task-{number}")
        assert bench.counts == (0, 100, 0)
        bench.api.gate.set()
        await asyncio.sleep(1)

    assert play(story).counts == (1000, 100, 0)


@pytest.mark.parametrize(
    ("message", "sent"),
    [
        ("x" * 1024, "x" * 1024),
        ("x" * 1025, "x" * 1021 + "…"),
        ("x" + "ü" * 600, "x" + "ü" * 510 + "…"),
        ("\ud800", "?"),
    ],
    ids=["fits", "one too many", "between the bytes of a character", "no character"],
)
def test_a_message_is_cut_to_what_the_api_takes(message: str, sent: str) -> None:
    async def story(bench: Bench) -> None:
        bench.record(message=message)

    assert play(story).api.bodies[0]["message"] == sent


def test_close_posts_what_waits() -> None:
    async def main() -> Bench:
        bench = Bench()
        for number in range(10):
            bench.record(uid=f"task-{number}")
        running = asyncio.ensure_future(bench.recorder.run())
        await asyncio.sleep(0)
        await bench.recorder.close()
        await running
        bench.record()
        return bench

    assert looptime.run(main()).counts == (10, 1, 0)


def test_close_takes_no_time_when_nothing_waits() -> None:
    async def story(bench: Bench) -> None:
        await bench.recorder.close()
        assert asyncio.get_running_loop().time() == 0

    play(story)


def test_close_gives_up_after_two_seconds() -> None:
    async def story(bench: Bench) -> None:
        bench.api.gate.clear()
        bench.record()
        bench.record(attempt=1)
        await settle()
        await bench.recorder.close()
        assert asyncio.get_running_loop().time() == 2

    assert play(story).counts == (0, 2, 0)


def test_close_without_a_worker_drops_what_waits() -> None:
    async def main() -> Bench:
        bench = Bench()
        bench.record()
        await bench.recorder.close()
        return bench

    assert looptime.run(main()).counts == (0, 1, 0)


def test_what_is_remembered_of_tasks_is_bounded() -> None:
    async def story(bench: Bench) -> None:
        for number in range(10_050):
            bench.moment += 1
            bench.record(uid=f"task-{number}")
            if not number % 100:
                await asyncio.sleep(1)
        await asyncio.sleep(1)
        for number in (0, 10_049):
            bench.moment += 1
            bench.record(uid=f"task-{number}")

    bench = play(story)
    assert bench.counts == (10_051, 0, 0)
    assert all(len(value) <= 10_000 for value in vars(bench.recorder).values() if hasattr(value, "__len__"))
