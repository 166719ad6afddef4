"""One object of a cluster, as it is and as it changes, over watches that break."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any, Final

from containertask.errors import NotFoundError
from containertask.kube.errors import Gone, ServerError, TooManyRequests, Unreachable
from containertask.kube.resources import Resource
from containertask.sdk.cluster import Session

Json = dict[str, Any]

_PAUSES: Final = (0.2, 0.5, 1.0, 2.0, 5.0)
"""Seconds before another try, when a watch broke or the server failed; the last one again and again."""


async def states(
    session: Session, resource: Resource, namespace: str, name: str
) -> AsyncGenerator[Json, None]:
    """Yield the object as it is, and after each change. It never ends by itself.

    Raises:
        NotFoundError: it is deleted.
        ApiError: the server refuses.
    """
    broken, uid = 0, None
    while True:
        try:
            found, since = await _found(session, resource, namespace, name)
            if uid not in {None, found["metadata"]["uid"]}:
                raise NotFoundError(f"{name} was deleted, and another one has its name")
            uid = found["metadata"]["uid"]
            yield found
            broken = 0
            async with aclosing(_changes(session, resource, found, since)) as changes:
                async for one in changes:
                    yield one
        except (Unreachable, ServerError, TooManyRequests):
            if broken == len(_PAUSES):
                raise
            await asyncio.sleep(_PAUSES[broken])
            broken += 1
        except Gone:
            continue


async def _found(session: Session, resource: Resource, namespace: str, name: str) -> tuple[Json, str]:
    """Return the object, and the version from which on a watch tells more.

    By a list: the object's own version may be so old that no watch can begin at it.
    """
    found = await session.api.about(resource, namespace, field_selector=f"metadata.name={name}", limit=1)
    if not found.items:
        raise NotFoundError(f"there is no {name} in {namespace}")
    return found.items[0], found.resource_version


async def _changes(
    session: Session, resource: Resource, found: Json, since: str
) -> AsyncGenerator[Json, None]:
    """Yield what a watch says, until the server ends it."""
    namespace, name = found["metadata"]["namespace"], found["metadata"]["name"]
    watch = session.watcher.of_one(resource, namespace, name, since=since)
    async with aclosing(watch) as changes:
        async for change in changes:
            if change.kind == "DELETED":
                raise NotFoundError(f"{name} was deleted")
            if change.kind != "BOOKMARK":
                yield change.object
