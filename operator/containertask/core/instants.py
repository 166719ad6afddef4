"""Kubernetes' times as integers of Unix milliseconds, both ways, and durations for people."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_YEAR_10000 = 253_402_300_800_000
_MINUTE = 60
_HOUR = 3600
_DAY = 24 * _HOUR


def to_ms(text: str) -> int:
    """Read RFC 3339 as the API server writes it."""
    return (datetime.fromisoformat(text) - _EPOCH) // timedelta(milliseconds=1)


def optional_ms(text: str | None) -> int | None:
    """Read a time that may be absent; what cannot be read is: anybody may have written it."""
    if text is None:
        return None
    try:
        return to_ms(text)
    except (ValueError, TypeError, OverflowError):
        return None


def from_ms(milliseconds: int) -> str:
    """Write RFC 3339 in UTC; milliseconds only where there are some."""
    moment = _EPOCH + timedelta(milliseconds=milliseconds)
    timespec = "milliseconds" if milliseconds % 1000 else "seconds"
    return moment.replace(tzinfo=None).isoformat(timespec=timespec) + "Z"


def optional_text(milliseconds: int | None) -> str | None:
    """Write a time that may be absent."""
    return None if milliseconds is None else from_ms(milliseconds)


def writable(milliseconds: int | None) -> int | None:
    """Return a time that somebody else's report tells, if a date can be written for it."""
    return milliseconds if milliseconds is not None and 0 < milliseconds < _YEAR_10000 else None


def span(milliseconds: int) -> str:
    """Return a duration for people: ``4s``, ``1m5s``, ``2h``, ``3d4h``."""
    seconds = max(0, milliseconds) // 1000
    if seconds < _MINUTE:
        return f"{seconds}s"
    if seconds < _HOUR:
        return _two(seconds, _MINUTE, "m", 1, "s")
    if seconds < _DAY:
        return _two(seconds, _HOUR, "h", _MINUTE, "m")
    return _two(seconds, _DAY, "d", _HOUR, "h")


def _two(seconds: int, large: int, large_name: str, small: int, small_name: str) -> str:
    rest = seconds % large // small
    return f"{seconds // large}{large_name}" + (f"{rest}{small_name}" if rest else "")
