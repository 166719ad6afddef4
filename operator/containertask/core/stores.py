"""Stores as the operator keeps them: what a spec comes to, where it is, and the status that says so.

Pure. Ready means that the specification is valid: nothing here or above opens a store or reads a Secret.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from containertask.api.parse import SpecError
from containertask.api.reasons import Reason
from containertask.api.stores import KINDS, MAX_LOCATION, ClusterArtifactStoreSpec, StoreStatus
from containertask.api.verifystores import parse_store
from containertask.core.conditions import READY, Fact, with_facts
from containertask.core.texts import cut

Json = dict[str, Any]

_VALID: Final = "the specification is valid; whether the store can be reached, the Pods of tasks find out"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreView:
    """One ArtifactStore, or one ClusterArtifactStore: that has no namespace.

    Attributes:
        spec: as parsed, or why it cannot be.
        status: as last known.
    """

    namespace: str
    name: str
    uid: str
    resource_version: int
    generation: int
    spec: ClusterArtifactStoreSpec | SpecError
    status: StoreStatus

    @property
    def of_cluster(self) -> bool:
        """Tell whether it is every namespace's."""
        return not self.namespace


def store_view(raw: Json) -> StoreView:
    """Make the view of a store as the API server shows it."""
    metadata = raw["metadata"]
    namespace = metadata.get("namespace", "")
    return StoreView(
        namespace=namespace,
        name=metadata["name"],
        uid=metadata["uid"],
        resource_version=int(metadata["resourceVersion"]),
        generation=metadata.get("generation", 1),
        spec=_spec(raw.get("spec"), of_cluster=not namespace),
        status=_status(raw.get("status")),
    )


def _spec(raw: object, *, of_cluster: bool) -> ClusterArtifactStoreSpec | SpecError:
    try:
        return parse_store(raw, of_cluster=of_cluster)
    except SpecError as error:
        return error


def _status(raw: object) -> StoreStatus:
    """Read a status; one that cannot be read was not written by us, and is written anew."""
    try:
        return StoreStatus.model_validate(raw or {})
    except ValueError:
        return StoreStatus()


def type_of(spec: ClusterArtifactStoreSpec) -> str:
    """Return which of the kinds a store is."""
    return next(kind for kind in KINDS if getattr(spec, kind) is not None)


def location(spec: ClusterArtifactStoreSpec) -> str:
    """Return where a store is, for people; that of a claim counts in each namespace."""
    if spec.http is None:
        return cut(root_of(spec), MAX_LOCATION)
    hosts = spec.http.hosts
    more = f" and {len(hosts) - 1} more" if len(hosts) > 1 else ""
    return cut(f"https://{hosts[0]}{more}", MAX_LOCATION)


def root_of(spec: ClusterArtifactStoreSpec) -> str:
    """Return the URI of a store's folder, without a slash at its end; the web has none: ValueError."""
    if spec.s3 is not None:
        return _path(f"s3://{spec.s3.bucket}", spec.s3.prefix)
    if spec.gcs is not None:
        return _path(f"gs://{spec.gcs.bucket}", spec.gcs.prefix)
    if spec.azure is not None:
        return _path(f"az://{spec.azure.account}/{spec.azure.container}", spec.azure.prefix)
    if spec.pvc is not None:
        return _path(f"pvc://{spec.pvc.claim_name}", spec.pvc.sub_path)
    raise ValueError("the web has no folder of a store")


def _path(root: str, prefix: str | None) -> str:
    return root if prefix is None else f"{root}/{prefix}"


def new_status(store: StoreView, now: int) -> StoreStatus | None:
    """Return the status that a store is to have, or None if it has that one. ``now`` in milliseconds."""
    wanted = _wanted(store, now)
    return None if wanted == store.status else wanted


def _wanted(store: StoreView, now: int) -> StoreStatus:
    if isinstance(store.spec, SpecError):
        fact = Fact(READY, holds=False, reason=Reason.INVALID_SPEC, message=str(store.spec))
        kind = where = None
    else:
        fact = Fact(READY, holds=True, reason=Reason.VALID, message=_VALID)
        kind, where = type_of(store.spec), location(store.spec)
    return StoreStatus(
        observed_generation=store.generation,
        type=kind,
        location=where,
        conditions=with_facts(store.status.conditions, [fact], now, store.generation),
    )
