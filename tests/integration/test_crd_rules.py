"""Every rule of the CRD on a real API server: an example it takes, one it refuses, what a person reads."""

from __future__ import annotations

import json
import re
import uuid
from typing import Any

import pytest
from pydantic.alias_generators import to_camel

from containertask.api.spec import ContainerTaskSpec
from containertask.api.specrules import MUTABLE
from support import cluster, specs
from support.cluster import REPOSITORY, Json, Namespace
from support.refusals import Refusal
from support.refusedrules import REFUSED
from support.specs import ACCEPTED, AREA

GROUP = "containertask.dev/v1alpha1"


@pytest.fixture(scope="module", autouse=True)
def definitions() -> None:
    cluster.kubectl("apply", "--server-side", "--force-conflicts", f"--filename={REPOSITORY / 'crds'}")
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


def test_a_task_is_pending_from_the_first_moment(namespace: Namespace) -> None:
    where = [f"--namespace={namespace.name}", "--dry-run=server", "--output=jsonpath={.status}"]
    answer = cluster.kubectl("create", *where, "--filename=-", stdin=json.dumps(task()))
    assert json.loads(answer) == {"phase": "Pending"}


def test_a_name_that_leaves_no_room_for_its_pods_is_refused(namespace: Namespace) -> None:
    namespace.apply(task("n" * 52), "--dry-run=server")
    assert "metadata.name has at most 52 characters" in refused(namespace, task("n" * 53))


BEFORE: Json = {**specs.spec(**ACCEPTED["one of everything"]), "ttlSecondsAfterFinished": 3600}
AFTER: Json = {
    "image": "busybox",
    "imagePullPolicy": "Always",
    "imagePullSecrets": [{"name": "another"}],
    "command": ["false"],
    "args": ["{{.inputs.a}}"],
    "workingDir": "/",
    "env": [{"name": "MODE", "value": "{{.inputs.a}}"}, {"name": "KEY", "value": "v"}],
    "envFrom": [{"configMapRef": {"name": "d"}}],
    "inputs": [{"name": "n", "type": "struct", "value": {"k": [1]}}],
    "outputs": [AREA],
    "inputDir": "/data/other",
    "outputDir": "/data/out",
    "metadataFormat": "JSON",
    "fileInputLayout": "Direct",
    "resources": {"requests": {"cpu": 2, "memory": "1Gi"}, "limits": {"memory": "1.5Gi"}},
    "copilotResources": {"limits": {"cpu": "501m"}},
    "nodeSelector": {"disk": "hdd"},
    "tolerations": [{"key": "gpu", "operator": "Equal"}],
    "affinity": {"nodeAffinity": {"x": 1}},
    "priorityClassName": "batch-high",
    "runtimeClassName": "kata",
    "serviceAccountName": "walker",
    "automountServiceAccountToken": False,
    "accelerator": {"type": "nvidia-a100", "count": 3, "partition": "1g.5gb"},
    "sharedMemory": {},
    "volumes": {"inputs": "5Gi"},
    "secrets": [{"name": "database", "key": "password", "env": "PASSWORD"}],
    "queue": "team-b",
    "storeRef": {"name": "company"},
    "storePrefix": "trials",
    "podTemplate": {"name": "cluster-defaults", "spec": {"dnsPolicy": "Default"}},
    "securityContext": {"runAsUser": 1001},
    "displayName": "Area",
    "description": "Counts.",
    "start": "Auto",
    "timeout": {"total": "2h"},
    "retries": {"limit": 7},
    "interruptible": False,
    "podRetention": "Never",
}
FIXED = [name for name in ContainerTaskSpec.model_json_schema()["properties"] if name not in MUTABLE]
OPTIONAL = [name for name, field in ContainerTaskSpec.model_fields.items() if field.default is None]
COME_OR_GO = [*(name for name in map(to_camel, OPTIONAL) if name not in MUTABLE), "podRetention"]


@pytest.fixture(scope="module")
def existing(namespace: Namespace) -> Json:
    made = task("existing", **BEFORE)
    namespace.apply(made)
    return made


@pytest.fixture(scope="module")
def bare(namespace: Namespace) -> Json:
    made = task("bare", command=...)
    namespace.apply(made)
    return made


def says_fixed(message: str, field: str) -> None:
    said = f"{field} cannot change once the task exists: create another ContainerTask"
    assert re.search(rf"\bspec\.{field}: Invalid value: .*{said}", message), message


@pytest.mark.parametrize("field", FIXED)
def test_a_fixed_field_cannot_be_changed(namespace: Namespace, existing: Json, field: str) -> None:
    changed = task(existing["metadata"]["name"], **{**BEFORE, field: AFTER[field]})
    says_fixed(refused(namespace, changed), field)


@pytest.mark.parametrize("field", COME_OR_GO)
def test_a_fixed_field_cannot_be_removed(namespace: Namespace, existing: Json, field: str) -> None:
    changed = task(existing["metadata"]["name"], **{**BEFORE, field: ...})
    says_fixed(refused(namespace, changed), field)


@pytest.mark.parametrize("field", COME_OR_GO)
def test_a_fixed_field_cannot_be_added(namespace: Namespace, bare: Json, field: str) -> None:
    changed = task(bare["metadata"]["name"], **{"command": ..., field: BEFORE[field]})
    says_fixed(refused(namespace, changed), field)


@pytest.mark.parametrize(
    ("swap", "names"),
    [
        ({"workingDir": ..., "cancel": True, "suspend": ..., "description": ...}, "workingDir, description"),
        ({"command": ..., "cancel": ...}, "command"),
    ],
    ids=["fields", "count"],
)
def test_several_fields_are_named(namespace: Namespace, existing: Json, swap: Json, names: str) -> None:
    message = refused(namespace, task(existing["metadata"]["name"], **{**BEFORE, **swap}))
    for name in names.split(", "):
        says_fixed(message, name)


@pytest.mark.parametrize(
    ("swap", "names"),
    [
        ({"command": ["true"], "displayName": ...}, "command, displayName"),
        ({"description": "new", "suspend": ...}, "description"),
        ({"suspend": ..., "cancel": False, "args": [], "displayName": ...}, "args, displayName"),
    ],
    ids=["for a fixed one", "for a mutable one", "among others"],
)
def test_one_field_cannot_come_for_another(namespace: Namespace, swap: Json, names: str) -> None:
    before: Json = {"command": ..., "displayName": "x", "suspend": True}
    made = task(**before)
    namespace.apply(made)
    message = refused(namespace, task(made["metadata"]["name"], **{**before, **swap}))
    assert f"{names} cannot change once the task exists: create another ContainerTask" in message


def test_one_mutable_field_may_come_for_another(namespace: Namespace) -> None:
    made = task(suspend=True)
    namespace.apply(made)
    namespace.apply(task(made["metadata"]["name"], cancel=True), "--dry-run=server")


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
