"""The election: who gets the Lease, who keeps it, who loses it, in faked time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from containertask.kube.client import ApiClient
from containertask.kube.errors import LeaseLost
from containertask.kube.lease import Lease, Timing
from containertask.kube.resources import LEASES
from support.fakeapi import Answer, DropAfter, DropBefore, FakeApi, Hold, with_api

PATH = "/apis/coordination.k8s.io/v1/namespaces/ns/leases"
NOW = datetime(2026, 5, 4, 3, 2, 1, 7, tzinfo=timezone(timedelta(hours=2)))
WIRE = "2026-05-04T01:02:01.000007Z"


class Stop(Exception):  # noqa: N818 (it ends a scenario, it is no error)
    """The scenario has seen enough."""


class FakeTime:
    """A clock that moves only while the candidate sleeps; after each sleep something may happen."""

    def __init__(self, after: Callable[[float], None] = lambda _: None) -> None:
        self.now = 1000.0
        self.start = 1000.0
        self._after = after

    def clock(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds
        self._after(self.now - self.start)


def a_lease(client: ApiClient, time: FakeTime, *, identity: str = "me", **timing: Any) -> Lease:  # noqa: ANN401
    return Lease(
        client,
        "ns",
        "l",
        identity,
        timing=Timing(**timing),
        clock=time.clock,
        sleep=time.sleep,
        now=lambda: NOW,
    )


def put(api: FakeApi, holder: str, **more: object) -> None:
    spec = {
        "holderIdentity": holder,
        "leaseDurationSeconds": 15,
        "leaseTransitions": 4,
        "acquireTime": "then",
    }
    api.put(LEASES, {"metadata": {"name": "l", "namespace": "ns"}, "spec": spec | more})


def stop_after(seconds: float) -> Callable[[float], None]:
    def after(passed: float) -> None:
        if passed > seconds:
            raise Stop

    return after


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
    put(api, "", leaseDurationSeconds=1)
    time = FakeTime()
    await a_lease(api.client(), time).acquire()
    assert time.now == time.start
    spec = api.get(LEASES, "ns", "l")["spec"]
    assert (spec["holderIdentity"], spec["leaseTransitions"], spec["acquireTime"]) == ("me", 5, WIRE)
    assert spec["leaseDurationSeconds"] == 15


@with_api
async def test_after_a_restart_the_same_identity_goes_on_at_once(api: FakeApi) -> None:
    put(api, "me")
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
    put(api, "other", leaseDurationSeconds=duration, renewTime="1999-01-01T00:00:00.000000Z")
    time = FakeTime()
    await a_lease(api.client(), time).acquire()
    assert duration <= time.now - time.start < duration + 2
    assert api.get(LEASES, "ns", "l")["spec"]["holderIdentity"] == "me"


@with_api
async def test_anothers_renewals_put_the_take_over_off(api: FakeApi) -> None:
    put(api, "other")
    until = 60.0

    def renew(passed: float) -> None:
        if passed <= until:
            put(api, "other", renewTime=f"{passed}")

    time = FakeTime(renew)
    await a_lease(api.client(), time).acquire()
    assert until + 15 <= time.now - time.start < until + 19


@with_api
async def test_of_two_candidates_for_a_free_lease_one_gets_it_and_the_other_is_calm(
    api: FakeApi, caplog: pytest.LogCaptureFixture
) -> None:
    creating = [Hold(), Hold()]
    for hold in creating:
        api.faults.add("POST", PATH, hold)
    first = a_lease(api.client(), FakeTime(), identity="a")
    second = a_lease(api.client(), FakeTime(stop_after(10)), identity="b")
    winning = asyncio.create_task(first.acquire())
    await creating[0].arrived.wait()
    waiting = asyncio.create_task(second.acquire())
    await creating[1].arrived.wait()
    creating[0].released.set()
    await winning
    creating[1].released.set()
    with pytest.raises(Stop):
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
    assert time.now - time.start == 6
    assert len([record for record in caplog.records if record.levelname == "WARNING"]) == 1


@with_api
async def test_the_holder_renews_with_one_request_every_two_seconds(api: FakeApi) -> None:
    time = FakeTime(stop_after(20))
    lease = a_lease(api.client(), time)
    await lease.acquire()
    before = len(api.requests)
    with pytest.raises(Stop):
        await lease.hold()
    renewals = api.requests[before:]
    assert [(request.method, request.path) for request in renewals] == [("PUT", f"{PATH}/l")] * 10
    assert api.get(LEASES, "ns", "l")["spec"]["leaseTransitions"] == 0


@pytest.mark.parametrize("fault", [DropBefore(), Answer(code=500)], ids=["unreachable", "failing"])
@with_api
async def test_a_lease_that_cannot_be_renewed_is_lost_at_the_deadline(
    api: FakeApi, fault: Answer | DropBefore
) -> None:
    time = FakeTime()
    lease = a_lease(api.client(), time)
    await lease.acquire()
    api.faults.add("*", PATH, fault, times=None)
    with pytest.raises(LeaseLost, match="not renewed for 10 s"):
        await lease.hold()
    assert time.now - time.start == 10


@with_api
async def test_a_renewal_that_hangs_is_given_up_at_the_deadline(api: FakeApi) -> None:
    lease = Lease(api.client(), "ns", "l", "me", timing=Timing(renew_deadline=0.2, retry=0.01))
    await lease.acquire()
    api.faults.add("PUT", PATH, Hold())
    async with asyncio.timeout(5):  # a third of what the client itself allows
        with pytest.raises(LeaseLost, match=r"not renewed for 0\.2 s"):
            await lease.hold()


@with_api
async def test_the_deadline_counts_from_before_the_request(api: FakeApi) -> None:
    time = FakeTime()
    lease = a_lease(api.client(), time)
    slow = Hold()
    api.faults.add("POST", PATH, slow)
    acquiring = asyncio.create_task(lease.acquire())
    await slow.arrived.wait()
    time.now += 7
    slow.released.set()
    await acquiring
    api.faults.add("PUT", PATH, Answer(code=500), times=None)
    with pytest.raises(LeaseLost):
        await lease.hold()
    assert time.now - time.start == 10


@pytest.mark.parametrize("fault", [DropAfter(), DropBefore(), Answer(code=500)], ids=str)
@with_api
async def test_a_renewal_that_fails_for_a_while_is_made_up_for(
    api: FakeApi, fault: Answer | DropAfter | DropBefore
) -> None:
    time = FakeTime(stop_after(30))
    lease = a_lease(api.client(), time)
    await lease.acquire()
    api.faults.add("PUT", PATH, fault, nth=2, times=3)
    with pytest.raises(Stop):
        await lease.hold()
    assert api.get(LEASES, "ns", "l")["spec"]["holderIdentity"] == "me"


@pytest.mark.parametrize("holder", ["other", ""], ids=["taken", "emptied"])
@with_api
async def test_a_lease_that_another_wrote_is_lost_at_once(api: FakeApi, holder: str) -> None:
    time = FakeTime(lambda passed: put(api, holder) if passed == 4 else None)
    lease = a_lease(api.client(), time)
    await lease.acquire()
    with pytest.raises(LeaseLost, match=f"the lease: {holder}"):
        await lease.hold()
    assert time.now - time.start == 4
    assert api.get(LEASES, "ns", "l")["spec"]["holderIdentity"] == holder


@with_api
async def test_a_lease_that_was_deleted_is_made_again(api: FakeApi) -> None:
    def after(passed: float) -> None:
        if passed == 4:
            api.remove(LEASES, "ns", "l")
        stop_after(8)(passed)

    time = FakeTime(after)
    lease = a_lease(api.client(), time)
    await lease.acquire()
    with pytest.raises(Stop):
        await lease.hold()
    assert api.get(LEASES, "ns", "l")["spec"]["holderIdentity"] == "me"


@with_api
async def test_a_lease_given_back_is_anothers_without_waiting(api: FakeApi) -> None:
    time = FakeTime()
    lease = a_lease(api.client(), time)
    await lease.acquire()
    await lease.release()
    spec = api.get(LEASES, "ns", "l")["spec"]
    assert (spec["holderIdentity"], spec["leaseDurationSeconds"]) == ("", 1)
    await a_lease(api.client(), time, identity="next").acquire()
    assert time.now == time.start
    assert api.get(LEASES, "ns", "l")["spec"]["leaseTransitions"] == 1


@with_api
async def test_giving_back_never_fails_and_never_takes_from_another(api: FakeApi) -> None:
    time = FakeTime()
    lease = a_lease(api.client(), time)
    await lease.release()
    assert api.requests == []
    await lease.acquire()
    put(api, "other")
    await lease.release()
    assert api.get(LEASES, "ns", "l")["spec"]["holderIdentity"] == "other"
    written = len(api.only_writes)
    await lease.release()
    assert len(api.only_writes) == written
