"""Watches as requests: credentials, who is told of them, and that none is left open."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

import pytest

from containertask.kube.auth import Access, Credentials
from containertask.kube.errors import ApiError, ApiStatusError, NoCredentials, Unauthorized, Unreachable
from containertask.kube.resources import PODS
from containertask.kube.watch import Change, Watcher
from support.fakeapi import Answer, DropBefore, FakeApi, Hold, Raw, RefusalError, with_api
from support.fakeapi.faults import Fault
from support.fakeapi.raw import END, HEAD, chunk, line

EVENT = chunk(line("ADDED", {"metadata": {"resourceVersion": "5"}}))


def watch(watcher: Watcher) -> AsyncGenerator[Change, None]:
    return watcher.changes(PODS, None, label_selector="a=b", since="1")


async def all_of(watcher: Watcher) -> list[Change]:
    return [change async for change in watch(watcher)]


def ended_by(code: int, reason: str) -> Raw:
    return Raw(HEAD, EVENT, chunk(line("ERROR", RefusalError(code, reason, "why").status())), END)


@pytest.mark.parametrize(
    "refusal", [Answer(code=401), ended_by(401, "Unauthorized")], ids=["at once", "in the stream"]
)
def test_after_a_401_the_credentials_are_read_again_and_the_next_watch_has_them(refusal: Fault) -> None:
    @with_api
    async def scenario(api: FakeApi) -> None:
        tokens = iter(["old", "new"])
        credentials = Credentials(lambda: Access(server=api.url, headers={"Authorization": next(tokens)}))
        watcher = api.watcher(credentials=credentials)
        api.faults.add("WATCH", "/", refusal)
        with pytest.raises(Unauthorized):
            await all_of(watcher)
        assert len(api.requests) == 1
        api.faults.add("WATCH", "/", Answer(code=200, text=""))
        assert await all_of(watcher) == []
        assert [request.headers["Authorization"] for request in api.requests] == ["old", "new"]

    scenario()


@with_api
async def test_credentials_that_cannot_be_read_again_are_told(api: FakeApi) -> None:
    found = [Access(server=api.url)]

    def read() -> Access:
        if not found:
            raise NoCredentials("as the test wants it")
        return found.pop()

    watcher = api.watcher(credentials=Credentials(read))
    api.routes.authorization = "new"
    with pytest.raises(NoCredentials):
        await all_of(watcher)


@pytest.mark.parametrize("code", [301, 302, 307, 308])
@with_api
async def test_a_token_is_for_its_own_server_only(api: FakeApi, code: int) -> None:
    async with FakeApi() as other:
        there = Answer(code=code, headers={"Location": f"{other.url}/api/v1/pods?watch=true"})
        api.faults.add("WATCH", "/", there)
        with pytest.raises(ApiStatusError, match=str(code)):
            await all_of(api.watcher(credentials=api.credentials("Bearer abc")))
        assert (len(api.requests), other.requests) == (1, [])


class Told:
    """What an observer was told."""

    def __init__(self) -> None:
        self.of: list[tuple[str, str, int | None]] = []

    def __call__(self, *, verb: str, resource: str, code: int | None) -> None:
        self.of.append((verb, resource, code))


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (Raw(HEAD, EVENT, END), 200),
        (ended_by(410, "Expired"), 200),
        (Raw(HEAD, EVENT, chunk(b"?\n"), END), 200),
        (Raw(HEAD, EVENT, None), 200),
        (Answer(code=403), 403),
        (Answer(code=500), 500),
        (DropBefore(), None),
        (Raw(b"?", None), None),
    ],
    ids=["ended", "gone", "nonsense", "cut", "refused", "failed", "no answer", "no HTTP"],
)
def test_an_observer_is_told_once_when_a_watch_is_over(fault: Fault, code: int | None) -> None:
    @with_api
    async def scenario(api: FakeApi) -> None:
        told, watcher = Told(), api.watcher()
        watcher.tell(told)
        api.faults.add("WATCH", "/", fault)
        try:
            async for _ in watch(watcher):
                assert told.of == []
        except ApiError:
            assert code != 200 or not isinstance(fault, Answer)
        assert told.of == [("watch", "pods", code)]

    scenario()


@with_api
async def test_a_reader_that_has_enough_closes_the_connection(api: FakeApi) -> None:
    told, watcher, words = Told(), api.watcher(), Raw(HEAD, EVENT)
    watcher.tell(told)
    api.faults.add("WATCH", "/", words)
    async with aclosing(watch(watcher)) as changes:
        async for _ in changes:
            break
        assert (told.of, words.left) == ([], False)
    assert told.of == [("watch", "pods", 200)]
    await api.until(lambda: words.left)


@with_api
async def test_a_reader_that_fails_has_its_own_error_and_closes_the_connection(api: FakeApi) -> None:
    words = Raw(HEAD, EVENT)
    api.faults.add("WATCH", "/", words)

    async def read() -> None:
        async with aclosing(watch(api.watcher())) as changes:
            async for _ in changes:
                raise TimeoutError("of the reader")

    with pytest.raises(TimeoutError, match="of the reader"):
        await read()
    await api.until(lambda: words.left)


@pytest.mark.parametrize(("sent", "code"), [([], None), ([HEAD, EVENT], 200)], ids=["asked", "open"])
@with_api
async def test_a_reader_that_is_cancelled_closes_the_connection(
    api: FakeApi, sent: list[bytes], code: int | None
) -> None:
    told, watcher, words = Told(), api.watcher(), Raw(*sent)
    watcher.tell(told)
    came: list[Change] = []

    async def read() -> None:
        async with aclosing(watch(watcher)) as changes:
            async for change in changes:
                came.append(change)  # noqa: PERF401 (one by one, as they come)

    api.faults.add("WATCH", "/", words)
    reading = asyncio.ensure_future(read())
    await words.arrived.wait()
    await api.until(lambda: came or not sent)
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    assert told.of == [("watch", "pods", code)]
    await api.until(lambda: words.left)


@with_api
async def test_closing_the_watcher_breaks_what_is_open(api: FakeApi) -> None:
    watcher, words = api.watcher(), [Raw(HEAD, EVENT), Raw(HEAD)]
    for each in words:
        api.faults.add("WATCH", "/", each)
    reading = [asyncio.ensure_future(all_of(watcher)) for _ in words]
    for each in words:
        await each.arrived.wait()
    await watcher.close()
    found = await asyncio.gather(*reading, return_exceptions=True)
    assert {type(one) for one in found} == {Unreachable}
    await api.until(lambda: all(each.left for each in words))


@with_api
async def test_watches_do_not_wait_for_each_other(api: FakeApi) -> None:
    watcher, held = api.watcher(), Hold()
    api.faults.add("WATCH", "/", held)
    waiting = [asyncio.ensure_future(all_of(watcher)) for _ in range(101)]
    await held.arrived.wait()
    await api.until(lambda: len(api.requests) == 101)
    await api.until(lambda: api.watches.count(PODS) == 100)
    held.released.set()
    await api.until(lambda: api.watches.count(PODS) == 101)
    api.watches.end()
    assert await asyncio.gather(*waiting) == [[]] * 101
