"""The members of unions in Flyte's literals, each marked with its type and with who reads it.

Both SDKs try all variants of a Python union on what has no mark, and refuse what two of them take: flytekit
and flyte 2 take an integer for a float, flyte 2 anything for a boolean and none for a list. A mark is the
name of an SDK's transformer, so only those types have one that both SDKs call by the same name. A struct has
none, as it is a dict, a dataclass or a pydantic model there; nor has what holds files: their formats count.
"""

from __future__ import annotations

import importlib
from typing import Any, Final

from containertask.types.leaves import BareType, SimpleType
from containertask.types.model import EnumOf, ListOf, MapOf, OptionalOf, Type, UnionOf, needs_store

Literal = Any
"""``flyteidl.core.literals_pb2.Literal``, which has no types of Python's own."""

_LEAVES: Final = {
    SimpleType.INTEGER: "int",
    SimpleType.FLOAT: "float",
    SimpleType.STRING: "str",
    SimpleType.BOOLEAN: "bool",
    SimpleType.DATETIME: "datetime",
    SimpleType.DURATION: "timedelta",
    BareType.NONE: "none",
}


def place(literal: Literal, kind: Type) -> Literal:
    """Return where a member of this type is put: into a marked union, or into the literal itself."""
    tag = _tag(kind)
    if tag is None:
        return literal
    union = literal.scalar.union
    _describe(union.type, kind)
    union.type.structure.tag = tag
    return union.value


def member(literal: Literal) -> Literal:
    """Return the literal without the unions around it."""
    while literal.scalar.WhichOneof("value") == "union":
        literal = literal.scalar.union.value
    return literal


def _tag(kind: Type) -> str | None:
    match kind:
        case EnumOf():
            return "DefaultEnumTransformer"
        case ListOf() if not needs_store(kind):
            return "Typed List"
        case MapOf() if not needs_store(kind):
            return "Typed Dict"
        case SimpleType() | BareType():
            return _LEAVES.get(kind)
    return None


def _describe(described: Any, kind: Type) -> None:  # noqa: ANN401 - LiteralType
    match kind:
        case SimpleType() | BareType():
            described.simple = importlib.import_module("flyteidl.core.types_pb2").SimpleType.Value(kind.name)
        case EnumOf(values):
            described.enum_type.values.extend(values)
        case ListOf(item):
            _describe(described.collection_type, item)
        case MapOf(item):
            _describe(described.map_value_type, item)
        case OptionalOf(item):
            _variants(described, (item, BareType.NONE))
        case UnionOf(variants):
            _variants(described, variants)
        case _:
            raise AssertionError(f"{kind} has no mark")


def _variants(described: Any, variants: tuple[Type, ...]) -> None:  # noqa: ANN401 - LiteralType
    for one in variants:
        variant = described.union_type.variants.add()
        _describe(variant, one)
        if tag := _tag(one):
            variant.structure.tag = tag
