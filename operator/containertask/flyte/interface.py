"""Our types and Flyte's: ``LiteralType``, and the ``TypedInterface`` of a whole task.

Flyte's interface has no order of its own: names come back sorted.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, assert_never

from flyteidl.core.interface_pb2 import TypedInterface, Variable, VariableMap  # type: ignore[import-untyped]
from flyteidl.core.types_pb2 import (  # type: ignore[import-untyped]
    BlobType,
    EnumType,
    LiteralType,
    StructuredDatasetType,
    UnionType,
)
from flyteidl.core.types_pb2 import (
    SimpleType as FlyteSimple,
)

from containertask.errors import InvalidTaskError
from containertask.types.leaves import BareType, SimpleType, StoredType
from containertask.types.model import DatasetOf, EnumOf, ListOf, MapOf, OptionalOf, Type, UnionOf
from containertask.words import shown

_DIMENSIONS: Final = {StoredType.FILE: BlobType.SINGLE, StoredType.DIRECTORY: BlobType.MULTIPART}
_SIMPLE: Final[Mapping[int, Type]] = {FlyteSimple.Value(one.name): one for one in (*SimpleType, *BareType)}
_PARQUET: Final = "parquet"
"""What Flyte's SDKs write where a dataset's format is not said."""


def typed_interface(inputs: Mapping[str, Type], outputs: Mapping[str, Type]) -> TypedInterface:
    """Return the interface of a task."""
    return TypedInterface(inputs=_variables(inputs), outputs=_variables(outputs))


def kinds(variables: VariableMap) -> dict[str, Type]:
    """Return the types of one half of an interface. Raises InvalidTaskError: one of them we have not."""
    return {name: kind_of(variables.variables[name].type, name) for name in sorted(variables.variables)}


def literal_type(kind: Type) -> LiteralType:
    """Return a type as Flyte has it."""
    match kind:
        case SimpleType() | BareType():
            return LiteralType(simple=FlyteSimple.Value(kind.name))
        case StoredType():
            return LiteralType(blob=BlobType(dimensionality=_DIMENSIONS[kind]))
        case DatasetOf(form):
            return LiteralType(structured_dataset_type=StructuredDatasetType(format=form))
        case EnumOf(values):
            return LiteralType(enum_type=EnumType(values=values))
        case ListOf(item):
            return LiteralType(collection_type=literal_type(item))
        case MapOf(item):
            return LiteralType(map_value_type=literal_type(item))
        case OptionalOf(item):
            return _union((*_flat(item), BareType.NONE))
        case UnionOf(variants):
            return _union(variants)
    assert_never(kind)


def kind_of(found: LiteralType, where: str) -> Type:
    """Return a type of Flyte's as ours; ``where`` is the variable, for the error.

    Raises:
        InvalidTaskError: we have no such type.
    """
    match found.WhichOneof("type"):
        case "simple" if found.simple in _SIMPLE:
            return _SIMPLE[found.simple]
        case "blob":
            is_file = found.blob.dimensionality == BlobType.SINGLE
            return StoredType.FILE if is_file else StoredType.DIRECTORY
        case "structured_dataset_type":
            return DatasetOf(found.structured_dataset_type.format or _PARQUET)
        case "enum_type":
            return EnumOf(tuple(found.enum_type.values))
        case "collection_type":
            return ListOf(kind_of(found.collection_type, where))
        case "map_value_type":
            return MapOf(kind_of(found.map_value_type, where))
        case "union_type":
            return _alternatives([kind_of(one, where) for one in found.union_type.variants])
    text = "shim tasks here have values, files, folders, datasets, lists, maps and unions"
    raise InvalidTaskError([f"{shown(where)}: a type of Flyte's that is not ours: {text}"])


def _variables(kinds: Mapping[str, Type]) -> VariableMap:
    return VariableMap(variables={name: Variable(type=literal_type(kind)) for name, kind in kinds.items()})


def _union(variants: tuple[Type, ...]) -> LiteralType:
    return LiteralType(union_type=UnionType(variants=[literal_type(one) for one in variants]))


def _flat(kind: Type) -> tuple[Type, ...]:
    return kind.variants if isinstance(kind, UnionOf) else (kind,)


def _alternatives(variants: list[Type]) -> Type:
    rest = tuple(one for one in variants if one is not BareType.NONE)
    item = rest[0] if len(rest) == 1 else UnionOf(rest)
    return OptionalOf(item) if rest and len(rest) < len(variants) else item
