"""The forms of records: dataclasses, pydantic's models, TypedDicts, and dicts of any JSON."""

from __future__ import annotations

import dataclasses
import typing
from collections.abc import Callable, Mapping
from typing import Any

from containertask.codec.text import is_struct
from containertask.sdk.files import Fetch
from containertask.sdk.forms import Form, Place, Wire, checked
from containertask.sdk.wording import kind_of, nearest
from containertask.types.leaves import SimpleType
from containertask.words import shown

FormOf = Callable[[object, str], Form]
"""From the annotation of a field to its form."""

_STRUCT = SimpleType.STRUCT


def is_model(annotation: object) -> bool:
    """Tell whether it is a model of pydantic, without loading pydantic."""
    return isinstance(annotation, type) and hasattr(annotation, "__pydantic_core_schema__")


def json_object() -> Form:
    """Return the form of a dict of any JSON."""

    def same(value: object, where: str, *_: object) -> Wire:
        if not isinstance(value, dict) or not is_struct(value):
            text = "where a dict of str and values of JSON is wanted"
            raise TypeError(f"{where}: {kind_of(value)} {text}")
        return checked(_STRUCT, value, where)

    return Form(_STRUCT, lambda value: isinstance(value, dict) and is_struct(value), same, same)


def any_json() -> Form:
    """Return the form of any JSON, which only a part of a record can be."""
    return Form(_STRUCT, lambda _: True, lambda value, *_: value, lambda raw, *_: raw)


def model_of(model: Any) -> Form:  # noqa: ANN401 - a class of pydantic's
    """Return the form of pydantic's model."""

    def write(value: object, where: str, _: Place) -> Wire:
        if not isinstance(value, model):
            raise TypeError(f"{where}: {kind_of(value)} where a {model.__name__} is wanted")
        return checked(_STRUCT, value.model_dump(mode="json", by_alias=True), where)

    def read(raw: Wire, where: str, _: Fetch | None) -> Any:  # noqa: ANN401 - one of the model's
        try:
            return model.model_validate(checked(_STRUCT, raw, where))
        except ValueError as error:
            count = getattr(error, "error_count", lambda: 1)()
            raise ValueError(f"{where}: it is no {model.__name__}: {count} of its fields are wrong") from None

    return Form(_STRUCT, lambda value: isinstance(value, model), write, read)


def dataclass_of(record: type, form_of: FormOf, where: str) -> Form:
    """Return the form of a dataclass."""
    hints = _hints(record, where)
    for name, one in hints.items():
        if isinstance(one, dataclasses.InitVar):
            raise TypeError(f"{where}.{name}: no object keeps an InitVar: make it a field of its own")
    names = [one.name for one in dataclasses.fields(record) if one.init]
    forms = {name: form_of(hints[name], f"{where}.{name}") for name in names}
    optional = {
        one.name
        for one in dataclasses.fields(record)
        if one.default is not dataclasses.MISSING or one.default_factory is not dataclasses.MISSING
    }

    def write(value: object, said: str, place: Place) -> Wire:
        if not isinstance(value, record):
            raise TypeError(f"{said}: {kind_of(value)} where a {record.__name__} is wanted")
        whole: Any = value
        if lost := [one.name for one in dataclasses.fields(whole) if one.name not in hints]:
            text = f"a {record.__name__} has no {', '.join(lost)}: declare {type(value).__name__} itself"
            raise TypeError(f"{said}: {kind_of(value)}: {text}")
        parts = {
            name: form.write(getattr(value, name), f"{said}.{name}", place) for name, form in forms.items()
        }
        return checked(_STRUCT, parts, said)

    def read(raw: Wire, said: str, fetch: Fetch | None) -> Any:  # noqa: ANN401 - one of the record's
        return record(**_fields(raw, forms, optional, said, fetch))

    return Form(_STRUCT, lambda value: isinstance(value, record), write, read)


def typed_dict_of(record: Any, form_of: FormOf, where: str) -> Form:  # noqa: ANN401 - the class of a TypedDict
    """Return the form of a TypedDict."""
    hints = _hints(record, where)
    forms = {name: form_of(one, f"{where}.{name}") for name, one in hints.items()}
    optional = set(record.__optional_keys__)

    def takes(value: object) -> bool:
        if (
            not isinstance(value, dict)
            or value.keys() - forms.keys()
            or forms.keys() - optional - value.keys()
        ):
            return False
        return all(forms[name].takes(one) for name, one in value.items())

    def write(value: object, said: str, place: Place) -> Wire:
        if not isinstance(value, dict):
            raise TypeError(f"{said}: {kind_of(value)} where a {record.__name__} is wanted")
        _known(value, forms, optional, said)
        return {name: forms[name].write(one, f"{said}.{name}", place) for name, one in value.items()}

    return Form(_STRUCT, takes, write, lambda raw, said, fetch: _fields(raw, forms, optional, said, fetch))


def _hints(record: type, where: str) -> dict[str, Any]:
    try:
        return typing.get_type_hints(record)
    except Exception as error:  # noqa: BLE001 - whatever the text of an annotation makes when it is run
        text = "define it at the top of its module, or write the type without quotes"
        raise TypeError(
            f"{where}: a type that {record.__name__} names is not to be found: {error}: {text}"
        ) from None


def _fields(
    raw: Wire, forms: Mapping[str, Form], optional: set[str], where: str, fetch: Fetch | None
) -> dict[str, Any]:
    found = checked(_STRUCT, raw, where)
    _known(found, forms, optional, where)
    return {name: forms[name].read(one, f"{where}.{name}", fetch) for name, one in found.items()}


def _known(found: Mapping[str, object], forms: Mapping[str, Form], optional: set[str], where: str) -> None:
    for name in found:
        if name not in forms:
            raise ValueError(f"{where}: there is no field {shown(name)}: {nearest(str(name), forms)}")
    if missing := [name for name in forms if name not in found and name not in optional]:
        raise ValueError(f"{where}: without {', '.join(missing)}")
