"""Values of a shim task's caller, by the annotations of the task, as Flyte's literals, and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

from flyteidl.core.literals_pb2 import LiteralMap  # type: ignore[import-untyped]

from containertask.codec import literals, typed
from containertask.codec.errors import CodecError
from containertask.codec.stored import Stored
from containertask.codec.typed import AnyValue
from containertask.errors import InvalidTaskError
from containertask.flyte.template import to_bytes
from containertask.sdk.declare import MISSING, Declared
from containertask.sdk.files import Dir, File
from containertask.sdk.forms import Wire
from containertask.sdk.outputs import Outputs
from containertask.sdk.shimparts import kinds
from containertask.sdk.values import from_wire, to_wire
from containertask.sdk.wording import nearest
from containertask.types.model import OptionalOf, Type

_FILE: Final = "file://"


def to_literals(declared: Mapping[str, Declared], values: Mapping[str, object]) -> LiteralMap:
    """Return the inputs of a run.

    Raises:
        TypeError: a name that is no input's, an input without a value, or a value of another type.
        ValueError: a value that no literal has.
        InvalidTaskError: a file that is not there.
    """
    for name in values:
        if name not in declared:
            raise TypeError(f"there is no input {name}: {nearest(name, declared)}")
    found = {}
    types = kinds(declared)
    for name, one in declared.items():
        where = f"input `{name}`"
        value = values.get(name, one.default)
        if value is MISSING and isinstance(types[name], OptionalOf):
            value = None
        if value is MISSING:
            raise TypeError(f"{where} has no value: give one, or declare a default")
        absent = value is None and isinstance(types[name], OptionalOf)
        found[name] = (
            None if absent else typed.from_json(one.kind, to_wire(value, one.annotation, where, _place))
        )
    try:
        return LiteralMap.FromString(literals.to_literal_map(types, found))
    except CodecError as error:
        raise ValueError(str(error)) from None


def from_literals(declared: Mapping[str, Declared], found: LiteralMap) -> Outputs:
    """Return the outputs of a run. Raises TypeError, ValueError: they are not what was declared."""
    types = kinds(declared)
    try:
        values = literals.from_literal_map(types, to_bytes(found))
        wire = {name: typed.to_json(kind, _encoded(values.get(name))) for name, kind in types.items()}
    except CodecError as error:
        raise ValueError(str(error)) from None
    return Outputs(
        {
            name: None
            if wire[name] is None and isinstance(types[name], OptionalOf)
            else from_wire(wire[name], one.annotation, f"output `{name}`")
            for name, one in declared.items()
        }
    )


def _encoded(value: AnyValue) -> AnyValue:
    """Return a value with URIs of this machine as others write them: Flyte's have paths as they are."""
    match value:
        case Stored(place) if place.startswith(_FILE):
            return replace(value, uri=Path(place.removeprefix(_FILE)).as_uri())
        case list():
            return [_encoded(one) for one in value]
        case dict():
            return {key: _encoded(one) for key, one in value.items()}
    return value


def _place(local: File | Dir, _: Type, where: str) -> Wire:
    path = local.path
    if path is None:
        return {"uri": local.uri}
    if not (path.is_dir() if isinstance(local, Dir) else path.is_file()):
        raise InvalidTaskError(
            [f"{where}: there is no {'folder' if isinstance(local, Dir) else 'file'} {path}"]
        )
    return {"uri": f"{_FILE}{path.absolute()}"}
