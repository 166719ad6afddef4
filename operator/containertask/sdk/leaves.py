"""The forms of Python's simple types, and of files."""

from __future__ import annotations

import datetime as dt
import numbers
from collections.abc import Callable, Mapping
from typing import Any, Final

from containertask.codec import simple
from containertask.codec.numbers import EXACT, INT64
from containertask.codec.times import Instant, Span
from containertask.sdk.files import Dir, Fetch, File
from containertask.sdk.forms import Form, Place, Wire, checked
from containertask.sdk.wording import kind_of, plain_str
from containertask.types.leaves import BareType, SimpleType, StoredType
from containertask.types.model import Type

_EPOCH: Final = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_MICRO: Final = dt.timedelta(microseconds=1)
_NANO: Final = 1000


def _integer(value: Any, where: str) -> Wire:  # noqa: ANN401 - any number
    number = int(value)
    if number not in INT64:
        raise ValueError(f"{where}: the number does not fit 64 bits: use str for larger ones")
    return number if abs(number) <= EXACT else str(number)


def _float(value: Any, where: str) -> Wire:  # noqa: ANN401 - as above
    try:
        return simple.to_json(float(value))
    except OverflowError:
        raise ValueError(f"{where}: the number does not fit a float: use str for larger ones") from None


def _datetime(value: Any, where: str) -> Wire:  # noqa: ANN401 - as checked before
    aware = value if value.tzinfo is not None else value.replace(tzinfo=dt.UTC)
    try:
        return str(Instant((aware - _EPOCH) // _MICRO * _NANO))
    except OverflowError:
        raise ValueError(f"{where}: in UTC the time is not within the years 1 to 9999") from None


def _moment(value: Instant) -> dt.datetime:
    return _EPOCH + dt.timedelta(microseconds=value.nanoseconds // _NANO)


def _day(value: Instant) -> dt.date:
    found = _moment(value)
    if found.time() != dt.time():
        raise ValueError("it has a time of day: declare it as a datetime")
    return found.date()


def _span(value: Span) -> dt.timedelta:
    return dt.timedelta(microseconds=value.nanoseconds // _NANO)


def _is(*classes: type, but: type | tuple[type, ...] = ()) -> Callable[[object], bool]:
    return lambda value: isinstance(value, classes) and not isinstance(value, but)


def _leaf(
    kind: SimpleType,
    takes: Callable[[object], bool],
    also: Callable[[object], bool],
    write: Callable[[Any, str], Wire],
    read: Callable[[Any], Any],
) -> Form:
    """Return a form: ``also`` says which other values are taken where the type is known."""

    def written(value: object, where: str, _: Place) -> Wire:
        if not takes(value) and not also(value):
            raise TypeError(f"{where}: {kind_of(value)} where {_WORDS[kind]} is wanted")
        wire = write(value, where)
        checked(kind, wire, where)
        return wire

    def found(raw: Wire, where: str, _: Fetch | None) -> Any:  # noqa: ANN401 - of the type
        value = checked(kind, raw, where)
        try:
            return read(value)
        except ValueError as error:
            raise ValueError(f"{where}: {error}") from None

    return Form(kind, takes, written, found)


_WORDS: Final = {
    SimpleType.INTEGER: "an int",
    SimpleType.FLOAT: "a float",
    SimpleType.STRING: "a str",
    SimpleType.BOOLEAN: "a bool",
    SimpleType.BINARY: "bytes",
    SimpleType.DATETIME: "a datetime",
    SimpleType.DURATION: "a timedelta",
}


def _never(_: object) -> bool:
    return False


def _none(value: object, where: str, *_: object) -> None:
    if value is not None:
        raise TypeError(f"{where}: {kind_of(value)} where None is wanted")


DATE: Final = _leaf(
    SimpleType.DATETIME,
    _is(dt.date, but=dt.datetime),
    _never,
    lambda value, where: _datetime(dt.datetime.combine(value, dt.time()), where),
    _day,
)
LEAVES: Final[Mapping[object, Form]] = {
    int: _leaf(SimpleType.INTEGER, _is(int, but=bool), _is(numbers.Integral, but=bool), _integer, int),
    float: _leaf(
        SimpleType.FLOAT,
        _is(float),
        _is(numbers.Real, but=bool),
        _float,
        float,
    ),
    str: _leaf(SimpleType.STRING, _is(str), _never, lambda value, _: plain_str(value), str),
    bool: _leaf(SimpleType.BOOLEAN, _is(bool), _never, lambda value, _: value, bool),
    bytes: _leaf(
        SimpleType.BINARY, _is(bytes, bytearray), _never, lambda value, _: simple.to_json(bytes(value)), bytes
    ),
    dt.datetime: _leaf(SimpleType.DATETIME, _is(dt.datetime), _never, _datetime, _moment),
    dt.date: DATE,
    dt.timedelta: _leaf(
        SimpleType.DURATION,
        _is(dt.timedelta),
        _never,
        lambda value, _: str(Span(value // _MICRO * _NANO)),
        _span,
    ),
    None: Form(BareType.NONE, lambda value: value is None, _none, _none),
    type(None): Form(BareType.NONE, lambda value: value is None, _none, _none),
}


def stored(of: type[File | Dir], kind: Type) -> Form:
    """Return the form of a file, or of a folder."""

    def write(value: object, where: str, place: Place) -> Wire:
        if isinstance(value, bytes) and of is File:
            return simple.to_json(value)
        found = of.of(value, where)
        return {"uri": found.uri} if found.uri is not None else place(found, kind, where)

    def read(raw: Wire, where: str, fetch: Fetch | None) -> File | Dir:
        checked(kind, raw, where)
        if not isinstance(raw, dict):
            raise TypeError(f"{where}: its content, where a URI is wanted")
        return of(uri=raw["uri"], fetch=fetch)

    return Form(kind, lambda value: isinstance(value, of), write, read)


FILE: Final = stored(File, StoredType.FILE)
DIR: Final = stored(Dir, StoredType.DIRECTORY)
