"""A cluster of the SDK whose API server is the fake one; and what an operator would do on it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from containertask.kube.resources import TASKS
from containertask.sdk.cluster import Cluster
from support.fakeapi import FakeApi

Json = dict[str, Any]


def cluster_of(api: FakeApi, folder: Path, namespace: str = "team") -> Cluster:
    """Return the cluster that a kubeconfig of this server means."""
    path = folder / "kubeconfig"
    path.write_text(json.dumps(kubeconfig(api.url, namespace)))
    return Cluster(kubeconfig=str(path))


def kubeconfig(server: str, namespace: str) -> Json:
    """Return a kubeconfig of one context, without a credential."""
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "fake",
        "clusters": [{"name": "fake", "cluster": {"server": server}}],
        "users": [{"name": "me", "user": {"token": "abc"}}],
        "contexts": [{"name": "fake", "context": {"cluster": "fake", "user": "me", "namespace": namespace}}],
    }


def the_task(api: FakeApi, namespace: str = "team") -> Json:
    """Return the only task."""
    (found,) = api.items(TASKS, namespace)
    return found


def say(api: FakeApi, name: str, **status: object) -> None:
    """Give a task this status."""
    api.set_status(TASKS, "team", name, status)


def output(name: str, kind: str, value: object) -> Json:
    """Return an output as a status has it."""
    return {"name": name, "type": kind, "value": value}
