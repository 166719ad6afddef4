"""The kinds the fake server serves, and the discovery documents that say so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from containertask.kube.resources import (
    ARTIFACT_STORES,
    CLUSTER_ARTIFACT_STORES,
    CLUSTER_CONTAINER_TASK_TEMPLATES,
    CONFIG_MAPS,
    CONTAINER_TASK_TEMPLATES,
    EVENTS,
    LEASES,
    NODES,
    POD_TEMPLATES,
    PODS,
    TASKS,
    Resource,
)

_VERBS = ["create", "delete", "get", "list", "patch", "update", "watch"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind: has it a status subresource, does a change of its spec count a generation."""

    resource: Resource
    kind: str
    namespaced: bool = True
    status: bool = False
    generations: bool = False

    def entries(self) -> list[dict[str, Any]]:
        """Return the kind's lines in its group version's discovery document."""
        names = [self.resource.plural] + ([f"{self.resource.plural}/status"] if self.status else [])
        singular = self.kind.lower()
        return [
            {
                "name": name,
                "singularName": singular,
                "namespaced": self.namespaced,
                "kind": self.kind,
                "verbs": _VERBS,
            }
            for name in names
        ]


KINDS: Final = (
    Kind(resource=TASKS, kind="ContainerTask", status=True, generations=True),
    Kind(resource=ARTIFACT_STORES, kind="ArtifactStore", status=True, generations=True),
    Kind(
        resource=CLUSTER_ARTIFACT_STORES,
        kind="ClusterArtifactStore",
        namespaced=False,
        status=True,
        generations=True,
    ),
    Kind(resource=CONTAINER_TASK_TEMPLATES, kind="ContainerTaskTemplate", status=True, generations=True),
    Kind(
        resource=CLUSTER_CONTAINER_TASK_TEMPLATES,
        kind="ClusterContainerTaskTemplate",
        namespaced=False,
        status=True,
        generations=True,
    ),
    Kind(resource=PODS, kind="Pod", status=True),
    Kind(resource=POD_TEMPLATES, kind="PodTemplate"),
    Kind(resource=CONFIG_MAPS, kind="ConfigMap"),
    Kind(resource=EVENTS, kind="Event"),
    Kind(resource=LEASES, kind="Lease"),
    Kind(resource=NODES, kind="Node", namespaced=False, status=True),
    Kind(resource=Resource(group="", version="v1", plural="namespaces"), kind="Namespace", namespaced=False),
    Kind(
        resource=Resource(group="apiextensions.k8s.io", version="v1", plural="customresourcedefinitions"),
        kind="CustomResourceDefinition",
        namespaced=False,
    ),
)


def discovery(kinds: Sequence[Kind], path: str) -> dict[str, Any] | None:
    """Return the discovery document at a path, or None if there is none."""
    documents: dict[str, dict[str, Any]] = {
        "/version": {"major": "1", "minor": "36", "gitVersion": "v1.36.0"},
        "/api": {"kind": "APIVersions", "versions": ["v1"]},
        "/apis": {"kind": "APIGroupList", "apiVersion": "v1", "groups": _groups(kinds)},
    }
    for kind in kinds:
        group_version = kind.resource.group_version
        document = documents.setdefault(
            f"/apis/{group_version}" if kind.resource.group else f"/api/{group_version}",
            {"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": group_version, "resources": []},
        )
        document["resources"] += kind.entries()
    return documents.get(path)


def _groups(kinds: Sequence[Kind]) -> list[dict[str, Any]]:
    found = sorted({(kind.resource.group, kind.resource.version) for kind in kinds if kind.resource.group})
    groups = []
    for name, version in found:
        entry = {"groupVersion": f"{name}/{version}", "version": version}
        groups.append({"name": name, "versions": [entry], "preferredVersion": entry})
    return groups
