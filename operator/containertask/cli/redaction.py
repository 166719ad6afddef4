"""What of objects and texts may be in a report that somebody else reads. Pure.

Fields are let through by name (``reportfields``). Values that are left out by that are searched for in the
texts that stay, messages and logs, and taken out of them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

Json = dict[str, Any]

REMOVED: Final = "(removed)"
_OURS: Final = "CT_"
_SHORTEST: Final = 4
"""Characters: a shorter value says nothing, and would be found in every word."""
_USER: Final = re.compile(r"\b([a-z][a-z0-9+.-]*://)[^\s/@\"']*@")
_QUERY: Final = re.compile(r"(\b[a-z][a-z0-9+.-]*://[^\s?#\"']*)[?#][^\s\"']*")

_QUOTED: Final = re.compile(r"(\bnot of type .+?: )[^\n]+")
"""What a command wrote as an output and is none is in no field, but a message quotes it."""


def kept(found: Any, allowed: Mapping[str, Any] | None) -> Any:  # noqa: ANN401 - any JSON
    """Return of an object, or of each of a list, the fields that are allowed."""
    if isinstance(found, list):
        return [kept(one, allowed) for one in found]
    if allowed is None or not isinstance(found, dict):
        return found
    return {name: kept(found[name], below) for name, below in allowed.items() if name in found}


def secrets_of(task: Json, pods: Iterable[Json]) -> frozenset[str]:
    """Return the texts that must not be in a report: all values that the objects have."""
    spec, status = task.get("spec") or {}, task.get("status") or {}
    template = (status.get("template") or {}).get("spec") or {}
    found = set[str]()
    for item in (*(spec.get("inputs") or ()), *(template.get("inputs") or ())):
        found |= {*_texts(item.get("value")), *_texts(item.get("default"))}
    for item in status.get("outputs") or ():
        found |= {*_texts(item.get("value")), *_texts(item.get("preview"))}
    found |= {*_texts((task.get("metadata") or {}).get("annotations"))}
    found |= {*_variables(spec), *_variables(template)}
    for pod in pods:
        below = pod.get("spec") or {}
        for container in (*(below.get("initContainers") or ()), *(below.get("containers") or ())):
            found |= {*_variables(container)}
    return frozenset(one for one in found if len(one) >= _SHORTEST)


def _variables(spec: Json) -> Iterator[str]:
    """Yield the values of variables, but of ours, which have what every object has: its name and paths."""
    for one in spec.get("env") or ():
        if not str(one.get("name")).startswith(_OURS):
            yield from _texts(one.get("value"))


def _texts(value: object) -> Iterator[str]:
    """Yield a value as texts may have it: whole, and each text and number in it."""
    match value:
        case dict():
            yield json.dumps(value)
            for one in value.values():
                yield from _texts(one)
        case list():
            yield json.dumps(value)
            for one in value:
                yield from _texts(one)
        case str():
            yield value
            yield from (line for line in value.splitlines() if line != value)
        case None | bool():
            return
        case _:
            yield json.dumps(value)


class Cleaner:
    """Removes values from messages and logs, and passwords and signatures from URIs everywhere."""

    def __init__(self, secrets: Iterable[str]) -> None:
        longest = sorted(secrets, key=len, reverse=True)
        self._known = re.compile("|".join(map(re.escape, longest))) if longest else None

    def text(self, text: str) -> str:
        """Return a text without any of them."""
        known = text if self._known is None else self._known.sub(REMOVED, text)
        return _address(_QUOTED.sub(rf"\1{REMOVED}", known))

    def whole(self, found: Any, *, message: bool = False) -> Any:  # noqa: ANN401 - any JSON
        """Return JSON without them: a value may be the same as a name, so only messages are searched."""
        match found:
            case dict():
                return {name: self.whole(one, message=name == "message") for name, one in found.items()}
            case list():
                return [self.whole(one) for one in found]
            case str():
                return self.text(found) if message else _address(found)
            case _:
                return found


def _address(text: str) -> str:
    return _QUERY.sub(rf"\1?{REMOVED}", _USER.sub(rf"\1{REMOVED}@", text))
