"""What a Pod has for the stores that its task uses: for downloader and uploader alone, never for ``main``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from containertask import contract
from containertask.contract.stores import TRANSFER_ENVIRONMENT, ClaimPlace, Credentials, StoreItem
from containertask.core.names import DOWNLOADER, MAIN, STORE_VOLUME
from containertask.core.storeitems import Store
from containertask.core.storeuse import Use

Json = dict[str, Any]

GUARD: Final = "/opt/containertask/netguard.so"
"""Holds a copilot to the hosts of its stores (``copilot.transfer.guard``)."""
_SKIPPED: Final = ("eks.amazonaws.com/skip-containers", "azure.workload.identity/skip-containers")
"""By these the clouds' webhooks leave a container without the Pod's identity. Google's has no such thing."""


def store_volumes(use: Use) -> Iterator[Json]:
    """Yield the volumes of all stores."""
    for store in use.stores:
        name = f"{STORE_VOLUME}{store.item.id}"
        if store.secret is not None:
            yield {"name": f"{name}-key", "secret": {"secretName": store.secret}}
        if store.authorities is not None:
            yield {"name": f"{name}-ca", "configMap": _authorities(store)}
        if store.claim is not None:
            yield {"name": f"{name}-claim", "persistentVolumeClaim": {"claimName": store.claim}}


def _authorities(store: Store) -> Json:
    return {"name": store.authorities, "items": [{"key": store.item.ca, "path": store.item.ca}]}


def store_mounts(use: Use, container: str) -> Iterator[Json]:
    """Yield what downloader or uploader mounts of the stores that it needs."""
    for store in _needed(use, container):
        name, folder = f"{STORE_VOLUME}{store.item.id}", f"{contract.STORES_DIR}/{store.item.id}"
        if store.secret is not None:
            yield {"name": f"{name}-key", "mountPath": f"{folder}/secret", "readOnly": True}
        if store.authorities is not None:
            yield {"name": f"{name}-ca", "mountPath": f"{folder}/ca", "readOnly": True}
        if store.claim is not None:
            writes = (
                container != DOWNLOADER and store.item.id in use.uploads and not _is_read_only(store.item)
            )
            read_only = {} if writes else {"readOnly": True}
            yield {"name": f"{name}-claim", "mountPath": f"{folder}/volume", **read_only}


def store_environment(use: Use, container: str) -> list[Json]:
    """Return what downloader or uploader needs in its environment to move anything."""
    if not any(store.claim is None for store in _needed(use, container)):
        return []
    found = {"LD_PRELOAD": GUARD, **TRANSFER_ENVIRONMENT}
    return [{"name": name, "value": value} for name, value in found.items()]


def identity_annotations(use: Use) -> Json:
    """Return what keeps the Pod's identity from ``main``, where a cloud knows how to, and a store uses it."""
    by_identity = any(one.item.credentials is Credentials.POD_IDENTITY for one in use.stores)
    return dict.fromkeys(_SKIPPED, MAIN) if by_identity else {}


def _needed(use: Use, container: str) -> list[Store]:
    if container == MAIN:
        return []
    wanted = use.downloads if container == DOWNLOADER else use.uploads | use.feeds
    return [store for store in use.stores if store.item.id in wanted]


def _is_read_only(item: StoreItem) -> bool:
    return isinstance(item.place, ClaimPlace) and item.place.read_only
