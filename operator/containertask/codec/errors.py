"""The codec's errors: a person's data does not fit its type. Nothing else is raised by the codec."""

from __future__ import annotations

_SHOWN = 40


class CodecError(ValueError):
    """Content or a JSON value is not of its type; the message says what it is and what would do."""


def shown(value: object) -> str:
    """Return a value short enough for a message, without line breaks or control characters."""
    text = value.decode(errors="replace") if isinstance(value, bytes) else str(value)
    text = "".join(letter if letter.isprintable() else "?" for letter in text[: _SHOWN + 1])
    return f"{text[:_SHOWN]}…" if len(text) > _SHOWN else text


_JSON_KINDS = {
    "NoneType": "null",
    "bool": "a boolean",
    "dict": "an object",
    "float": "a number with a fraction",
    "int": "an integer",
    "list": "a list",
    "str": "a string",
}


def kind(value: object) -> str:
    """Return what a JSON value is, in JSON's words."""
    return _JSON_KINDS.get(type(value).__name__, type(value).__name__)
