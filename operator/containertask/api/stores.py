"""``ArtifactStore`` and ``ClusterArtifactStore``: where the files of tasks may come from and go to."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import ConfigDict, Field

from containertask.api.base import ATOMIC, ApiModel, Quantity, Rule, StatusModel, list_map, rules
from containertask.api.status import Condition
from containertask.api.storekinds import AzureStore, GcsStore, HttpStore, PvcStore, S3Store
from containertask.api.storeparts import MAX_OBJECTS, MAX_PREFIXES, Prefix, Tls

KINDS: Final = ("s3", "gcs", "azure", "pvc", "http")
"""Fields of spec of which there is exactly one."""
MAX_LOCATION: Final = 1024

ONE_KIND: Final = Rule(
    f"[{', '.join(f'has(self.{kind})' for kind in KINDS)}].filter(there, there).size() == 1",
    f"a store is of one kind: set exactly one of {', '.join(KINDS)}",
)
NO_TLS: Final = Rule(
    "!has(self.tls) || !has(self.pvc)",
    "a claim is mounted and not asked for over a network: leave tls out",
    ".tls",
)
HOSTS_CONFINE: Final = Rule(
    "!has(self.allowedPrefixes) || !has(self.http)",
    "what may be read over http is said by http.hosts: leave allowedPrefixes out",
    ".allowedPrefixes",
)
OF_THE_CLUSTER: Final = Rule(
    "!has(self.allowedPrefixes)",
    "an ArtifactStore is its namespace's own and confines nobody: leave allowedPrefixes out, or create a "
    "ClusterArtifactStore",
    ".allowedPrefixes",
)
STORE_RULES: Final = (ONE_KIND, NO_TLS, HOSTS_CONFINE)


class StoreLimits(ApiModel):
    """What one task may move at most."""

    max_object_size: Annotated[
        Quantity | None,
        Field(description="Largest object that is read or written, such as `50Gi`. Default: no limit."),
    ] = None
    max_objects: Annotated[
        int | None,
        Field(
            ge=1,
            le=MAX_OBJECTS,
            description="Most objects that one directory or dataset may have, such as `1000`. Default: "
            "100000.",
        ),
    ] = None


class ClusterArtifactStoreSpec(ApiModel):
    """One place for files. It may change: a task keeps what stood here when its Pod was made."""

    model_config = ConfigDict(json_schema_extra=rules(*STORE_RULES))

    s3: Annotated[
        S3Store | None,
        Field(
            description="Amazon S3 or a server like it, such as `{bucket: results, region: eu-central-1}`."
        ),
    ] = None
    gcs: Annotated[
        GcsStore | None, Field(description="Google Cloud Storage, such as `{bucket: results}`.")
    ] = None
    azure: Annotated[
        AzureStore | None,
        Field(description="Azure Blob Storage, such as `{account: teamresults, container: results}`."),
    ] = None
    pvc: Annotated[
        PvcStore | None, Field(description="A PersistentVolumeClaim, such as `{claimName: results}`.")
    ] = None
    http: Annotated[
        HttpStore | None,
        Field(description="Web servers, to read from only, such as `{hosts: [data.example.org]}`."),
    ] = None
    tls: Annotated[
        Tls | None,
        Field(
            description="Whom to believe that it is the store, where a private authority says so, such as "
            "`{caConfigMap: {name: company-ca, key: ca.crt}}`."
        ),
    ] = None
    limits: Annotated[
        StoreLimits | None,
        Field(description="What one task may move at most, such as `{maxObjectSize: 50Gi}`."),
    ] = None
    allowed_prefixes: Annotated[
        list[Prefix] | None,
        Field(
            max_length=MAX_PREFIXES,
            json_schema_extra=ATOMIC,
            description="Only of a ClusterArtifactStore: what tasks of every namespace may use beside "
            "`<prefix>/<namespace>/`, to which they are confined, such as `[shared/models]`; each counts "
            "from the root of the bucket, container or volume.",
        ),
    ] = None


class ArtifactStoreSpec(ClusterArtifactStoreSpec):
    """One place for files. It may change: a task keeps what stood here when its Pod was made."""

    model_config = ConfigDict(json_schema_extra=rules(*STORE_RULES, OF_THE_CLUSTER))


class StoreStatus(StatusModel):
    """What the operator makes of the specification. It never opens a store and reads no Secret."""

    observed_generation: Annotated[int | None, Field(description="Generation of spec it speaks about.")] = (
        None
    )
    type: Annotated[
        str | None,
        Field(max_length=16, description="Kind of the store, such as `s3`; none of an invalid spec."),
    ] = None
    location: Annotated[
        str | None,
        Field(
            max_length=MAX_LOCATION,
            description="Where it is, such as `s3://bucket/prefix`; none of an invalid spec.",
        ),
    ] = None
    conditions: Annotated[
        list[Condition] | None,
        Field(
            max_length=16,
            json_schema_extra=list_map("type"),
            description="Aspects of the state. `Ready` is True when the specification is valid; whether the "
            "store can be reached is for the Pods of tasks to find out.",
        ),
    ] = None
