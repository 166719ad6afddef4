"""Values of simple types: from JSON or a file's bytes, to a file's bytes, JSON and YAML.

One function each way for all types; what a type means stands in ``numbers``, ``text`` and ``times``.
Profile Strict: `reference/flyte-wire.md` 2.2 and 2.3, its "ours" columns, and design section 6.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, assert_never

from containertask.codec import binary, numbers, text, times
from containertask.codec.errors import CodecError
from containertask.codec.text import JsonObject
from containertask.codec.times import Instant, Span
from containertask.types.leaves import SimpleType

Value = int | float | str | bool | Instant | Span | JsonObject | bytes

CLASSES: Final[Mapping[SimpleType, type[Value]]] = {
    SimpleType.INTEGER: int,
    SimpleType.FLOAT: float,
    SimpleType.STRING: str,
    SimpleType.BOOLEAN: bool,
    SimpleType.DATETIME: Instant,
    SimpleType.DURATION: Span,
    SimpleType.STRUCT: dict,
    SimpleType.BINARY: bytes,
}
"""What a value of each type is in Python, exactly: a boolean is no integer."""

MAX_BYTES: Final = 1024 * 1024
"""How large a simple value may be, as a file."""


@dataclass(frozen=True, slots=True)
class _Reader:
    """How the values of one type are read."""

    from_text: Callable[[str], Value]
    from_json: Callable[[object], Value]

    def from_file(self, data: bytes) -> Value:
        return self.from_text(text.decode(data))


@dataclass(frozen=True, slots=True)
class _BytesReader:
    """The same of a type whose file is no text."""

    from_file: Callable[[bytes], Value]
    from_json: Callable[[object], Value]


_READERS: Final[Mapping[SimpleType, _Reader | _BytesReader]] = {
    SimpleType.INTEGER: _Reader(numbers.integer_from_text, numbers.integer_from_json),
    SimpleType.FLOAT: _Reader(numbers.float_from_text, numbers.float_from_json),
    SimpleType.STRING: _Reader(text.string_from_text, text.string_from_json),
    SimpleType.BOOLEAN: _Reader(text.boolean_from_text, text.boolean_from_json),
    SimpleType.DATETIME: _Reader(times.instant_from_text, times.instant_from_json),
    SimpleType.DURATION: _Reader(times.span_from_text, times.span_from_json),
    SimpleType.STRUCT: _Reader(text.struct_from_text, text.struct_from_json),
    SimpleType.BINARY: _BytesReader(bytes, binary.from_json),
}


def from_json(kind: SimpleType, raw: object) -> Value:
    """Read a value as it stands in JSON or YAML.

    Raises:
        CodecError: what it is instead, and what would do.
    """
    value = _READERS[kind].from_json(raw)
    if isinstance(value, str | dict | bytes):
        _check_size(len(to_file(value)))
    return value


def from_file(kind: SimpleType, data: bytes) -> Value:
    """Read a value as a program wrote it into a file.

    Raises:
        CodecError: what it is instead, and what would do.
    """
    _check_size(len(data))
    return _READERS[kind].from_file(data)


def to_file(value: Value) -> bytes:
    """Write a value as a program finds it in its file: no quotes, no newline at the end."""
    match value:
        case bool():
            return b"true" if value else b"false"
        case int() | Instant() | Span():
            return str(value).encode()
        case float():
            return numbers.float_to_text(value).encode()
        case str():
            return value.encode()
        case dict():
            return text.compact(value).encode()
        case bytes():
            return value
    assert_never(value)


def to_json(value: Value) -> object:
    """Return the value as ``from_json`` of its type takes it again; floats JSON lacks are strings."""
    match value:
        case float() if not math.isfinite(value):
            return {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}[str(value)]
        case Instant() | Span():
            return str(value)
        case bytes():
            return binary.to_json(value)
        case _:
            return value


def _check_size(size: int) -> None:
    if size > MAX_BYTES:
        raise CodecError(f"{size} bytes, a simple value has at most {MAX_BYTES}: write less")
