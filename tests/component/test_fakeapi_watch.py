"""The fake API server's watches, by themselves and as kopf uses them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import kopf
import pytest

from containertask.kube.resources import PODS, TASKS
from support.fakeapi import DropBefore, FakeApi, with_api

Event = tuple[str, str]


def a_pod(name: str, namespace: str = "ns", **labels: str) -> dict[str, Any]:
    return {"metadata": {"name": name, "namespace": namespace, "labels": labels}}


class Watching:
    """An open watch; hands out its events as type and name."""

    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self._response = response

    async def raw(self) -> dict[str, Any] | None:
        """Return the next event, or None at the end."""
        line = await self._response.content.readline()
        found: dict[str, Any] | None = json.loads(line) if line else None
        return found

    async def next(self, count: int) -> list[Event]:
        events = [await self.raw() for _ in range(count)]
        return [(event["type"], event["object"]["metadata"]["name"]) for event in events if event]


@asynccontextmanager
async def watching(api: FakeApi, path: str = "/api/v1/pods", **query: str) -> AsyncIterator[Watching]:
    async with (
        aiohttp.ClientSession(api.url) as session,
        session.get(path, params={"watch": "true", **query}) as response,
    ):
        assert response.status == 200
        yield Watching(response)


@with_api
async def test_a_watch_goes_on_from_a_version_with_what_came_since(api: FakeApi) -> None:
    api.put(PODS, a_pod("a"))
    version = str(api.store.version)
    api.put(PODS, a_pod("b"))
    async with watching(api, resourceVersion=version) as watch:
        api.set_status(PODS, "ns", "a", {"phase": "Running"})
        api.remove(PODS, "ns", "b")
        expected = [("ADDED", "b"), ("MODIFIED", "a"), ("DELETED", "b")]
        assert await watch.next(3) == expected


@with_api
async def test_a_watch_without_a_version_starts_with_what_is_there(api: FakeApi) -> None:
    api.put(PODS, a_pod("a"))
    async with watching(api) as watch:
        assert await watch.next(1) == [("ADDED", "a")]
    async with watching(api, sendInitialEvents="true", allowWatchBookmarks="true") as watch:
        assert await watch.next(1) == [("ADDED", "a")]
        bookmark = await watch.raw()
        assert bookmark is not None
        assert bookmark["object"]["metadata"]["annotations"] == {"k8s.io/initial-events-end": "true"}


@with_api
async def test_an_object_enters_and_leaves_a_watch_with_its_labels(api: FakeApi) -> None:
    async with watching(api, labelSelector="a=1", resourceVersion=str(api.store.version)) as watch:
        api.put(PODS, a_pod("other"))
        api.put(PODS, a_pod("p"))
        api.put(PODS, a_pod("p", a="1"))
        api.set_status(PODS, "ns", "p", {"phase": "Running"})
        api.put(PODS, a_pod("p", a="2"))
        api.remove(PODS, "ns", "p")
        api.put(PODS, a_pod("last", a="1"))
        expected = [("ADDED", "p"), ("MODIFIED", "p"), ("DELETED", "p"), ("ADDED", "last")]
        assert await watch.next(4) == expected


@with_api
async def test_a_watch_of_a_namespace_sees_only_that(api: FakeApi) -> None:
    path = "/api/v1/namespaces/ns/pods"
    async with watching(api, path, resourceVersion=str(api.store.version)) as watch:
        api.put(PODS, a_pod("elsewhere", "other"))
        api.put(PODS, a_pod("here"))
        assert await watch.next(1) == [("ADDED", "here")]


@with_api
async def test_a_version_that_is_forgotten_is_gone(api: FakeApi) -> None:
    api.put(PODS, a_pod("a"))
    version = str(api.store.version)
    async with watching(api, resourceVersion=version) as watch:
        api.watches.expire()
        for told in (await watch.raw(), await again(api, version)):
            assert told is not None
            assert (told["type"], told["object"]["code"], told["object"]["reason"]) == (
                "ERROR",
                410,
                "Expired",
            )
        assert await watch.raw() is None


async def again(api: FakeApi, version: str) -> dict[str, Any] | None:
    async with watching(api, resourceVersion=version) as watch:
        return await watch.raw()


@with_api
async def test_bookmarks_go_to_those_that_want_them(api: FakeApi) -> None:
    version = str(api.store.version)
    async with (
        watching(api, resourceVersion=version, allowWatchBookmarks="true") as wants,
        watching(api, resourceVersion=version) as does_not,
    ):
        api.watches.bookmark()
        api.put(PODS, a_pod("a"))
        bookmark = await wants.raw()
        assert bookmark is not None
        assert (bookmark["type"], bookmark["object"]["metadata"]) == (
            "BOOKMARK",
            {"resourceVersion": version},
        )
        assert await wants.next(1) == await does_not.next(1) == [("ADDED", "a")]


@with_api
async def test_a_watch_ends_by_its_time_and_by_the_servers_will(api: FakeApi) -> None:
    version = str(api.store.version)
    async with watching(api, resourceVersion=version, timeoutSeconds="0.05") as watch:
        assert await watch.raw() is None
    async with watching(api, resourceVersion=version) as watch:
        api.watches.end()
        assert await watch.raw() is None
    await api.until(lambda: api.watches.count(PODS) == 0)


async def kopf_sees(api: FakeApi, seen: list[Event], stop: asyncio.Event, ready: asyncio.Event) -> None:
    """Run kopf with handlers that only note what comes, as the operator's do."""
    registry, settings = kopf.OperatorRegistry(), kopf.OperatorSettings()
    settings.posting.enabled = False
    settings.scanning.disabled = True
    settings.watching.chunk_size = 500
    settings.queueing.idle_timeout = 0.1
    settings.watching.reconnect_backoff = 0.01

    @kopf.on.login(registry=registry)
    async def login(**_: object) -> kopf.ConnectionInfo:
        return kopf.ConnectionInfo(server=api.url)

    @kopf.on.event(PODS.plural, registry=registry)
    @kopf.on.event(TASKS.group, TASKS.version, TASKS.plural, registry=registry)
    async def event(type: str | None, name: str | None, **_: object) -> None:  # noqa: A002 (kopf's name)
        seen.append((type or "LISTED", name or ""))

    await kopf.operator(
        registry=registry,
        settings=settings,
        clusterwide=True,
        standalone=True,
        stop_flag=stop,
        ready_flag=ready,
    )


