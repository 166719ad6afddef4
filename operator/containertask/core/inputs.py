"""The inputs of a spec, read as their types: what is wrong with them is found before any Pod exists."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from containertask.api.inputs import Input
from containertask.api.problem import Problem
from containertask.api.spec import ContainerTaskSpec
from containertask.codec import typed
from containertask.codec.errors import CodecError
from containertask.codec.layout import input_path, input_tree, placed
from containertask.codec.stored import Stored
from containertask.codec.typed import AnyValue
from containertask.contract.items import InputItem, InputMode
from containertask.core.inputrules import check_source, check_stored, leaves
from containertask.core.parts import Room, TooManyPartsError
from containertask.types.grammar import parse_type
from containertask.types.leaves import SimpleType
from containertask.types.model import Type

Json = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What another task gave for an input: a value as JSON, or where that is kept; None of both is absent.

    ``files`` is where the files lie that a document names, if not beside it.
    """

    value: object = None
    document: str | None = None
    sha256: str | None = None
    files: str | None = None
    is_empty: bool = False
    """It is a folder with no file in it."""


@dataclass(frozen=True, slots=True)
class ReadInput:
    """One input with its value, which is None if it is absent, and the path where ``main`` finds it.

    Attributes:
        known: the value is the one that ``main`` will find: it is kept nowhere else.
        files: where the files lie that a document names, if not beside it.
    """

    item: InputItem
    kind: Type
    value: AnyValue
    path: str
    known: bool
    files: str | None = None

    @property
    def placed(self) -> AnyValue:
        """Return the value with paths in place of the contents of files."""
        return placed(self.kind, self.value, self.path, mode=self.item.mode)

    @property
    def uris(self) -> tuple[str, ...]:
        """Return what has to be fetched for it before the command runs, as far as that is known."""
        document = () if self.item.document is None else (self.item.document,)
        if self.item.mode is not InputMode.DOWNLOAD:
            return document
        files = () if self.files is None else (self.files,)
        return (*document, *files, *(leaf.uri for leaf in leaves(self.value) if isinstance(leaf, Stored)))

    @property
    def streamed(self) -> tuple[str, ...]:
        """Return what is fed to the command while it reads."""
        if self.item.mode is InputMode.STREAM and isinstance(self.value, Stored):
            return (self.value.uri,)
        return ()


def read_inputs(
    spec: ContainerTaskSpec, given: Mapping[str, Given]
) -> tuple[dict[str, ReadInput], tuple[Problem, ...]]:
    """Read all inputs; return them by name, and what is wrong with the others.

    ``given`` is what other tasks gave, by the names of inputs: empty while that is not known.
    """
    read, problems, room = {}, [], Room()
    for one in spec.inputs or ():
        try:
            kind = parse_type(one.type)
            other = given.get(one.name)
            for raw in (one.value, one.default, other and other.value):
                if raw is not None:
                    room.take(kind, raw)
            read[one.name] = _read(spec, one, kind, other)
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
        key = one.value_from.config_map_key_ref if one.value_from is not None else None
        if key is None:
            continue
        items = [{"key": key.key, "path": one.name}]
        left_out = read[one.name].item.optional or one.default is not None
        found.append(
            {"configMap": {"name": key.name, "items": items, **({"optional": True} if left_out else {})}}
        )
    return found


def _read(spec: ContainerTaskSpec, one: Input, kind: Type, given: Given | None) -> ReadInput:
    check_source(one, kind)
    value = _value(kind, one, given)
    check_stored(one, value)
    layout, mode = one.layout or spec.file_input_layout, one.mode or InputMode.DOWNLOAD
    kept = one.value_from is not None and one.value_from.config_map_key_ref is not None
    document = given.document if given is not None else None
    item = InputItem(
        name=one.name,
        type=one.type,
        layout=layout,
        file=one.name if kept else None,
        optional=bool(one.optional) or typed.holds(kind, None),
        mode=mode,
        document=document,
        sha256=given.sha256 if given is not None else one.sha256,
        max_bytes=one.max_bytes,
        may_be_empty=given is not None and given.is_empty,
    )
    if value is not None and not isinstance(kind, SimpleType):
        input_tree(one.name, kind, value, layout, mode=mode)  # a key may be no name for a file
    path = input_path(spec.input_dir, one.name, kind, value, layout, mode=mode)
    awaited = one.value_from is not None and (given is None or document is not None)
    files = given.files if given is not None else None
    return ReadInput(item, kind, value, path, known=not awaited, files=files)


def _value(kind: Type, one: Input, given: Given | None) -> AnyValue:
    """Take the value, else the default, else nothing if that is allowed; null is as good as absent."""
    raws = (given.value if given is not None else one.value, one.default)
    found = [typed.from_json(kind, raw) for raw in raws if raw is not None]
    if found:
        return found[0]
    if one.uri is not None:
        return typed.from_json(kind, {"uri": one.uri})
    awaited = one.value_from is not None and (given is None or given.document is not None)
    if one.optional or awaited or typed.holds(kind, None):
        return None
    raise CodecError("null is no value of it: write one, or set `optional: true`")
