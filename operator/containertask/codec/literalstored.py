"""Where files, directories and datasets lie, in and out of the scalars of Flyte's literals.

A blob's format stays empty, which every reader takes. A place that is no URI but an absolute path is one of
the machine that wrote the literal, as Flyte's SDKs write it outside of a cluster: it stays a path.
"""

from __future__ import annotations

import importlib
from typing import Any, Final

from containertask.codec import stored, text
from containertask.codec.errors import CodecError
from containertask.codec.stored import LocalPath, Stored, StoredValue
from containertask.contract import MAX_URI
from containertask.types.leaves import StoredType
from containertask.types.model import DatasetOf
from containertask.words import shown

Scalar = Any
"""``flyteidl.core.literals_pb2.Scalar``, which has no types of Python's own."""

_DIMENSIONS: Final = {StoredType.FILE: "SINGLE", StoredType.DIRECTORY: "MULTIPART"}


def fill(scalar: Scalar, kind: StoredType | DatasetOf, value: StoredValue) -> None:
    """Put a place into an empty scalar.

    Raises:
        CodecError: it is a content, or no text.
    """
    match value:
        case Stored(place) | LocalPath(place):
            place = text.string_from_json(place)
        case _:
            raise CodecError("a file's content has no literal, which says where a file lies: give its URI")
    if isinstance(kind, DatasetOf):
        scalar.structured_dataset.uri = place
        scalar.structured_dataset.metadata.structured_dataset_type.format = kind.format
    else:
        scalar.blob.uri = place
        scalar.blob.metadata.type.dimensionality = _dimensions().Value(_DIMENSIONS[kind])


def read(kind: StoredType | DatasetOf, scalar: Scalar) -> Stored | LocalPath:
    """Take the place out of a scalar that has one.

    Raises:
        CodecError: it is one of another type, or neither a URI nor an absolute path.
    """
    if isinstance(kind, DatasetOf):
        found = scalar.structured_dataset.metadata.structured_dataset_type.format
        if found not in {"", kind.format}:
            raise CodecError(f"a dataset of format `{shown(found)}` is not of type {kind}")
        return _place(scalar.structured_dataset.uri, is_file=False)
    dimensions = scalar.blob.metadata.type.dimensionality
    if dimensions != _dimensions().Value(_DIMENSIONS[kind]):
        raise CodecError(
            f"a blob of dimensionality {dimensions} is not of type {kind}: {_DIMENSIONS[kind]} is"
        )
    return _place(scalar.blob.uri, is_file=kind is StoredType.FILE)


def _place(uri: str, *, is_file: bool) -> Stored | LocalPath:
    if uri.startswith("/") and len(uri) <= MAX_URI and uri.isprintable():
        return LocalPath(uri, is_file)
    return stored.from_json({"uri": uri})


def _dimensions() -> Any:  # noqa: ANN401 - protobuf's enums have no types
    return importlib.import_module("flyteidl.core.types_pb2").BlobType.BlobDimensionality
