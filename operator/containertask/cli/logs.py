"""``ctask logs``: what a container of a task's Pod wrote."""

from __future__ import annotations

import argparse
import sys
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

from containertask.cli.place import cluster_of, name_of
from containertask.core.names import pod_name
from containertask.errors import NotFoundError
from containertask.kube.errors import NotFound
from containertask.kube.podlog import pod_log
from containertask.kube.resources import TASKS
from containertask.sdk import loop
from containertask.sdk.cluster import Cluster, Session
from containertask.sdk.runlog import lines_of

Json = dict[str, Any]


def command(given: argparse.Namespace) -> int:
    """Do what was asked for."""
    loop.run(_print(cluster_of(given), name_of(given.name), given))
    return 0


async def _print(cluster: Cluster, name: str, given: argparse.Namespace) -> None:
    async with cluster.session() as session:
        if given.attempt is None:
            found = lines_of(
                session,
                cluster.namespace,
                name,
                container=given.container,
                follow=given.follow,
                tail=given.tail,
                timestamps=given.timestamps,
            )
            async with aclosing(_bytes(found)) as lines:
                await _copy(lines)
            return
        task = await session.api.get(TASKS, cluster.namespace, name)
        await _copy_one(session, task, given)


async def _copy_one(session: Session, task: Json, given: argparse.Namespace) -> None:
    """Print the log of one attempt's Pod."""
    metadata, status = task["metadata"], task.get("status") or {}
    attempt = given.attempt
    pod = pod_name(metadata["name"], metadata["uid"], attempt)
    log = pod_log(
        session.credentials,
        metadata["namespace"],
        pod,
        given.container,
        follow=given.follow,
        tail=given.tail,
        timestamps=given.timestamps,
    )
    try:
        async with aclosing(log) as pieces:
            await _copy(pieces)
    except NotFound:
        where = status.get("logsURI")
        kept = f": its log may be at {where}" if where else ""
        raise NotFoundError(
            f"{metadata['name']}: there is no Pod of attempt {attempt}, or no more{kept}"
        ) from None


async def _bytes(lines: AsyncGenerator[str, None]) -> AsyncGenerator[bytes, None]:
    async with aclosing(lines):
        async for line in lines:
            yield line.encode(errors="replace") + b"\n"


async def _copy(pieces: AsyncGenerator[bytes, None]) -> None:
    async for piece in pieces:
        sys.stdout.buffer.write(piece)
        sys.stdout.buffer.flush()
