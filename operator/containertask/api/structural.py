"""From pydantic's JSON schema to the structural schema that a CustomResourceDefinition takes.

Pure, and strict about what it lets through: a construct that Kubernetes would refuse or silently
change raises here, when the CRD is generated, not in somebody's cluster. The rules are those of
apiextensions.k8s.io/v1: no ``$ref``, no null types; and of ours: no ``anyOf``, whose refusals name no cure.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pydantic import BaseModel

Schema = dict[str, Any]

_KEPT: Final = frozenset(
    {
        "default",
        "description",
        "enum",
        "format",
        "maxItems",
        "maxLength",
        "maxProperties",
        "maximum",
        "minItems",
        "minLength",
        "minProperties",
        "minimum",
        "nullable",
        "pattern",
        "required",
        "type",
    }
)
_DROPPED: Final = frozenset({"title", "examples"})
_KUBERNETES: Final = "x-kubernetes-"
PATTERN_MESSAGE: Final = "x-pattern-message"
"""Beside a pattern: what a person reads instead of the bare pattern; the pattern becomes a CEL rule."""


class NotStructuralError(TypeError):
    """A model uses something that a structural schema cannot say; the message says where."""


def structural(model: type[BaseModel]) -> Schema:
    """Return the structural schema of a model, field names as in YAML.

    Raises:
        NotStructuralError: for unions, recursion, tuples, untyped fields and unknown keywords.
    """
    return _ruled(annotated(model))


def annotated(model: type[BaseModel]) -> Schema:
    """Return the same schema with patterns and their messages side by side, for messages in Python.

    Raises:
        NotStructuralError: as ``structural``.
    """
    raw = model.model_json_schema(by_alias=True)
    return _convert(raw, raw.get("$defs", {}), model.__name__, ())


def _convert(raw: Schema, definitions: Mapping[str, Schema], where: str, within: tuple[str, ...]) -> Schema:
    raw, within = _resolve(raw, definitions, where, within)
    converted: Schema = {}
    for keyword, value in raw.items():
        if keyword in _DROPPED or keyword == "$defs" or value is None:
            continue
        if keyword in _KEPT or keyword == PATTERN_MESSAGE or keyword.startswith(_KUBERNETES):
            converted[keyword] = value
        elif keyword == "const":
            converted["enum"] = [value]
        elif keyword == "properties":
            converted["properties"] = {
                name: _convert(field, definitions, f"{where}.{name}", within) for name, field in value.items()
            }
        elif keyword == "items":
            converted["items"] = _convert(value, definitions, f"{where}[]", within)
        elif keyword == "additionalProperties":
            if isinstance(value, dict):
                converted[keyword] = _convert(value, definitions, f"{where}{{}}", within)
        else:
            raise NotStructuralError(f"{where}: a structural schema has no {keyword}")
    _check(converted, where)
    return converted


def _ruled(schema: Schema) -> Schema:
    """Turn each pattern that has a message into a CEL rule: a bare pattern tells a person nothing."""
    ruled = dict(schema)
    if "properties" in ruled:
        ruled["properties"] = {name: _ruled(field) for name, field in ruled["properties"].items()}
    for keyword in ("items", "additionalProperties"):
        if keyword in ruled:
            ruled[keyword] = _ruled(ruled[keyword])
    if (message := ruled.pop(PATTERN_MESSAGE, None)) is None:
        return ruled
    rule = {"rule": f"self.matches(r'{ruled.pop('pattern')}')", "message": message}
    others = ruled.pop(f"{_KUBERNETES}validations", [])
    return {**ruled, f"{_KUBERNETES}validations": [rule, *others]}


def _resolve(
    raw: Schema, definitions: Mapping[str, Schema], where: str, within: tuple[str, ...]
) -> tuple[Schema, tuple[str, ...]]:
    """Put the definition in place of a reference, and the one real option in place of ``X | None``."""
    if "anyOf" in raw and any(option == {"type": "null"} for option in raw["anyOf"]):
        options = [option for option in raw["anyOf"] if option != {"type": "null"}]
        if len(options) != 1:
            raise NotStructuralError(f"{where}: a union; give each member a field of its own")
        outer = {keyword: value for keyword, value in raw.items() if keyword != "anyOf"}
        raw = {**options[0], **outer}
    if "$ref" not in raw:
        return raw, within
    name = raw["$ref"].rsplit("/", 1)[-1]
    if name in within:
        raise NotStructuralError(f"{where}: {name} contains itself")
    outer = {keyword: value for keyword, value in raw.items() if keyword != "$ref"}
    return _resolve({**definitions[name], **outer}, definitions, where, (*within, name))


def _check(converted: Schema, where: str) -> None:
    free = converted.get(f"{_KUBERNETES}preserve-unknown-fields") or converted.get(
        f"{_KUBERNETES}int-or-string"
    )
    kind = converted.get("type")
    if kind is None and not free:
        raise NotStructuralError(f"{where}: has no type")
    if kind == "object" and not free and not converted.keys() & {"properties", "additionalProperties"}:
        raise NotStructuralError(f"{where}: an object of any shape; use FreeObject, else it is emptied")
    if kind == "array" and "maxItems" not in converted:
        raise NotStructuralError(f"{where}: a list without maxItems; validation rules need bounds")
    if kind == "string" and not converted.keys() & {"maxLength", "enum", "format"}:
        raise NotStructuralError(f"{where}: a string without maxLength; validation rules need bounds")
    if "additionalProperties" in converted and "maxProperties" not in converted:
        raise NotStructuralError(f"{where}: a map without maxProperties; validation rules need bounds")
