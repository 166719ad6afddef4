"""Stores on the real cluster: the installed operator says whether one is valid, and where it is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import pytest
from kubernetes import client

from support import cluster, tasks
from support.cluster import Json
from support.follow import first, follow
from support.tasks import Tasks

_API: Final = ("containertask.dev", "v1alpha1")
_VALID: Final[Json] = {"s3": {"bucket": "results", "region": "eu-central-1", "prefix": "team"}}
_INVALID: Final[Json] = {**_VALID, "limits": {"maxObjectSize": "0"}}


@pytest.fixture(scope="module")
def made() -> Iterator[Tasks]:
    with tasks.namespace("baseline") as found:
        yield found


def store(name: str, spec: Json, kind: str = "ArtifactStore") -> Json:
    return {"apiVersion": "/".join(_API), "kind": kind, "metadata": {"name": name}, "spec": spec}


def ready(found: Json) -> tuple[str, str]:
    conditions = found.get("status", {}).get("conditions", [{}])
    return conditions[0].get("status", ""), conditions[0].get("reason", "")


def judged(made: Tasks, name: str, generation: int = 1) -> Json:
    """Return a store as soon as the operator has judged this generation of it."""
    custom = client.CustomObjectsApi(cluster.connect().api_client)
    listing = custom.list_namespaced_custom_object
    states = follow(listing, *_API, made.namespace, "artifactstores")

    def is_judged(stores: dict[str, Json]) -> bool:
        status = stores.get(name, {}).get("status", {})
        return bool(status.get("observedGeneration") == generation)

    return first(states, is_judged, f"a judgement of {name}")[name]


def test_a_store_is_judged_and_judged_again_when_it_changes(made: Tasks) -> None:
    custom = client.CustomObjectsApi(cluster.connect().api_client)
    custom.create_namespaced_custom_object(
        *_API, made.namespace, "artifactstores", store("default", _INVALID)
    )
    invalid = judged(made, "default")
    assert ready(invalid) == ("False", "InvalidSpec")
    assert "maxObjectSize" in invalid["status"]["conditions"][0]["message"]
    assert "location" not in invalid["status"]
    whole = {**invalid, "spec": _VALID}
    custom.replace_namespaced_custom_object(*_API, made.namespace, "artifactstores", "default", whole)
    valid = judged(made, "default", 2)
    assert ready(valid) == ("True", "Valid")
    assert valid["status"]["location"] == "s3://results/team"


def test_a_store_of_the_cluster_is_judged_too(made: Tasks) -> None:
    custom = client.CustomObjectsApi(cluster.connect().api_client)
    name = made.namespace
    body = store(name, {"pvc": {"claimName": "results"}}, "ClusterArtifactStore")
    custom.create_cluster_custom_object(*_API, "clusterartifactstores", body)
    try:
        states = follow(custom.list_cluster_custom_object, *_API, "clusterartifactstores")
        found = first(states, lambda one: bool(one.get(name, {}).get("status")), f"a judgement of {name}")[
            name
        ]
        assert ready(found) == ("True", "Valid")
        assert found["status"]["type"] == "pvc"
    finally:
        custom.delete_cluster_custom_object(*_API, "clusterartifactstores", name)
