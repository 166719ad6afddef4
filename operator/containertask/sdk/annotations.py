"""Which form a Python type has on the wire; and, for a type that has none, what to use instead.

Nothing is pickled: a type that every program could read is the only one that a container can.
"""

from __future__ import annotations

import collections.abc
import dataclasses
import decimal
import enum
import pathlib
import types
import typing
from collections.abc import Mapping
from typing import Any, Final

from containertask.sdk.files import Dir, File
from containertask.sdk.forms import Form, choice_of, list_of, map_of, optional_of, raw_of, union_of
from containertask.sdk.frames import frame_of, is_frame
from containertask.sdk.leaves import DIR, FILE, LEAVES, stored
from containertask.sdk.records import any_json, dataclass_of, is_model, json_object, model_of, typed_dict_of
from containertask.types.grammar import TypeSyntaxError, parse_type
from containertask.types.leaves import BareType, SimpleType, StoredType
from containertask.types.model import DatasetOf, EnumOf, ListOf, MapOf, OptionalOf, Type, UnionOf

_GRAMMAR: Final = (
    SimpleType,
    BareType,
    StoredType,
    EnumOf,
    DatasetOf,
    ListOf,
    MapOf,
    OptionalOf,
    UnionOf,
)
_LISTS: Final = (list, collections.abc.Sequence)
_CURES: Final[Mapping[object, str]] = {
    list: "say of what, such as list[int]",
    collections.abc.Sequence: "say of what, such as list[int]",
    tuple: "use list[T], or a dataclass where each item has a meaning of its own",
    set: "use list[T]",
    frozenset: "use list[T]",
    object: "use a concrete type, or dict[str, Any] for any JSON object",
    Any: "use a concrete type, or dict[str, Any] for any JSON object",
    decimal.Decimal: "use str, which keeps every digit, or float",
    complex: "use a dataclass with two floats",
    pathlib.Path: "use File or Dir",
    pathlib.PurePath: "use File or Dir",
    collections.abc.Callable: "a function runs in Python alone: give the command what it is to do as values",
    collections.abc.Iterator: "use list[T]",
    collections.abc.Iterable: "use list[T]",
    collections.abc.Mapping: "use dict[str, T]",
}
_OTHER: Final = "use int, float, str, bool, a dataclass, list[T], dict[str, T], File or Dir"
_PAIR: Final = 2


def type_of(annotation: object, where: str) -> Type:
    """Return a Python type in the grammar.

    Args:
        annotation: a type, a type of the grammar, or one written as a string.
        where: the name of the variable, for errors.

    Raises:
        TypeError: it has no form on the wire; the text says what to use.
    """
    return form_of(annotation, where).kind


def form_of(annotation: object, where: str) -> Form:
    """Return how values of a Python type come and go. Raises TypeError."""
    return _form(annotation, where, ())


def _form(annotation: Any, where: str, above: tuple[object, ...]) -> Form:  # noqa: ANN401 - any annotation
    if isinstance(annotation, _GRAMMAR):
        return _of_grammar(annotation)
    if isinstance(annotation, str):
        return _written(annotation, where)
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Annotated or origin in {typing.Required, typing.NotRequired}:
        return _form(arguments[0], where, above)
    if isinstance(annotation, typing.NewType):
        return _form(annotation.__supertype__, where, above)
    if hasattr(annotation, "__value__"):  # `type X = ...` of Python 3.12
        return _form(annotation.__value__, where, above)
    if origin in {typing.Union, types.UnionType}:
        return _union(arguments, where, above)
    if origin is typing.Literal:
        return _literal(arguments, where)
    if origin in _LISTS and len(arguments) == 1:
        return list_of(_form(arguments[0], f"{where}[]", above))
    if origin is dict and len(arguments) == _PAIR:
        return _dict(arguments, where, above)
    return _plain(annotation, where, above)


