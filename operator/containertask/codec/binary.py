"""Bytes: as they are in a file, in base64 in JSON and YAML."""

from __future__ import annotations

import binascii
from typing import Final

from containertask.codec.errors import CodecError
from containertask.words import kind

_CURE: Final = "write the bytes in base64, as `base64` prints them"


def from_json(raw: object) -> bytes:
    """Read base64 (RFC 4648, section 4, padded); line breaks and blanks are skipped."""
    if not isinstance(raw, str):
        raise CodecError(f"{kind(raw)} is not binary: {_CURE}")
    try:
        return binascii.a2b_base64("".join(raw.split()).encode(), strict_mode=True)
    except (binascii.Error, UnicodeEncodeError):
        raise CodecError(f"a string that is not base64: {_CURE}") from None


def to_json(value: bytes) -> str:
    """Write base64 on one line."""
    return binascii.b2a_base64(value, newline=False).decode()
