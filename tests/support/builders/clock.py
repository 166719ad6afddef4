"""The clock of the builders: seconds after the creation of the task."""

from __future__ import annotations

from typing import Final

from containertask.core.instants import from_ms

_CREATED: Final = 1_767_225_600_000


def at(seconds: float) -> int:
    """Return a moment in Unix milliseconds."""
    return _CREATED + round(seconds * 1000)


def rfc(seconds: float) -> str:
    """Return a moment as the API server writes it."""
    return from_ms(at(seconds))


NOW: Final = at(60)
