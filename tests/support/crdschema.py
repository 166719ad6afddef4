"""Holds an object against a CRD's own schema, as far as the API server would, without one.

It knows the words that our status uses, and refuses a schema that uses another: a rule that is not looked
at would be a test that cannot fail.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import yaml

from containertask.api.status import ContainerTaskStatus

Json = dict[str, Any]

_CRD: Final = Path(__file__).resolve().parents[2] / "crds" / "containertasks.yaml"
_INT64: Final = range(-(2**63), 2**63)
_TYPES: Final = {"string": str, "integer": int, "object": dict, "array": list, "boolean": bool}
_KNOWN: Final = {
    "default", "description", "enum", "format", "items", "maxItems", "maxLength", "nullable", "pattern",
    "properties", "required", "type", "x-kubernetes-list-map-keys", "x-kubernetes-list-type",
    "x-kubernetes-preserve-unknown-fields",
}  # fmt: skip


@functools.cache
def _schema() -> Json:
    versions = yaml.safe_load(_CRD.read_text())["spec"]["versions"]
    found: Json = versions[0]["schema"]["openAPIV3Schema"]["properties"]["status"]
    return found


def faults_of_status(status: ContainerTaskStatus) -> list[str]:
    """Return what the API server would refuse or drop of a status as it is written."""
    written = status.model_dump(mode="json", by_alias=True, exclude_none=True)
    # What is sent is UTF-8: half a surrogate pair fails here, as it would on the wire.
    sent = json.loads(json.dumps(written, allow_nan=False, ensure_ascii=False).encode())
    return list(_faults("status", sent, _schema()))


def _faults(where: str, value: object, schema: Json) -> Iterator[str]:
    assert schema.keys() <= _KNOWN, schema.keys() - _KNOWN
    if schema.get("x-kubernetes-preserve-unknown-fields"):
        return
    if type(value) is not _TYPES[schema["type"]]:
        yield f"{where}: {type(value).__name__} for {schema['type']}"
        return
    if "enum" in schema and value not in schema["enum"]:
        yield f"{where}: {value!r} is none of {schema['enum']}"
    match value:
        case str():
            yield from _of_text(where, value, schema)
        case int() if value not in _INT64:
            yield f"{where}: {value} does not fit 64 bits"
        case list():
            yield from _of_list(where, value, schema)
        case dict():
            yield from _of_object(where, value, schema)


def _of_text(where: str, value: str, schema: Json) -> Iterator[str]:
    if len(value) > schema.get("maxLength", len(value)):
        yield f"{where}: {len(value)} characters"
    if "pattern" in schema and not re.search(schema["pattern"].replace("$", r"\Z"), value):
        yield f"{where}: {value!r} is not {schema['pattern']}"
    if schema.get("format") == "date-time" and datetime.fromisoformat(value).tzinfo is None:
        yield f"{where}: {value} has no zone"


def _of_list(where: str, value: list[Any], schema: Json) -> Iterator[str]:
    if len(value) > schema.get("maxItems", len(value)):
        yield f"{where}: {len(value)} items"
    keys = [tuple(item.get(key) for key in schema.get("x-kubernetes-list-map-keys", ())) for item in value]
    if keys and keys[0] and len(set(keys)) < len(keys):
        yield f"{where}: an item twice"
    for number, item in enumerate(value):
        yield from _faults(f"{where}[{number}]", item, schema["items"])


def _of_object(where: str, value: Json, schema: Json) -> Iterator[str]:
    for name in schema.get("required", ()):
        if name not in value:
            yield f"{where}.{name} is missing"
    for name, inner in value.items():
        if name in schema["properties"]:
            yield from _faults(f"{where}.{name}", inner, schema["properties"][name])
        else:
            yield f"{where}.{name} is no field"
