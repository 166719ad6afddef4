"""Values of simple types to Flyte's literals and back: the bytes of ``inputs.pb`` and ``outputs.pb``.

Each type is the literal of `reference/flyte-wire.md` 2.3; a LiteralMap's bytes are those of flyteidl2's
Inputs and Outputs too (2.10). Protobuf's Struct knows only doubles: an integer beyond 2^53 in a struct is
refused, never changed; a whole number within comes back as an integer, as JSON does not tell 1.0 from 1.
Importing this module imports neither flyteidl nor protobuf: few processes that know the codec need literals.
"""

from __future__ import annotations

import importlib
import math
from collections.abc import Mapping
from types import ModuleType
from typing import Any, Final

from containertask.codec import numbers, simple, times
from containertask.codec.errors import CodecError
from containertask.codec.simple import Value
from containertask.codec.text import JsonObject, string_from_json, struct_from_json
from containertask.codec.times import Instant, Span
from containertask.types.leaves import SimpleType
from containertask.words import kind as kind_of
from containertask.words import shown

_SECOND: Final = 10**9
_FIELDS: Final[Mapping[SimpleType, str]] = {
    SimpleType.INTEGER: "integer",
    SimpleType.FLOAT: "float_value",
    SimpleType.STRING: "string_value",
    SimpleType.BOOLEAN: "boolean",
    SimpleType.DATETIME: "datetime",
    SimpleType.DURATION: "duration",
    SimpleType.STRUCT: "generic",
    SimpleType.BINARY: "binary",
}
"""How a literal of each type is called inside Primitive (or Scalar)."""

Literal = Any
"""``flyteidl.core.literals_pb2.Literal``, which has no types of Python's own."""


def to_literal_map(kinds: Mapping[str, SimpleType], values: Mapping[str, Value | None]) -> bytes:
    """Write a LiteralMap of all names in ``kinds``, in order; the same values give the same bytes.

    A value that is None or not there is an optional input that is absent: Flyte's none.

    Raises:
        CodecError: a value that no literal of its type can hold as it is; the message names the input.
    """
    # A map is its entries one after another: protobuf's own order of them differs between its runtimes.
    return b"".join(_entry(name, kinds[name], values.get(name)) for name in sorted(kinds))


def from_literal_map(kinds: Mapping[str, SimpleType], data: bytes) -> dict[str, Value]:
    """Read those names of a LiteralMap that ``kinds`` has; what is none or not there is left out.

    Raises:
        CodecError: the bytes are no LiteralMap, or a literal is not of its type; the message names it.
    """
    try:
        message = _flyte().LiteralMap.FromString(data)
    except importlib.import_module("google.protobuf.message").DecodeError:
        raise CodecError("these bytes are no LiteralMap of Flyte's, or one that is nested too deep") from None
    values: dict[str, Value] = {}
    for name in kinds.keys() & message.literals.keys():
        try:
            value = from_literal(kinds[name], message.literals[name])
        except CodecError as error:
            raise CodecError(f"{shown(name)}: {error}") from None
        if value is not None:
            values[name] = value
    return values


def to_literal(kind: SimpleType, value: Value | None) -> Literal:
    """Return the literal of a value of this type, or Flyte's none.

    Raises:
        CodecError: the value is of another type, or one that no literal can hold as it is.
    """
    literal = _flyte().Literal()
    _fill(literal, kind, value)
    return literal


def from_literal(kind: SimpleType, literal: Literal) -> Value | None:
    """Return the value of a literal, or None for Flyte's none. The member of a union is read as it is.

    Raises:
        CodecError: the literal is of another type, or holds what a value of its type cannot be.
    """
    scalar = literal.scalar
    while scalar.WhichOneof("value") == "union":
        literal = scalar.union.value
        scalar = literal.scalar
    found = literal.WhichOneof("value")
    if found == "scalar":
        found = scalar.WhichOneof("value")
    if found == "primitive":
        found = scalar.primitive.WhichOneof("value")
    wanted = _FIELDS[kind]
    if found == "none_type":
        return None
    if found != wanted:
        raise CodecError(f"a literal of kind {found or 'nothing'} is not of type {kind}, which is {wanted}")
    return _value(kind, scalar)


def _flyte() -> ModuleType:
    return importlib.import_module("flyteidl.core.literals_pb2")


