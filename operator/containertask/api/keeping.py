"""The fields of ``spec`` that say where outputs are kept."""

from __future__ import annotations

import enum
from typing import Annotated

from pydantic import Field

from containertask.api.base import BY_NAME, ApiModel, ObjectName
from containertask.api.storeparts import Prefix


class StoreKind(enum.StrEnum):
    """Whose store it is."""

    ARTIFACT_STORE = "ArtifactStore"
    CLUSTER_ARTIFACT_STORE = "ClusterArtifactStore"


class StoreRef(ApiModel):
    """A store by its name."""

    kind: Annotated[
        StoreKind,
        BY_NAME,
        Field(
            description="`ArtifactStore`, of the task's namespace, or `ClusterArtifactStore`. Default: the "
            "first."
        ),
    ] = StoreKind.ARTIFACT_STORE
    name: Annotated[ObjectName, Field(description="Name of the store, such as `results`.")]


class Keeping(ApiModel):
    """Where what a task leaves is kept."""

    store_ref: Annotated[
        StoreRef | None,
        Field(
            description="Store that keeps outputs and logs, such as `{name: results}`. Default: the "
            "ArtifactStore `default`, else the ClusterArtifactStore `default`; where there is neither, and "
            "no output needs one, values are in the status alone."
        ),
    ] = None
    store_prefix: Annotated[
        Prefix | None,
        Field(
            description="Folder in the store in which the task's own folder is made, such as `trials/2026`, "
            "below those of the store and of the namespace."
        ),
    ] = None
