"""Containers that others add to a task's Pod, as a service mesh does: they delay nothing and are ended."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from kubernetes import client

from support import cluster
from support.modes import GATED, INIT, SIGNAL, in_modes
from support.seen import assert_succeeded
from support.shapes import SHELL_IMAGE
from support.tasks import GROUP, Tasks, shell, typed

ORDINARY = '[JSONPatch{op: "add", path: "/spec/containers/-", value: Object.spec.containers{%s}}]'
# Where there is no list there is no first place in it either.
NATIVE = """
(has(object.spec.initContainers) ? [] : [JSONPatch{op: "add", path: "/spec/initContainers", value: []}])
+ [JSONPatch{op: "add", path: "/spec/initContainers/0",
             value: Object.spec.initContainers{%s, restartPolicy: "Always"}}]"""
MOST_SECONDS = {GATED: 15, INIT: 15, SIGNAL: 25}
"""In Signal mode the uploader is asked for its report only when such a Pod is stopped, after ten seconds."""
NEVER_ENDS = "trap 'exit 0' TERM; sleep 3600 & wait"


@contextmanager
def injected(tasks: Tasks, task: str, shape: str) -> Iterator[None]:
    """Add a container to the Pods of one task, as a service mesh does, by an admission policy."""
    admission: Any = client.AdmissionregistrationV1Api(tasks.core.api_client)
    name = f"{task}-{uuid.uuid4().hex[:8]}"
    added = f'name: "mesh", image: "{SHELL_IMAGE}", command: ["sh", "-c", {json.dumps(NEVER_ENDS)}]'
    pods = {"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["pods"]}
    matches = {
        "resourceRules": [pods],
        "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": tasks.namespace}},
        "objectSelector": {"matchLabels": {f"{GROUP}/task": task}},
    }
    mutation = {"patchType": "JSONPatch", "jsonPatch": {"expression": shape.replace("%s", added)}}
    spec = {
        "matchConstraints": matches,
        "failurePolicy": "Fail",
        "reinvocationPolicy": "Never",
        "mutations": [mutation],
    }
    admission.create_mutating_admission_policy({"metadata": {"name": name}, "spec": spec})
    try:
        binding = {"metadata": {"name": name}, "spec": {"policyName": name}}
        admission.create_mutating_admission_policy_binding(binding)
        await_injection(tasks, task)
        yield
    finally:
        admission.delete_mutating_admission_policy_binding(name)
        admission.delete_mutating_admission_policy(name)


def await_injection(tasks: Tasks, task: str) -> None:
    """Wait until the API server applies the policy, which nothing announces."""
    container = {"name": "main", "image": SHELL_IMAGE}
    metadata = {"name": "trial", "labels": {f"{GROUP}/task": task}}
    pod = {
        "metadata": metadata,
        "spec": {"containers": [container], "initContainers": [{**container, "name": "first"}]},
    }
    for _ in range(2_000):
        taken = tasks.core.create_namespaced_pod(tasks.namespace, pod, dry_run="All")
        if any(one.name == "mesh" for one in [*taken.spec.containers, *taken.spec.init_containers]):
            return
    raise AssertionError("the admission policy was never applied")


@in_modes()
@pytest.mark.parametrize("shape", [ORDINARY, NATIVE], ids=["ordinary", "native"])
def test_a_sidecar_that_never_ends_by_itself_delays_nothing_and_is_ended(here: Tasks, shape: str) -> None:
    name = "meshed" if shape is ORDINARY else "meshed-natively"
    with injected(here, name, shape):
        task = here.run(name, shell("echo 1 > /var/outputs/a", outputs=typed(a="integer")))
    assert_succeeded(task, a=1)
    assert float(task.status["duration"].removesuffix("s")) <= MOST_SECONDS[here.mode or ""]
    pod = here.pod(name, lambda pod: cluster.terminated(pod, "mesh") is not None)
    assert (cluster.terminated(pod, "main") or {})["exitCode"] == 0
    here.pod(name, lambda pod: pod["status"]["phase"] in {"Succeeded", "Failed"})
    assert here.in_phase(name, "Succeeded").status == task.status
