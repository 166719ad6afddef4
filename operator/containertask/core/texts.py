"""What goes into a status or a Pod: texts that the API server takes, and no empty fields."""

from __future__ import annotations

from typing import Any, Final

from containertask.contract.report import readable

MAX_MESSAGE: Final = 1024
"""What a message of a status may have at most, in characters."""


def cut(text: str, limit: int = MAX_MESSAGE) -> str:
    """Return the text so short that it is taken, and without what steers a terminal or is no JSON."""
    text = readable(text)
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def without_nothing(raw: dict[str, Any]) -> dict[str, Any]:
    """Return the object without the fields that have no value."""
    return {name: value for name, value in raw.items() if value is not None}
