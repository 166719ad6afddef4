"""The folder of ``--output-dir``: fit for the outputs before anything runs; no link in it is followed.

Files of an earlier run are replaced. A folder is not: what it has from before would be taken for an output.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final

from containertask.cli.errors import CommandError
from containertask.types.grammar import TypeSyntaxError, parse_type
from containertask.types.leaves import StoredType
from containertask.types.model import DatasetOf, Type, present

Json = dict[str, Any]

_VALUES: Final = "outputs.json"


def prepare(folder: Path, tasks: Iterable[Json]) -> None:
    """Make it, and see that all outputs have room that are known by now. Raises CommandError."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        why = (error.strerror or "unknown error").lower()
        raise CommandError(f"--output-dir: {folder}: {why}", exit_code=2) from None
    room(folder, _VALUES)
    for one in tasks:
        for name in _stored(one["spec"].get("outputs") or ()):
            room(folder, name)


def room(folder: Path, name: str) -> Path:
    """Return where an output goes, without a link that may be there. Raises CommandError."""
    path = folder / name
    if path.is_symlink():
        path.unlink()
    if path.is_dir():
        text = "is there already, perhaps from an earlier run: remove it, or name another folder"
        raise CommandError(f"--output-dir: {path} {text}", exit_code=2)
    return path


def write_json(found: Json, folder: Path) -> None:
    """Write ``outputs.json``."""
    room(folder, _VALUES).write_text(json.dumps(found, indent=2, ensure_ascii=False) + "\n")


def is_stored(kind: Type) -> bool:
    """Tell whether a value of a type is itself a file, a folder or a dataset."""
    return isinstance(present(kind), StoredType | DatasetOf)


def _stored(outputs: Sequence[Json]) -> Iterable[str]:
    for one in outputs:
        try:
            if is_stored(parse_type(one["type"])):
                yield str(one["name"])
        except (KeyError, TypeError, TypeSyntaxError):
            continue  # whoever runs the task says what is wrong with it
