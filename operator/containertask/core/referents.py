"""What a Pod's volumes need that is somebody else's to make: without it the kubelet starts nothing.

Pure, and total: a Pod may come back from the API server with volumes that webhooks added.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from containertask.core.names import LAUNCHER_VOLUME, VALUES_VOLUME

Json = dict[str, Any]

_CLUSTER_ROOTS: Final = "kube-root-ca.crt"
"""What every namespace has, and every Pod with a token mounts."""


def referents(spec: Json) -> tuple[str, ...]:
    """Return the Secrets and ConfigMaps that have to be there, in words."""
    return tuple(text for one in spec.get("volumes", ()) for text in _of(one))


def claims(spec: Json) -> tuple[str, ...]:
    """Return the names of the PersistentVolumeClaims."""
    found = (one.get("persistentVolumeClaim") for one in spec.get("volumes", ()))
    return tuple(one["claimName"] for one in found if one)


def has_foreign(spec: Json) -> bool:
    """Tell whether there are volumes of other kinds than those that every Pod of ours has."""
    known = {"name", "emptyDir", "downwardAPI", "projected", "configMap", "secret"}
    return any(set(one) - known and one["name"] != LAUNCHER_VOLUME for one in spec.get("volumes", ()))


def _of(volume: Json) -> Iterator[str]:
    if volume.get("name") in {VALUES_VOLUME, LAUNCHER_VOLUME}:
        return  # ours: made before the Pod, or what Gated mode is judged by
    yield from _named("Secret", volume.get("secret"), "secretName")
    yield from _named("ConfigMap", volume.get("configMap"), "name")
    for one in (volume.get("projected") or {}).get("sources") or ():
        yield from _named("ConfigMap", one.get("configMap"), "name")
        yield from _named("Secret", one.get("secret"), "name")


def _named(kind: str, source: Json | None, field: str) -> Iterator[str]:
    if not source or source.get("optional") or source.get(field) in {None, _CLUSTER_ROOTS}:
        return
    keys = [one["key"] for one in source.get("items") or ()]
    said = {0: "", 1: " with the key "}.get(len(keys), " with the keys ")
    yield f"{kind} {source[field]}{said}{', '.join(keys)}"
