"""What the client says when no answer comes, or none that can be used; it sends nothing twice."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from containertask.kube.client import ApiClient
from containertask.kube.errors import ApiError, Unreachable
from containertask.kube.resources import PODS
from support.fakeapi import Answer, DropAfter, DropBefore, FakeApi, Hold, with_api

POD = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}}


async def get(client: ApiClient) -> None:
    await client.get(PODS, "ns", "p")


async def create(client: ApiClient) -> None:
    await client.create(PODS, "ns", POD)


async def update(client: ApiClient) -> None:
    await client.update(PODS, "ns", "p", POD)


async def delete(client: ApiClient) -> None:
    await client.delete(PODS, "ns", "p")


@pytest.mark.parametrize("verb", [get, create, update, delete])
@pytest.mark.parametrize("fault", [DropBefore(), DropAfter()])
@with_api
async def test_a_cut_connection_is_told_and_nothing_is_sent_again(
    api: FakeApi, verb: Callable[[ApiClient], Awaitable[None]], fault: DropBefore | DropAfter
) -> None:
    client = api.client()
    await client.served("v1")  # the connection is an old one: that is when aiohttp would send again
    api.faults.add("*", "/api/v1/namespaces", fault)
    with pytest.raises(Unreachable):
        await verb(client)
    assert len(api.requests) == 2


@with_api
async def test_a_request_that_takes_too_long_is_unreachable(api: FakeApi) -> None:
    api.faults.add("GET", "/api/v1", Hold())
    with pytest.raises(Unreachable, match="GET /api/v1/namespaces/ns/pods/p: TimeoutError"):
        await api.client(request_seconds=0.05).get(PODS, "ns", "p")


@with_api
async def test_a_server_that_is_not_there_is_unreachable(api: FakeApi) -> None:
    client = api.client()
    await api.stop()
    with pytest.raises(Unreachable, match="Connect"):
        await client.get(PODS, "ns", "p")


@pytest.mark.parametrize("text", ["<html>", "[1]", "", "[" * 100_000], ids=["html", "list", "none", "deep"])
@with_api
async def test_an_answer_that_is_no_object_is_none(api: FakeApi, text: str) -> None:
    api.faults.add("GET", "/", Answer(code=200, text=text))
    with pytest.raises(Unreachable, match="JSON"):
        await api.client().get(PODS, "ns", "p")


@with_api
async def test_a_redirect_is_not_followed(api: FakeApi) -> None:
    api.faults.add("GET", "/", Answer(code=302, headers={"Location": "/api/v1"}))
    with pytest.raises(ApiError, match="302"):
        await api.client().get(PODS, "ns", "p")
    assert len(api.requests) == 1
