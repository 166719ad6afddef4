"""The compiled programs that a local run uses where they are: the launcher and the guard.

An environment variable may name one; an empty one says that there is none. Else they are looked for beside
this package, and in ``build`` of a checkout.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from containertask.errors import MissingToolError

LAUNCHER: Final = "CT_LAUNCHER"
NETGUARD: Final = "CT_NETGUARD"
_PACKAGE: Final = Path(__file__).resolve().parents[1]


def launcher() -> Path | None:
    """Return the Go launcher, None where there is none. Raises MissingToolError for a wrong variable."""
    return _found(LAUNCHER, "launcher")


def netguard() -> Path | None:
    """Return the library that holds transfers to their hosts, None where there is none. Raises as above."""
    return _found(NETGUARD, "netguard.so")


def _found(variable: str, name: str) -> Path | None:
    named = os.environ.get(variable)
    if named == "":
        return None
    if named is not None:
        path = Path(named).resolve()
        if path.is_file():
            return path
        raise MissingToolError(f"{variable} names {path}, and there is no such file")
    places = (_PACKAGE / "bin" / name, _PACKAGE.parents[1] / "build" / name)
    return next((one for one in places if one.is_file()), None)
