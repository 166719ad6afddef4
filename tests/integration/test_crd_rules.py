"""Every rule of the CRD on a real API server: an example it takes, one it refuses, what a person reads."""

from __future__ import annotations

import json
import re
import uuid
from typing import Any

import pytest

from support import cluster
from support.cluster import REPOSITORY, Json, Namespace

GROUP = "containertask.dev/v1alpha1"
LEAST: Json = {"image": "alpine:3.22", "command": ["true"]}
A = {"name": "a", "type": "float", "value": 2.5}
AREA = {"name": "area", "type": "float"}


@pytest.fixture(scope="module", autouse=True)
def definitions() -> None:
    cluster.kubectl("apply", "--server-side", f"--filename={REPOSITORY / 'crds'}")
    cluster.kubectl(
        "wait", "--for=condition=Established", "crd/containertasks.containertask.dev", "--timeout=30s"
    )


def task(name: str | None = None, **spec: object) -> Json:
    merged = {key: value for key, value in {**LEAST, **spec}.items() if value is not ...}
    metadata = {"name": name or f"t-{uuid.uuid4().hex[:10]}"}
    return {"apiVersion": GROUP, "kind": "ContainerTask", "metadata": metadata, "spec": merged}


def refused(namespace: Namespace, wanted: Json) -> str:
    with pytest.raises(AssertionError) as caught:
        namespace.apply(wanted, "--dry-run=server")
    return str(caught.value)


ACCEPTED: dict[str, Json] = {
    "the least there is": {},
    "one of everything": {
        "imagePullPolicy": "IfNotPresent",
        "imagePullSecrets": [{"name": "registry"}],
        "args": ["{{.inputs.a}}", ""],
        "workingDir": "/work",
        "env": [
            {"name": "MODE", "value": "{{.inputs.a}}"},
            {"name": "KEY", "valueFrom": {"configMapKeyRef": {"name": "c", "key": "k"}}},
        ],
        "envFrom": [{"configMapRef": {"name": "c"}}],
        "inputs": [
            A,
            {"name": "n", "type": "struct", "value": {"k": [None]}},
            {"name": "o", "type": "string", "optional": True},
        ],
        "outputs": [
            AREA,
            {"name": "log", "type": "string", "source": "Stdout"},
            {"name": "code", "type": "integer", "source": "ExitCode"},
            {"name": "deep", "type": "struct", "path": "/var/outputs/x/y.json", "optional": True},
        ],
        "inputDir": "/data/in",
        "outputDir": "/var/outputs",
        "metadataFormat": "PROTO",
        "resources": {"requests": {"cpu": 1, "memory": "1Gi"}, "limits": {"memory": "1.5Gi"}},
        "copilotResources": {"limits": {"cpu": "500m"}},
        "nodeSelector": {"disk": "ssd"},
        "tolerations": [{"key": "gpu", "operator": "Exists"}],
        "affinity": {"nodeAffinity": {}},
        "priorityClassName": "batch-low",
        "serviceAccountName": "runner",
        "securityContext": {"runAsUser": 1000},
        "displayName": "Area of an ellipse",
        "description": "Computes.",
        "start": "Init",
        "suspend": True,
        "cancel": False,
        "timeout": {"queued": "10m", "download": "1m", "execution": "1h30m", "upload": "5m", "total": "2h"},
        "ttlSecondsAfterFinished": 0,
        "podRetention": "OnFailure",
    },
    "folders whose names begin alike": {"inputDir": "/data", "outputDir": "/data-out"},
    "the root as workingDir": {"workingDir": "/"},
    "quantities as Kubernetes writes them": {
        "resources": {"limits": {"cpu": ".5", "memory": "1e3", "x.org/y": "100u", "z.org/y": 0}}
    },
    "an argument of nearly 128 KiB": {"args": ["x" * 131_071]},
}


@pytest.mark.parametrize("spec", ACCEPTED.values(), ids=ACCEPTED)
def test_what_is_accepted(namespace: Namespace, spec: Json) -> None:
    namespace.apply(task(**spec), "--dry-run=server", "--validate=strict")


