"""What a plain word of YAML means to kubectl: its reader is older than YAML 1.2 and knows no times.

Where PyYAML reads otherwise, a manifest would be one thing here and another in the cluster: to kubectl
``1e3`` and ``08`` are numbers, ``y`` is a boolean, ``1:30`` and ``=`` are texts, and ``2.0`` is sent as 2.
"""

from __future__ import annotations

import math
import re
from typing import Final

import yaml
from yaml.constructor import ConstructorError

_TAG: Final = "tag:yaml.org,2002:"
_OWN: Final = frozenset(f"{_TAG}{name}" for name in ("bool", "int", "float", "timestamp", "value"))
_TRUE: Final = frozenset({"y", "yes", "true", "on"})
_FALSE: Final = frozenset({"n", "no", "false", "off"})
_BOOL: Final = re.compile(
    r"(?:[yYnN]|yes|Yes|YES|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF)\Z"
)
_INT: Final = re.compile(
    r"[-+]?(?:0[bB]_*[01][01_]*|0[xX]_*[0-9a-fA-F][0-9a-fA-F_]*|0(?:[oO]_*[0-7])?[0-7_]*|[1-9][0-9_]*)\Z"
)
_FLOAT: Final = re.compile(
    r"(?:[-+]?(?:\.[0-9]+|[0-9][0-9_]*(?:\.[0-9_]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)"
    r"|\.(?:nan|NaN|NAN))\Z"
)
_OCTAL: Final = re.compile(r"\A([-+]?)0(?=[0-7])")
_SAFE: Final = 2**53
"""Beyond, a float is not sure to be the whole number that it looks like."""


class Loader(yaml.SafeLoader):
    """Reads scalars as kubectl does."""


def _boolean(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> bool:
    text = str(loader.construct_scalar(node)).lower()
    if text not in _TRUE | _FALSE:
        raise _wrong(node, "boolean")
    return text in _TRUE


def _integer(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> int:
    text = str(loader.construct_scalar(node)).replace("_", "")
    try:
        return int(_OCTAL.sub(r"\g<1>0o", text, count=1), 0)
    except ValueError:
        raise _wrong(node, "whole number") from None


def _number(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> float | str:
    text = str(loader.construct_scalar(node))
    if text.lower().lstrip("+-") in {".inf", ".nan"}:
        return float(text.replace(".", ""))
    try:
        found = float(text.replace("_", ""))
    except ValueError:
        raise _wrong(node, "number") from None
    if math.isinf(found):
        return text  # larger than any: kubectl leaves it as it is written
    return int(found) if found.is_integer() and abs(found) < _SAFE else found


def _text(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> str:
    return str(loader.construct_scalar(node))


def _wrong(node: yaml.ScalarNode, kind: str) -> ConstructorError:
    return ConstructorError(
        None, None, f"this is read as a {kind}, and is none: put it in quotes", node.start_mark
    )


Loader.yaml_implicit_resolvers = {
    letter: [one for one in resolvers if one[0] not in _OWN]
    for letter, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
Loader.add_implicit_resolver(f"{_TAG}bool", _BOOL, list("yYnNtTfFoO"))
Loader.add_implicit_resolver(f"{_TAG}int", _INT, list("-+0123456789"))
Loader.add_implicit_resolver(f"{_TAG}float", _FLOAT, list("-+.0123456789"))
Loader.add_constructor(f"{_TAG}bool", _boolean)
Loader.add_constructor(f"{_TAG}int", _integer)
Loader.add_constructor(f"{_TAG}float", _number)
Loader.add_constructor(f"{_TAG}timestamp", _text)
