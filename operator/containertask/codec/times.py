"""Points in time and spans of time, exact to the nanosecond; file content and JSON, both ways."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Final

from containertask.codec.errors import CodecError
from containertask.words import kind, shown

_SECOND: Final = 10**9
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_DATETIME: Final = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[T ]([0-9]{2}:[0-9]{2}:[0-9]{2})(?:\.([0-9]{1,9}))?"
    r"(Z|z|[+-][0-9]{2}:[0-5][0-9])?",
    re.ASCII,
)
_GO_PART: Final = re.compile(r"([0-9]+(?:\.[0-9]*)?|\.[0-9]+)(ns|us|µs|μs|ms|s|m|h)")
_GO: Final = re.compile(rf"([+-]?)((?:{_GO_PART.pattern})+)")
_ISO: Final = re.compile(
    r"([+-]?)P(?:([0-9]+)W)?(?:([0-9]+)D)?"
    r"(?:T(?:([0-9]+)H)?(?:([0-9]+)M)?(?:([0-9]+(?:\.[0-9]+)?)S)?)?",
    re.ASCII,
)
_CLOCK: Final = re.compile(
    r"([+-]?)(?:([0-9]+) days?, )?([0-9]+):([0-5][0-9]):([0-5][0-9](?:\.[0-9]+)?)", re.ASCII
)
_SECONDS: Final = re.compile(r"([+-]?)([0-9]+(?:\.[0-9]+)?)", re.ASCII)
_UNITS: Final = {
    "ns": 1,
    "us": 10**3,
    "µs": 10**3,
    "μs": 10**3,
    "ms": 10**6,
    "s": _SECOND,
    "m": 60 * _SECOND,
    "h": 3600 * _SECOND,
}
_MAX_LENGTH: Final = 128
MAX_SPAN: Final = 315_576_000_000 * _SECOND
"""What google.protobuf.Duration holds, in nanoseconds: about 10,000 years."""
INSTANTS: Final = range(-62_135_596_800 * _SECOND, 253_402_300_800 * _SECOND)
"""The years 1 to 9999, in nanoseconds since 1970."""


@dataclass(frozen=True, slots=True, order=True)
class Instant:
    """A point in time: nanoseconds since 1970 in UTC, within the years 1 to 9999."""

    nanoseconds: int

    def __str__(self) -> str:
        """Return RFC 3339 in UTC, the fraction without trailing zeros."""
        seconds, fraction = divmod(self.nanoseconds, _SECOND)
        text = (_EPOCH + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%S")
        year, rest = text.split("-", 1)
        digits = f".{fraction:09}".rstrip("0") if fraction else ""
        return f"{year:0>4}-{rest}{digits}Z"


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A span of time in nanoseconds; may be negative."""

    nanoseconds: int

    def __str__(self) -> str:
        """Return Go's form: ``1h30m0.5s``, ``1.5ms``, ``0s``; days are hours."""
        rest = abs(self.nanoseconds)
        sign = "-" if self.nanoseconds < 0 else ""
        if 0 < rest < _SECOND:
            unit = next(unit for unit in ("ms", "µs", "ns") if rest >= _UNITS[unit])
            return f"{sign}{_decimal(rest, _UNITS[unit])}{unit}"
        minutes, rest = divmod(rest, 60 * _SECOND)
        hours, minutes = divmod(minutes, 60)
        text = f"{_decimal(rest, _SECOND)}s"
        if hours or minutes:
            text = f"{minutes}m{text}"
        return f"{sign}{hours}h{text}" if hours else f"{sign}{text}"


def instant_from_text(text: str) -> Instant:
    """Read RFC 3339, with `T` or a blank; without a zone it is UTC."""
    text = text.strip(" \t\r\n")
    found = _DATETIME.fullmatch(text)
    if not found:
        raise CodecError(f"`{shown(text)}` is not a point in time: write such as 2026-01-31T12:00:00Z")
    day, clock, fraction, zone = found.groups()
    try:
        moment = datetime.fromisoformat(f"{day}T{clock}{(zone or 'Z').upper()}")
        passed = moment - _EPOCH
        moment.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise CodecError(f"`{shown(text)}` is not a point in time: {error}") from None
    seconds = passed.days * 86_400 + passed.seconds
    return Instant(seconds * _SECOND + int((fraction or "").ljust(9, "0")))


