"""Values as an executor sees them: Python's plain classes, whatever annotations the task was declared with.

What comes in is what the codec reads; what goes out has to be of the type that the template says.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import enum
import numbers
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from containertask.codec import simple, stored, text
from containertask.codec.stored import LocalPath, Stored
from containertask.codec.times import Instant, Span
from containertask.codec.typed import AnyValue
from containertask.types.leaves import BareType, SimpleType, StoredType
from containertask.types.model import DatasetOf, EnumOf, ListOf, MapOf, OptionalOf, Type, UnionOf
from containertask.words import shown

Place = Callable[[Path], str]
"""From a file or folder of this machine to the URI that it then has. Raises TransferError."""

_EPOCH: Final = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_MICRO: Final = dt.timedelta(microseconds=1)
_NANO: Final = 1000
_NUMBERS: Final = {SimpleType.INTEGER: (numbers.Integral, int), SimpleType.FLOAT: (numbers.Real, float)}


def to_python(value: AnyValue) -> Any:  # noqa: ANN401 - of any type
    """Return a value of the codec's as an executor gets it; of nanoseconds Python keeps microseconds."""
    match value:
        case Instant(nanoseconds):
            return _EPOCH + dt.timedelta(microseconds=nanoseconds // _NANO)
        case Span(nanoseconds):
            return dt.timedelta(microseconds=nanoseconds // _NANO)
        case Stored(place) | LocalPath(place):
            return place
        case list():
            return [to_python(one) for one in value]
        case dict():
            return {key: to_python(one) for key, one in value.items()}
    return value


def from_python(kind: Type, value: object, where: str, place: Place) -> AnyValue:
    """Return what an executor gave back as a value of the codec's.

    Raises:
        TypeError: it is not of the type; the text names the variable.
        ValueError: it is, and no URI, or none of an enum's values.
        TransferError: a file could not be placed.
    """
    return _Reader(where, place).read(kind, value)


@dataclasses.dataclass(frozen=True, slots=True)
class _Reader:
    """Reads one output; ``exact``: an integer is no float, for a union may have both."""

    where: str
    place: Place
    exact: bool = False

    def read(self, kind: Type, value: object) -> AnyValue:
        match kind, value:
            case OptionalOf(item), _:
                return None if value is None else self.read(item, value)
            case UnionOf(), _:
                return self._one_of(kind, value)
            case ListOf(item), list() | tuple():
                return [self._part(f"[{at}]").read(item, one) for at, one in enumerate(value)]
            case MapOf(item), Mapping():
                return {
                    self._key(key): self._part(f"[{shown(key)}]").read(item, one)
                    for key, one in value.items()
                }
            case EnumOf(values), _:
                found = value.value if isinstance(value, enum.Enum) else value
                if isinstance(found, str) and found in values:
                    return found
            case ((StoredType() | DatasetOf()), _):
                return self._stored(kind, value)
            case BareType(), None:
                return None
            case SimpleType(), _:
                return self._simple(kind, value)
        raise self._wrong(kind, value)

    def _simple(self, kind: SimpleType, value: object) -> AnyValue:
        match kind, value:
            case ((SimpleType.INTEGER | SimpleType.FLOAT), _):
                wanted, make = _NUMBERS[kind]
                if isinstance(value, make if self.exact else wanted) and not isinstance(value, bool):
                    return make(value)
            case SimpleType.DATETIME, dt.datetime():
                aware = value if value.tzinfo is not None else value.replace(tzinfo=dt.UTC)
                return Instant((aware - _EPOCH) // _MICRO * _NANO)
            case SimpleType.DURATION, dt.timedelta():
                return Span(value // _MICRO * _NANO)
            case SimpleType.STRUCT, _:
                found = _record(value)
                if isinstance(found, dict) and text.is_struct(found):
                    return found
            case _ if type(value) is simple.CLASSES[kind]:
                return value
        raise self._wrong(kind, value)

    def _stored(self, kind: Type, value: object) -> AnyValue:
        # Files of the SDK, and Flyte's own, say where they are in one of two attributes.
        found = getattr(value, "uri", None) or getattr(value, "path", None) or value
        if isinstance(found, os.PathLike):
            found = os.fspath(found)
        if not isinstance(found, str):
            raise self._wrong(kind, value)
        return stored.from_json({"uri": found}) if "://" in found else Stored(self.place(Path(found)))

    def _one_of(self, kind: UnionOf, value: object) -> AnyValue:
        for reader in (dataclasses.replace(self, exact=True), self):
            for one in kind.variants:
                try:
                    return reader.read(one, value)
                except (TypeError, ValueError):
                    continue
        raise self._wrong(kind, value)

    def _part(self, more: str) -> _Reader:
        return dataclasses.replace(self, where=self.where + more)

    def _key(self, key: object) -> str:
        if isinstance(key, str):
            return key
        raise TypeError(f"{self.where}: a key of class {type(key).__name__}: keys are str")

    def _wrong(self, kind: Type, value: object) -> TypeError:
        return TypeError(f"{self.where}: a value of class {type(value).__name__} is not of type {kind}")


def _record(value: object) -> object:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return dataclasses.asdict(value)
    return value
