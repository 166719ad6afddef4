"""Texts that go into a status or a Pod: of a length that the API server takes, and of whole characters."""

from __future__ import annotations

from typing import Final

from containertask.contract.report import readable

MAX_MESSAGE: Final = 1024
"""What a message of a status may have at most, in characters."""


def cut(text: str, limit: int = MAX_MESSAGE) -> str:
    """Return the text so short that it is taken, and without what steers a terminal or is no JSON."""
    text = readable(text)
    return text if len(text) <= limit else f"{text[: limit - 1]}…"
