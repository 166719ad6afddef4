"""Simple values in and out of the scalars of Flyte's literals.

Each type is the literal of `reference/flyte-wire.md` 2.3. Protobuf's Struct knows only doubles: an integer
beyond 2^53 in a struct is refused, never changed; a whole number within comes back as an integer, as JSON
does not tell 1.0 from 1. What is msgpack is read elsewhere.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final

from containertask.codec import numbers, simple, times
from containertask.codec.errors import CodecError
from containertask.codec.simple import Value
from containertask.codec.text import JsonObject, string_from_json, struct_from_json
from containertask.codec.times import Instant, Span
from containertask.types.leaves import SimpleType

_SECOND: Final = 10**9
FIELDS: Final[Mapping[SimpleType, str]] = {
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

Scalar = Any
"""``flyteidl.core.literals_pb2.Scalar``, which has no types of Python's own."""


def fill(scalar: Scalar, kind: SimpleType, value: Value) -> None:
    """Put a value of this type into an empty scalar.

    Raises:
        CodecError: it is one that no literal can hold as it is.
    """
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
            setattr(scalar.primitive, FIELDS[kind], value)
        case int():
            scalar.primitive.integer = numbers.integer_from_json(value)
        case bytes():
            # Without a tag: Flyte's own says `msgpack`, which these bytes are not.
            scalar.binary.value = value


def read(kind: SimpleType, scalar: Scalar) -> Value:
    """Take the value out of a scalar that is of this type.

    Raises:
        CodecError: it holds what a value of the type cannot be.
    """
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
            return simple.from_json(kind, getattr(primitive, FIELDS[kind]))


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
