"""Words for messages: what a value is, in the terms of YAML, and the value itself in at most 40 characters.

Nothing else may bring a user's value into a message: it can be long, hold control characters or be private.
Standard library only: the copilot loads this inside every task Pod.
"""

from __future__ import annotations

from typing import Final

_SHOWN: Final = 40
_KINDS: Final = {
    "NoneType": "null",
    "bool": "a boolean",
    "dict": "an object",
    "float": "a number with a fraction",
    "int": "an integer",
    "list": "a list",
    "str": "a string",
    "date": "a date",
    "datetime": "a date",
}


def shown(value: object) -> str:
    """Return a value short enough for a message, without line breaks or control characters."""
    text = _text(value)
    text = "".join(letter if letter.isprintable() else "?" for letter in text[: _SHOWN + 1])
    return f"{text[:_SHOWN]}…" if len(text) > _SHOWN else text


def kind(value: object) -> str:
    """Return what a value is: ``a string``, ``a list``, ``null``."""
    return _KINDS.get(type(value).__name__, "a value that YAML does not have")


def _text(value: object) -> str:
    if isinstance(value, bytes):
        return value.decode(errors="replace")
    # Python refuses to write an integer of more than 4300 digits.
    return hex(value) if isinstance(value, int) and value.bit_length() > _SHOWN * 4 else str(value)
