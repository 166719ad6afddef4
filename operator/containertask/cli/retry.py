"""``ctask retry``: what has ended once more, as a new task beside it."""

from __future__ import annotations

import argparse
import re
import sys
from copy import deepcopy
from fractions import Fraction
from typing import Any, Final

from containertask.api.quantity import from_bytes, to_bytes
from containertask.cli.errors import CommandError
from containertask.cli.place import RESOURCE, cluster_of, name_of
from containertask.cli.shown import print_objects
from containertask.core.blueprint import is_reference
from containertask.core.task import API_VERSION, KIND, spec_that_runs
from containertask.kube.errors import AlreadyExists
from containertask.kube.resources import TASKS
from containertask.sdk import loop
from containertask.sdk.cluster import Cluster
from containertask.sdk.naming import object_name
from containertask.sdk.status import RunStatus

Json = dict[str, Any]

_NUMBERED: Final = re.compile(r"(.+)-r([1-9][0-9]{0,3})", re.ASCII)
_TIMES: Final = re.compile(r"([0-9]+(?:\.[0-9]+)?)x", re.ASCII)
_OF_ONE_RUN: Final = ("cancel", "suspend")
_APPLIED: Final = "kubectl.kubernetes.io/last-applied-configuration"
_MOST_TRIES: Final = 100
_ROOM: Final = len("-r9999")


def command(given: argparse.Namespace) -> int:
    """Do what was asked for."""
    made = loop.run(_retry(cluster_of(given), name_of(given.name), given.more_memory))
    if given.output in {None, "wide"}:
        sys.stdout.write(f"{RESOURCE}/{made['metadata']['name']} created\n")
    else:
        print_objects([made], given.output, single=True)
    return 0


async def _retry(cluster: Cluster, name: str, memory: str | None) -> Json:
    async with cluster.session() as session:
        task = await session.api.get(TASKS, cluster.namespace, name)
        status = RunStatus.of(task)
        if not status.finished:
            raise CommandError(
                f"{name} has not ended: it is {status.phase or 'Pending'}; `ctask cancel` ends it"
            )
        spec = _spec(task, status, memory)
        base, number = _base(name)
        for tried in range(number + 1, number + 1 + _MOST_TRIES):
            document = _document(task, f"{object_name(base, _ROOM)}-r{tried}", spec)
            try:
                return await session.api.create(TASKS, cluster.namespace, document, strict=True)
            except AlreadyExists:
                continue
    raise CommandError(f"the names from {base}-r{number + 1} on are all taken: delete some of these tasks")


def _base(name: str) -> tuple[str, int]:
    """Return what a task was called at first, and the how manieth retry of it this is."""
    found = _NUMBERED.fullmatch(name)
    return (found[1], int(found[2])) if found else (name, 0)


def _document(task: Json, name: str, spec: Json) -> Json:
    metadata: Json = {"name": name}
    annotations = {
        key: one for key, one in (task["metadata"].get("annotations") or {}).items() if key != _APPLIED
    }
    for field, found in (("labels", task["metadata"].get("labels")), ("annotations", annotations)):
        if found:
            metadata[field] = dict(found)
    return {"apiVersion": API_VERSION, "kind": KIND, "metadata": metadata, "spec": spec}


def _spec(task: Json, status: RunStatus, memory: str | None) -> Json:
    """Return the spec of the new task. Raises CommandError."""
    spec: Json = deepcopy(task["spec"])
    for field in _OF_ONE_RUN:
        spec.pop(field, None)
    if memory is not None:
        spec["resources"] = _resources(_resources_of(task), status, memory)
    return spec


def _resources_of(task: Json) -> Json:
    """Return what it had, its template's too: beside a template's name they take the place of its own, whole.

    Raises CommandError.
    """
    spec = spec_that_runs(task)
    found: Json | None = spec.get("resources")
    if found is None and is_reference(spec):
        cure = "leave it out, or change the template"
        raise CommandError(f"--more-memory: it never ran, so what its template gives it is not known: {cure}")
    return found or {}


def _resources(resources: Json, status: RunStatus, memory: str) -> Json:
    """Return them with more memory, as limit and request. Raises CommandError."""
    limits, requests = resources.get("limits") or {}, resources.get("requests") or {}
    had = _had(limits.get("memory"), status)
    wanted = _raised(had, memory)
    reserved = _in_proportion(requests.get("memory"), had, wanted)
    return {
        **resources,
        "limits": {**limits, "memory": from_bytes(wanted)},
        "requests": {**requests, "memory": from_bytes(reserved)},
    }


def _had(limit: str | None, status: RunStatus) -> int | None:
    """Return the most memory that an attempt had: ``onOOM`` may have raised it."""
    told = [one.get("memoryLimit") for one in status.raw.get("attempts") or ()]
    return max((to_bytes(one) for one in (limit, *told) if one), default=None)


def _raised(had: int | None, memory: str) -> int:
    """Return how many bytes are wanted. Raises CommandError."""
    if times := _TIMES.fullmatch(memory):
        if had is None:
            raise CommandError("--more-memory: it has no limits.memory: write an amount, such as 4Gi")
        wanted = int(had * Fraction(times[1]))
    else:
        try:
            wanted = to_bytes(memory)
        except ValueError:
            raise CommandError(
                "--more-memory: write a factor or an amount, such as 2x or 4Gi", exit_code=2
            ) from None
    if had is not None and wanted <= had:
        raise CommandError(f"--more-memory: that is no more than the {from_bytes(had)} that it had")
    return wanted


def _in_proportion(request: str | None, had: int | None, wanted: int) -> int:
    """Return a request that is raised as much as the limit; without one, Kubernetes takes the limit."""
    if request is None or had is None:
        return wanted
    return min(to_bytes(request) * wanted // had, wanted)
