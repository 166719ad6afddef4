"""The types of inputs and outputs. Standard library only: the copilot loads this inside every task Pod.

How they are written is the matter of ``types.grammar``, which is not loaded here.
"""

from containertask.types.model import (
    BareType,
    DatasetOf,
    EnumOf,
    ListOf,
    MapOf,
    OptionalOf,
    SimpleType,
    StoredType,
    Type,
    UnionOf,
)

__all__ = [
    "BareType",
    "DatasetOf",
    "EnumOf",
    "ListOf",
    "MapOf",
    "OptionalOf",
    "SimpleType",
    "StoredType",
    "Type",
    "UnionOf",
]
