"""Reading JSON objects and their fields by their exact types: ``true`` is no number, a missing field is None.

An integer has 64 bits: a longer one is nobody's figure, and would make a message as long as it likes.
"""

from __future__ import annotations

import enum
import json
from collections.abc import Mapping
from typing import Any, Final, TypeVar

T = TypeVar("T")
E = TypeVar("E", bound=enum.StrEnum)

_INT64: Final = range(-(2**63), 2**63)


class FieldError(ValueError):
    """No JSON object, or a field is missing or not of its type; the message names it."""


def parse_object(text: str | bytes) -> dict[str, Any]:
    """Read one JSON object."""
    try:
        raw = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise FieldError(f"not JSON ({type(error).__name__})") from None
    if not isinstance(raw, dict):
        raise FieldError(f"a JSON {type(raw).__name__}, an object is wanted")
    return raw


def required(raw: Mapping[str, Any], name: str, kind: type[T]) -> T:
    """Take a field that must be there."""
    value = optional(raw, name, kind)
    if value is None:
        raise FieldError(f"{name} is missing")
    return value


def optional(raw: Mapping[str, Any], name: str, kind: type[T]) -> T | None:
    """Take a field by its exact type; absent and null are None."""
    value = raw.get(name)
    if value is None:
        return None
    if type(value) is not kind:
        raise FieldError(f"{name} is a {type(value).__name__}, {kind.__name__} is wanted")
    if isinstance(value, int) and value not in _INT64:
        raise FieldError(f"{name} does not fit 64 bits")
    return value


def objects(raw: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    """Take a list of objects that must be there."""
    found: list[Any] = required(raw, name, list)
    for item in found:
        if type(item) is not dict:
            raise FieldError(f"{name} has a {type(item).__name__} in it, an object is wanted")
    return found


def texts(raw: Mapping[str, Any], name: str) -> list[str]:
    """Take a list of texts; absent is empty."""
    found: list[Any] = optional(raw, name, list) or []
    if any(type(one) is not str for one in found):
        raise FieldError(f"{name} has something other than texts in it")
    return found


def member(kind: type[E], value: str) -> E:
    """Return the member of an enumeration by its value."""
    try:
        return kind(value)
    except ValueError:
        raise FieldError(f"{value!r:.40} is no {kind.__name__.lower()}") from None
