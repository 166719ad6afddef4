"""Values of every type, from JSON and back: what is a list, a map, one of several, or nothing.

``simple`` knows the leaves, ``trees`` the files. Of a union the first variant counts, as they are written,
that takes what is there: to read a value and to write it. ``stored`` has what lies somewhere else.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias, TypeVar, assert_never, cast

from containertask.codec import simple, stored, text
from containertask.codec.errors import CodecError
from containertask.codec.simple import MAX_BYTES, Value
from containertask.codec.stored import StoredValue
from containertask.types.leaves import BareType, SimpleType, StoredType
from containertask.types.model import DatasetOf, EnumOf, ListOf, MapOf, OptionalOf, Type, UnionOf
from containertask.words import kind as kind_of
from containertask.words import shown

T = TypeVar("T")

AnyValue: TypeAlias = object
"""What a value is in Python only its type tells: ``simple.Value``, a list of values, a dict of them by string
(a map), a string (an enum), a ``stored.StoredValue``, or None."""


def from_json(kind: Type, raw: object) -> AnyValue:
    """Read a value as it stands in JSON or YAML.

    Raises:
        CodecError: what it is instead, where, and what would do.
    """
    value = _read(kind, raw)
    if isinstance(value, list | dict | stored.FileContent):
        size = len(text.compact(to_json(kind, value)).encode())
        if size > MAX_BYTES:
            raise CodecError(f"{size} bytes as JSON, a value has at most {MAX_BYTES}: write less")
    return value


def _read(kind: Type, raw: object) -> AnyValue:
    match kind:
        case SimpleType():
            return simple.from_json(kind, raw)
        case BareType():
            nothing(raw)
            return None
        case EnumOf():
            return one_of(kind, raw)
        case ListOf(item):
            return [within(f"item {at}", _read, item, one) for at, one in enumerate(_list(kind, raw))]
        case MapOf(item):
            return {key: within(f"`{shown(key)}`", _read, item, one) for key, one in _map(kind, raw).items()}
        case OptionalOf(item):
            return None if raw is None else _read(item, raw)
        case UnionOf():
            return first(kind, _read, raw)
        case StoredType.FILE:
            return stored.file_from_json(raw)
        case StoredType() | DatasetOf():
            return stored.from_json(raw)
    assert_never(kind)


def to_json(kind: Type, value: AnyValue, leaf: Callable[[Value], object] = simple.to_json) -> object:
    """Return the value as ``from_json`` of its type takes it again; ``leaf`` is asked of each simple one.

    Raises:
        CodecError: the value is of another type.
    """
    match kind, value:
        case ListOf(item), list():
            return [to_json(item, one, leaf) for one in value]
        case MapOf(item), dict():
            return {key: to_json(item, one, leaf) for key, one in value.items()}
        case ((OptionalOf() | BareType()), None):
            return None
        case OptionalOf(item), _:
            return to_json(item, value, leaf)
        case UnionOf(), _:
            return to_json(variant_of(kind, value), value, leaf)
        case EnumOf(), str() if holds(kind, value):
            return value
        case SimpleType(), _ if holds(kind, value):
            return leaf(cast("Value", value))
        case ((StoredType() | DatasetOf()), _) if holds(kind, value):
            return stored.to_json(cast("StoredValue", value))
    raise CodecError(f"{kind_of(value)} is not of type {kind}")


def holds(kind: Type, value: AnyValue) -> bool:
    """Tell whether a value is one of this type, without any conversion."""
    match kind:
        case SimpleType():
            is_so = type(value) is simple.CLASSES[kind]
            return is_so and (kind is not SimpleType.STRUCT or text.is_struct(value))
        case BareType():
            return value is None
        case EnumOf(values):
            return isinstance(value, str) and value in values
        case ListOf(item):
            return isinstance(value, list) and all(holds(item, one) for one in value)
        case MapOf(item):
            return isinstance(value, dict) and all(holds(item, one) for one in value.values())
        case OptionalOf(item):
            return value is None or holds(item, value)
        case UnionOf(variants):
            return any(holds(one, value) for one in variants)
        case StoredType() | DatasetOf():
            return stored.is_one(value, file=kind is StoredType.FILE)
    assert_never(kind)


def variant_of(kind: UnionOf, value: AnyValue) -> Type:
    """Return the first variant that holds a value.

    Raises:
        CodecError: none does.
    """
    for one in kind.variants:
        if holds(one, value):
            return one
    raise CodecError(f"{kind_of(value)} is of no type of {kind}")


def nothing(raw: object) -> None:
    """Take null."""
    if raw is not None:
        raise CodecError(f"{kind_of(raw)} where nothing is wanted: write null")


def one_of(kind: EnumOf, raw: object) -> str:
    """Take one of an enum's values."""
    if isinstance(raw, str) and raw in kind.values:
        return raw
    said = f"`{shown(raw)}`" if isinstance(raw, str) else kind_of(raw)
    raise CodecError(f"{said} is none of the enum's values: {shown(', '.join(kind.values))}")


def within(where: str, read: Callable[[Type, T], AnyValue], kind: Type, raw: T) -> AnyValue:
    """Read a part of a value; an error names the part."""
    try:
        return read(kind, raw)
    except CodecError as error:
        raise CodecError(f"{where}: {error}") from None


def first(kind: UnionOf, read: Callable[[Type, T], AnyValue], raw: T) -> AnyValue:
    """Read a value of the first variant that takes it; the error says why each does not."""
    errors = []
    for one in kind.variants:
        try:
            return read(one, raw)
        except CodecError as error:
            errors.append(error)
    reasons = (f"{one}: {error}" for one, error in zip(kind.variants, errors, strict=True))
    raise CodecError(f"it fits no type of the union: {'; '.join(reasons)}")


def _list(kind: ListOf, raw: object) -> list[object]:
    if not isinstance(raw, list):
        raise CodecError(f"{kind_of(raw)} is not a {kind}: write a list, such as []")
    return raw


def _map(kind: MapOf, raw: object) -> dict[str, object]:
    if not isinstance(raw, dict):
        raise CodecError(f"{kind_of(raw)} is not a {kind}: write an object, such as {{}}")
    for key in raw:
        text.string_from_json(key)
    return raw
