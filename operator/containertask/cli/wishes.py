"""``ctask cancel``, ``suspend`` and ``resume``: one field of a task's spec, for each task that is named."""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass
from typing import Any, Final

from containertask.cli.place import RESOURCE, cluster_of, name_of
from containertask.cli.plain import flat
from containertask.errors import ClusterError
from containertask.kube.resources import TASKS
from containertask.sdk import loop
from containertask.sdk.cluster import Cluster
from containertask.sdk.status import RunStatus

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Wish:
    """What is written into a spec, and the word for it that kubectl would have."""

    spec: Json
    done: str


_WISHES: Final = {
    "cancel": _Wish({"cancel": True}, "cancelled"),
    "suspend": _Wish({"suspend": True}, "suspended"),
    "resume": _Wish({"suspend": False}, "resumed"),
}


def command(given: argparse.Namespace) -> int:
    """Do what was asked for; 1 if a task is not there, or has ended already."""
    cluster, wish, failed = cluster_of(given), _WISHES[given.command], False
    for name in [name_of(one) for one in given.names]:
        try:
            status = loop.run(_write(cluster, name, wish))
        except ClusterError as error:
            sys.stderr.write(f"ctask {given.command}: {flat(str(error))}\n")
            failed = True
            continue
        if status.finished:
            sys.stderr.write(f"ctask {given.command}: {name} has ended already: {status.phase}\n")
            failed = True
        else:
            sys.stdout.write(f"{RESOURCE}/{name} {wish.done}\n")
    return 1 if failed else 0


async def _write(cluster: Cluster, name: str, wish: _Wish) -> RunStatus:
    async with cluster.session() as session:
        found = await session.api.merge_patch(TASKS, cluster.namespace, name, {"spec": wish.spec})
    return RunStatus.of(found)
