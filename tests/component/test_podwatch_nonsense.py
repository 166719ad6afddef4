"""A server that talks nonsense ends neither the watch of Pods nor what is known of them."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncGenerator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from containertask.kube.auth import Access, Credentials
from containertask.kube.client import ApiClient
from containertask.kube.errors import Unreachable
from containertask.kube.resources import PODS
from containertask.kube.transport import Call, Json, Transport
from containertask.kube.watch import Watcher
from containertask.runtime import podwatch
from containertask.runtime.intake import Intake
from containertask.runtime.podwatch import PodWatch
from containertask.runtime.store import Store
from support import looptime
from support.fakeapi import Answer, FakeApi, Raw, with_api
from support.fakeapi.raw import HEAD, chunk
from support.following import Following, MarkList, listed, pod_of, put_pod, watched


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(podwatch, "FIRST_PAUSE", 0.001)
    monkeypatch.setattr(podwatch, "LONGEST_PAUSE", 0.01)


META = {
    "name": "p",
    "namespace": "ns",
    "uid": "u",
    "resourceVersion": "5",
    "creationTimestamp": "2026-01-01T00:00:00Z",
}

NO_PODS: dict[str, Json] = {
    "no name": {"metadata": {"resourceVersion": "5"}},
    "no uid": {"metadata": {"name": "p", "namespace": "ns", "resourceVersion": "5"}},
    "a version that is no number": {"metadata": {**META, "resourceVersion": "five"}},
    "a uid that is a list": {"metadata": {**pod_of("p")["metadata"], **META, "uid": []}},
    "owners that are a number": {"metadata": {**META, "ownerReferences": 5}},
    "owners that are texts": {"metadata": {**META, "ownerReferences": ["t"]}},
    "an owner whose name is a number": {
        "metadata": {**META, "ownerReferences": [{"controller": True, "uid": 5, "name": 5}]}
    },
    "annotations that are a list": {"metadata": {**META, "annotations": []}},
    "no time of creation": {"metadata": {**META, "creationTimestamp": None}},
    "a time that is none": {"metadata": {**META, "creationTimestamp": "yesterday"}},
    "a time without a zone": {"metadata": {**META, "creationTimestamp": "2026-01-01T00:00:00"}},
    "a spec that is a text": {"metadata": META, "spec": "containers"},
    "a status that is a text": {"metadata": META, "status": "Running"},
    "a status that is null": {"metadata": META, "status": None},
    "containers that are texts": {"metadata": META, "status": {"containerStatuses": ["main"]}},
    "an end without an exit code": {
        "metadata": META,
        "status": {"containerStatuses": [{"name": "main", "state": {"terminated": {}}}]},
    },
}


@pytest.mark.parametrize("kind", ["ADDED", "DELETED"])
@pytest.mark.parametrize("found", NO_PODS.values(), ids=NO_PODS)
@with_api
async def test_a_pod_that_cannot_be_read_is_logged_and_the_watch_goes_on(
    api: FakeApi, caplog: pytest.LogCaptureFixture, found: Json, kind: str
) -> None:
    good = pod_of("t")
    good["metadata"] |= {**META, "name": good["metadata"]["name"], "resourceVersion": "6"}
    events = [{"type": kind, "object": found}, {"type": "ADDED", "object": good}]
    words = Raw(HEAD, *(chunk(json.dumps(event).encode() + b"\n") for event in events))
    api.faults.add("WATCH", "/", words)
    async with Following(api) as following:
        await api.until(lambda: "t" in following.known)
        assert not words.left
    assert len(caplog.records) == 1
    assert caplog.records[0].levelno == logging.ERROR
    assert "cannot be read" in caplog.text


@with_api
async def test_a_listed_pod_that_cannot_be_read_is_logged_and_the_others_are_known(
    api: FakeApi, caplog: pytest.LogCaptureFixture
) -> None:
    put_pod(api, "a")
    put_pod(api, "c")
    bad = pod_of("b", status={"phase": "Pending"})
    bad["metadata"]["ownerReferences"] = ["none"]
    api.put(PODS, bad)
    async with Following(api) as following:
        await api.until(lambda: api.watches.count(PODS))
        assert set(following.known) == {"a", "c"}
    assert caplog.text.count("cannot be read") == 1
    assert len(api.requests) == 2


VERSION = {"resourceVersion": "9"}

NO_LISTS: dict[str, object] = {
    "a number": 5,
    "an empty object": {},
    "no metadata": {"items": []},
    "no version": {"items": [], "metadata": {}},
    "an empty version": {"items": [], "metadata": {"resourceVersion": ""}},
    "metadata is a text": {"items": [], "metadata": "resourceVersion"},
    "items are a number": {"items": 5, "metadata": VERSION},
    "items are numbers": {"items": [5], "metadata": VERSION},
    "items are an object": {"items": {"a": 1}, "metadata": VERSION},
    "an item without metadata": {"items": [{}], "metadata": VERSION},
    "an item without a uid": {"items": [{"metadata": {}}], "metadata": VERSION},
    "an item whose uid is a list": {"items": [{"metadata": {"uid": []}}], "metadata": VERSION},
    "a page that goes on nowhere": {"items": [], "metadata": {**VERSION, "continue": {"a": {}}}},
}


@pytest.mark.parametrize("found", NO_LISTS.values(), ids=NO_LISTS)
@with_api
async def test_a_list_that_is_none_makes_no_pod_disappear(api: FakeApi, found: object) -> None:
    put_pod(api, "t")
    following = Following(api)
    await following.pods.read()
    following.news()
    version = api.store.version
    api.faults.add("WATCH", "/", Answer(code=410))
    api.faults.add("GET", "/", Answer(code=200, text=json.dumps(found)), times=2)
    async with following:
        await api.until(lambda: api.watches.count(PODS))
        assert (following.known, following.news()) == ({"t": "Pending"}, [])
    again = [listed()] * 3
    assert api.requests == [listed(), watched(version), *again, watched(version)]


@with_api
async def test_a_first_list_that_is_none_is_told_to_whoever_wants_it_read(api: FakeApi) -> None:
    api.faults.add("GET", "/", Answer(code=200, text="{}"))
    with pytest.raises(Unreachable):
        await Following(api).pods.read()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["metadata", "name", "uid", "namespace", "status", "code", "ownerReferences", "controller"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=8,
)
METADATA = st.fixed_dictionaries(
    {}, optional={**{name: st.just(value) | JSON for name, value in META.items()}, "ownerReferences": JSON}
)
POD = JSON | st.fixed_dictionaries({}, optional={"metadata": METADATA, "spec": JSON, "status": JSON})
EVENT = JSON | st.fixed_dictionaries(
    {"type": st.sampled_from(["ADDED", "MODIFIED", "DELETED", "BOOKMARK", "ERROR"]) | JSON, "object": POD}
)
LIST = st.dictionaries(st.text(max_size=3), JSON, max_size=2) | st.fixed_dictionaries(
    {},
    optional={
        "metadata": METADATA | st.fixed_dictionaries({"resourceVersion": JSON, "continue": JSON}),
        "items": st.lists(POD, max_size=3) | JSON,
    },
)


class Babble(ApiClient):
    """Lists are whatever the test gives, the last of them again and again."""

    def __init__(self, lists: list[Json]) -> None:
        super().__init__(Credentials(lambda: Access(server="http://nowhere")), gate=None)
        self._lists = lists

    async def _json(self, call: Call) -> Json:
        assert call.verb == "list"
        return self._lists.pop(0) if len(self._lists) > 1 else self._lists[0]


@given(st.lists(LIST, min_size=1, max_size=3), st.lists(EVENT, max_size=5))
def test_nothing_that_is_said_ends_the_watch(lists: list[Json], events: list[object]) -> None:
    said = b"".join(json.dumps(event).encode() + b"\n" for event in events)
    whole = {"items": [], "metadata": {"resourceVersion": "1"}}
    store, marks = Store(), MarkList()

    async def stream(*_: object, **__: object) -> AsyncGenerator[bytes, None]:
        yield said

    async def main() -> None:
        pods = PodWatch(
            client=Babble([*lists, whole]),
            watcher=Watcher(Credentials(lambda: Access(server="http://nowhere"))),
            store=store,
            intake=Intake(store, marks),
            marks=marks,
            namespaces=[None],
        )
        running = asyncio.ensure_future(pods.run())
        await asyncio.sleep(0.2)
        assert not running.done(), running
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Transport, "stream", stream)
        looptime.run(main())
