"""The manifest of inputs beside their files: ``inputs.json`` and ``inputs.yaml``.

YAML is written as a block of lines ``name: value`` whose values are JSON, in the dialect that YAML 1.1
readers understand too. What reads it is the user's own program, in whatever language.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final

from containertask.codec import text
from containertask.codec.simple import Value, to_json

_MAX_PLAIN_KEY: Final = 1000


def to_json_manifest(values: Mapping[str, object]) -> bytes:
    """Write ``inputs.json`` of values as JSON has them: one compact object, names in order."""
    return text.compact(values).encode()


def to_yaml_manifest(values: Mapping[str, object]) -> bytes:
    """Write ``inputs.yaml`` of values as YAML has them: one line an input, names in order."""
    lines = [f"{_yaml_string(name)}: {_yaml(values[name])}\n" for name in sorted(values)]
    return "".join(lines).encode() or b"{}\n"


def to_yaml(value: Value) -> object:
    """Return a simple value as YAML has it: floats that JSON lacks stay floats."""
    return value if isinstance(value, float) else to_json(value)


def _yaml(raw: object) -> str:
    match raw:
        case None:
            return "null"
        case bool():
            return "true" if raw else "false"
        case float():
            return _yaml_float(raw)
        case str():
            return _yaml_string(raw)
        case dict():
            inner = (f"{_yaml_key(key)}: {_yaml(raw[key])}" for key in sorted(raw))
            return "{" + ", ".join(inner) + "}"
        case list():
            return "[" + ", ".join(_yaml(item) for item in raw) + "]"
        case _:
            return str(raw)


def _yaml_float(value: float) -> str:
    if math.isnan(value):
        return ".nan"
    if math.isinf(value):
        return ".inf" if value > 0 else "-.inf"
    mantissa, e, exponent = repr(value).partition("e")
    # Without a point a YAML 1.1 reader takes 1e-07 for a string.
    return f"{mantissa}.0e{exponent}" if e and "." not in mantissa else repr(value)


def _yaml_key(key: str) -> str:
    """Write a key; YAML readers take a long one only when it is marked as such."""
    written = _yaml_string(key)
    return f"? {written} " if len(written) > _MAX_PLAIN_KEY else written


def _yaml_string(value: str) -> str:
    return '"' + "".join(_yaml_letter(letter) for letter in value) + '"'


def _yaml_letter(letter: str) -> str:
    if letter in {'"', "\\"}:
        return f"\\{letter}"
    if letter.isprintable():
        return letter
    return f"\\U{ord(letter):08x}"
