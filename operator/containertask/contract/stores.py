"""Stores as the manifest tells them: all that downloader and uploader know about one.

No credential is in here: those are files that are mounted into downloader and uploader alone, in
``contract.STORES_DIR``/<id>. Standard library only.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from containertask.contract.fields import FieldError, member, optional, required, texts

TRANSFER_ENVIRONMENT: Final = {"MALLOC_MMAP_THRESHOLD_": "67108864", "MALLOC_TRIM_THRESHOLD_": "134217728"}
"""What containers that move files set for glibc: it gives memory of this size back to the kernel and takes it
again for each piece, which costs as much as moving it does (seen: 0.8 s of CPU for a GB instead of 2.0)."""


class Credentials(enum.StrEnum):
    """How a store is told who asks."""

    SECRET = "Secret"  # noqa: S105 - a kind
    POD_IDENTITY = "PodIdentity"
    ANONYMOUS = "Anonymous"


@dataclass(frozen=True, slots=True, kw_only=True)
class S3Place:
    """A bucket by the S3 protocol; ``conditional``: it refuses to overwrite where it is asked to."""

    bucket: str
    region: str
    endpoint: str | None = None
    path_style: bool = False
    conditional: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class GcsPlace:
    """A bucket of Google Cloud Storage."""

    bucket: str
    endpoint: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AzurePlace:
    """A container of Azure Blob Storage."""

    account: str
    container: str
    endpoint: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimPlace:
    """A mounted claim."""

    read_only: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class WebPlace:
    """Web servers; no ``hosts`` means any."""

    hosts: tuple[str, ...] = ()


Place: TypeAlias = S3Place | GcsPlace | AzurePlace | ClaimPlace | WebPlace
_KINDS: Final[Mapping[str, type[Place]]] = {
    "s3": S3Place,
    "gcs": GcsPlace,
    "azure": AzurePlace,
    "pvc": ClaimPlace,
    "http": WebPlace,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreItem:
    """One store that a task uses.

    Attributes:
        id: name of its folder in ``STORES_DIR``.
        serves: URIs of folders, such as ``s3://bucket/prefix``: it is for what is in them. None of the web.
        ca: name of the file with certificates of authorities, in its folder ``ca``.
        local: addresses of the machine and its link are allowed.
    """

    id: str
    place: Place
    serves: tuple[str, ...] = ()
    credentials: Credentials = Credentials.ANONYMOUS
    ca: str | None = None
    local: bool = False
    max_object_bytes: int | None = None
    max_objects: int | None = None


def store_object(item: StoreItem) -> dict[str, Any]:
    """Return the JSON object of a store."""
    kind = next(name for name, one in _KINDS.items() if isinstance(item.place, one))
    raw = {
        "id": item.id,
        kind: _place_object(item.place),
        "serves": list(item.serves) or None,
        "credentials": item.credentials.value,
        "ca": item.ca,
        "local": item.local or None,
        "maxObjectBytes": item.max_object_bytes,
        "maxObjects": item.max_objects,
    }
    return {name: value for name, value in raw.items() if value is not None}


def store_item(raw: Mapping[str, Any]) -> StoreItem:
    """Read what ``store_object`` returned; raises FieldError."""
    return StoreItem(
        id=required(raw, "id", str),
        place=_place(raw),
        serves=tuple(texts(raw, "serves")),
        credentials=member(Credentials, required(raw, "credentials", str)),
        ca=optional(raw, "ca", str),
        local=optional(raw, "local", bool) or False,
        max_object_bytes=optional(raw, "maxObjectBytes", int),
        max_objects=optional(raw, "maxObjects", int),
    )


def _place_object(place: Place) -> dict[str, Any]:
    raw: dict[str, Any]
    match place:
        case S3Place():
            raw = {
                "bucket": place.bucket,
                "region": place.region,
                "endpoint": place.endpoint,
                "pathStyle": place.path_style,
                "conditional": place.conditional,
            }
        case GcsPlace():
            raw = {"bucket": place.bucket, "endpoint": place.endpoint}
        case AzurePlace():
            raw = {"account": place.account, "container": place.container, "endpoint": place.endpoint}
        case ClaimPlace():
            raw = {"readOnly": place.read_only}
        case WebPlace():
            raw = {"hosts": list(place.hosts)}
    return {name: value for name, value in raw.items() if value is not None}


def _place(raw: Mapping[str, Any]) -> Place:
    kind = next((name for name in _KINDS if name in raw), None)
    if kind is None:
        raise FieldError("a store is of no kind that is known here")
    place = required(raw, kind, dict)
    match kind:
        case "s3":
            return S3Place(
                bucket=required(place, "bucket", str),
                region=required(place, "region", str),
                endpoint=optional(place, "endpoint", str),
                path_style=required(place, "pathStyle", bool),
                conditional=required(place, "conditional", bool),
            )
        case "gcs":
            return GcsPlace(bucket=required(place, "bucket", str), endpoint=optional(place, "endpoint", str))
        case "azure":
            return AzurePlace(
                account=required(place, "account", str),
                container=required(place, "container", str),
                endpoint=optional(place, "endpoint", str),
            )
        case "pvc":
            return ClaimPlace(read_only=required(place, "readOnly", bool))
        case _:
            return WebPlace(hosts=tuple(texts(place, "hosts")))
