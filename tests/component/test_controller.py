"""What people see of a pass: events, a log line for each transition, numbers."""

from __future__ import annotations

import logging

import pytest

from containertask.kube.errors import ServerError
from containertask.kube.resources import TASKS
from support.fakeapi import Answer, FakeApi, with_api
from support.simulation_desk import KEY, LASTING, Desk


def lines(desk: Desk, name: str) -> list[str]:
    text = desk.metrics.render()[0].decode()
    return [line for line in text.splitlines() if line.startswith(f"containertask_{name}")]


@with_api
async def test_each_transition_is_one_line_that_names_the_task(
    api: FakeApi, caplog: pytest.LogCaptureFixture
) -> None:
    desk = Desk(api)
    with caplog.at_level(logging.INFO, logger="containertask.runtime.controller"):
        desk.create()
        await desk.work()
        desk.node.bind()
        desk.node.start()
        desk.wait(LASTING)
        await desk.work()
        desk.node.fail(3)
        await desk.work()
    uid = api.get(TASKS, *KEY)["metadata"]["uid"]
    head = f"task=team/train uid={uid} attempt=0"
    said = [record.getMessage() for record in caplog.records]
    assert said == [
        f"{head} phase=Running reason=MainRunning",
        f"{head} phase=Failed reason=NonZeroExit",
    ]
    assert lines(desk, "tasks_finished_total") == [
        'containertask_tasks_finished_total{phase="Failed",reason="NonZeroExit"} 1.0'
    ]


@with_api
async def test_the_time_to_a_pod_is_that_of_the_first_and_each_attempt_has_its_event(api: FakeApi) -> None:
    desk = Desk(api)
    desk.create()
    await desk.work()
    desk.node.bind()
    desk.change(suspend=True)
    await desk.work()
    desk.node.obey()
    desk.change(suspend=False)
    await desk.work()
    reasons = await desk.told()
    assert reasons.count("PodCreated") == 2, "resumed before the suspension was written"
    assert lines(desk, "pod_creation_seconds_count") == ["containertask_pod_creation_seconds_count 1.0"]


@with_api
async def test_a_pass_that_raises_is_counted_as_failed_and_tells_nobody(api: FakeApi) -> None:
    desk = Desk(api)
    desk.create()
    api.faults.add("POST", "/api/v1/namespaces/team/pods", Answer(code=503, reason="ServiceUnavailable"))
    with pytest.raises(ServerError):
        await desk.work()
    assert 'containertask_passes_total{result="failed"} 1.0' in lines(desk, "passes_total")
    assert await desk.told() == []


@with_api
async def test_a_pass_for_a_task_that_is_not_there_asks_nothing(api: FakeApi) -> None:
    desk = Desk(api)
    assert await desk.work() is None
    assert desk.asked() == []
