"""What all models of the API share: their base, and the types that Kubernetes has and Python has not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field, Strict, WithJsonSchema
from pydantic.alias_generators import to_camel

from containertask.api.structural import PATTERN_MESSAGE
from containertask.types.grammar import MAX_LENGTH, TYPE_NAMES

MAX_PATH: Final = 1024
MAX_ELEMENT: Final = 131_071
"""The longest argument that Linux takes, in bytes: 128 KiB less its end."""


class ApiModel(BaseModel):
    """Base of every model: frozen, camelCase in YAML, unknown fields refused, nothing guessed.

    A string is no number and no boolean here, as it is none for the API server.
    """

    model_config = ConfigDict(
        alias_generator=to_camel,
        populate_by_name=True,
        extra="forbid",
        frozen=True,
        strict=True,
        hide_input_in_errors=True,
    )


class StatusModel(BaseModel):
    """Base of what the operator itself writes: fields that a later version added are let be."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        populate_by_name=True,
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
    )


@dataclass(frozen=True, slots=True)
class Rule:
    """One CEL rule: what must hold, what a person reads when it does not, and the field at fault."""

    rule: str
    message: str
    field_path: str | None = None

    def as_schema(self) -> dict[str, Any]:
        """Return the rule as ``x-kubernetes-validations`` takes it."""
        path = {"fieldPath": self.field_path} if self.field_path else {}
        return {"rule": self.rule, "message": self.message, **path}

    def at_first(self) -> dict[str, Any]:
        """Return the same for what is fixed once it is there: no later write pays for it."""
        return {**self.as_schema(), "rule": f"{AT_FIRST}({self.rule})", "optionalOldSelf": True}


AT_FIRST: Final = "oldSelf.hasValue() || "
"""Before a rule: it is held only while there is nothing older to compare with."""


def rules(*each: Rule) -> dict[str, Any]:
    """Return the schema part that carries the rules."""
    return {"x-kubernetes-validations": [rule.as_schema() for rule in each]}


def first_rules(*each: Rule) -> dict[str, Any]:
    """Return the schema part that carries the rules, for an object that is fixed once it is there.

    Wherever a rule names a field of an object, the API server copies the schema of all the object's
    fields; and it runs all rules at every write, of the status too.
    """
    return {"x-kubernetes-validations": [rule.at_first() for rule in each]}


def list_map(*keys: str) -> dict[str, Any]:
    """Return the schema part that makes a list a map by these keys: duplicates are refused."""
    return {"x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": list(keys)}


BY_NAME: Final = Strict(strict=False)
"""Beside an enum: its members are written as strings."""

ATOMIC: Final = {"x-kubernetes-list-type": "atomic"}

AnyJson = Annotated[
    Any, Field(json_schema_extra={"x-kubernetes-preserve-unknown-fields": True, "nullable": True})
]
"""Any JSON, null included. CEL cannot see into it."""

FreeObject = Annotated[
    dict[str, Any], WithJsonSchema({"type": "object", "x-kubernetes-preserve-unknown-fields": True})
]
"""An object whose shape is core/v1's: it is checked by the API server when the Pod is created."""

Name = Annotated[
    str,
    Field(
        max_length=63,
        pattern=r"^[A-Za-z_][A-Za-z0-9_-]*$",
        json_schema_extra={
            PATTERN_MESSAGE: "write letters, digits, `_` and `-`, a letter or `_` first, such as radius_1"
        },
    ),
]
"""Name of an input or output; it is also the name of a file."""

MAX_TASK_NAME: Final = 52
"""Pods are named after their task, with eleven characters more, and a Pod's host name has 63."""

TaskName = Annotated[
    str,
    Field(
        max_length=MAX_TASK_NAME,
        pattern=r"^[a-z0-9]([a-z0-9-]*[a-z0-9])?$",
        json_schema_extra={
            PATTERN_MESSAGE: "write a task's name in small letters, digits and `-`, such as train"
        },
    ),
]

ObjectName = Annotated[
    str,
    Field(
        max_length=253,
        pattern=r"^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$",
        json_schema_extra={
            PATTERN_MESSAGE: "write an object's name in small letters, digits, `-` and `.`, such as batch-low"
        },
    ),
]

KNOWN_TYPE: Final = Rule(
    # A pattern of a whole type would cost the API server more than it grants to a rule of a list's items.
    f"self.split('[', 2)[0].trim() in {list(TYPE_NAMES)}",
    f"write a type, one of {', '.join(TYPE_NAMES)}; the last six have brackets, such as list[float], "
    'map[string], optional[integer], union[integer,string], enum["a","b"] or dataset[parquet]',
)
TYPES_SAID: Final = (
    f"Type, such as `float`: {', '.join(TYPE_NAMES[:-6])}, "
    'or of such parts enum["a","b"], dataset[parquet], list[T], map[T], optional[T], union[T,U].'
)
TypeText = Annotated[str, Field(max_length=MAX_LENGTH, json_schema_extra=rules(KNOWN_TYPE))]
"""A type as it is written; ``types.grammar`` reads it."""

_H, _M, _S = "[0-9]{1,7}h", "[0-9]{1,7}m", "[0-9]{1,9}s"
DURATION_PATTERN: Final = f"^({_H}({_M})?({_S})?|{_M}({_S})?|{_S})$"
MAX_DURATION: Final = 87_600 * 3600
"""The longest duration, in seconds: ten years."""
DURATION_BOUNDS: Final = Rule(
    f"!self.matches(r'{DURATION_PATTERN}') || "
    "(duration(self) >= duration('1s') && duration(self) <= duration('87600h'))",
    "a duration is at least 1s and at most ten years (87600h)",
)
_DURATION: Final = {
    PATTERN_MESSAGE: "write a duration in hours, minutes and seconds, such as 30s, 5m or 1h30m",
    **rules(DURATION_BOUNDS),
}
Duration = Annotated[
    str,
    Field(
        max_length=32,
        pattern=DURATION_PATTERN,
        json_schema_extra=_DURATION,
    ),
]
"""Hours, minutes, seconds: ``30s``, ``5m``, ``1h30m``."""

AbsolutePath = Annotated[
    str,
    Field(
        max_length=MAX_PATH,
        pattern=r"^(/[^/\x00-\x1f]+)+$",
        json_schema_extra={PATTERN_MESSAGE: "write an absolute path without a slash at its end: /var/data"},
    ),
]

MAX_QUANTITIES: Final = 32
MAX_QUANTITY: Final = 32
QUANTITY_PATTERN: Final = r"^([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,3}|n|u|m|k|M|G|T|P|E|[KMGTPE]i)?$"
QUANTITY: Final = Rule(
    f"type(self) == int ? int(self) >= 0 : string(self).matches(r'{QUANTITY_PATTERN}')",
    "write a quantity as Kubernetes does, not negative, such as 2, 500m or 1.5Gi",
)
_QUANTITY: Final = {"x-kubernetes-int-or-string": True, "maxLength": MAX_QUANTITY, **rules(QUANTITY)}
Quantity = Annotated[int | str, WithJsonSchema(_QUANTITY)]
Quantities = Annotated[
    dict[str, int | str],
    WithJsonSchema(
        {"type": "object", "maxProperties": MAX_QUANTITIES, "additionalProperties": _QUANTITY},
    ),
]
