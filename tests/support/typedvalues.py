"""Hypothesis strategies for types that are values, and for values of them."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from containertask.codec.stored import FileContent, Stored
from containertask.types.leaves import BareType, SimpleType, StoredType
from containertask.types.model import DatasetOf, EnumOf, ListOf, MapOf, OptionalOf, Type, UnionOf
from support.values import VALUES, unicode_text

_texts = st.lists(
    unicode_text.filter(lambda text: not text.endswith("\n")), min_size=1, max_size=3, unique=True
)
_leaves: st.SearchStrategy[Type] = st.one_of(
    st.sampled_from([*SimpleType, *BareType]), _texts.map(lambda texts: EnumOf(tuple(texts)))
)


def _around(inner: st.SearchStrategy[Type], *, unions: bool) -> st.SearchStrategy[Type]:
    plain = inner.filter(lambda one: not isinstance(one, (OptionalOf, BareType)))
    variants = plain.filter(lambda one: not isinstance(one, UnionOf))
    several = st.lists(variants, min_size=2, max_size=3, unique=True).map(lambda some: UnionOf(tuple(some)))
    found = [inner.map(ListOf), inner.map(MapOf), plain.map(OptionalOf)]
    return st.one_of(*found, several) if unions else st.one_of(*found)


def _types(leaves: st.SearchStrategy[Type]) -> st.SearchStrategy[Type]:
    return st.recursive(leaves, lambda inner: _around(inner, unions=False), max_leaves=4)


keys = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
"""What a file can be named after, whatever it holds."""

uris = st.from_regex(r"(s3|gs|abfs|https)://[a-z0-9.-]{1,10}/[\w.%~+/-]{0,20}", fullmatch=True)

certain_types = _types(_leaves)
"""Types without unions: what a value is does not depend on how it is written."""

_files: st.SearchStrategy[Type] = st.just(StoredType.FILE)
filed_types = _types(_files | _leaves)
"""The same with files, whose values are their contents."""

_stored: st.SearchStrategy[Type] = st.sampled_from([StoredType.DIRECTORY, DatasetOf("parquet")])
stored_types = _types(_stored | _leaves)
"""The same with what only a store can keep: values are URIs."""

value_types = st.recursive(_leaves, lambda inner: _around(inner, unions=True), max_leaves=5)


def values_of(kind: Type) -> st.SearchStrategy[Any]:
    """Return a strategy for values of a type; of a union, of any variant."""
    match kind:
        case SimpleType():
            return VALUES[kind]
        case BareType():
            return st.none()
        case StoredType.FILE:
            return st.binary(max_size=20).map(FileContent)
        case StoredType() | DatasetOf():
            return uris.map(Stored)
        case EnumOf(values):
            return st.sampled_from(values)
        case ListOf(item):
            return st.lists(values_of(item), max_size=3)
        case MapOf(item):
            return st.dictionaries(keys, values_of(item), max_size=3)
        case OptionalOf(item):
            return st.none() | values_of(item)
        case UnionOf(variants):
            return st.one_of([values_of(one) for one in variants])
    raise AssertionError(f"{kind} is no type of values")


def with_value(kinds: st.SearchStrategy[Type]) -> st.SearchStrategy[tuple[Type, Any]]:
    """Return a strategy for types, each with a value of it."""
    return kinds.flatmap(lambda kind: st.tuples(st.just(kind), values_of(kind)))


def alike(one: object, other: object) -> bool:
    """Compare exactly, through all levels: NaN is NaN, -0.0 is not 0.0, and 1 is neither 1.0 nor true."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(alike(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(alike, one, other))
    return type(one) is type(other) and repr(one) == repr(other)
