"""The API server as a storm uses it: what it does not answer is asked again, for as long as it is away."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Final

import aiohttp

from containertask.kube import auth
from support.cluster import Json

_LONGEST_LINE: Final = 4 << 20
_PAGE: Final = 500
_WATCH_SECONDS: Final = 120
_REQUEST_SECONDS: Final = 30
_PAUSE: Final = 0.3
_LOST: Final = (aiohttp.ClientError, TimeoutError, OSError)
_CONTENT: Final = {"PATCH": "application/merge-patch+json"}

See = Callable[[str, Json], None]
"""Takes ADDED, MODIFIED or DELETED, and the object; an object that was listed is ADDED again."""


class Api:
    """A client for one event loop."""

    def __init__(self, session: aiohttp.ClientSession, server: str) -> None:
        self._session = session
        self._server = server

    async def ask(
        self, verb: str, path: str, body: Json | None = None, query: Mapping[str, str] | None = None
    ) -> tuple[int, Json]:
        """Ask until there is an answer that is not about the server itself; return code and object."""
        headers = {"Content-Type": _CONTENT.get(verb, "application/json")}
        data = None if body is None else json.dumps(body)
        url, limit = self._server + path, aiohttp.ClientTimeout(total=_REQUEST_SECONDS)
        while True:
            with contextlib.suppress(*_LOST):
                async with self._session.request(
                    verb, url, data=data, headers=headers, params=query, timeout=limit
                ) as answer:
                    busy = answer.status == HTTPStatus.TOO_MANY_REQUESTS
                    # A moment after its start it does not know our kinds yet, nor who may do what.
                    unready = answer.status in {HTTPStatus.FORBIDDEN, HTTPStatus.UNAUTHORIZED}
                    if not (busy or unready or answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR):
                        return answer.status, await answer.json()
            await asyncio.sleep(_PAUSE)

    async def follow(self, path: str, see: See) -> None:
        """Tell of all objects of a collection, and of every change, for ever."""
        known: dict[str, Json] = {}
        while True:
            since = await self._list(path, known, see)
            with contextlib.suppress(*_LOST):
                while since:
                    since = await self._watch(path, since, known, see)
            await asyncio.sleep(_PAUSE)

    async def _list(self, path: str, known: dict[str, Json], see: See) -> str:
        seen: set[str] = set()
        token: str = ""
        since: str = ""
        while True:
            code, page = await self.ask("GET", path, query={"limit": str(_PAGE), "continue": token})
            if code == HTTPStatus.GONE:
                return await self._list(path, known, see)
            assert code == HTTPStatus.OK, page
            since = page["metadata"]["resourceVersion"]
            for one in page["items"]:
                seen.add(_note(known, one))
                see("ADDED", one)
            token = page["metadata"].get("continue", "")
            if not token:
                break
        for uid in known.keys() - seen:
            see("DELETED", known.pop(uid))
        return since

    async def _watch(self, path: str, since: str, known: dict[str, Json], see: See) -> str:
        """Follow a watch to its end; return where to go on, or nothing if a list is due."""
        query = {"watch": "true", "allowWatchBookmarks": "true", "timeoutSeconds": str(_WATCH_SECONDS)}
        limit = aiohttp.ClientTimeout(total=None, sock_read=2 * _WATCH_SECONDS)
        where = {**query, "resourceVersion": since}
        async with self._session.get(self._server + path, params=where, timeout=limit) as answer:
            if answer.status != HTTPStatus.OK:
                return ""
            async for line in answer.content:
                event = json.loads(line)
                kind, raw = event["type"], event["object"]
                if kind == "ERROR":
                    return ""
                since = raw["metadata"]["resourceVersion"]
                if kind != "BOOKMARK":
                    uid = _note(known, raw)
                    if kind == "DELETED":
                        del known[uid]
                    see(kind, raw)
        return since


def _note(known: dict[str, Json], raw: Json) -> str:
    """Keep of an object what tells of its disappearance."""
    metadata = raw["metadata"]
    uid: str = metadata["uid"]
    kept = {name: metadata[name] for name in ("name", "uid")}
    known[uid] = {"metadata": {**kept, "labels": metadata.get("labels", {})}}
    return uid


@asynccontextmanager
async def connected(connections: int) -> AsyncIterator[Api]:
    """Connect by the kubeconfig of the environment."""
    access = await auth.load().current()
    async with aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=connections, ssl=access.tls or True),
        headers=access.headers,
        read_bufsize=_LONGEST_LINE,
    ) as session:
        yield Api(session, access.server)
