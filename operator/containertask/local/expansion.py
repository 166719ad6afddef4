"""What the kubelet makes of ``$(NAME)`` in arguments and variables. Pure.

``$$`` is one ``$``, a reference to nothing stays as it is, and no other ``$`` means anything.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

_REFERENCE: Final = re.compile(r"\$(?:\$|\((?P<name>[^)]*)\))", re.DOTALL)


def expanded(text: str, known: Mapping[str, str]) -> str:
    """Return the text as a process gets it."""

    def one(found: re.Match[str]) -> str:
        name = found["name"]
        return "$" if name is None else known.get(name, found[0])

    return _REFERENCE.sub(one, text)
