"""The real API server on our Pods: it has no field that we do not know, and takes what we build."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from containertask.contract.manifest import Mode
from containertask.core.accept import Accepted, accept
from containertask.core.attempt import Attempt
from containertask.core.podspec import build_pod
from support import cluster, tasks
from support.builders import CONFIG, a_task
from support.cluster import Json, Namespace
from support.golden import CASES, made
from support.inventory import CURE, TABLES, unnamed
from support.tasks import Tasks
from support.templates import TEMPLATE


@pytest.fixture(scope="module")
def schemas() -> Any:
    return json.loads(cluster.kubectl("get", "--raw", "/openapi/v3/api/v1"))["components"]["schemas"]


@pytest.fixture(scope="module")
def baseline() -> Iterator[Tasks]:
    with tasks.namespace("privileged") as found:
        yield found


@pytest.mark.parametrize("kind", TABLES)
def test_no_field_of_the_api_server_is_without_an_owner(schemas: Any, kind: str) -> None:
    assert not unnamed(kind, schemas[f"io.k8s.api.core.v1.{kind}"]["properties"]), CURE


def placed(pod: Json, name: str) -> Json:
    """Return a Pod as it is taken in a namespace of the test: with no class that the cluster has not."""
    spec = {key: value for key, value in pod["spec"].items() if not key.endswith("ClassName")}
    spec["serviceAccountName"] = "default"
    return {**pod, "metadata": {**pod["metadata"], "namespace": name}, "spec": spec}


def take(pod: Json, name: str) -> None:
    """Ask the API server for its word, with every field checked."""
    where = [f"--namespace={name}", "--dry-run=server", "--validate=strict", "--filename=-"]
    cluster.kubectl("create", *where, stdin=json.dumps(placed(pod, name)))


@pytest.mark.parametrize("case", CASES)
def test_each_golden_pod_is_taken(baseline: Tasks, case: str) -> None:
    take(made(case)[-1], baseline.namespace)


def test_a_pod_of_a_template_as_the_api_server_keeps_it_is_taken(baseline: Tasks) -> None:
    """It fills in what it thinks a Pod has, and what we build of that has to be taken all the same."""
    body = {**TEMPLATE, "metadata": {"name": "kept"}}
    answer = baseline.core.create_namespaced_pod_template(baseline.namespace, body, _preload_content=False)
    kept = json.loads(answer.data)
    assert kept["template"]["spec"]["containers"][0]["terminationMessagePath"] == "/dev/termination-log"
    view = a_task(podTemplate={"name": "kept"}).view()
    accepted = accept(view)
    assert isinstance(accepted, Accepted)
    for mode in Mode:
        pod = build_pod(view, accepted, Attempt(number=0, mode=mode, template=kept), CONFIG)
        assert pod["spec"]["restartPolicy"] == "Never"
        take(pod, baseline.namespace)


def test_restricted_takes_secrets_shared_memory_and_what_is_merged(namespace: Namespace) -> None:
    context = {"runAsNonRoot": True, "runAsUser": 1000, "capabilities": {"drop": ["ALL"]}}
    secrets = [
        {"name": "s", "key": "k", "file": "/etc/a"},
        {"name": "s", "key": "k", "file": "/etc/b", "optional": True},
        {"name": "s", "key": "k", "env": "A"},
    ]
    task = a_task(securityContext=context, secrets=secrets, sharedMemory={}, volumes={"outputs": "1Gi"})
    view = task.spec(podTemplate={"spec": {"hostAliases": [{"ip": "10.0.0.1", "hostnames": ["a"]}]}}).view()
    accepted = accept(view)
    assert isinstance(accepted, Accepted)
    for mode in Mode:
        pod = build_pod(view, accepted, Attempt(number=0, mode=mode), CONFIG)
        take(pod, namespace.name)