def _entry(name: str, kind: SimpleType, value: Value | None) -> bytes:
    message = _flyte().LiteralMap()
    try:
        _fill(message.literals[name], kind, value)
    except CodecError as error:
        raise CodecError(f"{shown(name)}: {error}") from None
    return bytes(message.SerializeToString(deterministic=True))


def _fill(literal: Literal, kind: SimpleType, value: Value | None) -> None:
    scalar = literal.scalar
    if value is None:
        scalar.none_type.SetInParent()
        return
    if type(value) is not simple.CLASSES[kind]:
        raise CodecError(f"{kind_of(value)} is not of type {kind}: read it with from_json first")
    match value:
        case Instant(nanoseconds):
            scalar.primitive.datetime.seconds, scalar.primitive.datetime.nanos = divmod(
                _in_years(nanoseconds), _SECOND
            )
        case Span(nanoseconds):
            seconds, nanos = divmod(abs(_in_span(nanoseconds)), _SECOND)
            sign = -1 if nanoseconds < 0 else 1
            scalar.primitive.duration.seconds, scalar.primitive.duration.nanos = sign * seconds, sign * nanos
        case dict():
            struct_from_json(value)
            _check_doubles(value)
            scalar.generic.SetInParent()
            scalar.generic.update(value)
        case str():
            scalar.primitive.string_value = string_from_json(value)
        case bool() | float():
            setattr(scalar.primitive, _FIELDS[kind], value)
        case int():
            scalar.primitive.integer = numbers.integer_from_json(value)
        case bytes():
            # Without a tag: Flyte's own says `msgpack`, which these bytes are not.
            scalar.binary.value = value


def _value(kind: SimpleType, scalar: Any) -> Value:  # noqa: ANN401 - protobuf's messages have no types
    primitive = scalar.primitive
    match kind:
        case SimpleType.DATETIME:
            return Instant(_in_years(_nanoseconds(primitive.datetime, range(_SECOND))))
        case SimpleType.DURATION:
            sign = (primitive.duration.seconds > 0) - (primitive.duration.seconds < 0)
            nanos = range(0 if sign > 0 else 1 - _SECOND, 1 if sign < 0 else _SECOND)
            return Span(_in_span(_nanoseconds(primitive.duration, nanos)))
        case SimpleType.STRUCT:
            return simple.from_json(kind, _object(scalar.generic))
        case SimpleType.BINARY:
            return simple.from_file(kind, scalar.binary.value)
        case _:
            return simple.from_json(kind, getattr(primitive, _FIELDS[kind]))


def _nanoseconds(message: Any, nanos: range) -> int:  # noqa: ANN401 - Timestamp or Duration
    if message.nanos not in nanos:
        raise CodecError(f"{message.nanos} nanoseconds: protobuf has {nanos[0]} to {nanos[-1]} here")
    return int(message.seconds) * _SECOND + int(message.nanos)


def _in_years(nanoseconds: int) -> int:
    if nanoseconds not in times.INSTANTS:
        raise CodecError("a point in time outside of the years 1 to 9999")
    return nanoseconds


def _in_span(nanoseconds: int) -> int:
    if abs(nanoseconds) > times.MAX_SPAN:
        raise CodecError("a span of time longer than 10,000 years")
    return nanoseconds


def _check_doubles(raw: object) -> None:
    match raw:
        case dict():
            for value in raw.values():
                _check_doubles(value)
        case list():
            for value in raw:
                _check_doubles(value)
        case int() if abs(raw) > numbers.EXACT:
            raise CodecError(
                "an integer beyond 2^53 inside a struct, which Flyte's literals would change: "
                "write it as a string, or use metadataFormat JSON or YAML"
            )


def _object(struct: Any) -> JsonObject:  # noqa: ANN401 - google.protobuf.Struct
    return {str(name): _json(value) for name, value in struct.fields.items()}


def _json(value: Any) -> object:  # noqa: ANN401 - google.protobuf.Value
    match value.WhichOneof("kind"):
        case "struct_value":
            return _object(value.struct_value)
        case "list_value":
            return [_json(item) for item in value.list_value.values]
        case "number_value":
            return _number(value.number_value)
        case "string_value":
            return str(value.string_value)
        case "bool_value":
            return bool(value.bool_value)
        case "null_value":
            return None
    raise CodecError("a field of a struct has no value at all, not even null")


def _number(value: float) -> int | float:
    whole = value.is_integer() and abs(value) <= numbers.EXACT
    negative_zero = not value and math.copysign(1, value) < 0
    return int(value) if whole and not negative_zero else value
