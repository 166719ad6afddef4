"""Each refusal of the server by its class and fields, and the gate that refusals shut."""

from __future__ import annotations

import asyncio
import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from containertask.kube import errors
from containertask.kube.errors import ApiError, ApiStatusError, ServerError, TooManyRequests
from containertask.kube.gate import FIRST_PAUSE, LONGEST_PAUSE, LONGEST_WISH, Gate
from containertask.kube.resources import PODS
from support.fakeapi import Answer, FakeApi, Hold, with_api
from support.fakeapi.faketime import FakeTime

REFUSALS = [
    (400, "BadRequest", errors.Invalid),
    (401, "Unauthorized", errors.Unauthorized),
    (403, "Forbidden", errors.Forbidden),
    (404, "NotFound", errors.NotFound),
    (405, "MethodNotAllowed", errors.ApiStatusError),
    (409, "AlreadyExists", errors.AlreadyExists),
    (409, "Conflict", errors.Conflict),
    (409, "", errors.Conflict),
    (410, "Expired", errors.Gone),
    (413, "RequestEntityTooLarge", errors.Invalid),
    (422, "Invalid", errors.Invalid),
    (429, "TooManyRequests", errors.TooManyRequests),
    (500, "InternalError", errors.InternalError),
    (503, "ServiceUnavailable", errors.ServerError),
    (504, "Timeout", errors.ServerError),
]


@pytest.mark.parametrize(("code", "reason", "expected"), REFUSALS, ids=str)
@with_api
async def test_a_refusal_has_a_class_of_its_own(
    api: FakeApi, code: int, reason: str, expected: type[ApiStatusError]
) -> None:
    api.faults.add(
        "GET", "/", Answer(code=code, reason=reason, message="why", headers={"Retry-After": "7"}), times=2
    )
    with pytest.raises(ApiStatusError) as caught:
        await api.client().get(PODS, "ns", "p")
    error = caught.value
    assert type(error) is expected
    assert (error.code, error.reason, error.message, error.retry_after) == (code, reason, "why", 7.0)
    assert str(error) == (f"{code} {reason}: why" if reason else f"{code}: why")


def test_details_are_kept_and_may_say_how_long_to_wait() -> None:
    details = {"kind": "pods", "causes": [{"field": "spec"}], "retryAfterSeconds": 3}
    body = {"kind": "Status", "message": "m", "reason": "Timeout", "details": details}
    error = errors.from_answer(504, json.dumps(body).encode())
    assert (error.details, error.retry_after) == (details, 3.0)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"upstream connect error\n", "upstream connect error"),
        (b"", "(no message)"),
        (b"\xff", "�"),
        (b'{"kind": "Pod"}', '{"kind": "Pod"}'),
        (b"x" * 1000, "x" * 300),
        (b'{"kind": "Status", "reason": 5, "details": [], "message": 6}', "6"),
    ],
    ids=["proxy", "empty", "no-text", "no-status", "long", "wrong-types"],
)
def test_an_answer_that_is_no_status_object_is_a_refusal_too(body: bytes, message: str) -> None:
    error = errors.from_answer(502, body)
    assert type(error) is ServerError
    assert (error.message, error.reason, error.details, error.retry_after) == (message, "", {}, None)


@given(
    st.integers(300, 999), st.binary() | st.from_regex(rb'\{"kind": "Status", .*\}'), st.none() | st.text()
)
def test_whatever_comes_becomes_an_error(code: int, body: bytes, retry_after: str | None) -> None:
    error = errors.from_answer(code, body, retry_after)
    assert isinstance(error, ApiError)
    assert error.retry_after is None or (error.retry_after > 0 and math.isfinite(error.retry_after))


@pytest.mark.parametrize("text", ["", "0", "-1", "nan", "inf", "Wed, 21 Oct 2026 07:28:00 GMT"])
def test_a_wait_that_is_no_number_of_seconds_counts_as_none(text: str) -> None:
    assert errors.from_answer(429, b"", text).retry_after is None


@pytest.mark.parametrize("code", [429, 500, 503])
@with_api
async def test_after_a_refusal_every_later_request_waits_as_long_as_the_server_asks(
    api: FakeApi, code: int
) -> None:
    time = FakeTime()
    client = api.client(gate=Gate(clock=time.clock, sleep=time.sleep))
    api.put(PODS, {"metadata": {"name": "p", "namespace": "ns"}})
    api.faults.add("GET", "/", Answer(code=code, headers={"Retry-After": "5"}))
    with pytest.raises((TooManyRequests, ServerError)):
        await client.get(PODS, "ns", "p")
    assert time.slept == []
    await client.list(PODS)
    assert time.slept == [5.0]
    await client.get(PODS, "ns", "p")
    assert time.slept == [5.0]
    assert len(api.requests) == 3


