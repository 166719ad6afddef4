"""Containers that others add to a task's Pod, as a service mesh does: by an admission policy."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from kubernetes import client

from support.shapes import SHELL_IMAGE
from support.tasks import GROUP, Tasks

ORDINARY = '[JSONPatch{op: "add", path: "/spec/containers/-", value: Object.spec.containers{%s}}]'
# Where there is no list there is no first place in it either.
NATIVE = """
(has(object.spec.initContainers) ? [] : [JSONPatch{op: "add", path: "/spec/initContainers", value: []}])
+ [JSONPatch{op: "add", path: "/spec/initContainers/0",
             value: Object.spec.initContainers{%s, restartPolicy: "Always"}}]"""
NEVER_ENDS = "trap 'exit 0' TERM; sleep 3600 & wait"
DEAF = "trap '' TERM; sleep 3600"
"""A script that does not even end when it is told to."""


@contextmanager
def injected(tasks: Tasks, task: str, shape: str, script: str = NEVER_ENDS) -> Iterator[None]:
    """Add a container to the Pods of one task, as a service mesh does, by an admission policy."""
    admission: Any = client.AdmissionregistrationV1Api(tasks.core.api_client)
    name = f"{task}-{uuid.uuid4().hex[:8]}"
    added = f'name: "mesh", image: "{SHELL_IMAGE}", command: ["sh", "-c", {json.dumps(script)}]'
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
