"""Kubernetes' quantities as whole numbers: bytes of memory, both ways."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Final

_BINARY: Final = {"Ki": 10, "Mi": 20, "Gi": 30, "Ti": 40, "Pi": 50, "Ei": 60}
_DECIMAL: Final = {"n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
_MOST: Final = 2**63 - 1
_QUANTITY: Final = re.compile(
    r"(?P<number>[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE](?P<exponent>[+-]?[0-9]{1,3})|(?P<unit>[KMGTPE]i|[numkMGTPE])?)",
    re.ASCII,
)


def to_bytes(quantity: str | int) -> int:
    """Return a quantity of memory in bytes, rounded up as Kubernetes does.

    Raises:
        ValueError: it is none.
    """
    found = _QUANTITY.fullmatch(str(quantity))
    if found is None:
        raise ValueError("write a quantity as Kubernetes does, such as 512Mi or 1.5Gi")
    unit = found["unit"] or ""
    if unit in _BINARY:
        exact = Fraction(found["number"]) * (1 << _BINARY[unit])
    else:
        power = int(found["exponent"] or 0) + _DECIMAL[unit]
        exact = Fraction(f"{found['number'].rstrip('.')}e{power}")
    if exact > _MOST:
        raise ValueError("it is more than Kubernetes can count: write at most 8Ei less one")
    return -(-exact.numerator // exact.denominator)


def from_bytes(number: int) -> str:
    """Write bytes with the largest binary unit that leaves a whole number."""
    for unit, power in reversed(_BINARY.items()):
        if number and number % 2**power == 0:
            return f"{number >> power}{unit}"
    return str(number)