@with_api
async def test_a_bare_500_holds_nobody_else_back_for_it_may_be_one_webhook(api: FakeApi) -> None:
    time = FakeTime()
    client = api.client(gate=Gate(clock=time.clock, sleep=time.sleep))
    api.faults.add("GET", "/", Answer(code=500))
    with pytest.raises(ServerError):
        await client.list(PODS)
    await client.list(PODS)
    assert time.slept == []


@with_api
async def test_a_wish_for_hours_is_followed_for_two_minutes(api: FakeApi) -> None:
    time = FakeTime()
    client = api.client(gate=Gate(clock=time.clock, sleep=time.sleep))
    api.faults.add("GET", "/", Answer(code=429, headers={"Retry-After": "7200"}))
    with pytest.raises(TooManyRequests):
        await client.list(PODS)
    await client.list(PODS)
    assert time.slept == [LONGEST_WISH]


@with_api
async def test_the_pause_doubles_to_a_limit_and_starts_anew_after_an_answer(api: FakeApi) -> None:
    time = FakeTime()
    client = api.client(gate=Gate(clock=time.clock, sleep=time.sleep))
    api.faults.add("GET", "/api/v1/namespaces", Answer(code=429), times=8)
    for _ in range(8):
        with pytest.raises(TooManyRequests):
            await client.get(PODS, "ns", "p")
    with pytest.raises(errors.NotFound):  # an answer like any other
        await client.get(PODS, "ns", "p")
    assert time.slept == [FIRST_PAUSE, 2, 4, 8, 16, LONGEST_PAUSE, LONGEST_PAUSE, LONGEST_PAUSE]
    api.faults.add("GET", "/api/v1/pods", Answer(code=429))
    with pytest.raises(TooManyRequests):
        await client.list(PODS)
    await client.list(PODS)
    assert time.slept[8:] == [FIRST_PAUSE]


@with_api
async def test_refusals_of_requests_that_were_under_way_together_count_once(api: FakeApi) -> None:
    time = FakeTime()
    client = api.client(gate=Gate(clock=time.clock, sleep=time.sleep))
    api.faults.add("GET", "/", Answer(code=429), times=20)
    found = await asyncio.gather(*(client.list(PODS) for _ in range(20)), return_exceptions=True)
    assert {type(error) for error in found} == {TooManyRequests}
    await client.list(PODS)
    assert time.slept == [FIRST_PAUSE]


def test_a_late_answer_does_not_count_and_a_shorter_pause_does_not_open_the_gate() -> None:
    async def scenario() -> list[float]:
        time = FakeTime()
        gate = Gate(clock=time.clock, sleep=time.sleep)
        early, late = await gate.passage(), await gate.passage()
        gate.refused(early, 9.0)
        gate.refused(early, 2.0)
        gate.answered(late)
        gate.refused(await gate.passage(), None)
        await gate.passage()
        return time.slept

    assert asyncio.run(scenario()) == [9.0, 2 * FIRST_PAUSE]


@with_api
async def test_a_client_without_a_gate_goes_on(api: FakeApi) -> None:
    api.faults.add("GET", "/", Answer(code=429, headers={"Retry-After": "60"}))
    shared = Gate()
    throttled, lease = api.client(gate=shared), api.client(gate=None)
    with pytest.raises(TooManyRequests):
        await throttled.list(PODS)
    await lease.list(PODS)
    waiting = asyncio.create_task(throttled.list(PODS))
    await lease.list(PODS)
    assert not waiting.done()
    assert len(api.requests) == 3
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)


@with_api
async def test_requests_beyond_the_bound_of_connections_wait_their_turn(api: FakeApi) -> None:
    first, second = Hold(), Hold()
    api.faults.add("GET", "/", first)
    api.faults.add("GET", "/", second)
    client = api.client(connections=2)
    calls = [asyncio.create_task(client.list(PODS)) for _ in range(3)]
    await asyncio.gather(first.arrived.wait(), second.arrived.wait())
    await api.client().served("v1")  # another client's connections are its own
    assert [request.path for request in api.requests] == ["/api/v1/pods"] * 2 + ["/api/v1"]
    first.released.set()
    second.released.set()
    await asyncio.gather(*calls)
    assert len(api.requests) == 4