@with_api
async def test_kopf_lists_watches_and_recovers(api: FakeApi, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("CRITICAL", logger="kopf")
    api.put(PODS, a_pod("p"))
    seen: list[Event] = []
    stop, ready = asyncio.Event(), asyncio.Event()
    running = asyncio.create_task(kopf_sees(api, seen, stop, ready))
    await api.until(lambda: ("LISTED", "p") in seen and api.watches.count(TASKS) == 1)
    api.put(TASKS, {"metadata": {"name": "t", "namespace": "ns"}, "spec": {}})
    await api.until(lambda: ("ADDED", "t") in seen)
    seen.clear()
    api.watches.expire()
    api.put(PODS, a_pod("q"))
    await api.until(lambda: {("LISTED", "p"), ("LISTED", "t")} <= set(seen))
    await api.until(lambda: {("LISTED", "q"), ("ADDED", "q")} & set(seen))
    await api.until(lambda: api.watches.count(PODS) == 1)
    api.faults.add("WATCH", "/api/v1/pods", DropBefore())
    api.watches.end()
    await api.until(lambda: api.watches.count(PODS) == 1 and not api.faults.unused())
    api.remove(PODS, "ns", "p")
    await api.until(lambda: ("DELETED", "p") in seen)
    assert api.only_writes == []
    stop.set()
    await running
