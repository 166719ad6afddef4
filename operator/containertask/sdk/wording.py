"""Words for what Python users get wrong: of a value only what it is, never itself."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def kind_of(value: object) -> str:
    """Return what a value is: ``a str``, ``an int``, ``None``."""
    if value is None:
        return "None"
    name = value.__name__ if isinstance(value, type) else type(value).__name__
    article = "an" if name[:1].lower() in "aeiou" else "a"
    return f"the class {name}" if isinstance(value, type) else f"{article} {name}"


def plain_str(value: str) -> str:
    """Return a str as such: the value of a member of an enum, whose ``str()`` is ``Color.RED``."""
    return str.__str__(value)


def nearest(name: str, names: Iterable[str]) -> str:
    """Return ``; did you mean X?`` for a name that is nearly one of these, else all of them."""
    known = sorted(names)
    near = difflib.get_close_matches(name[:64], known, n=1)
    return f"did you mean {near[0]}?" if near else f"there are {', '.join(known) or 'none'}"
