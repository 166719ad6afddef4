"""What a type is: a closed union of frozen values. ``str`` of any of them is how it is written in YAML.

Apart from ``leaves``, because a dataclass takes a millisecond to make.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TypeAlias

from containertask.types.leaves import BareType, SimpleType, StoredType


@dataclass(frozen=True, slots=True)
class EnumOf:
    """One of some strings."""

    values: tuple[str, ...]

    def __str__(self) -> str:
        return f"enum[{','.join(json.dumps(value, ensure_ascii=False) for value in self.values)}]"


@dataclass(frozen=True, slots=True)
class DatasetOf:
    """Files of one format, such as ``parquet``, that are one table."""

    format: str

    def __str__(self) -> str:
        return f"dataset[{self.format}]"


@dataclass(frozen=True, slots=True)
class ListOf:
    """Any number of values of one type, in order."""

    item: Type

    def __str__(self) -> str:
        return f"list[{self.item}]"


@dataclass(frozen=True, slots=True)
class MapOf:
    """Values of one type by names, which are any strings."""

    item: Type

    def __str__(self) -> str:
        return f"map[{self.item}]"


@dataclass(frozen=True, slots=True)
class OptionalOf:
    """A value of a type, or none at all."""

    item: Type

    def __str__(self) -> str:
        return f"optional[{self.item}]"


@dataclass(frozen=True, slots=True)
class UnionOf:
    """A value of one of several types: of the first, as they are written, that takes what is there."""

    variants: tuple[Type, ...]

    def __str__(self) -> str:
        return f"union[{','.join(str(one) for one in self.variants)}]"


Type: TypeAlias = (
    SimpleType | BareType | StoredType | EnumOf | DatasetOf | ListOf | MapOf | OptionalOf | UnionOf
)


def present(kind: Type) -> Type:
    """Return the type of a value that is there: of an optional the one inside."""
    return kind.item if isinstance(kind, OptionalOf) else kind


def alternatives(kind: Type) -> tuple[Type, ...]:
    """Return the types of which one is that of a value that is there: none is an optional or a union."""
    found = present(kind)
    return found.variants if isinstance(found, UnionOf) else (found,)


def needs_store(kind: Type) -> bool:
    """Tell whether some value of a type is more than its text: a file, a directory, a dataset."""
    match kind:
        case StoredType() | DatasetOf():
            return True
        case ListOf(item) | MapOf(item) | OptionalOf(item):
            return needs_store(item)
        case UnionOf(variants):
            return any(map(needs_store, variants))
        case _:
            return False
