"""``ctask doctor``: whether cluster, operator and rights are as tasks need them. It changes nothing."""

from __future__ import annotations

import argparse
import sys
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from containertask.cli.asking import allowed, ask
from containertask.cli.operators import deployments
from containertask.cli.place import cluster_of
from containertask.cli.shown import instant, now
from containertask.core.gating import Survey
from containertask.errors import ClusterError
from containertask.kube.errors import ApiError, Forbidden, NotFound
from containertask.kube.resources import (
    ARTIFACT_STORES,
    CLUSTER_ARTIFACT_STORES,
    CLUSTER_CONTAINER_TASK_TEMPLATES,
    CONTAINER_TASK_TEMPLATES,
    EVENTS,
    LEASES,
    NODES,
    PODS,
    TASKS,
    Resource,
)
from containertask.sdk import loop
from containertask.sdk.cluster import Cluster, Session

Json = dict[str, Any]

OK, FAIL, NOTE = "ok", "fail", "note"
_KINDS: Final = (
    TASKS,
    CONTAINER_TASK_TEMPLATES,
    CLUSTER_CONTAINER_TASK_TEMPLATES,
    ARTIFACT_STORES,
    CLUSTER_ARTIFACT_STORES,
)
_RIGHTS: Final[Sequence[tuple[Resource, str, Sequence[str]]]] = (
    (TASKS, "", ("get", "list", "watch", "create", "patch", "delete")),
    (PODS, "", ("get", "list")),
    (PODS, "log", ("get",)),
    (EVENTS, "", ("list",)),
    (CONTAINER_TASK_TEMPLATES, "", ("get",)),
    (ARTIFACT_STORES, "", ("list",)),
)
_LEASE: Final = "containertask-operator"


@dataclass(frozen=True, slots=True)
class Finding:
    """What one look has found: ``note`` is what a task may do without."""

    state: str
    what: str


def command(given: argparse.Namespace) -> int:
    """Do what was asked for."""
    failed = False
    for one in loop.iterate(_findings(cluster_of(given))):
        sys.stdout.write(f"{one.state:<5} {one.what}\n")
        sys.stdout.flush()
        failed = failed or one.state == FAIL
    return 1 if failed else 0


async def _findings(cluster: Cluster) -> AsyncGenerator[Finding, None]:
    try:
        async with cluster.session() as session:
            server = await ask(session, "/version")
            yield Finding(OK, f"the API server answers: Kubernetes {server.get('gitVersion')}")
            served = await session.api.served(TASKS.group_version)
            yield _kinds(served)
            for one in await _operator(session):
                yield one
            for resource, part, verbs in _RIGHTS:
                yield await _rights(session, cluster.namespace, resource, part, verbs)
            if {ARTIFACT_STORES.plural, CLUSTER_ARTIFACT_STORES.plural} <= served:
                yield await _store(session, cluster.namespace)
            yield await _nodes(session)
    except ClusterError as error:
        yield Finding(FAIL, f"the API server: {' '.join(str(error).split())}")


def _kinds(served: frozenset[str]) -> Finding:
    missing = [one.plural for one in _KINDS if one.plural not in served]
    if missing:
        cure = "have an administrator install the chart containertask-operator"
        return Finding(FAIL, f"{', '.join(missing)} of {TASKS.group_version} are not served: {cure}")
    return Finding(OK, f"{TASKS.group_version} is served: {', '.join(sorted(served))}")


async def _operator(session: Session) -> list[Finding]:
    found = await deployments(session)
    if found is None:
        return [Finding(NOTE, "whether the operator runs cannot be seen: you may not list deployments")]
    if not found:
        cure = "have an administrator install the chart containertask-operator"
        return [Finding(FAIL, f"there is no operator: {cure}")]
    return [finding for one in found for finding in (_ready(one), await _leading(session, one))]


def _ready(deployment: Json) -> Finding:
    metadata, status = deployment["metadata"], deployment.get("status") or {}
    name = f"{metadata['namespace']}/{metadata['name']}"
    ready, wanted = status.get("readyReplicas", 0), deployment["spec"].get("replicas", 1)
    version = (metadata.get("labels") or {}).get("app.kubernetes.io/version", "of unknown version")
    if ready:
        return Finding(OK, f"the operator {name} ({version}) is ready: {ready} of {wanted}")
    cure = f"`kubectl describe deployment {metadata['name']} -n {metadata['namespace']}`"
    return Finding(FAIL, f"the operator {name} ({version}) is not ready: {cure}")


async def _leading(session: Session, deployment: Json) -> Finding:
    namespace = deployment["metadata"]["namespace"]
    try:
        lease = await session.api.get(LEASES, namespace, _LEASE)
    except NotFound:
        return Finding(
            FAIL, f"no operator has ever led: there is no Lease {namespace}/{_LEASE}; look at its log"
        )
    except ApiError:
        return Finding(NOTE, "whether an operator leads cannot be seen: you may not read its Lease")
    return _fresh(lease["spec"], now())


def _fresh(spec: Json, moment: datetime) -> Finding:
    renewed, lasts = spec.get("renewTime"), spec.get("leaseDurationSeconds", 15)
    holder = spec.get("holderIdentity")
    if not holder or renewed is None:
        return Finding(FAIL, "no operator leads: look at its log")
    seconds = (moment - instant(renewed)).total_seconds()
    if seconds > 2 * lasts:
        return Finding(FAIL, f"{holder} leads no more: its Lease is {seconds:.0f} s old; look at its log")
    return Finding(OK, f"{holder} leads")


async def _rights(
    session: Session, namespace: str, resource: Resource, part: str, verbs: Sequence[str]
) -> Finding:
    name = f"{resource.plural}/{part}" if part else resource.plural
    missing = [verb for verb in verbs if not await allowed(session, verb, resource, namespace, part=part)]
    if missing:
        cure = "ask an administrator for the role edit, or view, of the namespace"
        return Finding(FAIL, f"you may not {', '.join(missing)} {name} in {namespace}: {cure}")
    return Finding(OK, f"you may {', '.join(verbs)} {name} in {namespace}")


async def _store(session: Session, namespace: str) -> Finding:
    for resource, where in ((ARTIFACT_STORES, namespace), (CLUSTER_ARTIFACT_STORES, None)):
        try:
            store = await session.api.get(resource, where, "default")
        except NotFound:
            continue
        except Forbidden:
            return Finding(
                NOTE, f"whether there is a default store cannot be seen: no right to get {resource.plural}"
            )
        conditions = {one["type"]: one for one in (store.get("status") or {}).get("conditions") or ()}
        ready = conditions.get("Ready") or {}
        if ready.get("status") == "False":
            return Finding(FAIL, f"the default store contradicts itself: {ready.get('message')}")
        return Finding(OK, f"there is a default store: {store['kind']}")
    return Finding(
        NOTE, "there is no default store, which files, directories and datasets need: docs/stores.md"
    )


async def _nodes(session: Session) -> Finding:
    try:
        survey = Survey().with_nodes((await session.api.list(NODES)).items)
    except Forbidden:
        return Finding(NOTE, "whether tasks start Gated cannot be seen: you may not list nodes")
    if survey.all_gate:
        return Finding(OK, "tasks can start Gated: every Ready node mounts image volumes")
    return Finding(NOTE, f"tasks start in Init mode: {survey.why_not}")
