"""Inputs and outputs with more than a type: a default, a place, a limit."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Final, Literal

from containertask.sdk.annotations import type_of
from containertask.sdk.wording import kind_of
from containertask.types.model import Type

Json = dict[str, Any]

_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,62}")


class Missing:
    """The value of nobody: what an argument has that was not given."""

    def __repr__(self) -> str:
        return "MISSING"

    def __reduce__(self) -> str:
        """Have copies and pickles be the one that is: it is known by being itself."""
        return "MISSING"


MISSING: Final = Missing()


@dataclass(frozen=True, slots=True)
class Input:
    """An input with more than a type; where that is all, its type alone is enough.

    Attributes:
        type: as for an annotation, such as ``list[int]`` or ``File``.
        default: the value where none is given.
        optional: whether it may be absent.
        layout: where a file is: at its path, or in a folder there under a name of its own.
        mode: whether what lies at a URI is on the disk, comes through a FIFO, or is fetched by the command.
        sha256: of the one file that is meant, in hex.
        max_bytes: most bytes that what is fetched may have.
    """

    type: object
    default: object = MISSING
    optional: bool = False
    layout: Literal["Direct", "NamedDir"] | None = None
    mode: Literal["Download", "Stream", "Reference"] | None = None
    sha256: str | None = None
    max_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class Output:
    """An output with more than a type; where that is all, its type alone is enough.

    Attributes:
        type: as for an annotation, such as ``float`` or ``Dir``.
        optional: whether the command may leave it out.
        path: absolute path of the file that the command writes, inside the folder of outputs.
        glob: pattern of the files that are the items of a list.
        source: the command's output, or its exit code, instead of a file.
        max_bytes: most bytes that a file or folder may have.
        destination: URI where it is to lie.
    """

    type: object
    optional: bool = False
    path: str | None = None
    glob: str | None = None
    source: Literal["File", "Stdout", "Stderr", "ExitCode"] | None = None
    max_bytes: int | None = None
    destination: str | None = None


@dataclass(frozen=True, slots=True)
class ConfigMapKey:
    """A value that is kept in a ConfigMap of the task's namespace: an input may be one.

    Attributes:
        name: of the ConfigMap.
        key: in it.
    """

    name: str
    key: str


@dataclass(frozen=True, slots=True)
class Declared:
    """One input or output: what was written, what it is in the grammar, and the spec's other fields of it.

    Attributes:
        annotation: the Python type that values have.
        kind: the same in the grammar.
        fields: of ``spec.inputs[]`` or ``spec.outputs[]``, without name, type and value.
        default: MISSING where there is none.
    """

    annotation: object
    kind: Type
    fields: Json
    default: object = MISSING


def declared_inputs(given: object) -> dict[str, Declared]:
    """Return all inputs by their names. Raises TypeError or ValueError."""
    return {name: _declared(Input, one, f"input `{name}`") for name, one in _by_name(given, "inputs")}


def declared_outputs(given: object) -> dict[str, Declared]:
    """Return all outputs by their names. Raises TypeError or ValueError."""
    return {name: _declared(Output, one, f"output `{name}`") for name, one in _by_name(given, "outputs")}


def _by_name(given: object, what: str) -> list[tuple[str, object]]:
    if given is None:
        return []
    if not isinstance(given, Mapping):
        cure = "write a dict of names and types, such as {'a': int}"
        raise TypeError(f"{what}: {kind_of(given)} where a dict is wanted: {cure}")
    for name in given:
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            text = "a name has at most 63 letters, digits, `_` and `-`, and begins with a letter or `_`"
            raise ValueError(f"{what}: {name!r:.80} is no name: {text}")
    return list(given.items())


def _declared(wanted: type[Input | Output], given: object, where: str) -> Declared:
    if isinstance(given, Input | Output) and not isinstance(given, wanted):
        raise TypeError(f"{where} is declared by {type(given).__name__}: write {wanted.__name__}(...)")
    if not isinstance(given, wanted):
        return Declared(given, type_of(given, where), {})
    more = {
        one.name: getattr(given, one.name) for one in fields(given) if one.name not in {"type", "default"}
    }
    named = {_camel(name): value for name, value in more.items() if value is not None and value is not False}
    return Declared(given.type, type_of(given.type, where), named, getattr(given, "default", MISSING))


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)
