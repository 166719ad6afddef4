"""The lists of the watch of Pods: when there is one, and what is taken for gone because of it."""

from __future__ import annotations

import pytest

from containertask.kube.errors import Gone
from containertask.kube.resources import PODS
from containertask.runtime import podwatch
from containertask.runtime.podwatch import VersionsWentBackError
from support.fakeapi import Answer, DropBefore, FakeApi, Hold, Raw, RefusalError, with_api
from support.fakeapi.faults import Fault
from support.fakeapi.raw import END, HEAD, chunk, line
from support.following import TEAM, Following, listed, opened, put_pod, remove_pod, watched

BOOKMARK = chunk(line("BOOKMARK", {"metadata": {"resourceVersion": "50"}}))


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(podwatch, "FIRST_PAUSE", 0.001)
    monkeypatch.setattr(podwatch, "LONGEST_PAUSE", 0.01)


def told(code: int) -> Raw:
    return Raw(HEAD, BOOKMARK, chunk(line("ERROR", RefusalError(code, "Why", "why").status())), END, None)


REFUSALS: dict[str, Fault] = {
    **{f"refused {code}": Answer(code=code) for code in (302, 410, 500, 504)},
    **{f"ended by {code}": told(code) for code in (410, 500, 504)},
}


@pytest.mark.parametrize("refusal", REFUSALS.values(), ids=REFUSALS)
def test_after_a_refusal_all_is_listed_again(refusal: Fault) -> None:
    @with_api
    async def scenario(api: FakeApi) -> None:
        following = Following(api)
        await following.pods.read()
        api.store.version = 100
        api.faults.add("WATCH", "/", refusal)
        async with following:
            await opened(api)
        assert api.requests == [listed(), watched(1), listed(), watched(100)]

    scenario()


@pytest.mark.parametrize("code", [401, 403, 429, 502, 503])
def test_after_a_refusal_that_says_nothing_of_the_version_the_same_is_asked_for(code: int) -> None:
    @with_api
    async def scenario(api: FakeApi) -> None:
        following = Following(api)
        await following.pods.read()
        api.store.version = 100
        api.faults.add("WATCH", "/", Answer(code=code, headers={"Retry-After": "1"}))
        async with following:
            await opened(api)
        assert api.requests == [listed(), watched(1), watched(1)]

    scenario()


@with_api
async def test_once_an_hour_a_watch_that_ends_is_followed_by_a_list(
    api: FakeApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with Following(api):
        await opened(api)
        monkeypatch.setattr(podwatch, "RELIST_SECONDS", -1.0)
        api.watches.end()
        await api.until(lambda: len(api.requests) == 4)
        await opened(api)
    assert api.requests == [listed(), watched(1), listed(), watched(1)]


@with_api
async def test_versions_that_went_back_end_the_process(api: FakeApi) -> None:
    following = Following(api)
    api.store.version = 100
    await following.pods.read()
    api.store.version = 50
    api.faults.add("WATCH", "/", Answer(code=410))
    with pytest.RaisesGroup(pytest.RaisesExc(VersionsWentBackError, match="at version 50, and was at 100")):
        await following.pods.run()


@with_api
async def test_pods_that_disappeared_unseen_mark_their_tasks_once(api: FakeApi) -> None:
    for name in ("a", "b", "c"):
        put_pod(api, name)
    async with Following(api) as following:
        await opened(api)
        following.news()
        held = Hold()
        api.faults.add("GET", "/", held)
        api.faults.add("WATCH", "/", DropBefore())
        api.watches.end()
        await api.until(lambda: not api.watches.count(PODS))
        remove_pod(api, "a")
        remove_pod(api, "b")
        api.store.forget()
        await held.arrived.wait()
        assert set(following.known) == {"a", "b", "c"}, "nothing is forgotten before it is known to be gone"
        held.released.set()
        await opened(api)
        assert sorted(following.news()) == [(TEAM, "a"), (TEAM, "b")]
        assert set(following.known) == {"c"}
        asked = len(api.requests)
        api.watches.expire()
        await api.until(lambda: len(api.requests) == asked + 2)
        await opened(api)
        assert (following.news(), set(following.known)) == ([], {"c"})


@with_api
async def test_a_list_of_one_namespace_says_nothing_of_the_others(api: FakeApi) -> None:
    put_pod(api, "a", "one")
    put_pod(api, "b", "two")
    async with Following(api, "one", "two") as following:
        await opened(api, 2)
        following.news()
        api.faults.add("WATCH", PODS.path("one"), Answer(code=410))
        api.watches.end()
        await api.until(lambda: api.requests.count(listed("one")) == 2)
        await opened(api, 2)
        assert (following.news(), set(following.known)) == ([], {"a", "b"})


@with_api
async def test_a_pod_that_came_while_the_list_was_under_way_is_not_taken_for_gone(api: FakeApi) -> None:
    for number in range(101):
        put_pod(api, f"t{number}")
    following, between = Following(api), Hold()
    api.faults.add("GET", "/", between, nth=2)
    async with following:
        await between.arrived.wait()
        following.news()
        following.intake.see_pod(None, put_pod(api, "new"))  # the answer to our own request
        assert following.news() == [(TEAM, "new")]
        between.released.set()
        await opened(api)
        put_pod(api, "last")
        await api.until(lambda: "last" in following.known)
        assert "new" in following.known
        assert (TEAM, "new") not in following.news()


@with_api
async def test_a_list_that_is_gone_between_its_pages_begins_again(api: FakeApi) -> None:
    for number in range(101):
        put_pod(api, f"t{number}")
    following = Following(api)
    api.faults.add("GET", "/", Answer(code=410), nth=2)
    with pytest.raises(Gone):
        await following.pods.read()
    api.faults.add("GET", "/", Answer(code=410), nth=2)
    async with following:
        await opened(api)
    assert len(following.known) == 101
    assert len(following.news()) == 101
    kinds = [(request.verb, "continue" in request.query) for request in api.requests]
    assert kinds == [("GET", False), ("GET", True)] * 3 + [("WATCH", False)]
