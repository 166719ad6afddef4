"""Stores as the operator knows them, by what tests say of them."""

from __future__ import annotations

from typing import Any, Final

from containertask.core.stores import StoreView, store_view
from support.storespecs import a_store

Json = dict[str, Any]

NAMESPACE: Final = "lab"
KEY: Final[Json] = {"type": "Secret", "secretName": "key"}


def own(name: str, spec: Json) -> StoreView:
    """Return an ArtifactStore of the builders' namespace."""
    return store_view(a_store(spec, NAMESPACE, name=name, uid=f"own-{name}"))


def of_cluster(name: str, spec: Json) -> StoreView:
    """Return a ClusterArtifactStore."""
    return store_view(a_store(spec, "", name=name, uid=f"cluster-{name}"))


def bucket(name: str = "bkt", prefix: str | None = None, **more: object) -> Json:
    """Return the spec of a bucket; ``more`` are fields beside it."""
    folder = {} if prefix is None else {"prefix": prefix}
    return {"s3": {"bucket": name, "region": "r1", "credentials": KEY, **folder}, **more}


def claim(name: str = "c", *, read_only: bool = False, sub_path: str | None = None) -> Json:
    """Return the spec of a claim."""
    folder = {} if sub_path is None else {"subPath": sub_path}
    return {"pvc": {"claimName": name, "readOnly": read_only, **folder}}


def web(*hosts: str) -> Json:
    """Return the spec of web servers."""
    return {"http": {"hosts": list(hosts), "credentials": KEY}}
