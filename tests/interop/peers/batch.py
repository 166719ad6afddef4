"""One run of a peer: it reads what a request holds, writes all its values, and answers what came of it."""

from __future__ import annotations

import base64
import functools
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from interop.peers.pythonvalues import Sdk, values


def run(sdk: Sdk) -> None:
    """Do what the file ``argv[1]`` asks for and write the answer to ``argv[2]``."""
    request = json.loads(Path(sys.argv[1]).read_text())
    known = values(sdk)

    def read(types: dict[str, str], data: str) -> Any:
        each = sdk.read({name: known[one][0] for name, one in types.items()}, base64.b64decode(data))
        return [{name: shown(sdk, value) for name, value in one.items()} for one in each]

    def write(name: str) -> list[str]:
        return [base64.b64encode(data).decode() for data in sdk.write(*known[name])]

    answer = {
        "read": {name: _tried(functools.partial(read, **one)) for name, one in request["read"].items()},
        "written": {name: _tried(functools.partial(write, name)) for name in known},
        "binary": base64.b64encode(sdk.binary(base64.b64decode(request["binary"]))).decode(),
    }
    Path(sys.argv[2]).write_text(json.dumps(answer))


def shown(sdk: Sdk, value: object) -> str:
    """Return what a value is, exactly: of files and the like, where they are."""
    place = sdk.place(value)
    if place is not None:
        return place
    if isinstance(value, list):
        return f"[{', '.join(shown(sdk, one) for one in value)}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{name!r}: {shown(sdk, value[name])}' for name in sorted(value))}}}"
    return repr(value)


def _tried(work: Callable[[], Any]) -> Any:
    try:
        return {"done": work()}
    except Exception as error:  # noqa: BLE001 - SDKs raise anything
        return {"failed": f"{type(error).__name__}: {error}"}
