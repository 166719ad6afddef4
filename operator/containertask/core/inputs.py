"""The inputs of a spec, read as their types: what is wrong with them is found before any Pod exists."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from containertask.api.inputs import Input, InputMode
from containertask.api.problem import Problem
from containertask.api.spec import ContainerTaskSpec
from containertask.codec import typed
from containertask.codec.errors import CodecError
from containertask.codec.layout import input_path, input_tree, placed
from containertask.codec.stored import FileContent, Stored
from containertask.codec.typed import AnyValue
from containertask.contract.manifest import InputItem
from containertask.core.parts import Room, TooManyPartsError
from containertask.types.grammar import parse_type
from containertask.types.leaves import SimpleType, StoredType
from containertask.types.model import Type, needs_store, present

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class ReadInput:
    """One input with its value, which is None if it is absent, and the path where ``main`` finds it.

    Attributes:
        known: the value is the one that ``main`` will find: it is kept nowhere else.
    """

    item: InputItem
    kind: Type
    value: AnyValue
    path: str
    known: bool

    @property
    def placed(self) -> AnyValue:
        """Return the value with paths in place of the contents of files."""
        return placed(self.kind, self.value, self.path)


def read_inputs(spec: ContainerTaskSpec) -> tuple[dict[str, ReadInput], tuple[Problem, ...]]:
    """Read all inputs; return them by name, and what is wrong with the others."""
    read, problems, room = {}, [], Room()
    for one in spec.inputs or ():
        try:
            kind = parse_type(one.type)
            for raw in (one.value, one.default):
                if raw is not None:
                    room.take(kind, raw)
            read[one.name] = _read(spec, one, kind)
        except TooManyPartsError as error:
            return {}, (Problem("spec.inputs", str(error)),)
        except CodecError as error:
            problems.append(Problem(f"spec.inputs[{one.name}]", f"type {one.type}: {error}"))
    return read, tuple(problems)


def values_as_json(read: Mapping[str, ReadInput]) -> dict[str, object]:
    """Return the values that are there."""
    return {name: typed.to_json(one.kind, one.value) for name, one in read.items() if one.value is not None}


def config_maps(spec: ContainerTaskSpec, read: Mapping[str, ReadInput]) -> list[Json]:
    """Return what inputs take their values from, as a Pod mounts it: a file for each, under its input's name.

    The kubelet starts nothing while one is missing that is not optional.
    """
    found: list[Json] = []
    for one in spec.inputs or ():
        if one.value_from is None:
            continue
        key = one.value_from.config_map_key_ref
        items = [{"key": key.key, "path": one.name}]
        left_out = read[one.name].item.optional or one.default is not None
        found.append(
            {"configMap": {"name": key.name, "items": items, **({"optional": True} if left_out else {})}}
        )
    return found


def _read(spec: ContainerTaskSpec, one: Input, kind: Type) -> ReadInput:
    _check_source(one, kind)
    value = _value(kind, one)
    _check_stored(one, value)
    layout = one.layout or spec.file_input_layout
    kept = one.value_from is not None
    optional = bool(one.optional) or typed.holds(kind, None)
    item = InputItem(one.name, one.type, layout, one.name if kept else None, optional)
    if value is not None and not isinstance(kind, SimpleType):
        input_tree(one.name, kind, value, layout)  # a key may be no name for a file
    path = input_path(spec.input_dir, one.name, kind, value, layout)
    return ReadInput(item, kind, value, path, known=not kept)


def _value(kind: Type, one: Input) -> AnyValue:
    """Take the value, else the default, else nothing if that is allowed; null is as good as absent."""
    given = [typed.from_json(kind, raw) for raw in (one.value, one.default) if raw is not None]
    if given:
        return given[0]
    if one.uri is not None:
        return typed.from_json(kind, {"uri": one.uri})
    if one.optional or one.value_from is not None or typed.holds(kind, None):
        return None
    raise CodecError("null is no value of it: write one, or set `optional: true`")


def _check_source(one: Input, kind: Type) -> None:
    """Hold mode, uri and valueFrom against the type."""
    if (one.uri is not None or one.mode is InputMode.REFERENCE) and not needs_store(kind):
        raise CodecError("uri and mode Reference are for file, directory and dataset: set value")
    if one.value_from is None:
        return
    if one.mode is InputMode.REFERENCE:
        raise CodecError(
            "valueFrom gives the content, mode Reference hands over a URI: leave one of them out"
        )
    if needs_store(kind) and present(kind) is not StoredType.FILE:
        raise CodecError("valueFrom gives values, and the content of one file: this is neither")


def _check_stored(one: Input, value: AnyValue) -> None:
    leaves = {type(leaf) for leaf in _leaves(value)}
    if one.uri is not None and not isinstance(value, Stored):
        raise CodecError(
            "one uri says where one file, directory or dataset lies: set value, with {uri: …} in it"
        )
    if Stored in leaves and one.mode is not InputMode.REFERENCE:
        raise CodecError("this version fetches nothing from a URI: set mode: Reference, or give its content")
    if FileContent in leaves and one.mode is InputMode.REFERENCE:
        raise CodecError("mode Reference hands over URIs: set uri, or leave mode out")


def _leaves(value: AnyValue) -> Iterator[AnyValue]:
    match value:
        case list():
            for one in value:
                yield from _leaves(one)
        case dict():
            for one in value.values():
                yield from _leaves(one)
        case _:
            yield value