REFUSED: dict[str, tuple[Json, str]] = {
    "no image": ({"image": ...}, r"spec\.image: Required value"),
    "an empty image": ({"image": ""}, r"spec\.image: Invalid value.*at least 1 char"),
    "no command": ({"command": ...}, r"spec\.command: Required value"),
    "an empty command": ({"command": []}, r"spec\.command: Invalid value.*at least 1 item"),
    "a bare string as command": ({"command": "true"}, r"spec\.command: Invalid value: \"string\".*array"),
    "an argument that is too long": ({"args": ["x" * 131_072]}, r"spec\.args\[0\]: Too long"),
    "an unknown type": (
        {"inputs": [{**A, "type": "number"}]},
        r'spec\.inputs\[0\]\.type: Unsupported value: "number": supported values: "integer", "float"',
    ),
    "a name with a slash": ({"inputs": [{**A, "name": "a/b"}]}, r"spec\.inputs\[0\]\.name: Invalid value"),
    "two inputs of one name": ({"inputs": [A, A]}, r"spec\.inputs\[1\]: Duplicate value"),
    "two outputs of one name": ({"outputs": [AREA, AREA]}, r"spec\.outputs\[1\]: Duplicate value"),
    "an input with no value": (
        {"inputs": [{"name": "a", "type": "float"}]},
        r"spec\.inputs\[0\].*(value|default|optional): Required value",
    ),
    "an input that is not optional and has no value": (
        {"inputs": [{"name": "a", "type": "float", "optional": False}]},
        r"spec\.inputs\[0\].*anyOf",
    ),
    "an image with a blank": ({"image": " alpine"}, r"spec\.image: .*an image has no blanks"),
    "the error file as a path": (
        {"outputs": [{**AREA, "path": "/var/outputs/_ERROR"}]},
        r"spec\.outputs: .*_ERROR in outputDir is the file by which a command reports an error",
    ),
    "too many outputs": (
        {"outputs": [{**AREA, "name": f"o{number}"} for number in range(33)]},
        r"spec\.outputs: Too many: 33: must have at most 32 items",
    ),
    "an output named as the error file": (
        {"outputs": [{**AREA, "name": "_ERROR"}]},
        r"spec\.outputs\[0\]\.name: .*choose another name",
    ),
    "a path beside source Stdout": (
        {"outputs": [{"name": "o", "type": "string", "source": "Stdout", "path": "/var/outputs/o"}]},
        r"spec\.outputs\[0\]\.path: .*remove path, or set source to File",
    ),
    "an exit code that is no integer": (
        {"outputs": [{"name": "o", "type": "string", "source": "ExitCode"}]},
        r"spec\.outputs\[0\]\.type: .*an output with source ExitCode has type integer",
    ),
    "an output outside of outputDir": (
        {"outputs": [{**AREA, "path": "/etc/passwd"}]},
        r"spec\.outputs: .*must be inside outputDir",
    ),
    "an output that climbs out of outputDir": (
        {"outputs": [{**AREA, "path": "/var/outputs/../../etc/passwd"}]},
        r"spec\.outputs: .*must be inside outputDir",
    ),
    "a relative inputDir": ({"inputDir": "inputs"}, r"spec\.inputDir: .*write an absolute path"),
    "the root as inputDir": ({"inputDir": "/"}, r"spec\.inputDir: .*write an absolute path"),
    "an inputDir with a slash at its end": ({"inputDir": "/data/"}, r"spec\.inputDir: .*without a slash at"),
    "an inputDir that climbs": ({"inputDir": "/a/../b"}, r"spec\.inputDir: .*normalised"),
    "an inputDir that is ours": ({"inputDir": "/ct/control"}, r"spec\.inputDir: .*choose a folder such as"),
    "an outputDir in /proc": ({"outputDir": "/proc/x"}, r"spec\.outputDir: .*choose a folder such as"),
    "outputDir inside inputDir": (
        {"inputDir": "/data", "outputDir": "/data/out"},
        r"spec\.outputDir: .*neither may be inside the other",
    ),
    "inputDir inside outputDir": (
        {"inputDir": "/data/in", "outputDir": "/data"},
        r"spec\.outputDir: .*neither may be inside the other",
    ),
    "one folder for both": ({"inputDir": "/d", "outputDir": "/d"}, r"spec\.outputDir: .*must be apart"),
    "a variable that is ours": (
        {"env": [{"name": "CT_NAME", "value": "x"}]},
        r"spec\.env\[0\]\.name: .*names that start with CT_ belong to containertask",
    ),
    "a variable with two sources": (
        {"env": [{"name": "X", "value": "x", "valueFrom": {}}]},
        r"spec\.env\[0\]\.valueFrom: .*keep one",
    ),
    "a duration without a unit": (
        {"timeout": {"execution": "30"}},
        r"spec\.timeout\.execution: .*such as 30s, 5m or 1h30m",
    ),
    "a duration of nothing": ({"timeout": {"total": "0s"}}, r"spec\.timeout\.total: .*at least 1s"),
    "a duration of a thousand years": (
        {"timeout": {"total": "9999999h"}},
        r"spec\.timeout\.total: .*at most ten",
    ),
    "a quantity with a suffix that is none": (
        {"resources": {"limits": {"memory": "1K"}}},
        r"memory: Invalid value",
    ),
    "a negative quantity": ({"resources": {"limits": {"cpu": -1}}}, r"cpu: Invalid value"),
    "a quantity that is none": (
        {"resources": {"limits": {"memory": "lots"}}},
        r"spec\.resources\.limits\.memory: Invalid value",
    ),
    "an unknown format": ({"metadataFormat": "XML"}, r'supported values: "JSON", "YAML", "PROTO"'),
    "a mode that does not exist": ({"start": "Warm"}, r"spec\.start: Unsupported value"),
    "a negative TTL": ({"ttlSecondsAfterFinished": -1}, r"spec\.ttlSecondsAfterFinished: Invalid value"),
    "a misspelt field": ({"comand": ["true"]}, r'unknown field "spec\.comand"'),
}


@pytest.mark.parametrize(("spec", "message"), REFUSED.values(), ids=REFUSED)
def test_what_is_refused_and_how(namespace: Namespace, spec: Json, message: str) -> None:
    assert re.search(message, refused(namespace, task(**spec)))


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
