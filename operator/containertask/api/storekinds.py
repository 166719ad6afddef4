"""The five kinds of store: what each has to be told."""

from __future__ import annotations

import enum
from typing import Annotated, Final

from pydantic import ConfigDict, Field

from containertask.api.base import ATOMIC, BY_NAME, ApiModel, ObjectName, Rule, rules
from containertask.api.storeparts import MAX_HOSTS, Credentials, Endpoint, Host, Prefix
from containertask.api.structural import PATTERN_MESSAGE

NO_ADDRESS: Final = Rule(
    "!self.contains('..') && !self.matches('^[0-9]+([.][0-9]+){3}$')",
    "a bucket's name is no address and has no two dots in a row: write its name, such as team-results",
)
_BELOW: Final = "Everything is below it, such as `team-a/results`. Default: the whole {}."
_WHO: Final = "How a task proves who it is, such as `{{type: Secret, secretName: store-key}}`. Default: {}."


class ConditionalWrites(enum.StrEnum):
    """Whether a server refuses to overwrite where it is asked to."""

    SUPPORTED = "Supported"
    UNSUPPORTED = "Unsupported"


REGION: Final = Rule(
    "has(self.region) || has(self.endpoint)",
    "AWS needs the bucket's region, such as eu-central-1; or set endpoint to another server",
    ".region",
)


class S3Store(ApiModel):
    """A bucket of Amazon S3, or of a server that speaks its protocol."""

    model_config = ConfigDict(json_schema_extra=rules(REGION))

    bucket: Annotated[
        str,
        Field(
            max_length=63,
            pattern=r"^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$",
            json_schema_extra={
                PATTERN_MESSAGE: "write 3 to 63 small letters, digits, `-` and `.`, a letter or digit at "
                "both ends, such as team-results",
                **rules(NO_ADDRESS),
            },
            description="Name of the bucket, such as `team-results`.",
        ),
    ]
    prefix: Annotated[Prefix | None, Field(description=_BELOW.format("bucket"))] = None
    endpoint: Annotated[
        Endpoint | None,
        Field(description="Another server than AWS, such as `http://minio.storage.svc:9000`. Default: AWS."),
    ] = None
    region: Annotated[
        str | None,
        Field(
            max_length=63,
            pattern=r"^[a-z0-9]([a-z0-9-]*[a-z0-9])?$",
            json_schema_extra={
                PATTERN_MESSAGE: "write a region in small letters, digits and `-`, such as eu-central-1"
            },
            description="Region of the bucket, such as `eu-central-1`. Needed for AWS. Default with an "
            "`endpoint`: us-east-1.",
        ),
    ] = None
    path_style: Annotated[
        bool | None,
        Field(
            description="True: the bucket's name is in the path of a request and not in its host, as most "
            "servers other than AWS want it. Default: true with an `endpoint`, or a `.` in the bucket's name."
        ),
    ] = None
    conditional_writes: Annotated[
        ConditionalWrites,
        BY_NAME,
        Field(
            description="Whether the server refuses to overwrite where it is asked to (`If-None-Match: *`), "
            "as AWS does; `Unsupported` for one that does not know it. Default: Supported."
        ),
    ] = ConditionalWrites.SUPPORTED
    credentials: Annotated[Credentials | None, Field(description=_WHO.format("PodIdentity"))] = None


class GcsStore(ApiModel):
    """A bucket of Google Cloud Storage."""

    bucket: Annotated[
        str,
        Field(
            max_length=222,
            pattern=r"^[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]$",
            json_schema_extra={
                PATTERN_MESSAGE: "write 3 to 222 small letters, digits, `-`, `_` and `.`, a letter or digit "
                "at both ends, such as team-results",
                **rules(NO_ADDRESS),
            },
            description="Name of the bucket, such as `team-results`.",
        ),
    ]
    prefix: Annotated[Prefix | None, Field(description=_BELOW.format("bucket"))] = None
    endpoint: Annotated[
        Endpoint | None,
        Field(
            description="Another server than Google's, such as the emulator `http://gcs.storage.svc:4443`."
        ),
    ] = None
    credentials: Annotated[Credentials | None, Field(description=_WHO.format("PodIdentity"))] = None


class AzureStore(ApiModel):
    """A container of Azure Blob Storage."""

    account: Annotated[
        str,
        Field(
            max_length=24,
            pattern=r"^[a-z0-9]{3,24}$",
            json_schema_extra={
                PATTERN_MESSAGE: "write 3 to 24 small letters and digits, such as teamresults"
            },
            description="Name of the storage account, such as `teamresults`.",
        ),
    ]
    container: Annotated[
        str,
        Field(
            max_length=63,
            pattern=r"^[a-z0-9](-[a-z0-9]|[a-z0-9]-?[a-z0-9])(-?[a-z0-9])*$",
            json_schema_extra={
                PATTERN_MESSAGE: "write 3 to 63 small letters, digits and single `-`, a letter or digit at "
                "both ends, such as results"
            },
            description="Name of the container in it, such as `results`.",
        ),
    ]
    prefix: Annotated[Prefix | None, Field(description=_BELOW.format("container"))] = None
    endpoint: Annotated[
        Endpoint | None,
        Field(
            description="Another server than Azure's, such as the emulator "
            "`http://azurite.storage.svc:10000`."
        ),
    ] = None
    credentials: Annotated[Credentials | None, Field(description=_WHO.format("PodIdentity"))] = None


class PvcStore(ApiModel):
    """A PersistentVolumeClaim."""

    claim_name: Annotated[
        ObjectName,
        Field(
            description="PersistentVolumeClaim in the task's own namespace, such as `results`; with a "
            "ClusterArtifactStore, too: each namespace then has a claim of this name."
        ),
    ]
    sub_path: Annotated[Prefix | None, Field(description=_BELOW.format("volume"))] = None
    read_only: Annotated[
        bool, Field(description="True: tasks can read from it and write nothing. Default: false.")
    ] = False


NO_IDENTITY: Final = Rule(
    "!has(self.credentials) || self.credentials.type != 'PodIdentity'",
    "a web server knows no identity of Pods: choose type Secret or Anonymous",
    ".credentials",
)


class HttpStore(ApiModel):
    """Web servers that tasks may read from."""

    model_config = ConfigDict(json_schema_extra=rules(NO_IDENTITY))

    hosts: Annotated[
        list[Host],
        Field(
            min_length=1,
            max_length=MAX_HOSTS,
            json_schema_extra=ATOMIC,
            description="Hosts, with a port where it is not the usual one, such as `[data.example.org, "
            '"*.example.com"]`.',
        ),
    ]
    credentials: Annotated[
        Credentials | None,
        Field(
            description="Who a task says it is, `Secret` or `Anonymous`, to each of `hosts`. Default: "
            "Anonymous."
        ),
    ] = None
