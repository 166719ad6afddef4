"""The election: who keeps the Lease, who loses it, who gives it back, in faked time."""

from __future__ import annotations

import asyncio

import pytest

from containertask.kube.errors import LeaseLost
from containertask.kube.lease import Lease, Timing
from containertask.kube.resources import LEASES
from support.fakeapi import Answer, DropAfter, DropBefore, FakeApi, Hold, with_api
from support.fakeapi.election import PATH, StopError, a_lease, put_lease, stop_after
from support.fakeapi.faketime import FakeTime


@with_api
async def test_the_holder_renews_with_one_request_every_two_seconds(api: FakeApi) -> None:
    time = FakeTime(stop_after(20))
    lease = a_lease(api.client(), time)
    await lease.acquire()
    before = len(api.requests)
    with pytest.raises(StopError):
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
    assert time.passed == 10


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
    assert time.passed == 10


@pytest.mark.parametrize("fault", [DropAfter(), DropBefore(), Answer(code=500)], ids=str)
@with_api
async def test_a_renewal_that_fails_for_a_while_is_made_up_for(
    api: FakeApi, fault: Answer | DropAfter | DropBefore
) -> None:
    time = FakeTime(stop_after(30))
    lease = a_lease(api.client(), time)
    await lease.acquire()
    api.faults.add("PUT", PATH, fault, nth=2, times=3)
    with pytest.raises(StopError):
        await lease.hold()
    assert api.get(LEASES, "ns", "l")["spec"]["holderIdentity"] == "me"


@pytest.mark.parametrize("holder", ["other", ""], ids=["taken", "emptied"])
@with_api
async def test_a_lease_that_another_wrote_is_lost_at_once(api: FakeApi, holder: str) -> None:
    time = FakeTime(lambda passed: put_lease(api, holder) if passed == 4 else None)
    lease = a_lease(api.client(), time)
    await lease.acquire()
    with pytest.raises(LeaseLost, match=f"the lease: {holder}"):
        await lease.hold()
    assert time.passed == 4
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
    with pytest.raises(StopError):
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
    await a_lease(api.client(), time, "next").acquire()
    assert time.now == time.start
    assert api.get(LEASES, "ns", "l")["spec"]["leaseTransitions"] == 1


@with_api
async def test_giving_back_never_fails_and_never_takes_from_another(api: FakeApi) -> None:
    time = FakeTime()
    lease = a_lease(api.client(), time)
    await lease.release()
    assert api.requests == []
    await lease.acquire()
    put_lease(api, "other")
    await lease.release()
    assert api.get(LEASES, "ns", "l")["spec"]["holderIdentity"] == "other"
    written = len(api.only_writes)
    await lease.release()
    assert len(api.only_writes) == written
