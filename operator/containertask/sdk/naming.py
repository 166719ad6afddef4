"""From any name to one that Kubernetes takes."""

from __future__ import annotations

import hashlib
import re
import secrets
from typing import Final

from containertask.api.base import MAX_TASK_NAME

_OTHER: Final = re.compile(r"[^a-z0-9]+")
_DIGITS: Final = 8
_RANDOM: Final = 5
_LETTERS: Final = "bcdfghjklmnpqrstvwxz2456789"
"""As Kubernetes makes names of its own: no word can come out, and nothing looks like something else."""


def object_name(name: str, room: int = 0) -> str:
    """Return the name of a task's object: itself where that may be, else with a digest of what it was.

    ``room`` is how many characters are to be left for something behind it.
    """
    most = MAX_TASK_NAME - room
    plain = _OTHER.sub("-", name.lower()).strip("-")
    if plain == name and len(name) <= most:
        return name
    mark = hashlib.sha256(name.encode()).hexdigest()[:_DIGITS]
    return f"{plain[: most - _DIGITS - 1].strip('-') or 'task'}-{mark}"


def run_name(name: str) -> str:
    """Return a name for one run that nobody has yet."""
    mark = "".join(secrets.choice(_LETTERS) for _ in range(_RANDOM))
    return f"{object_name(name, _RANDOM + 1)}-{mark}"
