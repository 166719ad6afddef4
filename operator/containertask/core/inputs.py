"""The inputs of a spec, read as their types: what is wrong with them is found before any Pod exists."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from containertask.api.inputs import Input, InputMode
from containertask.api.spec import ContainerTaskSpec
from containertask.api.verify import Problem
from containertask.codec import typed
from containertask.codec.errors import CodecError
from containertask.codec.layout import input_path, input_tree, placed
from containertask.codec.stored import FileContent, Stored
from containertask.codec.trees import Tree
from containertask.codec.typed import AnyValue
from containertask.contract.manifest import InputItem
from containertask.types.grammar import parse_type
from containertask.types.leaves import SimpleType
from containertask.types.model import Type, needs_store

MAX_FILES = 10_000
"""How many files the inputs of one task may be: lists and maps have one for each of their values."""


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
    read, problems, files = {}, [], 0
    for one in spec.inputs or ():
        try:
            found = read[one.name] = _read(spec, one)
            files += _files(found)
        except CodecError as error:
            problems.append(Problem(f"spec.inputs[{one.name}]", f"type {one.type}: {error}"))
    if files > MAX_FILES:
        text = f"they are {files} files, at most {MAX_FILES} do: make a long list or map a struct or a file"
        problems.append(Problem("spec.inputs", text))
    return read, tuple(problems)


def values_as_json(read: Mapping[str, ReadInput]) -> dict[str, object]:
    """Return the values that are there."""
    return {name: typed.to_json(one.kind, one.value) for name, one in read.items() if one.value is not None}


def _read(spec: ContainerTaskSpec, one: Input) -> ReadInput:
    kind = parse_type(one.type)
    value = _value(kind, one)
    _check_stored(one, kind, value)
    layout = one.layout or spec.file_input_layout
    kept = one.value_from is not None
    item = InputItem(one.name, one.type, layout, one.name if kept else None, bool(one.optional))
    path = input_path(spec.input_dir, one.name, kind, value, layout)
    return ReadInput(item, kind, value, path, known=not kept)


def _value(kind: Type, one: Input) -> AnyValue:
    """Take the value, else the default, else nothing if that is allowed; null is as good as absent."""
    for raw in (one.value, one.default):
        if raw is not None:
            return typed.from_json(kind, raw)
    if one.uri is not None:
        return typed.from_json(kind, {"uri": one.uri})
    if one.optional or one.value_from is not None or typed.holds(kind, None):
        return None
    raise CodecError("null is no value of it: write one, or set `optional: true`")


def _check_stored(one: Input, kind: Type, value: AnyValue) -> None:
    leaves = {type(leaf) for leaf in _leaves(value)}
    if one.uri is not None and not isinstance(value, Stored):
        raise CodecError("uri is for file, directory and dataset: set value")
    if Stored in leaves and one.mode is not InputMode.REFERENCE:
        raise CodecError("this version fetches nothing from a URI: set mode: Reference, or give its content")
    if one.mode is InputMode.REFERENCE and (FileContent in leaves or not needs_store(kind)):
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


def _files(one: ReadInput) -> int:
    """Count files and directories. Raises CodecError where a key is no name for a file."""
    if one.value is None or isinstance(one.kind, SimpleType):
        return 1
    return _count(input_tree(one.item.name, one.kind, one.value, one.item.layout))


def _count(tree: Tree | None) -> int:
    return 1 + sum(map(_count, tree.values())) if isinstance(tree, Mapping) else 1
