"""The outputs of a shim task as files, where containertask's uploader looks for them.

Paths that an executor returned become those files; what lies in a store stays there, and is no file.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from flyteidl.core.literals_pb2 import LiteralMap  # type: ignore[import-untyped]

from containertask.codec import literals, trees
from containertask.codec.stored import Shape, Sought, Stored, Streamed
from containertask.codec.trees import InputTree
from containertask.codec.typed import AnyValue
from containertask.errors import TransferError
from containertask.flyte.template import to_bytes
from containertask.types.model import Type
from containertask.words import shown

_FOLDER: Final = "CT_OUTPUT_DIR"


def wanted_in(output_prefix: str) -> Path | None:
    """Return the folder for the files; None where the prefix is another's than containertask's."""
    folder = os.environ.get(_FOLDER)
    return Path(folder) if folder and output_prefix.rstrip("/") == folder else None


def leave(folder: Path, kinds: Mapping[str, Type], outputs: LiteralMap, own: Iterable[Path]) -> None:
    """Write each output below the folder, by its name.

    Args:
        folder: of the outputs.
        kinds: types of the outputs, by name.
        outputs: their values.
        own: folders whose files may be moved; others are copied.

    Raises:
        CodecError: a value that is not of its type.
        TransferError: a file that is in a store, or cannot be written.
    """
    movable = [one.resolve() for one in own]
    values = literals.from_literal_map(kinds, to_bytes(outputs))
    for name, kind in kinds.items():
        tree = trees.tree_of(kind, values.get(name), _leaf)
        try:
            _write(folder / name, tree, movable)
        except OSError as error:
            raise TransferError(f"output {shown(name)} cannot be written: {error.strerror}") from None


def _leaf(_: Type, value: AnyValue) -> bytes | Sought | Streamed:
    return Sought(value.uri, Shape.EITHER) if isinstance(value, Stored) else trees.to_leaf(value)


def _write(target: Path, tree: InputTree | None, movable: list[Path]) -> None:
    match tree:
        case None:
            return
        case bytes():
            target.write_bytes(tree)
        case Sought(uri):
            _bring(_local(uri, target.name), target, movable)
        case Mapping():
            target.mkdir()
            for name, one in tree.items():
                _write(target / name, one, movable)
        case _:
            raise AssertionError("nothing streams out")


def _local(uri: str, name: str) -> Path:
    parts = urlsplit(uri)
    if parts.scheme != "file":
        text = f"it is at {shown(parts.scheme)}://, and only a file of this machine can be an output"
        raise TransferError(f"output {shown(name)}: {text}: return a path")
    return Path(uri.removeprefix("file://"))


def _bring(source: Path, target: Path, movable: list[Path]) -> None:
    real = source.resolve()
    if any(real.is_relative_to(one) for one in movable):
        shutil.move(real, target)
    elif real.is_dir():
        shutil.copytree(real, target)
    else:
        shutil.copyfile(real, target)
