"""Values of every type into Flyte's literals: what holds other values, and which module has the others."""

from __future__ import annotations

from typing import Any, cast

from containertask.codec import literalsimple, literalstored, literalunions, text, typed
from containertask.codec.errors import CodecError
from containertask.codec.simple import Value
from containertask.codec.stored import StoredValue
from containertask.codec.typed import AnyValue
from containertask.types.leaves import BareType, SimpleType, StoredType
from containertask.types.model import DatasetOf, EnumOf, ListOf, MapOf, OptionalOf, Type, UnionOf
from containertask.words import kind as kind_of
from containertask.words import shown

Literal = Any
"""``flyteidl.core.literals_pb2.Literal``, which has no types of Python's own."""


def fill(literal: Literal, kind: Type, value: AnyValue) -> None:
    """Put a value of this type into an empty literal; None is Flyte's none, whatever the type.

    Raises:
        CodecError: the value is of another type, or one that no literal can hold as it is.
    """
    if value is None and kind is not BareType.NONE:
        # Not the bare none: flyte 2 takes that for a boolean and for a list.
        literal, kind = literalunions.place(literal, BareType.NONE), BareType.NONE
    _fill(literal, kind, value)


def _fill(literal: Literal, kind: Type, value: AnyValue) -> None:
    match kind, value:
        case OptionalOf(item), _:
            fill(literal, item, value)
        case ListOf(item), list():
            literal.collection.SetInParent()
            for at, one in enumerate(value):
                _fill_part(f"item {at}", literal.collection.literals.add(), item, one)
        case MapOf(item), dict():
            literal.map.SetInParent()
            for key, one in value.items():
                part = literal.map.literals[text.string_from_json(key)]
                _fill_part(f"`{shown(key)}`", part, item, one)
        case UnionOf(), _:
            variant = typed.variant_of(kind, value)
            _fill(literalunions.place(literal, variant), variant, value)
        case _ if typed.holds(kind, value):
            _fill_leaf(literal.scalar, kind, value)
        case _:
            raise CodecError(f"{kind_of(value)} is not of type {kind}: read it with from_json first")


def _fill_part(where: str, literal: Literal, kind: Type, value: AnyValue) -> None:
    try:
        _fill(literal, kind, value)
    except CodecError as error:
        raise CodecError(f"{where}: {error}") from None


def _fill_leaf(scalar: Any, kind: Type, value: AnyValue) -> None:  # noqa: ANN401 - Scalar
    match kind:
        case SimpleType():
            literalsimple.fill(scalar, kind, cast("Value", value))
        case StoredType() | DatasetOf():
            literalstored.fill(scalar, kind, cast("StoredValue", value))
        case EnumOf():
            scalar.primitive.string_value = text.string_from_json(value)
        case BareType():
            scalar.none_type.SetInParent()
