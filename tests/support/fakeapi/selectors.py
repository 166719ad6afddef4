"""Label selectors: equality, sets and existence; field selectors: equality."""

from __future__ import annotations

import functools
import re
from typing import Any

_SET = re.compile(r"^(\S+) +(in|notin) +\(([^)]*)\)$")


def matches(selector: str, item: dict[str, Any]) -> bool:
    """Say whether an object's labels fulfil every requirement of a selector; the empty one takes all."""
    labels = item["metadata"].get("labels") or {}
    return all(_holds(part, labels) for part in _requirements(selector))


def has_fields(selector: str, item: dict[str, Any]) -> bool:
    """Say whether an object's fields have the values of a selector such as ``involvedObject.uid=x``."""
    pairs = (part.split("=", 1) for part in selector.split(",") if part)
    return all(_field(path, item) == value for path, value in pairs)


def _field(path: str, item: Any) -> Any:
    for name in path.split("."):
        item = item.get(name) if isinstance(item, dict) else None
    return item


@functools.cache
def _requirements(selector: str) -> tuple[str, ...]:
    parts = (part.strip() for part in re.split(r",(?![^(]*\))", selector))
    return tuple(part for part in parts if part)


def _holds(requirement: str, labels: dict[str, str]) -> bool:
    if found := _SET.match(requirement):
        label, operator, values = found.groups()
        inside = labels.get(label) in {value.strip() for value in values.split(",")}
        return inside is (operator == "in")
    if "!=" in requirement:
        label, value = requirement.split("!=")
        return labels.get(label.strip()) != value.strip()
    if "=" in requirement:
        label, value = requirement.replace("==", "=").split("=")
        return labels.get(label.strip()) == value.strip()
    if requirement.startswith("!"):
        return requirement[1:].strip() not in labels
    return requirement in labels
