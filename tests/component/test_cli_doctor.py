"""``ctask doctor`` against servers that are well, and that are not."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from containertask.cli.asking import DEPLOYMENTS
from containertask.kube.resources import ARTIFACT_STORES, LEASES, NODES
from support.cli import NAMESPACE, Shell
from support.fakeapi import KINDS, Answer, FakeApi, with_api

SYSTEM = "containertask-system"
REVIEWS = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
TEMPLATES = ("containertasktemplates", "clustercontainertasktemplates")
SERVED = {
    "artifactstores",
    "clusterartifactstores",
    *TEMPLATES,
    "containertasks",
}


def deployment(ready: int = 1) -> dict[str, Any]:
    labels = {"app.kubernetes.io/version": "0.1.0"}
    return {
        "metadata": {"name": "operator", "namespace": SYSTEM, "labels": labels},
        "spec": {"replicas": 1},
        "status": {"readyReplicas": ready},
    }


def renewed(seconds: float) -> dict[str, Any]:
    time = datetime.now(UTC) - timedelta(seconds=seconds)
    spec = {"holderIdentity": "operator-x_1", "leaseDurationSeconds": 15, "renewTime": time.isoformat()}
    return {"metadata": {"name": "containertask-operator", "namespace": SYSTEM}, "spec": spec}


def answers(api: FakeApi, *, allowed: bool = True, deployments: list[dict[str, Any]] | None = None) -> None:
    """Have the server know of rights and Deployments, of which the fake one knows nothing."""
    review = json.dumps({"status": {"allowed": allowed}})
    api.faults.add("POST", REVIEWS, Answer(code=201, text=review), times=None)
    items = json.dumps({"items": [deployment()] if deployments is None else deployments})
    api.faults.add("GET", DEPLOYMENTS.path(), Answer(code=200, text=items), times=None)


def node(kubelet: str) -> dict[str, Any]:
    info = {
        "kubeletVersion": kubelet,
        "containerRuntimeVersion": "containerd://2.3.4",
        "operatingSystem": "linux",
    }
    ready = [{"type": "Ready", "status": "True"}]
    return {"metadata": {"name": "n"}, "status": {"nodeInfo": info, "conditions": ready}}


def store(status: str) -> dict[str, Any]:
    conditions = [{"type": "Ready", "status": status, "message": "set one of s3"}]
    return {"metadata": {"name": "default", "namespace": NAMESPACE}, "status": {"conditions": conditions}}


@with_api
async def test_where_all_is_well_each_line_is_ok(api: FakeApi, tmp_path: Path) -> None:
    answers(api)
    api.put(LEASES, renewed(3))
    api.put(NODES, node("v1.36.0"))
    api.put(ARTIFACT_STORES, store("True"))
    found = await Shell(api, tmp_path)("doctor")
    assert (found.code, found.err) == (0, "")
    assert found.out.splitlines() == [
        "ok    the API server answers: Kubernetes v1.36.0",
        f"ok    containertask.dev/v1alpha1 is served: {', '.join(sorted(SERVED))}",
        f"ok    the operator {SYSTEM}/operator (0.1.0) is ready: 1 of 1",
        "ok    operator-x_1 leads",
        f"ok    you may get, list, watch, create, patch, delete containertasks in {NAMESPACE}",
        f"ok    you may get, list pods in {NAMESPACE}",
        f"ok    you may get pods/log in {NAMESPACE}",
        f"ok    you may list events in {NAMESPACE}",
        f"ok    you may get containertasktemplates in {NAMESPACE}",
        f"ok    you may list artifactstores in {NAMESPACE}",
        "ok    there is a default store: ArtifactStore",
        "ok    tasks can start Gated: every Ready node mounts image volumes",
    ]
    asked = next(one.body for one in api.requests if one.path == REVIEWS)
    assert asked["spec"]["resourceAttributes"] == {
        "namespace": NAMESPACE,
        "verb": "get",
        "group": "containertask.dev",
        "resource": "containertasks",
    }


def refused(prefix: str) -> Callable[[FakeApi], None]:
    def arrange(api: FakeApi) -> None:
        answers(api)
        api.faults.add("GET", prefix, Answer(code=403, reason="Forbidden"), times=None)

    return arrange


def arranged(**given: Any) -> Callable[[FakeApi], None]:
    return lambda api: answers(api, **given)


def with_object(resource: Any, body: dict[str, Any]) -> Callable[[FakeApi], None]:
    def arrange(api: FakeApi) -> None:
        answers(api)
        api.put(resource, body)

    return arrange


LOOKS: dict[str, tuple[Callable[[FakeApi], None], str, int]] = {
    "no operator": (arranged(deployments=[]), "fail  there is no operator: have an administrator install", 1),
    "one that is not ready": (
        arranged(deployments=[deployment(0)]),
        f"fail  the operator {SYSTEM}/operator (0.1.0) is not ready: `kubectl describe deployment operator ",
        1,
    ),
    "a Lease that is old": (
        with_object(LEASES, renewed(600)),
        "fail  operator-x_1 leads no more: its Lease is",
        1,
    ),
    "no Lease": (arranged(), "fail  no operator has ever led", 1),
    "no rights": (
        arranged(allowed=False),
        "fail  you may not get, list, watch, create, patch, delete container",
        1,
    ),
    "a store that contradicts itself": (
        with_object(ARTIFACT_STORES, store("False")),
        "fail  the default store contradicts itself: set one of s3",
        1,
    ),
    "no store": (arranged(), "note  there is no default store", 1),
    "stores of the cluster that may not be seen": (
        refused("/apis/containertask.dev/v1alpha1/clusterartifactstores"),
        "note  whether there is a default store cannot be seen: no right to get clusterartifactstores",
        1,
    ),
    "old nodes": (
        with_object(NODES, node("v1.30.0")),
        "note  tasks start in Init mode: node n: kubelet v1.30.0",
        1,
    ),
    "nodes that may not be seen": (
        refused("/api/v1/nodes"),
        "note  whether tasks start Gated cannot be seen",
        1,
    ),
    "a Lease that may not be seen": (
        refused("/apis/coordination.k8s.io/"),
        "note  whether an operator leads cannot be seen",
        0,
    ),
}


@pytest.mark.parametrize(("arrange", "line", "code"), LOOKS.values(), ids=LOOKS)
@with_api
async def test_what_is_not_well_has_a_line(
    api: FakeApi, tmp_path: Path, arrange: Callable[[FakeApi], None], line: str, code: int
) -> None:
    arrange(api)
    found = await Shell(api, tmp_path)("doctor")
    assert found.code == code
    assert any(one.startswith(line) for one in found.out.splitlines()), found.out


@with_api
async def test_who_may_see_no_deployments_is_told_so(api: FakeApi, tmp_path: Path) -> None:
    api.faults.add("GET", DEPLOYMENTS.path(), Answer(code=403, reason="Forbidden"))
    answers(api)
    found = await Shell(api, tmp_path)("doctor")
    assert "note  whether the operator runs cannot be seen: you may not list deployments\n" in found.out


@with_api
async def test_a_server_that_does_not_answer_is_a_failure(api: FakeApi, tmp_path: Path) -> None:
    shell = Shell(api, tmp_path)
    await api.stop()
    found = await shell("doctor")
    assert found.code == 1
    assert found.out.startswith("fail  the API server: the API server does not answer: ")
    assert found.out.count("\n") == 1


def test_kinds_that_are_not_served_are_a_failure(tmp_path: Path) -> None:

    async def look() -> str:
        async with FakeApi([one for one in KINDS if one.resource.group != "containertask.dev"]) as api:
            answers(api)
            return (await Shell(api, tmp_path)("doctor")).out

    missing = ("containertasks", *TEMPLATES, "artifactstores", "clusterartifactstores")
    assert f"fail  {', '.join(missing)} of " in asyncio.run(look())
