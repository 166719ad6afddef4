"""Values of every type to Flyte's literals and back: the bytes of ``inputs.pb`` and ``outputs.pb``.

A LiteralMap's bytes are those of flyteidl2's Inputs and Outputs too (`reference/flyte-wire.md` 2.10). One
literal is written by ``literalwriting`` and read by ``literalreading``. Importing this module imports neither
flyteidl nor protobuf nor msgpack: few processes that know the codec need literals.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from types import ModuleType
from typing import Any

from containertask.codec import literalreading, literalwriting, text
from containertask.codec.errors import CodecError
from containertask.codec.typed import AnyValue
from containertask.types.model import Type
from containertask.words import shown

Literal = Any
"""``flyteidl.core.literals_pb2.Literal``, which has no types of Python's own."""

LiteralMap = Any
"""``flyteidl.core.literals_pb2.LiteralMap``."""


def to_literal_map(kinds: Mapping[str, Type], values: Mapping[str, AnyValue]) -> bytes:
    """Write a LiteralMap of all names in ``kinds``, in order; the same values give the same bytes.

    A value that is None or not there is an optional input that is absent: Flyte's none.

    Raises:
        CodecError: a value that no literal of its type can hold as it is; the message names the input.
    """
    # A map is its entries one after another: protobuf's own order of them differs between its runtimes.
    return b"".join(_entry(name, kinds[name], values.get(name)) for name in sorted(kinds))


def from_literal_map(kinds: Mapping[str, Type], data: bytes) -> dict[str, AnyValue]:
    """Read those names of a LiteralMap that ``kinds`` has; what is none or not there is left out.

    Raises:
        CodecError: the bytes are no LiteralMap, or a literal is not of its type; the message names it.
    """
    message = _parse(data)
    values: dict[str, AnyValue] = {}
    for name in kinds.keys() & message.literals.keys():
        try:
            value = from_literal(kinds[name], message.literals[name])
        except CodecError as error:
            raise CodecError(f"{shown(name)}: {error}") from None
        if value is not None:
            values[name] = value
    return values


def to_literal(kind: Type, value: AnyValue) -> Literal:
    """Return the literal of a value of this type, or Flyte's none.

    Raises:
        CodecError: the value is of another type, or one that no literal can hold as it is.
    """
    literal = _flyte().Literal()
    literalwriting.fill(literal, kind, value)
    return literal


def from_literal(kind: Type, literal: Literal) -> AnyValue:
    """Return the value of a literal, or None for Flyte's none. The member of a union is read as it is.

    Raises:
        CodecError: the literal is of another type, or holds what a value of its type cannot be.
    """
    return None if literalreading.is_none(literal) else literalreading.read(kind, literal)


def _entry(name: str, kind: Type, value: AnyValue) -> bytes:
    message = _flyte().LiteralMap()
    try:
        literalwriting.fill(message.literals[text.string_from_json(name)], kind, value)
    except CodecError as error:
        raise CodecError(f"{shown(name)}: {error}") from None
    data = bytes(message.SerializeToString(deterministic=True))
    try:
        # Protobuf writes what is nested deeper than it reads.
        _parse(data)
    except CodecError:
        raise CodecError(f"{shown(name)}: nested deeper than protobuf reads: make it flatter") from None
    return data


def _flyte() -> ModuleType:
    return importlib.import_module("flyteidl.core.literals_pb2")


def _parse(data: bytes) -> LiteralMap:
    try:
        return _flyte().LiteralMap.FromString(data)
    except importlib.import_module("google.protobuf.message").DecodeError:
        raise CodecError("these bytes are no LiteralMap of Flyte's, or one that is nested too deep") from None
