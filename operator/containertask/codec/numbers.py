"""Integers and floats: file content and JSON, both ways.

Files hold what Go's strconv writes without an exponent, as Flyte's copilot does, so that a shell's
arithmetic and ``awk`` read them.
"""

from __future__ import annotations

import math
import re
from decimal import Decimal
from typing import Final

from containertask.codec.errors import CodecError
from containertask.words import kind, shown

INT64: Final = range(-(2**63), 2**63)
_INTEGER: Final = re.compile(r"[+-]?[0-9]{1,40}", re.ASCII)
_FLOAT: Final = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?", re.ASCII)
EXACT: Final = 2**53
"""Up to here every integer is a double."""
_NOT_FINITE: Final = {
    "nan": math.nan,
    "inf": math.inf,
    "+inf": math.inf,
    "-inf": -math.inf,
    "infinity": math.inf,
    "+infinity": math.inf,
    "-infinity": -math.inf,
}


def integer_from_text(text: str) -> int:
    """Read a decimal int64; blanks and a carriage return around it are no matter."""
    text = text.strip(" \t\r\n")
    if not _INTEGER.fullmatch(text):
        raise CodecError(f"`{shown(text)}` is not an integer: write digits only, such as 42")
    return _int64(int(text))


def integer_from_json(raw: object) -> int:
    """Take a JSON integer, a number without a fraction, or a string of digits (for beyond 2^53)."""
    match raw:
        case bool():
            pass
        case int():
            return _int64(raw)
        case float() if raw.is_integer():
            if abs(raw) >= EXACT:
                raise CodecError("a number beyond 2^53 with a point has lost digits: write it as a string")
            return int(raw)
        case str():
            return integer_from_text(raw)
    raise CodecError(f"{kind(raw)} is not an integer: write a number without a fraction, such as 42")


def float_from_text(text: str) -> float:
    """Read a decimal number, with an exponent if need be, or NaN, Inf, Infinity in any case."""
    text = text.strip(" \t\r\n")
    if (special := _NOT_FINITE.get(text.lower())) is not None:
        return special
    if not _FLOAT.fullmatch(text):
        raise CodecError(f"`{shown(text)}` is not a number: write one such as 2, 0.5 or 1e-3")
    return _in_range(float(text), text)


def float_from_json(raw: object) -> float:
    """Take a JSON number, or the strings NaN, Infinity, -Infinity (and numbers written as strings)."""
    match raw:
        case bool():
            pass
        case int():
            try:
                return float(raw)
            except OverflowError:
                raise CodecError("the number is beyond the range of a float") from None
        case float():
            return raw
        case str():
            return float_from_text(raw)
    raise CodecError(f"{kind(raw)} is not a number: write a number such as 0.5, or the string NaN")


def float_to_text(value: float) -> str:
    """Write the shortest decimal that reads back as the same float, without an exponent."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    text = format(Decimal(repr(value)), "f")
    return text.removesuffix(".0")


def _int64(value: int) -> int:
    if value not in INT64:
        raise CodecError("the number does not fit 64 bits: use type string for larger ones")
    return value


def _in_range(value: float, text: str) -> float:
    if math.isinf(value):
        raise CodecError(f"`{shown(text)}` is beyond the range of a float")
    return value
