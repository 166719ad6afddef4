"""Every rule of the stores' CRDs on a real API server: what it takes, what it refuses, and how it says so."""

from __future__ import annotations

import json
import re

import pytest

from containertask.core.stores import new_status, store_view
from support import cluster
from support.cluster import REPOSITORY, Json, Namespace
from support.refusals import Refusal
from support.refusedstores import ONLY_OF_CLUSTER, REFUSED, REFUSED_OF_CLUSTER
from support.storespecs import ACCEPTED, LEAST, OF_CLUSTER, s3

NAMESPACED, OF_ALL = "ArtifactStore", "ClusterArtifactStore"
ONLY_PYTHON = "-"
"""As a refusal's pattern: the API server takes it, and the operator says InvalidSpec."""
NOW = 1_767_225_600_000


@pytest.fixture(scope="module", autouse=True)
def definitions() -> None:
    crds = f"--filename={REPOSITORY / 'crds'}"
    cluster.kubectl("apply", "--server-side", "--force-conflicts", crds)
    cluster.kubectl("wait", "--for=condition=Established", crds, "--timeout=30s")


def store(kind: str, spec: Json, name: str = "default") -> Json:
    return {
        "apiVersion": "containertask.dev/v1alpha1",
        "kind": kind,
        "metadata": {"name": name},
        "spec": spec,
    }


def tried(namespace: Namespace, wanted: Json) -> None:
    flags = ["--dry-run=server", "--validate=strict", "--filename=-"]
    cluster.kubectl("create", f"--namespace={namespace.name}", *flags, stdin=json.dumps(wanted))


def refused(namespace: Namespace, wanted: Json) -> str:
    with pytest.raises(AssertionError) as caught:
        tried(namespace, wanted)
    return str(caught.value)


def checked(namespace: Namespace, kind: str, refusal: Refusal) -> None:
    wanted = store(kind, refusal.change)
    if refusal.server == ONLY_PYTHON:
        tried(namespace, wanted)
    else:
        assert re.search(refusal.server_pattern, refused(namespace, wanted))


@pytest.mark.parametrize("kind", [NAMESPACED, OF_ALL])
@pytest.mark.parametrize("spec", ACCEPTED.values(), ids=ACCEPTED)
def test_what_is_accepted(namespace: Namespace, spec: Json, kind: str) -> None:
    tried(namespace, store(kind, spec))


@pytest.mark.parametrize("spec", OF_CLUSTER.values(), ids=OF_CLUSTER)
def test_what_is_accepted_of_the_cluster(namespace: Namespace, spec: Json) -> None:
    tried(namespace, store(OF_ALL, spec))


@pytest.mark.parametrize("refusal", REFUSED.values(), ids=REFUSED)
def test_what_is_refused_and_how(namespace: Namespace, refusal: Refusal) -> None:
    checked(namespace, NAMESPACED, refusal)


@pytest.mark.parametrize("refusal", REFUSED_OF_CLUSTER.values(), ids=REFUSED_OF_CLUSTER)
def test_what_is_refused_of_the_cluster(namespace: Namespace, refusal: Refusal) -> None:
    checked(namespace, OF_ALL, refusal)


def test_a_store_of_a_namespace_has_no_allowed_prefixes(namespace: Namespace) -> None:
    checked(namespace, NAMESPACED, ONLY_OF_CLUSTER)


def test_a_store_may_change_its_status_is_taken_whole_and_shown_in_columns(namespace: Namespace) -> None:
    where = f"--namespace={namespace.name}"
    namespace.apply(store(NAMESPACED, LEAST), "--server-side")
    namespace.apply(store(NAMESPACED, s3(bucket="others", prefix="a")), "--server-side")
    raw = json.loads(cluster.kubectl("get", "astore", "default", where, "--output=json"))
    # An operator may be installed that has judged it already, and may do so again at any time.
    status = new_status(store_view({**raw, "status": {}}), NOW)
    assert status is not None
    del raw["metadata"]["resourceVersion"]
    raw["status"] = status.model_dump(mode="json", by_alias=True, exclude_none=True)
    flags = ["--subresource=status", "--validate=strict", "--filename=-"]
    cluster.kubectl("replace", where, *flags, stdin=json.dumps(raw))
    stored = json.loads(cluster.kubectl("get", "astore", "default", where, "--output=json"))
    assert new_status(store_view(stored), NOW + 1000) is None
    head, line = cluster.kubectl("get", "astore", where).splitlines()
    assert head.split() == ["NAME", "TYPE", "LOCATION", "READY", "AGE"]
    assert line.split()[:4] == ["default", "s3", "s3://others/a", "True"]


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("artifactstore.spec.s3.credentials.secretName", "AWS_ACCESS_KEY_ID"),
        ("clusterartifactstore.spec.allowedPrefixes", "<prefix>/<namespace>/"),
        ("clusterartifactstore", "The one named `default`"),
    ],
)
def test_kubectl_explain_is_the_documentation(path: str, says: str) -> None:
    assert says in " ".join(cluster.kubectl("explain", path).split())
