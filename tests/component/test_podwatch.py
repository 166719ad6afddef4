"""The watch of Pods: what it asks for, where it goes on, and when it lists again."""

from __future__ import annotations

import asyncio

import pytest

from containertask.kube.resources import PODS
from containertask.runtime import podwatch
from support.fakeapi import Answer, DropBefore, FakeApi, Raw, with_api
from support.fakeapi.faults import Fault
from support.fakeapi.raw import END, HEAD, chunk, line
from support.following import TEAM, Following, listed, opened, pod_of, put_pod, remove_pod, watched


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(podwatch, "FIRST_PAUSE", 0.001)
    monkeypatch.setattr(podwatch, "LONGEST_PAUSE", 0.01)


@with_api
async def test_pods_are_listed_once_and_watched_from_that_very_version(api: FakeApi) -> None:
    for number in range(201):
        put_pod(api, f"t{number}")
    api.put(PODS, {"metadata": {"name": "of-somebody-else"}})
    version = api.store.version
    following = Following(api)
    await following.pods.read()
    put_pod(api, "later")
    async with following:
        await api.until(lambda: "later" in following.known)
    pages = [request.query.get("continue", "") for request in api.requests[:3]]
    assert api.requests == [
        listed(),
        listed(**{"continue": pages[1]}),
        listed(**{"continue": pages[2]}),
        watched(version),
    ]
    assert following.known == dict.fromkeys([*(f"t{number}" for number in range(201)), "later"], "Pending")
    assert sorted(following.news()) == sorted((TEAM, name) for name in following.known)


@with_api
async def test_without_having_read_it_lists_by_itself(api: FakeApi) -> None:
    put_pod(api, "t")
    async with Following(api) as following:
        await opened(api)
        assert (following.known, following.news()) == ({"t": "Pending"}, [(TEAM, "t")])
    assert api.requests == [listed(), watched(api.store.version)]


@with_api
async def test_each_change_reaches_the_store_and_marks_its_task(api: FakeApi) -> None:
    async with Following(api) as following:
        await opened(api)
        put_pod(api, "a")
        put_pod(api, "b", "other")
        await api.until(lambda: len(following.known) == 2)
        assert following.news() == [(TEAM, "a"), ("other", "b")]
        put_pod(api, "a", phase="Running")
        await api.until(lambda: following.known["a"] == "Running")
        assert following.news() == [(TEAM, "a")]
        remove_pod(api, "b", "other")
        await api.until(lambda: following.known == {"a": "Running"})
        assert following.news() == [("other", "b")]
    assert len(api.requests) == 2


def event(version: int) -> bytes:
    pod = pod_of("t")
    pod["metadata"] |= {
        "uid": "u",
        "resourceVersion": str(version),
        "creationTimestamp": "2026-01-01T00:00:00Z",
    }
    return chunk(line("MODIFIED", pod))


def bookmark(version: int) -> bytes:
    return chunk(line("BOOKMARK", {"metadata": {"resourceVersion": str(version)}}))


SILENT = Raw(HEAD, event(50))


@pytest.mark.parametrize(
    ("fault", "version"),
    [
        (DropBefore(), 1),
        (Raw(HEAD, None), 1),
        (Raw(HEAD, END, None), 1),
        (Raw(HEAD, event(50), None), 50),
        (Raw(HEAD, event(50), END, None), 50),
        (Raw(HEAD, event(50), bookmark(70), None), 70),
        (Raw(HEAD, bookmark(50), event(70), event(60), None), 60),
        (Raw(HEAD, event(50), chunk(b"<html>\n"), END, None), 50),
        (Raw(HEAD, event(50), chunk(b'{"type": "ADDED", "object": {}}\n'), END, None), 50),
        (Raw(HEAD, event(50), event(70)[:-9], None), 50),
        (SILENT, 50),
    ],
    ids=[
        "dropped",
        "cut",
        "ended",
        "cut after an event",
        "ended after an event",
        "cut after a bookmark",
        "cut after an event with a lower version",
        "no event",
        "no metadata",
        "half an event",
        "silent",
    ],
)
def test_a_watch_that_broke_goes_on_where_it_was(fault: Fault, version: int) -> None:
    @with_api
    async def scenario(api: FakeApi) -> None:
        following = Following(api, silence=0.5 if fault is SILENT else 60.0)
        await following.pods.read()
        api.faults.add("WATCH", "/", fault)
        async with following:
            await api.until(lambda: len(api.requests) >= 3)
        assert api.requests[:3] == [listed(), watched(1), watched(version)]

    scenario()


@with_api
async def test_each_namespace_has_a_watch_and_trouble_of_its_own(api: FakeApi) -> None:
    api.faults.add("*", PODS.path("bad"), Answer(code=403), times=None)
    async with Following(api, "good", "bad", "good") as following:
        await opened(api)
        await api.until(lambda: api.requests.count(listed("bad")) >= 3)
        put_pod(api, "a", "good")
        put_pod(api, "b", "bad")
        await api.until(lambda: set(following.known) == {"a"})
        assert [one for one in api.requests if one.path == PODS.path("good")] == [
            listed("good"),
            watched(1, "good"),
        ]
        api.faults.clear()
        await api.until(lambda: set(following.known) == {"a", "b"})


@pytest.mark.parametrize("place", ["list", "watch"])
@with_api
async def test_the_end_of_the_operator_closes_what_is_open(api: FakeApi, place: str) -> None:
    words = Raw() if place == "list" else Raw(HEAD)
    api.faults.add("GET" if place == "list" else "WATCH", "/", words)
    async with Following(api):
        await asyncio.wait_for(words.arrived.wait(), 20)
    await api.until(lambda: words.left)
