"""Values of every type out of Flyte's literals: what holds other values, and which module has the others.

Flyte's SDKs write some values as msgpack, whatever the type of the task: it is read where the type fits.
"""

from __future__ import annotations

from typing import Any

from containertask.codec import literalsimple, literalstored, literalunions, messagepack, typed
from containertask.codec.errors import CodecError
from containertask.codec.typed import AnyValue
from containertask.types.leaves import SimpleType, StoredType
from containertask.types.model import DatasetOf, EnumOf, ListOf, MapOf, OptionalOf, Type, UnionOf, needs_store
from containertask.words import shown

Literal = Any
"""``flyteidl.core.literals_pb2.Literal``, which has no types of Python's own."""


def is_none(literal: Literal) -> bool:
    """Tell whether a literal is Flyte's none."""
    return _field(literalunions.member(literal)) == "none_type"


def read(kind: Type, literal: Literal) -> AnyValue:
    """Return the value of a literal of this type.

    Raises:
        CodecError: the literal is of another type, or holds what a value of its type cannot be.
    """
    literal = literalunions.member(literal)
    found = _field(literal)
    if found == "binary" and _may_be_msgpack(kind):
        return typed.from_json(kind, messagepack.decode(literal.scalar.binary))
    match kind:
        case OptionalOf(item):
            return None if found == "none_type" else read(item, literal)
        case UnionOf():
            return typed.first(kind, read, literal)
    wanted = _wanted(kind)
    if found != wanted:
        instead = "its value in a file of its own" if found == "offloaded_metadata" else found or "nothing"
        raise CodecError(f"a literal of kind {instead} is not of type {kind}, which is {wanted}")
    return _unpack(kind, literal)


def _unpack(kind: Type, literal: Literal) -> AnyValue:
    match kind:
        case ListOf(item):
            parts = enumerate(literal.collection.literals)
            return [typed.within(f"item {at}", read, item, one) for at, one in parts]
        case MapOf(item):
            entries = sorted(literal.map.literals.items())
            return {key: typed.within(f"`{shown(key)}`", read, item, one) for key, one in entries}
        case SimpleType():
            return literalsimple.read(kind, literal.scalar)
        case StoredType() | DatasetOf():
            return literalstored.read(kind, literal.scalar)
        case EnumOf():
            return typed.one_of(kind, literal.scalar.primitive.string_value)
    return None


def _may_be_msgpack(kind: Type) -> bool:
    """Tell whether msgpack is a way to write this type; each variant of a union is asked for itself."""
    match kind:
        case UnionOf() | SimpleType.BINARY:
            return False
        case OptionalOf(item):
            return _may_be_msgpack(item)
    return not needs_store(kind)


def _field(literal: Literal) -> str | None:
    found: str | None = literal.WhichOneof("value")
    if found == "scalar":
        found = literal.scalar.WhichOneof("value")
    if found == "primitive":
        found = literal.scalar.primitive.WhichOneof("value")
    return found


def _wanted(kind: Type) -> str:
    match kind:
        case SimpleType():
            return literalsimple.FIELDS[kind]
        case EnumOf():
            return "string_value"
        case StoredType():
            return "blob"
        case DatasetOf():
            return "structured_dataset"
        case ListOf():
            return "collection"
        case MapOf():
            return "map"
    return "none_type"
