"""``ctask get``: tasks in a table, or as they are; with ``--watch`` as they change."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from datetime import datetime
from typing import Any, Final

from containertask.cli import bykubectl
from containertask.cli.errors import CommandError
from containertask.cli.place import cluster_of, name_of
from containertask.cli.plain import flat
from containertask.cli.shown import Table, age, now, print_json, print_objects
from containertask.kube.client import Listing
from containertask.kube.errors import Gone, NotFound, ServerError, TooManyRequests, Unreachable
from containertask.kube.resources import TASKS
from containertask.sdk import loop
from containertask.sdk.cluster import Cluster, Session

Json = dict[str, Any]

_HEADING: Final = ("NAME", "PHASE", "REASON", "ATTEMPT", "DURATION", "AGE")
_WIDE: Final = ("POD", "NODE")
_PAUSE: Final = 1.0
"""Seconds before another try, where a watch broke."""
_TRIES: Final = 5


def command(given: argparse.Namespace) -> int:
    """Do what was asked for."""
    names = [name_of(one) for one in given.names]
    if names and (given.all_namespaces or given.selector):
        raise CommandError("write names, or -l and -A, not both", exit_code=2)
    cluster = cluster_of(given)
    if bykubectl.is_wanted(given):
        return bykubectl.get(given, names)
    if given.watch:
        return loop.run(_watch(cluster, given, names))
    found, missing = loop.run(_found(cluster, given, names))
    if given.output in {"json", "yaml", "name"}:
        if found or not names:
            print_objects(found, given.output, single=len(names) == 1)
    elif found:
        sys.stdout.write(_Rows(given).of(found))
    elif not names:
        where = "any namespace" if given.all_namespaces else f"namespace {cluster.namespace}"
        sys.stderr.write(f"there are no tasks in {where}\n")
    for name in missing:
        sys.stderr.write(flat(f"ctask get: there is no task {name} in namespace {cluster.namespace}") + "\n")
    return 1 if missing else 0


async def _found(
    cluster: Cluster, given: argparse.Namespace, names: Sequence[str]
) -> tuple[list[Json], list[str]]:
    """Return the tasks, and the names that no task has."""
    found, missing = list[Json](), list[str]()
    async with cluster.session() as session:
        if not names:
            return [*(await _list(session, cluster, given)).items], []
        for name in names:
            try:
                found.append(await session.api.get(TASKS, cluster.namespace, name))
            except NotFound as error:
                if error.details.get("name") != name:
                    raise
                missing.append(name)
    return found, missing


async def _watch(cluster: Cluster, given: argparse.Namespace, names: Sequence[str]) -> int:
    rows = _Rows(given)
    async with cluster.session() as session, aclosing(_states(session, cluster, given)) as states:
        async for documents in states:
            chosen = [one for one in documents if not names or one["metadata"]["name"] in names]
            if not chosen:
                continue
            if given.output in {"json", "yaml"}:
                for one in chosen:
                    print_json(one, given.output)
            elif given.output == "name":
                print_objects(chosen, "name", single=False)
            else:
                sys.stdout.write(rows.of(chosen))
            sys.stdout.flush()
    return 0


async def _states(
    session: Session, cluster: Cluster, given: argparse.Namespace
) -> AsyncGenerator[Sequence[Json], None]:
    """Yield all tasks as they are, and each one after each change. It never ends by itself."""
    namespace = None if given.all_namespaces else cluster.namespace
    told, broken = dict[str, str](), 0
    while True:
        try:
            listing = await _list(session, cluster, given)
            yield [one for one in listing.items if told.get(_uid(one)) != _version(one)]
            told = {_uid(one): _version(one) for one in listing.items}
            since, labels = listing.resource_version, given.selector or ""
            watch = session.watcher.changes(TASKS, namespace, label_selector=labels, since=since)
            async with aclosing(watch) as changes:
                async for change in changes:
                    broken = 0
                    if change.kind != "BOOKMARK":
                        told[_uid(change.object)] = _version(change.object)
                        yield [change.object]
        except Gone:
            continue
        except (Unreachable, ServerError, TooManyRequests):
            broken += 1
            if broken > _TRIES:
                raise
            await asyncio.sleep(_PAUSE)


async def _list(session: Session, cluster: Cluster, given: argparse.Namespace) -> Listing:
    namespace = None if given.all_namespaces else cluster.namespace
    return await session.api.list(TASKS, namespace, label_selector=given.selector)


def _uid(document: Json) -> str:
    return str(document["metadata"]["uid"])


def _version(document: Json) -> str:
    return str(document["metadata"]["resourceVersion"])


class _Rows:
    """The table, with the columns that kubectl shows."""

    def __init__(self, given: argparse.Namespace) -> None:
        self._wide, self._everywhere = given.output == "wide", given.all_namespaces
        first = ("NAMESPACE",) if self._everywhere else ()
        self._table = Table((*first, *_HEADING, *(_WIDE if self._wide else ())))

    def of(self, documents: Sequence[Json]) -> str:
        """Return rows as text."""
        moment = now()
        return self._table.add([self._row(one, moment) for one in documents])

    def _row(self, document: Json, moment: datetime) -> list[object]:
        metadata, status = document["metadata"], document.get("status") or {}
        first = [metadata["namespace"]] if self._everywhere else []
        values = [status.get(one) for one in ("phase", "reason", "attempt", "duration")]
        more = [status.get("podName"), status.get("nodeName")] if self._wide else []
        return [*first, metadata["name"], *values, age(metadata["creationTimestamp"], moment), *more]
