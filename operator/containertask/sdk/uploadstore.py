"""The store that takes a client's files: the one that the task names, else the default of its namespace."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from containertask.api.parse import SpecError
from containertask.core.stores import root_of, store_view
from containertask.errors import InvalidTaskError, TransferError
from containertask.kube.errors import Forbidden, NotFound
from containertask.kube.resources import ARTIFACT_STORES, CLUSTER_ARTIFACT_STORES
from containertask.sdk import loop
from containertask.sdk.cluster import Cluster, Session

Json = dict[str, Any]

_CLUSTER: Final = "ClusterArtifactStore"
_DEFAULT: Final = "default"


@dataclass(frozen=True, slots=True)
class UploadStore:
    """A store as its object, and the URI of the folder in it that this namespace may write to."""

    document: Json
    folder: str


def upload_store(cluster: Cluster, namespace: str, ref: Json | None) -> UploadStore:
    """Return the store that tasks of a namespace with this ``storeRef`` have.

    Raises InvalidTaskError where there is none, TransferError if it takes no files, and ClusterError.
    """
    return loop.run(_found(cluster, namespace, ref))


async def _found(cluster: Cluster, namespace: str, ref: Json | None) -> UploadStore:
    async with cluster.session() as session:
        document = await _named(session, namespace, ref) if ref else await _default(session, namespace)
    if document is None:
        name = ref["name"] if ref else _DEFAULT
        text = f"files are too large to go with the task, and there is no ArtifactStore {name} to take them"
        raise InvalidTaskError([f"{text}: create one, or give files by their URIs"])
    view = store_view(document)
    if isinstance(view.spec, SpecError):
        raise TransferError(f"the store {view.name} is invalid, so no file can be uploaded: {view.spec}")
    if view.spec.pvc is not None or view.spec.http is not None:
        kind = (
            "a claim, which only Pods reach" if view.spec.pvc is not None else "the web, which is only read"
        )
        raise TransferError(f"the store {view.name} is {kind}: give the file by its URI")
    root = root_of(view.spec)
    return UploadStore(document, f"{root}/{namespace}" if view.of_cluster else root)


async def _named(session: Session, namespace: str, ref: Json) -> Json | None:
    try:
        if ref.get("kind") == _CLUSTER:
            return await session.api.get(CLUSTER_ARTIFACT_STORES, None, ref["name"])
        return await session.api.get(ARTIFACT_STORES, namespace, ref["name"])
    except NotFound:
        return None


async def _default(session: Session, namespace: str) -> Json | None:
    if (found := await _named(session, namespace, {"name": _DEFAULT})) is not None:
        return found
    try:
        return await _named(session, namespace, {"kind": _CLUSTER, "name": _DEFAULT})
    except Forbidden:
        return None  # those of the cluster are seldom anybody's to see
