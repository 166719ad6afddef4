"""``ctask top``: the tasks that run, with what their commands use now where the cluster measures it."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any, Final

from containertask.api.quantity import to_bytes
from containertask.cli.asking import POD_METRICS, ask
from containertask.cli.place import cluster_of
from containertask.cli.shown import Table, age, now
from containertask.core.names import MAIN, POD_SELECTOR
from containertask.core.task import spec_that_runs
from containertask.kube.errors import ApiStatusError
from containertask.kube.resources import TASKS
from containertask.sdk import loop
from containertask.sdk.cluster import Cluster, Session

Json = dict[str, Any]
Usages = Mapping[tuple[str, str], "Usage"]

_RUNNING: Final = frozenset({"Initializing", "Running", "Uploading"})
_UNITS: Final = {"n": 10**9, "u": 10**6, "m": 10**3, "": 1}
_MEBIBYTE: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Usage:
    """What a command uses: thousandths of a CPU, and bytes."""

    cpu: int
    memory: int


def command(given: argparse.Namespace) -> int:
    """Do what was asked for."""
    tasks, usages = loop.run(_found(cluster_of(given), given))
    if usages is None:
        sys.stderr.write("the cluster measures no usage (metrics.k8s.io), or you may not see it\n")
    if not tasks:
        sys.stderr.write("no task runs\n")
        return 0
    sys.stdout.write(_table(tasks, usages or {}, given, now()))
    return 0


async def _found(cluster: Cluster, given: argparse.Namespace) -> tuple[list[Json], Usages | None]:
    namespace = None if given.all_namespaces else cluster.namespace
    async with cluster.session() as session:
        found = await session.api.list(TASKS, namespace, label_selector=given.selector)
        tasks = [one for one in found.items if (one.get("status") or {}).get("phase") in _RUNNING]
        return tasks, await _usages(session, namespace) if tasks else {}


async def _usages(session: Session, namespace: str | None) -> Usages | None:
    """Return what commands use, by namespace and Pod; None where nobody says so."""
    try:
        answer = await ask(session, POD_METRICS.path(namespace), {"labelSelector": POD_SELECTOR})
    except ApiStatusError:
        return None
    return {
        (pod["metadata"]["namespace"], pod["metadata"]["name"]): _usage(one["usage"])
        for pod in answer.get("items") or ()
        for one in pod.get("containers") or ()
        if one["name"] == MAIN
    }


def _usage(raw: Mapping[str, str]) -> Usage:
    cpu = raw.get("cpu", "0")
    unit = cpu[-1] if cpu[-1] in _UNITS else ""
    return Usage(
        int(Fraction(cpu.removesuffix(unit)) * 1000 / _UNITS[unit]), to_bytes(raw.get("memory", "0"))
    )


def _table(tasks: Sequence[Json], usages: Usages, given: argparse.Namespace, moment: datetime) -> str:
    """Return the tasks, those that use most first."""

    def usage(task: Json) -> Usage | None:
        return usages.get((task["metadata"]["namespace"], (task.get("status") or {}).get("podName", "")))

    def order(task: Json) -> tuple[int, str]:
        found = usage(task)
        most = 0 if found is None or given.sort_by == "name" else getattr(found, given.sort_by)
        return -most, task["metadata"]["name"]

    first = ("NAMESPACE",) if given.all_namespaces else ()
    table = Table((*first, "NAME", "PHASE", "ATTEMPT", "CPU", "MEMORY", "LIMITS", "AGE"))
    rows = []
    for task in sorted(tasks, key=order):
        metadata, status, found = task["metadata"], task["status"], usage(task)
        used = (None, None) if found is None else (f"{found.cpu}m", f"{found.memory // _MEBIBYTE}Mi")
        limits = (spec_that_runs(task).get("resources") or {}).get("limits") or {}
        bound = ",".join(f"{name}={value}" for name, value in limits.items())
        begun = (status.get("timeline") or {}).get("started") or metadata["creationTimestamp"]
        where = [metadata["namespace"]] if given.all_namespaces else []
        more = [status["phase"], status.get("attempt", 0), *used, bound, age(begun, moment)]
        rows.append([*where, metadata["name"], *more])
    return table.add(rows)
