"""CustomResourceDefinitions of the two kinds of store, assembled from their models."""

from __future__ import annotations

from typing import Any, Final

from containertask.api.crd import Columns, definition, object_of, version_of
from containertask.api.stores import ArtifactStoreSpec, ClusterArtifactStoreSpec, StoreStatus
from containertask.api.structural import Schema, structural

STORE: Final = "ArtifactStore"
CLUSTER_STORE: Final = "ClusterArtifactStore"
_COLUMNS: Final[Columns] = (
    ("Type", "string", ".status.type", 0),
    ("Location", "string", ".status.location", 0),
    ("Ready", "string", '.status.conditions[?(@.type=="Ready")].status', 0),
    ("Age", "date", ".metadata.creationTimestamp", 0),
)
_ITS_OWN: Final = (
    "ArtifactStore is a place for the files of the tasks in its namespace. The one named `default` is that "
    "of tasks that name none. Secrets, ConfigMaps and claims are looked for in the task's own namespace."
)
_EVERYBODYS: Final = (
    "ClusterArtifactStore is a place for the files of tasks in every namespace, each confined to "
    "`<prefix>/<namespace>/` and `allowedPrefixes`. The one named `default` is that of tasks that name none "
    "where their namespace has no ArtifactStore of that name. Secrets, ConfigMaps and claims are looked for "
    "in the task's own namespace."
)


def artifact_store() -> dict[str, Any]:
    """Return the CustomResourceDefinition of ArtifactStore."""
    return definition(STORE, "astore", _version(STORE, _ITS_OWN, structural(ArtifactStoreSpec)))


def cluster_artifact_store() -> dict[str, Any]:
    """Return the CustomResourceDefinition of ClusterArtifactStore."""
    version = _version(CLUSTER_STORE, _EVERYBODYS, structural(ClusterArtifactStoreSpec))
    return definition(CLUSTER_STORE, "castore", version, namespaced=False)


def _version(kind: str, description: str, spec: Schema) -> Schema:
    return version_of(_COLUMNS, object_of(kind, description, spec, structural(StoreStatus)))
