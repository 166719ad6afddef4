"""Whose container it is: any user, any image, what the namespace enforces, and who else is in the Pod."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from kubernetes import client

from support import cluster
from support.cluster import Json
from support.follow import first, follow
from support.seen import Failure, assert_failed, assert_succeeded
from support.shapes import ARBITRARY_UID, COPILOT_UID, SHELL_IMAGE, STATIC_IMAGE
from support.tasks import GROUP, Tasks, shell, typed

A = typed(a="integer")
TWO = [{"name": "two", "type": "integer", "value": 2}]
DOUBLES = "echo $(( $(cat /var/inputs/two) * 2 )) > /var/outputs/a"
RESTRICTED = {"runAsNonRoot": True, "runAsUser": 1000, "capabilities": {"drop": ["ALL"]}}


@pytest.mark.parametrize("uid", [0, COPILOT_UID, ARBITRARY_UID])
def test_any_user_reads_inputs_and_writes_outputs_that_only_it_may_read(here: Tasks, uid: int) -> None:
    script = f"umask 077; {DOUBLES}; mkdir /var/outputs/deep; id -u > /var/outputs/deep/uid"
    deep = {"name": "uid", "type": "integer", "path": "/var/outputs/deep/uid"}
    context = {"runAsUser": uid}
    name = f"uid-{uid}"
    task = here.run(name, shell(script, inputs=TWO, outputs=[*A, deep], securityContext=context))
    assert_succeeded(task, a=4, uid=uid)


def test_a_read_only_root_is_no_obstacle(here: Tasks) -> None:
    script = f"! touch /tmp-file; {DOUBLES}"
    context = {"readOnlyRootFilesystem": True}
    task = here.run("read-only", shell(script, inputs=TWO, outputs=A, securityContext=context))
    assert_succeeded(task, a=4)


def test_an_image_with_nothing_but_one_static_program_will_do(here: Tasks) -> None:
    command = ["/probe", "write", "/var/outputs/a", "{{.inputs.two}}"]
    context = {"runAsUser": ARBITRARY_UID, "readOnlyRootFilesystem": True}
    spec = {"image": STATIC_IMAGE, "command": command, "securityContext": context}
    assert_succeeded(here.run("static", {**spec, "inputs": TWO, "outputs": A}), a=2)


def test_a_task_that_keeps_to_restricted_runs_where_that_is_enforced(in_restricted: Tasks) -> None:
    spec = shell(DOUBLES, inputs=TWO, outputs=A, securityContext=RESTRICTED)
    assert_succeeded(in_restricted.run("keeps", spec), a=4)


def test_a_task_that_does_not_keep_to_restricted_is_told_so_where_that_is_enforced(
    in_restricted: Tasks,
) -> None:
    task = in_restricted.run("does-not", shell("true"))
    says = ("PodSecurity", "restricted", "main", "runAsNonRoot")
    assert_failed(task, Failure(reason="PodRefused", kind="Permanent", says=says))
    assert next(in_restricted.pods("does-not")) == {}


def test_a_pod_of_somebody_else_with_our_name_is_left_alone(here: Tasks) -> None:
    task = here.create("taken", shell("true", suspend=True))
    here.in_phase("taken", "Queued")
    container = {"name": "foreign", "image": SHELL_IMAGE, "command": ["sleep", "600"]}
    pod = {"metadata": {"name": task.pod_name()}, "spec": {"containers": [container]}}
    here.core.create_namespaced_pod(here.namespace, pod)
    try:
        before = raw_pod(here, task.pod_name())
        here.patch("taken", suspend=False)
        failure = Failure(reason="PodNameTaken", kind="Permanent", says=(task.pod_name(),))
        assert_failed(here.ended("taken"), failure)
        after = raw_pod(here, task.pod_name())
        for part in ("uid", "labels", "annotations", "ownerReferences", "deletionTimestamp"):
            assert after["metadata"].get(part) == before["metadata"].get(part)
        assert after["spec"].get("activeDeadlineSeconds") is None
    finally:
        here.core.delete_namespaced_pod(task.pod_name(), here.namespace, grace_period_seconds=0)


def raw_pod(tasks: Tasks, name: str) -> Json:
    states = follow(tasks.core.list_namespaced_pod, tasks.namespace, field_selector=f"metadata.name={name}")
    return first(states, lambda pods: name in pods, f"Pod {name}")[name]


# --- Containers that others add -------------------------------------------------------------------

ORDINARY = '[JSONPatch{op: "add", path: "/spec/containers/-", value: Object.spec.containers{%s}}]'
NATIVE = (
    '[JSONPatch{op: "add", path: "/spec/initContainers/0", '
    'value: Object.spec.initContainers{%s, restartPolicy: "Always"}}]'
)
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
    mutation = {"patchType": "JSONPatch", "jsonPatch": {"expression": shape % added}}
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


@pytest.mark.parametrize("shape", [ORDINARY, NATIVE], ids=["ordinary", "native"])
def test_a_sidecar_that_never_ends_by_itself_delays_nothing_and_is_ended(here: Tasks, shape: str) -> None:
    name = "meshed" if shape is ORDINARY else "meshed-natively"
    with injected(here, name, shape):
        task = here.run(name, shell(DOUBLES, inputs=TWO, outputs=A))
    assert_succeeded(task, a=4)
    assert float(task.status["duration"].removesuffix("s")) <= 15
    pod = here.pod(name, lambda pod: cluster.terminated(pod, "mesh") is not None)
    assert (cluster.terminated(pod, "main") or {})["exitCode"] == 0
    here.pod(name, lambda pod: pod["status"]["phase"] in {"Succeeded", "Failed"})
    assert here.in_phase(name, "Succeeded").status == task.status
