"""The codec's errors: a person's data does not fit its type. Nothing else is raised by the codec."""

from __future__ import annotations


class CodecError(ValueError):
    """Content or a JSON value is not of its type; the message says what it is and what would do."""