def span_from_text(text: str) -> Span:
    """Read Go's ``1h30m``, ISO 8601's ``PT90M``, Python's ``1 day, 1:30:00``, or plain seconds."""
    text = text.strip(" \t\r\n")
    if len(text) > _MAX_LENGTH:
        raise CodecError(f"{len(text)} characters are not a span of time: write such as 1h30m")
    for read in (_seconds, _go, _clock, _iso):
        nanoseconds = read(text)
        if nanoseconds is not None:
            if abs(nanoseconds) > MAX_SPAN:
                raise CodecError(f"`{shown(text)}` is longer than 10,000 years")
            return Span(nanoseconds)
    raise CodecError(f"`{shown(text)}` is not a span of time: write such as 1h30m, PT90M, 1:30:00 or 5400")


def instant_from_json(raw: object) -> Instant:
    """Take a string."""
    if isinstance(raw, str):
        return instant_from_text(raw)
    raise CodecError(f"{kind(raw)} is not a point in time: write a string such as 2026-01-31T12:00:00Z")


def span_from_json(raw: object) -> Span:
    """Take a string, or a number of seconds."""
    match raw:
        case str():
            return span_from_text(raw)
        case bool():
            pass
        case int() | float() if abs(raw) <= MAX_SPAN // _SECOND:
            return Span(_nanoseconds(Decimal(raw) if isinstance(raw, int) else Decimal(repr(raw))))
        case int() | float():
            raise CodecError("the number of seconds is none, or more than 10,000 years")
    raise CodecError(f"{kind(raw)} is not a span of time: write a string such as 1h30m, or seconds")


def _decimal(number: int, unit: int) -> str:
    whole, rest = divmod(number, unit)
    width = len(str(unit)) - 1
    digits = f".{rest:0{width}}".rstrip("0") if rest else ""
    return f"{whole}{digits}"


def _scaled(number: str, unit: int) -> int:
    """Return number times unit, cut below the nanosecond."""
    whole, _, fraction = number.partition(".")
    part: int = int(fraction or "0") * unit // 10 ** len(fraction)
    return int(whole or "0") * unit + part


def _nanoseconds(seconds: Decimal) -> int:
    """Return seconds as nanoseconds, cut below; a float's shortest form has at most 17 digits."""
    return int(seconds * _SECOND)


def _signed(sign: str, nanoseconds: int) -> int:
    return -nanoseconds if sign == "-" else nanoseconds


def _seconds(text: str) -> int | None:
    found = _SECONDS.fullmatch(text)
    return _signed(found[1], _scaled(found[2], _SECOND)) if found else None


def _go(text: str) -> int | None:
    found = _GO.fullmatch(text)
    if not found:
        return None
    parts = _GO_PART.findall(found[2])
    return _signed(found[1], sum(_scaled(number, _UNITS[unit]) for number, unit in parts))


def _clock(text: str) -> int | None:
    found = _CLOCK.fullmatch(text)
    if not found:
        return None
    sign, days, hours, minutes, seconds = found.groups()
    whole = ((int(days or 0) * 24 + int(hours)) * 60 + int(minutes)) * 60 * _SECOND
    rest = _scaled(seconds, _SECOND)
    # Python writes a negative timedelta as `-1 day, 23:59:59`: the sign is the days' alone.
    if days and sign == "-":
        return whole - 2 * int(days) * 86_400 * _SECOND + rest
    return _signed(sign, whole + rest)


def _iso(text: str) -> int | None:
    found = _ISO.fullmatch(text)
    if not found or text[-1] in "PT":
        return None
    weeks, days, hours, minutes = (int(part or 0) for part in found.groups()[1:5])
    whole = (((weeks * 7 + days) * 24 + hours) * 60 + minutes) * 60 * _SECOND
    return _signed(found[1], whole + _scaled(found[6] or "0", _SECOND))
