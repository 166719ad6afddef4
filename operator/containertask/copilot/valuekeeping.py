"""Values in a store: as documents where the message has no room, and all of them in ``outputs.pb``. Pure."""

from __future__ import annotations

import hashlib
import importlib
from dataclasses import dataclass

from containertask.codec import literals, text, typed
from containertask.codec.stored import Stored
from containertask.codec.trees import to_leaf
from containertask.codec.typed import AnyValue
from containertask.contract.report import Kept
from containertask.types.model import ListOf, MapOf, Type, alternatives


@dataclass(frozen=True, slots=True)
class Document:
    """A value as it is kept, below the folder of the attempt."""

    key: str
    data: bytes

    @property
    def kept(self) -> Kept:
        """Return what the report says of it."""
        return Kept(self.key, len(self.data), hashlib.sha256(self.data).hexdigest())


def document(name: str, kind: Type, raw: object) -> Document:
    """Return the document of a value, which is JSON: what has no parts is there as it is in a file."""
    value = None if _has_parts(kind, raw) else typed.from_json(kind, raw)
    if value is None or isinstance(value, Stored):
        return Document(f"outputs/{name}.json", text.compact(raw).encode())
    return Document(f"outputs/{name}", to_leaf(value))


def _has_parts(kind: Type, raw: object) -> bool:
    """Tell whether a value is a list or a map: an object may be a struct, too."""
    of_several = any(isinstance(one, ListOf | MapOf) for one in alternatives(kind))
    return isinstance(raw, list) or (isinstance(raw, dict) and of_several)


def literal(name: str, kind: Type, value: AnyValue) -> bytes:
    """Return what ``outputs.pb`` has of an output; None is one that is absent.

    Raises CodecError: no literal can hold the value.
    """
    return literals.to_literal_map({name: kind}, {name: value})


def load() -> None:
    """Load what literals are made of, which takes as long as all else together."""
    for name in ("flyteidl.core.literals_pb2", "flyteidl.core.types_pb2", "google.protobuf.message"):
        importlib.import_module(name)
