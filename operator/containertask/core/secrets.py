"""``spec.secrets`` in the Pod: variables and files of ``main``, which no other container has.

An optional file cannot just be absent: of a path that its volume does not have, the kubelet makes an empty
folder and mounts that (seen). So an empty file of the same name lies below, from a field that is empty.
"""

from __future__ import annotations

from typing import Any, Final

from containertask.api.crd import GROUP
from containertask.api.secrets import SecretSource
from containertask.api.spec import ContainerTaskSpec
from containertask.core.names import SECRET_VOLUME

Json = dict[str, Any]

_NOTHING: Final = {"fieldPath": f"metadata.annotations['{GROUP}/none']"}
"""An annotation that no Pod has: its value is empty."""


def secret_variables(spec: ContainerTaskSpec) -> list[Json]:
    """Return the variables of ``main``."""
    return [
        {"name": one.env, "valueFrom": {"secretKeyRef": {"name": one.name, "key": one.key, **_optional(one)}}}
        for one in spec.secrets or ()
        if one.env is not None
    ]


def secret_volumes(spec: ContainerTaskSpec) -> list[Json]:
    """Return a volume for each file."""
    return [{"name": volume, **_source(one)} for volume, one in _files(spec)]


def secret_mounts(spec: ContainerTaskSpec) -> list[Json]:
    """Return the files' mounts: of each volume ``main`` sees the one file alone."""
    return [
        {"name": volume, "mountPath": one.file, "subPath": one.key, "readOnly": True}
        for volume, one in _files(spec)
    ]


def secret_files(spec: ContainerTaskSpec) -> tuple[str, ...]:
    """Return the paths of the files."""
    return tuple(one.file for one in spec.secrets or () if one.file is not None)


def _files(spec: ContainerTaskSpec) -> list[tuple[str, SecretSource]]:
    files = [one for one in spec.secrets or () if one.file is not None]
    return [(f"{SECRET_VOLUME}{number}", one) for number, one in enumerate(files)]


def _source(one: SecretSource) -> Json:
    item = {"key": one.key, "path": one.key}
    if not one.optional:
        return {"secret": {"secretName": one.name, "items": [item]}}
    # Two sources that name one path are refused; a Secret as a whole names none, and the later source wins.
    empty = {"downwardAPI": {"items": [{"path": one.key, "fieldRef": _NOTHING}]}}
    return {"projected": {"sources": [empty, {"secret": {"name": one.name, "optional": True}}]}}


def _optional(one: SecretSource) -> Json:
    return {"optional": True} if one.optional else {}
