"""Watches of the fake server: a stream of events, one JSON object a line."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from containertask.kube.resources import Resource
from support.fakeapi.kinds import Kind
from support.fakeapi.refusals import expired
from support.fakeapi.selectors import has_fields, matches
from support.fakeapi.store import Change, Json, Store

_INITIAL_END = {"k8s.io/initial-events-end": "true"}
compact = json.JSONEncoder(separators=(",", ":")).encode
"""Write JSON as a real server does, without spaces."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Watch:
    kind: Kind
    namespace: str | None
    selector: str
    fields: str
    bookmarks: bool
    queue: asyncio.Queue[Json | None] = field(default_factory=asyncio.Queue)

    def put(self, change: Change) -> None:
        """Queue the event that a change is to this watch, if it is one."""
        item = change.after or change.before
        if change.resource != self.kind.resource or item is None:
            return
        if self.namespace not in (None, item["metadata"].get("namespace", "")):
            return
        was, now = self._wants(change.before), self._wants(change.after)
        if now and change.after is not None:
            self.queue.put_nowait({"type": "MODIFIED" if was else "ADDED", "object": change.after})
        elif was and change.before is not None:
            meta = {**change.before["metadata"], "resourceVersion": str(change.version)}
            self.queue.put_nowait({"type": "DELETED", "object": {**change.before, "metadata": meta}})

    def _wants(self, item: Json | None) -> bool:
        return item is not None and matches(self.selector, item) and has_fields(self.fields, item)


class Watches:
    """All watches that are open."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._open: set[_Watch] = set()
        store.listeners.append(self._publish)

    def count(self, resource: Resource) -> int:
        """Return how many watches of a resource are open."""
        return sum(watch.kind.resource == resource for watch in self._open)

    def bookmark(self) -> None:
        """Send a bookmark to every watch that wants them."""
        for watch in self._open:
            if watch.bookmarks:
                watch.queue.put_nowait(self._bookmark(watch.kind))

    def end(self) -> None:
        """End every watch, as the server does from time to time; what was queued is still sent."""
        for watch in self._open:
            watch.queue.put_nowait(None)

    def expire(self) -> None:
        """Forget the history and end every watch with 410: whoever watches has to list again."""
        self._store.forget()
        for watch in self._open:
            watch.queue.put_nowait({"type": "ERROR", "object": expired("too old resource version").status()})
            watch.queue.put_nowait(None)

    async def serve(
        self, request: web.Request, kind: Kind, namespace: str | None, query: Mapping[str, str]
    ) -> web.StreamResponse:
        """Answer a watch until it ends, by us, by the client or by its own limit of time."""
        watch = _Watch(
            kind=kind,
            namespace=namespace,
            selector=query.get("labelSelector", ""),
            fields=query.get("fieldSelector", ""),
            bookmarks=query.get("allowWatchBookmarks") == "true",
        )
        self._begin(watch, query)
        self._open.add(watch)
        response = web.StreamResponse(headers={"Content-Type": "application/json"})
        limit = float(query["timeoutSeconds"]) if "timeoutSeconds" in query else None
        try:
            with contextlib.suppress(TimeoutError, ConnectionError):
                async with asyncio.timeout(limit):
                    await response.prepare(request)
                    while (event := await watch.queue.get()) is not None:
                        await response.write(compact(event).encode() + b"\n")
        finally:
            self._open.discard(watch)
        return response

    def _begin(self, watch: _Watch, query: Mapping[str, str]) -> None:
        """Queue what the watch starts with: all objects, or the changes since a version, or 410."""
        version = int(query.get("resourceVersion") or 0)
        initial = query.get("sendInitialEvents") == "true"
        if initial or version == 0:
            for item in self._store.items(watch.kind.resource, watch.namespace):
                watch.put(Change(version=0, resource=watch.kind.resource, before=None, after=item))
            if initial:
                watch.queue.put_nowait(self._bookmark(watch.kind, _INITIAL_END))
        elif version < self._store.oldest:
            status = expired(f"too old resource version: {version} ({self._store.oldest})").status()
            watch.queue.put_nowait({"type": "ERROR", "object": status})
            watch.queue.put_nowait(None)
        else:
            for change in self._store.since(version):
                watch.put(change)

    def _publish(self, change: Change) -> None:
        for watch in self._open:
            watch.put(change)

    def _bookmark(self, kind: Kind, annotations: Mapping[str, str] | None = None) -> Json:
        meta: dict[str, Any] = {"resourceVersion": str(self._store.version)}
        if annotations:
            meta["annotations"] = annotations
        head = {"apiVersion": kind.resource.group_version, "kind": kind.kind}
        return {"type": "BOOKMARK", "object": {**head, "metadata": meta}}
