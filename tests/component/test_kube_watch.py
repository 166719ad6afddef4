"""Watches: what a server says becomes changes, in its order, however the bytes are cut."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterable, Sequence
from contextlib import aclosing
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from containertask.kube.auth import Access, Credentials
from containertask.kube.resources import PODS
from containertask.kube.transport import Transport
from containertask.kube.watch import Change, Watcher
from support.fakeapi import FakeApi, Raw, Request, with_api
from support.fakeapi.raw import END, HEAD, chunk, line

MIB = 2**20


def a_pod(name: str, version: str, **more: object) -> dict[str, Any]:
    return {"metadata": {"name": name, "namespace": "ns", "resourceVersion": version}, **more}


def watch(watcher: Watcher, namespace: str | None = None, since: str = "1") -> AsyncGenerator[Change, None]:
    return watcher.changes(PODS, namespace, label_selector="a=b", since=since)


async def all_of(watcher: Watcher) -> list[Change]:
    """Return what comes until the server ends the watch."""
    return [change async for change in watch(watcher)]


def lines(changes: Iterable[Change]) -> bytes:
    return b"".join(line(change.kind, change.object) for change in changes)


FIRST = Change("ADDED", a_pod("p", "5", status={"message": "schön\u2028\n😀"}), "5")
SECOND = Change("MODIFIED", a_pod("p", "7"), "7")
BOTH = lines([FIRST, SECOND])


@pytest.mark.parametrize(
    ("namespace", "path"), [(None, "/api/v1/pods"), ("ns", "/api/v1/namespaces/ns/pods")], ids=["all", "one"]
)
@with_api
async def test_a_watch_asks_for_what_came_after_a_version(
    api: FakeApi, namespace: str | None, path: str
) -> None:
    api.put(PODS, a_pod("p", "0"))
    credentials = api.credentials("Bearer abc")
    async with aclosing(watch(api.watcher(credentials=credentials), namespace, "1")) as changes:
        asking = asyncio.ensure_future(anext(changes))
        await api.until(lambda: api.requests)
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)
    query = {
        "watch": "true",
        "allowWatchBookmarks": "true",
        "labelSelector": "a=b",
        "resourceVersion": "1",
    }
    assert api.requests == [Request(method="GET", path=path, query=query)]
    headers = api.requests[0].headers
    assert (headers["Accept"], headers["Authorization"]) == ("application/json", "Bearer abc")


@with_api
async def test_changes_come_in_their_order_with_the_version_to_go_on_from(api: FakeApi) -> None:
    async with aclosing(watch(api.watcher(), since=str(api.store.version))) as changes:
        labels = {"labels": {"a": "b"}}
        stored = [api.put(PODS, {"metadata": {"name": name, "namespace": "ns", **labels}}) for name in "pq"]
        stored.append(api.set_status(PODS, "ns", "p", {"phase": "Running"}))
        api.remove(PODS, "ns", "q")
        found = [await anext(changes) for _ in range(4)]
    assert [change.object for change in found[:3]] == stored
    kinds = [(change.kind, change.object["metadata"]["name"]) for change in found]
    assert kinds == [("ADDED", "p"), ("ADDED", "q"), ("MODIFIED", "p"), ("DELETED", "q")]
    assert [change.version for change in found] == ["2", "3", "4", "5"]
    assert found[3].object == stored[1] | {"metadata": {**stored[1]["metadata"], "resourceVersion": "5"}}


def cut(content: bytes, size: int) -> list[bytes]:
    return [content[at : at + size] for at in range(0, len(content), size)]


def large(size: int) -> Change:
    return Change("ADDED", a_pod("large", "6", status={"message": "x" * size}), "6")


@pytest.mark.parametrize(
    ("pieces", "expected"),
    [
        ([BOTH], [FIRST, SECOND]),
        (cut(BOTH, 1), [FIRST, SECOND]),
        ([BOTH[:-1], BOTH[-1:]], [FIRST, SECOND]),
        ([BOTH[:-1]], [FIRST, SECOND]),
        ([lines([FIRST])[:-1], b"\n" + lines([SECOND])], [FIRST, SECOND]),
        ([BOTH.replace(b"\n", b"\r\n")], [FIRST, SECOND]),
        ([lines([large(70_000), SECOND])], [large(70_000), SECOND]),
        (cut(lines([FIRST, large(2 * MIB), SECOND]), 1 << 14), [FIRST, large(2 * MIB), SECOND]),
        ([lines([FIRST, large(2 * MIB), SECOND])], [FIRST, large(2 * MIB), SECOND]),
        ([], []),
    ],
    ids=[
        "one piece",
        "byte by byte",
        "the end of the line alone",
        "no end of the last line",
        "the end of a line with the next line",
        "lines as on Windows",
        "70 KB",
        "2 MiB in many pieces",
        "2 MiB in one piece",
        "nothing",
    ],
)
@with_api
async def test_events_are_whole_however_they_are_cut(
    api: FakeApi, pieces: Sequence[bytes], expected: Sequence[Change]
) -> None:
    api.faults.add("WATCH", "/", Raw(HEAD, *map(chunk, pieces), END))
    assert await all_of(api.watcher()) == expected


@with_api
async def test_an_event_is_told_before_the_next_one_comes(api: FakeApi) -> None:
    words = Raw(HEAD, chunk(BOTH[:-10]))
    api.faults.add("WATCH", "/", words)
    async with aclosing(watch(api.watcher())) as changes:
        assert await anext(changes) == FIRST
        words.say(chunk(BOTH[-10:]))
        assert await anext(changes) == SECOND


@with_api
async def test_a_body_that_ends_with_its_connection_ends_the_watch(api: FakeApi) -> None:
    api.faults.add("WATCH", "/", Raw(b"HTTP/1.0 200 OK\r\n\r\n", BOTH, None))
    assert await all_of(api.watcher()) == [FIRST, SECOND]


@with_api
async def test_a_bookmark_has_nothing_but_the_version(api: FakeApi) -> None:
    async with aclosing(watch(api.watcher(), since=str(api.store.version))) as changes:
        asking = asyncio.ensure_future(anext(changes))
        await api.until(lambda: api.watches.count(PODS))
        api.put(PODS, {"metadata": {"name": "of-somebody-else"}})
        api.watches.bookmark()
        found = await asking
    metadata = {"resourceVersion": str(api.store.version)}
    assert found == Change(
        "BOOKMARK",
        {"apiVersion": "v1", "kind": "Pod", "metadata": metadata},
        str(api.store.version),
    )


@with_api
async def test_a_watch_that_the_server_ends_is_over_and_another_one_can_be_opened(api: FakeApi) -> None:
    watcher = api.watcher()
    for _ in range(2):
        asking = asyncio.ensure_future(all_of(watcher))
        await api.until(lambda: api.watches.count(PODS))
        api.watches.end()
        assert await asking == []
    assert len(api.requests) == 2


@given(st.data())
def test_any_split_of_the_bytes_gives_the_same_changes(data: st.DataObject) -> None:
    texts = data.draw(st.lists(st.text(), max_size=4))
    changes = [
        Change("ADDED", a_pod("p", str(number), status=text), str(number))
        for number, text in enumerate(texts)
    ]
    whole = lines(changes)
    if data.draw(st.booleans()):
        whole = whole.removesuffix(b"\n")
    places = sorted(data.draw(st.lists(st.integers(0, len(whole)), max_size=12)))
    pieces = [whole[start:end] for start, end in pairwise([0, *places, len(whole)])]

    async def stream(*_: object, **__: object) -> AsyncGenerator[bytes, None]:
        for piece in pieces:
            yield piece

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Transport, "stream", stream)
        watcher = Watcher(Credentials(lambda: Access(server="http://nowhere")))
        assert asyncio.run(all_of(watcher)) == changes
