"""Every rule of the CRD on a real API server: an example it takes, one it refuses, what a person reads."""

from __future__ import annotations

import json
import re
import uuid
from typing import Any

import pytest

from support import cluster, specs
from support.cluster import REPOSITORY, Json, Namespace
from support.refusals import Refusal
from support.refusedrules import REFUSED
from support.specs import ACCEPTED, AREA

GROUP = "containertask.dev/v1alpha1"


@pytest.fixture(scope="module", autouse=True)
def definitions() -> None:
    cluster.kubectl("apply", "--server-side", f"--filename={REPOSITORY / 'crds'}")
    cluster.kubectl(
        "wait", "--for=condition=Established", "crd/containertasks.containertask.dev", "--timeout=30s"
    )


def task(name: str | None = None, **change: object) -> Json:
    metadata = {"name": name or f"t-{uuid.uuid4().hex[:10]}"}
    return {"apiVersion": GROUP, "kind": "ContainerTask", "metadata": metadata, "spec": specs.spec(**change)}


def refused(namespace: Namespace, wanted: Json) -> str:
    with pytest.raises(AssertionError) as caught:
        namespace.apply(wanted, "--dry-run=server")
    return str(caught.value)


@pytest.mark.parametrize("change", ACCEPTED.values(), ids=ACCEPTED)
def test_what_is_accepted(namespace: Namespace, change: Json) -> None:
    """With create: client-side apply drops nulls before it sends."""
    where = [f"--namespace={namespace.name}", "--dry-run=server", "--validate=strict", "--filename=-"]
    cluster.kubectl("create", *where, stdin=json.dumps(task(**change)))


@pytest.mark.parametrize("refusal", REFUSED.values(), ids=REFUSED)
def test_what_is_refused_and_how(namespace: Namespace, refusal: Refusal) -> None:
    assert re.search(refusal.server_pattern, refused(namespace, task(**refusal.change)))


def test_a_name_that_leaves_no_room_for_its_pods_is_refused(namespace: Namespace) -> None:
    namespace.apply(task("n" * 52), "--dry-run=server")
    assert "metadata.name has at most 52 characters" in refused(namespace, task("n" * 53))


BEFORE: Json = {
    "args": ["x"],
    "env": [{"name": "X", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}}],
    "inputs": [{"name": "a", "type": "struct", "value": {"deep": [1]}}],
}
CHANGES: dict[str, Json] = {
    "image": {"image": "busybox"},
    "command": {"command": ["false"]},
    "args": {"args": ...},
    "env": {"env": [{"name": "X", "valueFrom": {"fieldRef": {"fieldPath": "metadata.uid"}}}]},
    "inputs": {"inputs": [{"name": "a", "type": "struct", "value": {"deep": [2]}}]},
    "outputs": {"outputs": [AREA]},
    "timeout": {"timeout": {"total": "1h"}},
    "podRetention": {"podRetention": "Never"},
}


@pytest.fixture(scope="module")
def existing(namespace: Namespace) -> Json:
    made = task("existing", **BEFORE)
    namespace.apply(made)
    return made


@pytest.mark.parametrize(("field", "change"), CHANGES.items(), ids=CHANGES)
def test_a_fixed_field_cannot_be_changed_added_or_removed(
    namespace: Namespace, existing: Json, field: str, change: Json
) -> None:
    changed = task(existing["metadata"]["name"], **{**BEFORE, **change})
    message = refused(namespace, changed)
    assert f"{field} cannot change once the task exists: create another ContainerTask" in message


def test_the_order_of_env_is_fixed_too(namespace: Namespace) -> None:
    a, b = {"name": "A", "value": "1"}, {"name": "B", "value": "$(A)"}
    made = task(env=[a, b])
    namespace.apply(made)
    name = made["metadata"]["name"]
    patch = json.dumps({"spec": {"env": [b, a]}})
    where = [f"--namespace={namespace.name}", "--type=merge", f"--patch={patch}"]
    with pytest.raises(AssertionError, match="nor its order"):
        cluster.kubectl("patch", "ctask", name, *where)


@pytest.mark.parametrize(
    "change", [{"suspend": True}, {"ttlSecondsAfterFinished": 5}, {"cancel": True}], ids=str
)
def test_the_other_fields_may_change(namespace: Namespace, existing: Json, change: Json) -> None:
    namespace.apply(task(existing["metadata"]["name"], **{**BEFORE, **change}), "--dry-run=server")


@pytest.mark.parametrize("back", [False, ...], ids=["false", "removed"])
def test_a_cancelled_task_stays_cancelled(namespace: Namespace, back: object) -> None:
    cancelled = task(cancel=True)
    namespace.apply(cancelled)
    message = refused(namespace, task(cancelled["metadata"]["name"], cancel=back))
    assert "a cancelled task stays cancelled" in message


def test_kubectl_explain_is_the_documentation() -> None:
    said = cluster.kubectl("explain", "containertask.spec.inputs.value")
    assert "The value, as JSON" in said


def test_a_null_value_is_kept_by_server_side_apply(namespace: Namespace) -> None:
    """Client-side apply drops nulls before it sends; nothing on the server can bring them back."""
    made = task(inputs=[{"name": "a", "type": "struct", "value": None}])
    namespace.apply(made, "--server-side")
    where = [made["metadata"]["name"], f"--namespace={namespace.name}"]
    stored: Any = json.loads(cluster.kubectl("get", "ctask", *where, "--output=json"))
    assert stored["spec"]["inputs"][0] == {"name": "a", "type": "struct", "value": None}
