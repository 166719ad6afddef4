"""The election: who gets the Lease, in faked time."""

from __future__ import annotations

import asyncio

import pytest

from containertask.kube.resources import LEASES
from support.fakeapi import Answer, DropBefore, FakeApi, Hold, with_api
from support.fakeapi.election import PATH, WIRE, StopError, a_lease, put_lease, stop_after
from support.fakeapi.faketime import FakeTime


@with_api
async def test_a_lease_that_is_not_there_is_created(api: FakeApi) -> None:
    time = FakeTime()
    await a_lease(api.client(), time).acquire()
    assert time.now == time.start
    assert [(request.method, request.path) for request in api.requests] == [
        ("GET", f"{PATH}/l"),
        ("POST", PATH),
    ]
    spec = {
        "holderIdentity": "me",
        "leaseDurationSeconds": 15,
        "acquireTime": WIRE,
        "renewTime": WIRE,
        "leaseTransitions": 0,
    }
    head = {"apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": {"name": "l"}}
    assert api.requests[1].body == head | {"spec": spec}


@with_api
async def test_a_lease_that_was_given_back_is_taken_at_once(api: FakeApi) -> None:
    put_lease(api, "", leaseDurationSeconds=1)
    time = FakeTime()
    await a_lease(api.client(), time).acquire()
    assert time.now == time.start
    spec = api.get(LEASES, "ns", "l")["spec"]
    assert (spec["holderIdentity"], spec["leaseTransitions"], spec["acquireTime"]) == ("me", 5, WIRE)
    assert spec["leaseDurationSeconds"] == 15


@with_api
async def test_after_a_restart_the_same_identity_goes_on_at_once(api: FakeApi) -> None:
    put_lease(api, "me")
    time = FakeTime()
    await a_lease(api.client(), time).acquire()
    assert time.now == time.start
    spec = api.get(LEASES, "ns", "l")["spec"]
    assert (spec["leaseTransitions"], spec["acquireTime"], spec["renewTime"]) == (4, "then", WIRE)


@pytest.mark.parametrize("duration", [3, 15, 40])
@with_api
async def test_anothers_lease_is_left_alone_until_it_has_not_changed_for_its_duration(
    api: FakeApi, duration: int
) -> None:
    put_lease(api, "other", leaseDurationSeconds=duration, renewTime="1999-01-01T00:00:00.000000Z")
    time = FakeTime()
    await a_lease(api.client(), time).acquire()
    assert duration <= time.passed < duration + 2
    assert api.get(LEASES, "ns", "l")["spec"]["holderIdentity"] == "me"


@with_api
async def test_anothers_renewals_put_the_take_over_off(api: FakeApi) -> None:
    put_lease(api, "other")
    until = 60.0

    def renew(passed: float) -> None:
        if passed <= until:
            put_lease(api, "other", renewTime=f"{passed}")

    time = FakeTime(renew)
    await a_lease(api.client(), time).acquire()
    assert until + 15 <= time.passed < until + 19


@with_api
async def test_of_two_candidates_for_a_free_lease_one_gets_it_and_the_other_is_calm(
    api: FakeApi, caplog: pytest.LogCaptureFixture
) -> None:
    creating = [Hold(), Hold()]
    for hold in creating:
        api.faults.add("POST", PATH, hold)
    first = a_lease(api.client(), FakeTime(), "a")
    second = a_lease(api.client(), FakeTime(stop_after(10)), "b")
    winning = asyncio.create_task(first.acquire())
    await creating[0].arrived.wait()
    waiting = asyncio.create_task(second.acquire())
    await creating[1].arrived.wait()
    creating[0].released.set()
    await winning
    creating[1].released.set()
    with pytest.raises(StopError):
        await waiting
    assert api.get(LEASES, "ns", "l")["spec"]["holderIdentity"] == "a"
    assert [record for record in caplog.records if record.levelname == "WARNING"] == []


@pytest.mark.parametrize(
    "fault", [Answer(code=503), Answer(code=403, reason="Forbidden"), DropBefore(), Answer(code=429)], ids=str
)
@with_api
async def test_whatever_the_server_answers_a_candidate_tries_again(
    api: FakeApi, fault: Answer | DropBefore, caplog: pytest.LogCaptureFixture
) -> None:
    api.faults.add("GET", PATH, fault, times=3)
    time = FakeTime()
    await a_lease(api.client(), time).acquire()
    assert time.passed == 6
    assert len([record for record in caplog.records if record.levelname == "WARNING"]) == 1