def _plain(annotation: Any, where: str, above: tuple[object, ...]) -> Form:  # noqa: ANN401 - as above
    if isinstance(annotation, collections.abc.Hashable) and annotation in LEAVES:
        return LEAVES[annotation]
    if annotation is File or annotation is Dir:
        return FILE if annotation is File else DIR
    if annotation is dict:
        return json_object()
    if annotation is Any and above:
        return any_json()
    if is_frame(annotation):
        return frame_of(annotation)
    if isinstance(annotation, type):
        if found := _record(annotation, where, above):
            return found
        if issubclass(annotation, enum.Enum):
            return _enum(annotation, where)
    raise _refused(annotation, where)


def _record(annotation: type, where: str, above: tuple[object, ...]) -> Form | None:
    def inside(one: object, said: str) -> Form:
        found = _form(one, said, (*above, annotation))
        if isinstance(found.kind, StoredType | DatasetOf):
            raise TypeError(f"{said}: a record holds no {found.kind}: make it an input or output of its own")
        return found

    if is_model(annotation):
        return model_of(annotation)
    is_dict = typing.is_typeddict(annotation)
    if not is_dict and not dataclasses.is_dataclass(annotation):
        return None
    if annotation in above:
        raise TypeError(f"{where}: {annotation.__name__} is inside itself: use dict[str, Any] there")
    make = typed_dict_of if is_dict else dataclass_of
    return make(annotation, inside, where)


def _union(arguments: tuple[object, ...], where: str, above: tuple[object, ...]) -> Form:
    forms = [_form(one, where, above) for one in arguments if one is not type(None)]
    flat: list[Form] = []
    for one in forms:
        if any(one.kind == other.kind for other in flat):
            raise TypeError(f"{where}: two types of the union are {one.kind} on the wire: keep one of them")
        flat.append(one)
    found = flat[0] if len(flat) == 1 else union_of(tuple(flat))
    optional = len(forms) < len(arguments) and not isinstance(found.kind, OptionalOf | BareType)
    return _spelled(optional_of(found) if optional else found, where)


def _literal(values: tuple[object, ...], where: str) -> Form:
    if not all(isinstance(one, str) for one in values):
        raise TypeError(f"{where}: a Literal of other values than str has no form: write them as str")
    return choice_of({str(one): one for one in values})


def _enum(annotation: type[enum.Enum], where: str) -> Form:
    members = list(annotation)
    if not members or not all(isinstance(one.value, str) for one in members):
        text = "give its members values that are str, or use int"
        raise TypeError(f"{where}: the values of {annotation.__name__} are no str: {text}")
    return choice_of({one.value: one for one in members})


def _dict(arguments: tuple[object, ...], where: str, above: tuple[object, ...]) -> Form:
    key, item = arguments
    if key is not str:
        raise TypeError(f"{where}: keys of a dict are str on the wire: use dict[str, T]")
    if item in {Any, object}:
        return json_object()
    return map_of(_form(item, f"{where}[]", above))


def _of_grammar(kind: Type) -> Form:
    """Return the form of a type of the grammar: files are File and Dir, all else is the wire's JSON."""
    match kind:
        case StoredType.FILE:
            return FILE
        case StoredType():
            return DIR
        case DatasetOf():
            return stored(Dir, kind)
        case ListOf(item):
            return list_of(_of_grammar(item))
        case MapOf(item):
            return map_of(_of_grammar(item))
        case OptionalOf(item):
            return optional_of(_of_grammar(item))
    return raw_of(kind)


def _written(text: str, where: str) -> Form:
    try:
        return _of_grammar(parse_type(text))
    except TypeSyntaxError as error:
        raise TypeError(f"{where}: {error}; a name of Python's is written without quotes") from None


def _spelled(found: Form, where: str) -> Form:
    try:
        parse_type(str(found.kind))
    except TypeSyntaxError as error:
        raise TypeError(f"{where}: {error}") from None
    return found


def _refused(annotation: object, where: str) -> TypeError:
    origin = typing.get_origin(annotation) or annotation
    known = origin if isinstance(origin, collections.abc.Hashable) and origin in _CURES else None
    if known is None and isinstance(annotation, type) and issubclass(annotation, pathlib.PurePath):
        known = pathlib.Path
    name = getattr(annotation, "__name__", None) or str(annotation)
    return TypeError(f"{where}: {name} has no form that a container can read: {_CURES.get(known, _OTHER)}")
