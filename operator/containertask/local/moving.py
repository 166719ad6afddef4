"""A task whose command has no container: its folders are folders of this machine. Pure.

The text of the user's that names them, in command, arguments and variables, says then where they really are.
What scripts in files, or values of inputs, say is never touched.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

Json = dict[str, Any]

INPUT_DIR: Final = "/var/inputs"
OUTPUT_DIR: Final = "/var/outputs"
_BEFORE: Final = r"(?<![\w./-])"
_BEHIND: Final = r"(?![\w.-])"
"""A path is only meant where it is whole: not in ``/data/var/inputs``, nor in ``/var/inputs-2``."""


def folders_of(spec: Json) -> tuple[object, object]:
    """Return the folders of inputs and outputs as a spec says."""
    return spec.get("inputDir") or INPUT_DIR, spec.get("outputDir") or OUTPUT_DIR


def moved(spec: Json, places: Mapping[str, str]) -> Json:
    """Return a spec, as written, with other paths in place of these; of any shape, for nobody has read it."""
    move = _Move(places)
    found = dict(spec)
    for name in ("command", "args", "workingDir"):
        if name in spec:
            found[name] = move.texts(spec[name])
    inputs, outputs = folders_of(spec)
    found |= {"inputDir": move.texts(inputs), "outputDir": move.texts(outputs)}
    for name, field in (("env", "value"), ("outputs", "path"), ("secrets", "file")):
        if isinstance(given := spec.get(name), list):
            found[name] = [move.field(one, field) for one in given]
    return found


class _Move:
    """Replaces paths in texts."""

    def __init__(self, places: Mapping[str, str]) -> None:
        longest = sorted(places, key=len, reverse=True)
        self._places = places
        self._any = re.compile(f"{_BEFORE}(?:{'|'.join(map(re.escape, longest))}){_BEHIND}")

    def texts(self, raw: object) -> object:
        if isinstance(raw, str):
            return self._any.sub(lambda found: self._places[found[0]], raw)
        return [self.texts(one) for one in raw] if isinstance(raw, list) else raw

    def field(self, raw: object, name: str) -> object:
        if isinstance(raw, dict) and name in raw:
            return {**raw, name: self.texts(raw[name])}
        return raw
