"""What stores keep apart, on the node: namespaces that share one, and secrets that nobody is shown."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator

import obstore
import pytest

from support import cluster, objectstore, tasks
from support.objectstore import ObjectStore, apply, objects, store
from support.s3 import SECRET, USER
from support.tasks import ONCE, Tasks, shell, typed

BUCKET = "company"
_OPERATOR = "containertask-system"


@pytest.fixture(scope="module")
def server() -> Iterator[ObjectStore]:
    with objectstore.running(BUCKET) as found:
        yield found


@pytest.fixture(scope="module")
def shared(server: ObjectStore) -> Iterator[str]:
    """A store of the cluster, and what it lets everybody read."""
    name = f"tests-{uuid.uuid4().hex[:8]}"
    spec = {**server.spec(BUCKET, prefix="tasks"), "allowedPrefixes": ["shared/models"]}
    document = store(name, spec, "ClusterArtifactStore")
    cluster.kubectl("create", "--filename=-", stdin=json.dumps(document))
    obstore.put(server.bucket(BUCKET), "shared/models/m", b"model")
    try:
        yield name
    finally:
        cluster.kubectl("delete", "clusterartifactstore", name)


@pytest.fixture
def two(server: ObjectStore) -> Iterator[tuple[Tasks, Tasks]]:
    """Two namespaces that have the same key."""
    with tasks.namespace("baseline") as one, tasks.namespace("baseline") as other:
        server.introduce(one)
        server.introduce(other)
        yield one, other


def test_two_namespaces_read_what_is_theirs_and_what_is_everybodys(
    two: tuple[Tasks, Tasks], shared: str, server: ObjectStore
) -> None:
    one, other = two
    ref = {"storeRef": {"kind": "ClusterArtifactStore", "name": shared}}
    made = one.run("made", shell("echo mine > /var/outputs/f", outputs=typed(f="file"), **ref))
    (output,) = made.status["outputs"]
    assert output["uri"].startswith(f"s3://{BUCKET}/tasks/{one.namespace}/made-")
    read = shell(
        'cat "$CT_INPUT_DIR/f" > /var/outputs/s',
        inputs=[{"name": "f", "type": "file", "uri": output["uri"]}],
        outputs=typed(s="string"),
        **ONCE,
    )
    assert one.run("own", read).values == {"s": "mine"}
    refused = other.run("theirs", read)
    assert (refused.reason, refused.status["error"]["kind"]) == ("StoreForbidden", "Permanent")
    assert f"lets namespace {other.namespace} use only" in refused.message
    assert "podName" not in refused.status
    wanted = {**read, "inputs": [{**read["inputs"][0], "uri": f"s3://{BUCKET}/shared/models/m"}]}
    assert other.run("shared", wanted).values == {"s": "model"}
    stolen = [{"name": "f", "type": "file", "destination": output["uri"]}]
    overwrite = shell("echo theirs > /var/outputs/f", outputs=stolen, **ref, **ONCE)
    assert other.run("overwrites", overwrite).reason == "StoreForbidden"
    roots = {key.split("/")[0] for key in objects(server.bucket(BUCKET))}
    assert roots <= {"tasks", "shared", "canary"}


@pytest.mark.parametrize("secret", [SECRET, "a-wrong-canary-key"])
def test_no_credential_is_shown_anywhere(server: ObjectStore, secret: str) -> None:
    """Neither where all goes well nor where the store refuses: in no object, log, event or metric."""
    with tasks.namespace("baseline") as apart:
        server.introduce(apart, secret=secret)
        apply(apart, store("default", server.spec(BUCKET, prefix="canary")))
        given = [{"name": "f", "type": "file", "uri": f"s3://{BUCKET}/canary/in"}]
        obstore.put(server.bucket(BUCKET), "canary/in", b"x")
        script = 'env; cat /proc/self/mountinfo; find /ct; cp "$CT_INPUT_DIR/f" /var/outputs/g; echo >&2 said'
        done = apart.run("canary", shell(script, inputs=given, outputs=typed(g="file"), **ONCE))
        assert done.phase == ("Succeeded" if secret == SECRET else "Failed")
        name = f"--namespace={apart.namespace}"
        kinds, selector = "containertasks,pods,events,configmaps,artifactstores", "app.kubernetes.io/name"
        shown = [
            cluster.kubectl("get", kinds, name, "--output=yaml"),
            cluster.kubectl("logs", name, done.pod_name(), "--all-containers", "--ignore-errors"),
            cluster.kubectl("logs", f"--namespace={_OPERATOR}", f"--selector={selector}", "--tail=-1"),
            _metrics(),
        ]
        assert done.name in shown[0]
        for text in shown:
            assert secret not in text
            assert USER not in text.replace(f"{USER}-", "")


def _metrics() -> str:
    """Return what the operator's Pod tells those who measure it."""
    pods = cluster.kubectl("get", "pods", f"--namespace={_OPERATOR}", "--output=name").split()
    path = f"/api/v1/namespaces/{_OPERATOR}/{pods[0].replace('pod/', 'pods/')}:8080/proxy/metrics"
    found = cluster.kubectl("get", "--raw", path)
    assert "containertask" in found
    return found
