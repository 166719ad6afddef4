"""A store's spec as the copilot is told of it, and what a Pod has to mount for it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from containertask.api.quantity import to_bytes
from containertask.api.storekinds import ConditionalWrites, S3Store
from containertask.api.storeparts import Credentials as ApiCredentials
from containertask.api.stores import ClusterArtifactStoreSpec
from containertask.contract.stores import (
    AzurePlace,
    ClaimPlace,
    Credentials,
    GcsPlace,
    Place,
    S3Place,
    StoreItem,
    WebPlace,
)
from containertask.contract.uris import Located

_REGION: Final = "us-east-1"
"""What servers take whose region has no name; and where AWS answers for buckets of any."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Store:
    """A store that a task uses.

    Attributes:
        secret: name of the Secret with its credentials.
        authorities: name of the ConfigMap with certificates of authorities.
        claim: name of the PersistentVolumeClaim that it is.
    """

    item: StoreItem
    secret: str | None = None
    authorities: str | None = None
    claim: str | None = None


def store_of(spec: ClusterArtifactStoreSpec, ident: str, serves: tuple[str, ...]) -> Store:
    """Return a store by its spec; ``serves`` are the folders that this task may use of it."""
    place, who, claim = _place(spec)
    authorities = spec.tls.ca_config_map if spec.tls is not None else None
    limits = spec.limits
    size = limits.max_object_size if limits is not None else None
    item = StoreItem(
        id=ident,
        place=place,
        serves=serves,
        credentials=_credentials(place, who),
        ca=authorities.key if authorities is not None else None,
        max_object_bytes=None if size is None else to_bytes(size),
        max_objects=limits.max_objects if limits is not None else None,
    )
    return Store(
        item=item,
        secret=who.secret_name if who is not None else None,
        authorities=authorities.name if authorities is not None else None,
        claim=claim,
    )


def anonymous(at: Located, ident: str) -> Store | None:
    """Return what is used for a URI that is of no store; None for a claim, which has to be mounted."""
    names = at.root.partition("://")[2].split("/")
    place: Place
    match at.scheme:
        case "s3":
            place = S3Place(bucket=names[0], region=_REGION, path_style="." in names[0])
        case "gs":
            place = GcsPlace(bucket=names[0])
        case "az":
            place = AzurePlace(account=names[0], container=names[1])
        case "http" | "https":
            return Store(item=StoreItem(id=ident, place=WebPlace()))
        case _:
            return None
    return Store(item=StoreItem(id=ident, place=place, serves=(at.root,)))


def _place(spec: ClusterArtifactStoreSpec) -> tuple[Place, ApiCredentials | None, str | None]:
    if spec.s3 is not None:
        return _s3(spec.s3), spec.s3.credentials, None
    if spec.gcs is not None:
        return GcsPlace(bucket=spec.gcs.bucket, endpoint=spec.gcs.endpoint), spec.gcs.credentials, None
    if spec.azure is not None:
        azure = spec.azure
        place = AzurePlace(account=azure.account, container=azure.container, endpoint=azure.endpoint)
        return place, azure.credentials, None
    if spec.pvc is not None:
        return ClaimPlace(read_only=spec.pvc.read_only), None, spec.pvc.claim_name
    if spec.http is not None:
        return WebPlace(hosts=tuple(spec.http.hosts)), spec.http.credentials, None
    raise ValueError("a store of no kind")


def _s3(store: S3Store) -> S3Place:
    path_style = store.path_style
    if path_style is None:
        path_style = store.endpoint is not None or "." in store.bucket
    return S3Place(
        bucket=store.bucket,
        region=store.region or _REGION,
        endpoint=store.endpoint,
        path_style=path_style,
        conditional=store.conditional_writes is ConditionalWrites.SUPPORTED,
    )


def _credentials(place: Place, who: ApiCredentials | None) -> Credentials:
    if who is not None:
        return Credentials(who.type.value)
    anonymous_by_default = isinstance(place, WebPlace | ClaimPlace)
    return Credentials.ANONYMOUS if anonymous_by_default else Credentials.POD_IDENTITY
