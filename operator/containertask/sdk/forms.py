"""A form: how values of one Python type are written on the wire and read from it.

``annotations`` says which form a type has. Every error names the variable, and of a value only what it is.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from containertask.codec import typed
from containertask.codec.errors import CodecError
from containertask.sdk.files import Dir, Fetch, File
from containertask.sdk.wording import kind_of, plain_str
from containertask.types.model import EnumOf, ListOf, MapOf, OptionalOf, Type, UnionOf
from containertask.words import shown

Wire = Any
"""Any JSON."""
Place = Callable[[File | Dir, Type, str], Wire]
"""What stands on the wire for a file or folder of this machine."""


@dataclass(frozen=True, slots=True)
class Form:
    """How values of a type come and go.

    Attributes:
        kind: the type in the grammar.
        takes: whether a value is one of this type, exactly: a boolean is no integer.
        write: from a value, its name and what places files to JSON. Raises TypeError or ValueError.
        read: from JSON, its name and what fetches files to a value. Raises TypeError or ValueError.
    """

    kind: Type
    takes: Callable[[object], bool]
    write: Callable[[Any, str, Place], Wire]
    read: Callable[[Wire, str, Fetch | None], Any]


def checked(kind: Type, raw: Wire, where: str) -> Any:  # noqa: ANN401 - what the codec has for the type
    """Read JSON as the codec does. Raises ValueError."""
    try:
        return typed.from_json(kind, raw)
    except CodecError as error:
        raise ValueError(f"{where}: {error}") from None


def list_of(item: Form) -> Form:
    """Return the form of a list."""

    def write(value: object, where: str, place: Place) -> Wire:
        if not isinstance(value, list | tuple):
            raise TypeError(f"{where}: {kind_of(value)} where a list is wanted")
        return [item.write(one, f"{where}[{at}]", place) for at, one in enumerate(value)]

    def read(raw: Wire, where: str, fetch: Fetch | None) -> list[Any]:
        if not isinstance(raw, list):
            raise TypeError(f"{where}: {kind_of(raw)} where a list is wanted")
        return [item.read(one, f"{where}[{at}]", fetch) for at, one in enumerate(raw)]

    return Form(
        ListOf(item.kind), lambda value: isinstance(value, list) and all(map(item.takes, value)), write, read
    )


def map_of(item: Form) -> Form:
    """Return the form of a dict whose keys are strings."""

    def write(value: object, where: str, place: Place) -> Wire:
        if not isinstance(value, dict):
            raise TypeError(f"{where}: {kind_of(value)} where a dict is wanted")
        for key in value:
            if not isinstance(key, str):
                raise TypeError(f"{where}: {kind_of(key)} as a key: keys are str")
        return {key: item.write(one, f"{where}[{shown(key)}]", place) for key, one in value.items()}

    def read(raw: Wire, where: str, fetch: Fetch | None) -> dict[str, Any]:
        if not isinstance(raw, dict):
            raise TypeError(f"{where}: {kind_of(raw)} where a dict is wanted")
        return {key: item.read(one, f"{where}[{shown(key)}]", fetch) for key, one in raw.items()}

    return Form(
        MapOf(item.kind),
        lambda value: isinstance(value, dict) and all(map(item.takes, value.values())),
        write,
        read,
    )


def optional_of(item: Form) -> Form:
    """Return the form of what may be None."""
    return Form(
        OptionalOf(item.kind),
        lambda value: value is None or item.takes(value),
        lambda value, where, place: None if value is None else item.write(value, where, place),
        lambda raw, where, fetch: None if raw is None else item.read(raw, where, fetch),
    )


def union_of(items: tuple[Form, ...]) -> Form:
    """Return the form of one of several types.

    On the wire the first type that takes the JSON counts: a value that would come out as another type is
    refused here.
    """
    kind = UnionOf(tuple(one.kind for one in items))

    def write(value: object, where: str, place: Place) -> Wire:
        mine = next((one for one in items if one.takes(value)), None)
        if mine is None:
            names = ", ".join(str(one.kind) for one in items)
            raise TypeError(f"{where}: {kind_of(value)}, which is none of {names}")
        wire = mine.write(value, where, place)
        if (other := _first(items, wire)) is not mine:
            text = (
                f"this {mine.kind} would be taken for {other.kind}: have {mine.kind} stand first in the union"
            )
            raise ValueError(f"{where}: {text}")
        return wire

    def read(raw: Wire, where: str, fetch: Fetch | None) -> Any:  # noqa: ANN401 - of one of the types
        checked(kind, raw, where)
        return _first(items, raw).read(raw, where, fetch)

    return Form(kind, lambda value: any(one.takes(value) for one in items), write, read)


def _first(items: tuple[Form, ...], raw: Wire) -> Form:
    for one in items:
        try:
            typed.from_json(one.kind, raw)
        except CodecError:
            continue
        return one
    return items[-1]


def choice_of(values: dict[str, object]) -> Form:
    """Return the form of one of some strings; each stands for a value, which may be a member of an enum."""
    kind, back = EnumOf(tuple(values)), {id(value): text for text, value in values.items()}

    def write(value: object, where: str, _: Place) -> Wire:
        text = back.get(id(value)) or (value if isinstance(value, str) else None)
        if text not in values:
            raise ValueError(f"{where}: {kind_of(value)} that is none of {shown(', '.join(values))}")
        return plain_str(text)

    return Form(
        kind,
        lambda value: id(value) in back or (type(value) is str and value in values),
        write,
        lambda raw, where, _: values[checked(kind, raw, where)],
    )


def raw_of(kind: Type) -> Form:
    """Return the form of who writes the wire's JSON by hand: the codec reads it, and it stays as it is."""

    def same(value: object, where: str, *_: object) -> Wire:
        checked(kind, value, where)
        return value

    def takes(value: object) -> bool:
        try:
            typed.from_json(kind, value)
        except CodecError:
            return False
        return True

    return Form(kind, takes, same, same)
