"""Watches: what changes of a kind, as the API server tells it. Connections of their own, one for each watch.

Ends when the server ends it or something breaks: where to go on is its caller's matter.
"""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from typing import Final

from pydantic_core import from_json

from containertask.kube.auth import Credentials
from containertask.kube.errors import Unauthorized, Unreachable, from_answer
from containertask.kube.resources import Resource
from containertask.kube.transport import Call, Json, Observer, Transport

CONNECT_SECONDS: Final = 15.0
SILENCE_SECONDS: Final = 150.0
"""The server sends a bookmark about once a minute; a connection without one has been lost on its way."""

_KINDS: Final = frozenset({"ADDED", "MODIFIED", "DELETED", "BOOKMARK"})
_CODES: Final = range(300, 1000)
_SHOWN: Final = 100


@dataclass(frozen=True, slots=True)
class Change:
    """One event of a watch.

    Attributes:
        kind: ``ADDED``, ``MODIFIED``, ``DELETED``, or ``BOOKMARK``, whose object has nothing but a version.
        object: the object after the change; of one that is deleted, its last state.
        version: where a watch that breaks after this goes on.
    """

    kind: str
    object: Json
    version: str


class Watcher:
    """Opens watches. ``silence`` is how many seconds one may be without a word."""

    def __init__(self, credentials: Credentials, *, silence: float = SILENCE_SECONDS) -> None:
        self._credentials = credentials
        self._silence = silence
        self._transport = Transport(connections=0, request_seconds=CONNECT_SECONDS)

    def tell(self, observer: Observer) -> None:
        """Have an observer told of each watch when it is over."""
        self._transport.observer = observer

    async def changes(
        self, resource: Resource, namespace: str | None, *, label_selector: str, since: str
    ) -> AsyncGenerator[Change, None]:
        """Yield what changed after a version, until the server ends the watch.

        Raises:
            Gone: the server does not remember that version: list again.
            Unreachable: no answer, a broken one, silence, or something that is no event.
            ApiStatusError: the server refused or gave up. After ``Unauthorized`` the credentials are read
                anew, so another try is worth while.
            NoCredentials: they cannot be.
        """
        selector = {"labelSelector": label_selector}
        async with aclosing(self._changes(resource, namespace, selector, since)) as found:
            async for change in found:
                yield change

    async def of_one(
        self, resource: Resource, namespace: str, name: str, *, since: str
    ) -> AsyncGenerator[Change, None]:
        """Yield what changed of one object after a version, until the server ends the watch.

        Raises as ``changes`` does.
        """
        selector = {"fieldSelector": f"metadata.name={name}"}
        async with aclosing(self._changes(resource, namespace, selector, since)) as found:
            async for change in found:
                yield change

    async def _changes(
        self, resource: Resource, namespace: str | None, selector: Mapping[str, str], since: str
    ) -> AsyncGenerator[Change, None]:
        query = {"watch": "true", "allowWatchBookmarks": "true", **selector, "resourceVersion": since}
        path = resource.path(namespace)
        call = Call(method="GET", verb="watch", resource=resource.plural, path=path, query=query)
        access = await self._credentials.current()
        rest = b""
        try:
            async with aclosing(self._transport.stream(call, access, silence=self._silence)) as pieces:
                async for piece in pieces:
                    *lines, rest = (rest + piece).split(b"\n")
                    for line in lines:
                        yield _change(line)
            if rest:
                yield _change(rest)
        except Unauthorized:
            await self._credentials.refresh(access)
            raise

    async def close(self) -> None:
        """Close all connections; watches that are open break."""
        await self._transport.close()


def _change(line: bytes) -> Change:
    try:
        raw = from_json(line)
    except ValueError as error:
        raise Unreachable(f"the watch said what is no JSON: {error}") from error
    match raw:
        case {"type": "ERROR", "object": {"code": int(code)} as status} if code in _CODES:
            raise from_answer(code, json.dumps(status).encode())
        case {"type": str(kind), "object": {"metadata": {"resourceVersion": str(version)}} as found} if (
            kind in _KINDS and version
        ):
            return Change(kind, found, version)
        case _:
            raise Unreachable(f"the watch said what is no event: {line[:_SHOWN]!r}")
