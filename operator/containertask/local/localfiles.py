"""Files and folders of this machine as inputs and outputs, which everything else knows as those of claims.

An input ``file:///data/a.csv`` becomes a file of a claim that is the root of this machine, and can only be
read; outputs are kept in another one, the folder of the run. So neither the operator nor the copilot has a
word for them. On a cluster such a URI is refused, as before.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from containertask.contract.items import InputMode
from containertask.contract.uris import CLAIM
from containertask.types.grammar import TypeSyntaxError, parse_type
from containertask.types.model import needs_store

Json = dict[str, Any]

MACHINE: Final = "ct-machine"
"""Name of the claim that is the root of this machine."""
KEPT: Final = "ct-kept"
"""Name of the claim that is the folder of the run."""
RESULTS: Final = f"{CLAIM}://{KEPT}/"
_MACHINE: Final = f"{CLAIM}://{MACHINE}/"
_LOCAL: Final = "file"


def with_claims(spec: Json) -> Json:
    """Return a spec, as written, with claims in place of this machine's files."""
    inputs = spec.get("inputs")
    if not isinstance(inputs, list):
        return spec
    return {**spec, "inputs": [_input(one) if isinstance(one, dict) else one for one in inputs]}


def _input(one: Json) -> Json:
    try:
        stored = needs_store(parse_type(str(one.get("type"))))
    except TypeSyntaxError:
        return one
    if not stored:
        return one
    fetched = one.get("mode") != InputMode.REFERENCE.value
    found = dict(one)
    for name in ("value", "default"):
        if name in one:
            found[name] = _value(one[name], fetched=fetched)
    if isinstance(uri := one.get("uri"), str):
        found["uri"] = _uri(uri, fetched=fetched)
    return found


def _value(raw: object, *, fetched: bool) -> object:
    match raw:
        case {"uri": str(uri), **more} if not more:
            return {"uri": _uri(uri, fetched=fetched)}
        case dict():
            return {name: _value(one, fetched=fetched) for name, one in raw.items()}
        case list():
            return [_value(one, fetched=fetched) for one in raw]
        case _:
            return raw


def _uri(uri: str, *, fetched: bool) -> str:
    path = _path(uri)
    if path is None:
        return uri
    return f"{_MACHINE}{os.fspath(path).lstrip('/')}" if fetched else path.as_uri()


def _path(uri: str) -> Path | None:
    """Return the path that a URI or a path names; None for what lies elsewhere."""
    if "://" not in uri:
        return Path(uri).resolve() if uri and "\0" not in uri else None
    parts = urlsplit(uri)
    if parts.scheme != _LOCAL or parts.netloc not in {"", "localhost"}:
        return None
    path = unquote(parts.path)
    return Path(path).resolve() if "\0" not in path else None


def local_uri(uri: str, kept: Path) -> str:
    """Return the URI by which people and programs of this machine know what has this one."""
    if uri.startswith(RESULTS):
        return (kept / uri.removeprefix(RESULTS)).as_uri()
    if uri.startswith(_MACHINE):
        return Path(f"/{uri.removeprefix(_MACHINE)}").as_uri()
    return uri


def local_value(raw: object, kept: Path) -> object:
    """Return a value with such URIs in it, of a type that has any."""
    match raw:
        case {"uri": str(uri), **more} if not more:
            return {"uri": local_uri(uri, kept)}
        case dict():
            return {name: local_value(one, kept) for name, one in raw.items()}
        case list():
            return [local_value(one, kept) for one in raw]
        case _:
            return raw


def local_text(text: str, kept: Path) -> str:
    """Return a message with paths as people know them."""
    return text.replace(_MACHINE, f"{_LOCAL}:///").replace(RESULTS, f"{_LOCAL}://{kept}/")
