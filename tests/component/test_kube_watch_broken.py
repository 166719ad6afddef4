"""Watches that go wrong: each ends with an error of the tree, and what came before it has been told."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Any

import pytest

from containertask.kube import errors
from containertask.kube.errors import ApiError, ApiStatusError, Unreachable
from containertask.kube.resources import PODS
from containertask.kube.watch import Change, Watcher
from support.fakeapi import Answer, DropBefore, FakeApi, Hold, Raw, RefusalError, with_api
from support.fakeapi.raw import END, HEAD, chunk, line

GOOD = Change("ADDED", {"metadata": {"name": "p", "resourceVersion": "5"}}, "5")
GOOD_LINE = line(GOOD.kind, GOOD.object)

CLASSES = [
    (302, errors.ApiStatusError),
    (400, errors.Invalid),
    (401, errors.Unauthorized),
    (403, errors.Forbidden),
    (404, errors.NotFound),
    (410, errors.Gone),
    (429, errors.TooManyRequests),
    (500, errors.InternalError),
    (503, errors.ServerError),
    (504, errors.ServerError),
]


def watch(watcher: Watcher) -> AsyncGenerator[Change, None]:
    return watcher.changes(PODS, None, label_selector="a=b", since="1")


async def end_of(watcher: Watcher) -> tuple[list[Change], ApiError]:
    """Return what came, and what the watch ended with."""
    found: list[Change] = []

    async def read() -> None:
        async for change in watch(watcher):
            found.append(change)  # noqa: PERF401 (the error does not undo what came)

    with pytest.raises(ApiError) as caught:
        await read()
    return found, caught.value


@pytest.mark.parametrize(("code", "expected"), CLASSES, ids=str)
@with_api
async def test_a_refusal_has_a_class_of_its_own(
    api: FakeApi, code: int, expected: type[ApiStatusError]
) -> None:
    refusal = Answer(code=code, reason="Why", message="why", headers={"Retry-After": "7"})
    api.faults.add("WATCH", "/", refusal)
    found, error = await end_of(api.watcher())
    assert isinstance(error, ApiStatusError)
    assert type(error) is expected
    assert (found, error.code, error.message, error.retry_after) == ([], code, "why", 7.0)
    assert len(api.requests) == 1


@pytest.mark.parametrize(("code", "expected"), CLASSES, ids=str)
@with_api
async def test_an_error_in_the_stream_has_it_too(
    api: FakeApi, code: int, expected: type[ApiStatusError]
) -> None:
    status = RefusalError(code, "Why", "why", retryAfterSeconds=7).status()
    api.faults.add("WATCH", "/", Raw(HEAD, chunk(GOOD_LINE + line("ERROR", status)), END))
    found, error = await end_of(api.watcher())
    assert isinstance(error, ApiStatusError)
    assert type(error) is expected
    assert (error.code, error.reason, error.message, error.retry_after) == (code, "Why", "why", 7.0)
    assert found == [GOOD]


@with_api
async def test_a_version_that_the_server_has_forgotten_is_gone(api: FakeApi) -> None:
    api.store.forget()
    assert type((await end_of(api.watcher()))[1]) is errors.Gone


def event(kind: Any, found: object) -> bytes:
    return line(kind, found)


def versioned(version: object) -> bytes:
    return event("ADDED", {"metadata": {"resourceVersion": version}})


NONSENSE: dict[str, bytes] = {
    "no JSON": b"<html>\n",
    "a page without lines": b"<html></html>",
    "an empty line": b"\n",
    "two in a line": GOOD_LINE[:-1] + GOOD_LINE,
    "half an event at the end": GOOD_LINE[:-2],
    "no UTF-8": GOOD_LINE.replace(b'"p"', b'"\xff"'),
    "half a character": GOOD_LINE.replace(b'"p"', b'"\\ud83d"'),
    "deeper than anybody reads": b"[" * 100_000 + b"\n",
    "a number": b"5\n",
    "null": b"null\n",
    "a text": b'"ADDED"\n',
    "a list": b'["ADDED"]\n',
    "an empty object": b"{}\n",
    "no kind": b'{"object": {"metadata": {"resourceVersion": "6"}}}\n',
    "no object": b'{"type": "ADDED"}\n',
    "kind null": event(None, GOOD.object),
    "kind is a list": event(["ADDED"], GOOD.object),
    "kind is one of no watch": event("REPLACED", GOOD.object),
    "object null": event("ADDED", None),
    "object is a text": event("ADDED", "metadata"),
    "object is a list": event("MODIFIED", []),
    "no metadata": event("ADDED", {"spec": {}}),
    "no metadata in a bookmark": event("BOOKMARK", {}),
    "metadata null": event("DELETED", {"metadata": None}),
    "metadata is a list": event("DELETED", {"metadata": ["resourceVersion"]}),
    "no version": event("ADDED", {"metadata": {"name": "p"}}),
    "version null": versioned(None),
    "version is empty": versioned(""),
    "version is a number": versioned(6),
    "version is an object": versioned({"a": 1}),
    "an error without a code": event("ERROR", {"kind": "Status"}),
    "an error without anything": event("ERROR", None),
    "an error that is a text": event("ERROR", "code"),
    "an error with a word as its code": event("ERROR", {"code": "many"}),
    "an error with a list as its code": event("ERROR", {"code": [410]}),
    "an error whose code has no end": b'{"type": "ERROR", "object": {"code": Infinity}}\n',
    "an error whose code is too long": b'{"type":"ERROR","object":{"code":%s}}\n' % (b"9" * 10_000),
}


@pytest.mark.parametrize("nonsense", NONSENSE.values(), ids=NONSENSE)
@with_api
async def test_what_is_no_event_is_no_answer(api: FakeApi, nonsense: bytes) -> None:
    api.faults.add("WATCH", "/", Raw(HEAD, chunk(GOOD_LINE + nonsense), END))
    found, error = await end_of(api.watcher())
    assert type(error) is Unreachable
    assert found == [GOOD]
    assert len(str(error)) < 500


HALF_A_HEAD = HEAD[:-4]
BROKEN: dict[str, bytes] = {
    "nothing": b"",
    "half a head": HALF_A_HEAD,
    "no HTTP": b"SSH-2.0-OpenSSH\r\n\r\n",
    "a code that is none": b"HTTP/1.1 fine OK\r\n\r\n",
    "a length that is none": b"HTTP/1.1 200 OK\r\nContent-Length: much\r\n\r\n",
    "an endless header": b"HTTP/1.1 200 OK\r\nA: " + b"x" * 100_000 + b"\r\n\r\n",
    "no body": HEAD,
    "no end": HEAD + chunk(GOOD_LINE),
    "no end after half a line": HEAD + chunk(GOOD_LINE + GOOD_LINE[:9]),
    "half a chunk": HEAD + chunk(GOOD_LINE) + b"ff\r\n" + GOOD_LINE,
    "a chunk without a length": HEAD + chunk(GOOD_LINE) + b"many\r\n",
    "less than was said": b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n" + GOOD_LINE,
    "no gzip": b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n" + GOOD_LINE,
    "half a refusal": b"HTTP/1.1 500 No\r\nContent-Length: 5000\r\n\r\n{",
}


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN)
@with_api
async def test_an_answer_that_breaks_is_none_and_nothing_is_asked_again(api: FakeApi, broken: bytes) -> None:
    watcher = api.watcher()
    api.faults.add("WATCH", "/", Answer(code=200, text=""))
    assert [change async for change in watch(watcher)] == []  # from now on the connection is an old one
    api.faults.add("WATCH", "/", Raw(broken, None))
    _, error = await end_of(watcher)
    assert type(error) is Unreachable
    assert len(api.requests) == 2


@with_api
async def test_a_connection_that_is_cut_is_no_answer(api: FakeApi) -> None:
    api.faults.add("WATCH", "/", DropBefore())
    assert type((await end_of(api.watcher()))[1]) is Unreachable


@with_api
async def test_a_server_that_is_not_there_is_no_answer(api: FakeApi) -> None:
    await api.stop()
    assert type((await end_of(api.watcher()))[1]) is Unreachable


@pytest.mark.parametrize(
    ("fault", "before"),
    [(Hold(), []), (Raw(HEAD), []), (Raw(HEAD, chunk(GOOD_LINE + GOOD_LINE[:20])), [GOOD])],
    ids=["no head", "no event", "half an event"],
)
def test_silence_is_no_answer(fault: Hold | Raw, before: list[Change]) -> None:
    @with_api
    async def scenario(api: FakeApi) -> None:
        api.faults.add("WATCH", "/", fault)
        found, error = await end_of(api.watcher(silence=0.1))
        assert (type(error), found) == (Unreachable, before)
        if isinstance(fault, Raw):
            await api.until(lambda: fault.left)

    scenario()
