"""What fetches the outputs of runs: by the stores that the namespace has and the user may see."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

from containertask.errors import ContainerTaskError, TransferError
from containertask.kube.errors import Forbidden
from containertask.kube.resources import ARTIFACT_STORES, CLUSTER_ARTIFACT_STORES, Resource
from containertask.sdk import loop
from containertask.sdk.cluster import Cluster, Session
from containertask.sdk.downloads import download
from containertask.sdk.files import Fetch

Json = dict[str, Any]

_MAX_VALUE: Final = 1 << 20
_ROOTS: Final = {"s3": ("bucket",), "gs": ("bucket",), "az": ("account", "container")}
_FIELDS: Final = {"s3": "s3", "gs": "gcs", "az": "azure"}


def fetcher(cluster: Cluster, namespace: str) -> Fetch:
    """Return what fetches files and folders to a path, by the stores that the namespace has."""
    return partial(_fetched, cluster, namespace)


def _fetched(cluster: Cluster, namespace: str, uri: str, to: Path) -> Path:
    return download(uri, to, store_of(cluster, namespace, uri))


def stored_value(fetch: Fetch) -> Callable[[str], bytes]:
    """Return what fetches the document of a value that the status has no room for."""

    def value(uri: str) -> bytes:
        with tempfile.TemporaryDirectory() as folder:
            path = fetch(uri, Path(folder) / "value")
            if path.stat().st_size > _MAX_VALUE:
                raise TransferError(f"what is at {uri} is larger than any value")
            return path.read_bytes()

    return value


def store_of(cluster: Cluster, namespace: str, uri: str) -> Json | None:
    """Return the object of the store that a URI lies in, if there is one and the user may see it."""
    try:
        return loop.run(_store_of(cluster, namespace, uri))
    except ContainerTaskError:
        return None


async def _store_of(cluster: Cluster, namespace: str, uri: str) -> Json | None:
    scheme, _, rest = uri.partition("://")
    if scheme not in _FIELDS:
        return None
    async with cluster.session() as session:
        own = await _listed(session, ARTIFACT_STORES, namespace)
        shared = await _listed(session, CLUSTER_ARTIFACT_STORES, None)
    for one in (*own, *shared):
        place = one["spec"].get(_FIELDS[scheme])
        if place is None:
            continue
        root = "/".join(place[name] for name in _ROOTS[scheme])
        if rest.startswith(f"{root}/"):
            return one
    return None


async def _listed(session: Session, resource: Resource, namespace: str | None) -> Sequence[Json]:
    """Return the stores that the user may see: those of the cluster are seldom anybody's to list."""
    try:
        return (await session.api.list(resource, namespace)).items
    except Forbidden:
        return ()
