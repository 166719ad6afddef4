"""The lists: what they tell the store, and which tasks get a pass because of them."""

from __future__ import annotations

import asyncio
import logging

import pytest

from containertask.kube.errors import Unreachable
from containertask.kube.resources import PODS, TASKS
from containertask.runtime import resync
from containertask.runtime.resync import Resync
from support import looptime
from support.fakeapi import FakeApi, with_api
from support.simulation_desk import KEY, NAMESPACE, Desk
from support.simulation_wire import Fate
from support.simulation_world import World, early


async def nothing(_: Resync) -> None:
    """Do nothing."""


async def known(api: FakeApi) -> Desk:
    """Return the desk of a running task, which hears of nothing from now on."""
    desk = Desk(api)
    desk.create()
    await desk.work()
    desk.node.bind()
    desk.node.start()
    await desk.work()
    api.store.listeners.clear()
    desk.marks.keys.clear()
    desk.asked()
    return desk


@with_api
async def test_a_task_that_disappeared_unseen_is_forgotten_with_its_marks(api: FakeApi) -> None:
    desk = await known(api)
    await desk.resync.compare_tasks()
    assert desk.store.uids()
    desk.marks.mark(KEY)
    api.remove(TASKS, *KEY)
    await desk.resync.compare_tasks()
    assert (desk.store.uids(), desk.marks.keys) == ({}, set())


@with_api
async def test_only_unfinished_tasks_are_looked_at_now_and_then(api: FakeApi) -> None:
    desk = await known(api)
    await desk.resync.mark_live()
    assert desk.marks.keys == {KEY}
    desk.node.succeed()
    desk.intake.see_pod("MODIFIED", api.items(PODS)[0])
    await desk.work()
    desk.marks.keys.clear()
    await desk.resync.mark_live()
    assert desk.marks.keys == set()


@with_api
async def test_at_the_start_each_of_many_tasks_is_marked_once_and_a_second_list_marks_none(
    api: FakeApi,
) -> None:
    for number in range(600):
        metadata = {"name": f"t{number}", "namespace": NAMESPACE}
        api.put(TASKS, {"metadata": metadata, "spec": {"image": "alpine", "command": ["true"]}})
    desk = Desk(api)
    await desk.resync.read_tasks()
    assert desk.marks.marked == len(desk.marks.keys) == 600
    await desk.resync.read_tasks()
    assert desk.marks.marked == 600
    assert len(api.requests) == 12, "six pages each"


@with_api
async def test_a_task_that_cannot_be_read_is_named_and_the_others_are_read(
    api: FakeApi, caplog: pytest.LogCaptureFixture
) -> None:
    desk = await known(api)
    api.put(TASKS, {"metadata": {"name": "broken", "namespace": NAMESPACE}, "status": {"phase": "Dreaming"}})
    fresh = Desk(api)
    with caplog.at_level(logging.ERROR):
        await fresh.resync.read_tasks()
    assert fresh.store.keys() == [KEY] == desk.store.keys()
    assert "task=team/broken cannot be read" in caplog.text


@pytest.mark.parametrize(
    ("name", "seconds"),
    [
        ("compare_tasks", resync.TASK_SECONDS),
        ("mark_live", resync.MARK_SECONDS),
    ],
)
def test_each_has_its_own_pace_and_a_refusal_is_no_end(
    name: str, seconds: float, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    times: list[float] = []

    async def main() -> None:
        world = World(early, Fate())
        operating = asyncio.ensure_future(world.operate())
        await world.quiet()

        async def work(_: Resync) -> None:
            times.append(asyncio.get_running_loop().time())
            raise Unreachable("as the test wants it")

        for each in ("compare_tasks", "mark_live"):
            monkeypatch.setattr(Resync, each, work if each == name else nothing)
        running = asyncio.ensure_future(world.process.resync.run())
        await asyncio.sleep(2.5 * seconds)
        running.cancel()
        operating.cancel()
        await asyncio.gather(running, operating, return_exceptions=True)

    looptime.run(main())
    assert [round(one) for one in times] == [seconds, 2 * seconds]
    assert caplog.text.count("resync: ") == 2
