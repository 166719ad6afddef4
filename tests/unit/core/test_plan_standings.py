"""Where an unfinished task stands, and that this is written once."""

from __future__ import annotations

from dataclasses import replace

import pytest

from containertask.api.status import ContainerTaskStatus
from containertask.core.conditions import INPUTS_READY, STARTED, SUSPENDED, holds
from containertask.core.plan import plan
from support.builders import CONFIG, NOW, a_pod, a_task, at, seen
from support.cases.standing import Standing
from support.cases.standings import STANDINGS, SUSPENDED_BEFORE
from support.crdschema import faults_of_status


def written(standing: Standing) -> ContainerTaskStatus:
    status = plan(standing.snapshot, standing.now, CONFIG).status
    assert status is not None
    return status


@pytest.mark.parametrize("standing", STANDINGS.values(), ids=STANDINGS.keys())
def test_each_standing_has_its_phase_and_its_reason(standing: Standing) -> None:
    found = plan(standing.snapshot, standing.now, CONFIG)
    assert found.action is None
    if standing.phase is None:
        assert found.status is None
        assert found.again_in is not None
        assert 0 < found.again_in < 10_000
        return
    status = written(standing)
    assert f"{status.phase}/{status.reason}" == standing.phase
    assert (status.waiting_for is not None) is standing.waits
    assert faults_of_status(status) == []


@pytest.mark.parametrize(
    "standing",
    [one for one in STANDINGS.values() if one.phase],
    ids=[name for name, one in STANDINGS.items() if one.phase],
)
def test_what_is_written_is_not_written_again(standing: Standing) -> None:
    task = replace(standing.snapshot.task, status=written(standing))
    again = plan(replace(standing.snapshot, task=task), standing.now + 100, CONFIG)
    assert again.status is None
    assert again.notices == ()
    assert again.again_in is None or again.again_in > 0


def test_a_state_that_does_not_last_is_looked_at_again_when_it_would() -> None:
    found = plan(STANDINGS["the command has just ended"].snapshot, at(10.5), CONFIG)
    assert found.again_in == 500


RAN_BEFORE = a_task().status(plan(seen(a_task(), a_pod().at_work()), NOW, CONFIG).status)


def test_a_new_attempt_begins_without_what_the_last_one_came_to() -> None:
    assert holds(RAN_BEFORE.view().status.conditions, STARTED)
    status = plan(seen(RAN_BEFORE, a_pod(1).scheduled()), NOW, CONFIG).status
    assert status is not None
    assert status.attempt == 1
    assert not holds(status.conditions, STARTED)


def test_a_resumed_attempt_says_that_the_suspension_is_over() -> None:
    status = plan(seen(SUSPENDED_BEFORE, a_pod(1).scheduled()), NOW, CONFIG).status
    assert status is not None
    assert status.attempt == 1
    assert not holds(status.conditions, SUSPENDED)


def test_a_suspended_task_has_no_conditions_of_an_attempt() -> None:
    pod = a_pod().failed(143).stopped("Suspended").over()
    status = plan(seen(RAN_BEFORE.suspended(), pod), NOW, CONFIG).status
    assert status is not None
    assert not holds(status.conditions, STARTED)
    assert holds(status.conditions, SUSPENDED)
    assert (status.attempt, status.pod_name, status.node_name) == (1, None, None)


def test_an_attempt_that_ends_slowly_for_a_suspension_says_so() -> None:
    pod = a_pod().failed(143).stopped("Suspended", after=40)
    status = plan(seen(RAN_BEFORE.suspended(), pod), NOW, CONFIG).status
    assert status is not None
    assert (status.reason, status.attempt) == ("Suspended", 0)
    assert "being stopped" in (status.message or "")


def test_conditions_say_what_the_pod_has_come_to() -> None:
    status = written(STANDINGS["the command runs"])
    assert holds(status.conditions, INPUTS_READY)
    assert holds(status.conditions, STARTED)
    status = written(STANDINGS["on a node"])
    assert not holds(status.conditions, INPUTS_READY)


def test_a_suspension_is_told_by_the_status_and_costs_no_event() -> None:
    found = plan(seen(a_task().suspended()), NOW, CONFIG)
    assert found.status is not None
    assert found.status.reason == "Suspended"
    assert found.notices == ()
