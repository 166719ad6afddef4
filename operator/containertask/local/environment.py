"""The variables and the arguments of ``main``, from the container that a Pod would have.

As the kubelet does it: ``envFrom`` first, then ``env`` in its order, each of which may refer to those before.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from containertask.errors import InvalidTaskError
from containertask.local.expansion import expanded
from containertask.local.referents import Referents, Shelf

Json = dict[str, Any]

_NAME: Final = re.compile(r"[-._A-Za-z][-._A-Za-z0-9]*")
"""What the kubelet takes for a variable; other keys of an ``envFrom`` it leaves out."""


def variables(container: Json, referents: Referents, fields: Mapping[str, str]) -> dict[str, str]:
    """Return the variables of a container, by name.

    Args:
        container: as core/v1 has it.
        referents: what it may refer to.
        fields: what there is of the fields of its Pod, such as ``metadata.name``.

    Raises:
        UnstartedError: a Secret or ConfigMap is missing.
        InvalidTaskError: it asks for a field that only a Pod has.
    """
    found: dict[str, str] = {}
    for one in container.get("envFrom") or ():
        found |= _whole(one, referents)
    for one in container.get("env") or ():
        if (source := one.get("valueFrom")) is None:
            found[one["name"]] = expanded(one.get("value") or "", found)
        elif (value := _value(one["name"], source, referents, fields)) is not None:
            found[one["name"]] = value
    return found


def arguments(container: Json, known: Mapping[str, str]) -> tuple[list[str], list[str]]:
    """Return command and arguments as the process gets them."""
    command, args = (
        [expanded(one, known) for one in container.get(name) or ()] for name in ("command", "args")
    )
    return command, args


def _whole(one: Json, referents: Referents) -> Iterator[tuple[str, str]]:
    for name, shelf in (("secretRef", referents.secrets), ("configMapRef", referents.config_maps)):
        if (ref := one.get(name)) is None:
            continue
        values = shelf.whole(str(ref.get("name", "")), optional=bool(ref.get("optional")))
        for key, value in (values or {}).items():
            variable = f"{one.get('prefix') or ''}{key}"
            if _NAME.fullmatch(variable):
                yield variable, os.fsdecode(value)


def _value(name: str, source: Json, referents: Referents, fields: Mapping[str, str]) -> str | None:
    match source:
        case {"secretKeyRef": dict(ref)}:
            return _key(referents.secrets, ref)
        case {"configMapKeyRef": dict(ref)}:
            return _key(referents.config_maps, ref)
        case {"fieldRef": {"fieldPath": str(path)}} if path in fields:
            return fields[path]
    known = ", ".join(fields)
    text = f"spec.env[{name}].valueFrom: a local run has Secrets, ConfigMaps and of a Pod's fields {known}"
    raise InvalidTaskError([f"{text}: write a value"])


def _key(shelf: Shelf, ref: Json) -> str | None:
    optional = bool(ref.get("optional"))
    found = shelf.key(str(ref.get("name", "")), str(ref.get("key", "")), optional=optional)
    return None if found is None else os.fsdecode(found)
