"""``ctask why``: gathers what is known of a task, as far as the user may see it, for one screen."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Awaitable
from typing import Any, Final, TypeVar

from containertask.api.reasons import Reason
from containertask.cli.place import cluster_of, flags_of, name_of
from containertask.cli.shown import now
from containertask.cli.whyscreen import LOG_LINES, Known, reason_of, screen
from containertask.errors import ClusterError
from containertask.kube.errors import ApiError
from containertask.kube.resources import EVENTS, PODS, TASKS
from containertask.sdk import loop
from containertask.sdk.cluster import Cluster, Session
from containertask.sdk.runlog import lines_of
from containertask.sdk.status import RunStatus

Json = dict[str, Any]
T = TypeVar("T")

_MOST_EVENTS: Final = 200


def command(given: argparse.Namespace) -> int:
    """Do what was asked for."""
    known = loop.run(_known(cluster_of(given), name_of(given.name), flags_of(given)))
    sys.stdout.write("\n".join(screen(known, now())) + "\n")
    return 0


async def _known(cluster: Cluster, name: str, flags: str) -> Known:
    async with cluster.session() as session:
        task = await session.api.get(TASKS, cluster.namespace, name)
        status = RunStatus.of(task)
        if status.succeeded:
            return Known(task=task, flags=flags)
        events = await events_of(session, task)
        pod = None
        if status.pod is not None:
            pod = await _if_seen(session.api.get(PODS, cluster.namespace, status.pod))
        if pod is not None:
            events = [*events, *await events_of(session, pod)]
        failed = status.phase == "Failed" or reason_of(status) == Reason.RETRYING
        log = await _log(session, cluster.namespace, name) if failed and pod else []
        return Known(task=task, pod=pod, events=events, log=log, flags=flags)


async def events_of(session: Session, document: Json) -> list[Json]:
    """Return the events about an object, oldest first; none where the user may not see them."""
    metadata = document["metadata"]
    selector = f"involvedObject.uid={metadata['uid']}"
    found = await _if_seen(
        session.api.about(EVENTS, metadata["namespace"], field_selector=selector, limit=_MOST_EVENTS)
    )
    return [] if found is None else sorted(found.items, key=event_time)


def event_time(event: Json) -> str:
    """Return when an event was last seen, in the API's own words."""
    series = event.get("series") or {}
    found = series.get("lastObservedTime") or event.get("lastTimestamp") or event.get("eventTime")
    return str(found or event["metadata"].get("creationTimestamp") or "")


async def _log(session: Session, namespace: str, name: str) -> list[str]:
    try:
        return [line async for line in lines_of(session, namespace, name, tail=LOG_LINES)]
    except (ApiError, ClusterError):
        return []  # the container may never have started: the screen tells what else is known


async def _if_seen(asked: Awaitable[T]) -> T | None:
    """Return what the server says, or None where it says no: what is left is told all the same."""
    try:
        return await asked
    except ApiError:
        return None
