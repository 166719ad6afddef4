"""Inputs with parts: lists, maps, files and all that may be one of several. Loaded for them alone."""

from __future__ import annotations

import os
from collections.abc import Mapping

from containertask.codec import typed
from containertask.codec.layout import input_path, input_tree, placed
from containertask.codec.trees import Tree, from_tree
from containertask.contract.manifest import InputItem
from containertask.copilot import files
from containertask.copilot.inputs import ABSENT, Given
from containertask.copilot.loading import type_of

_FOLDER_MODE = 0o755
_FILE_MODE = 0o644


def read_input(item: InputItem, raw: object, data: bytes | None, directory: str) -> Given | None:
    """Read an input, as ``inputs.read_input`` does; absent is null where null is a value of the type."""
    kind = type_of("input", item.name, item.type)
    if data is not None:
        value = from_tree(kind, data)
    elif raw is not ABSENT or typed.holds(kind, None):
        value = typed.from_json(kind, None if raw is ABSENT else raw)
    else:
        return None
    tree = input_tree(item.name, kind, value, item.layout)
    path = input_path(directory, item.name, kind, value, item.layout)
    return Given(kind, placed(kind, value, path), tree)


def put_directory(folder: int, name: str, tree: Mapping[str, Tree]) -> str:
    """Put a directory under its name, all at once, instead of what a predecessor left there."""
    unfinished = f".{name}.partial"
    for left in (unfinished, name):
        _remove(folder, left)
    written = _fill(folder, unfinished, tree)
    os.rename(unfinished, name, src_dir_fd=folder, dst_dir_fd=folder)
    return f"{written} files"


def _remove(folder: int, name: str) -> None:
    try:
        os.unlink(name, dir_fd=folder)
    except FileNotFoundError:
        return
    except IsADirectoryError:
        import shutil  # noqa: PLC0415 - only where a predecessor has been; it takes 10 ms to load

        shutil.rmtree(name, dir_fd=folder)


def _fill(folder: int, name: str, tree: Mapping[str, Tree]) -> int:
    """Write a directory that is not there yet; return how many files it has."""
    written = 0
    os.mkdir(name, _FOLDER_MODE, dir_fd=folder)
    with files.opened(name, files.FOLDER, folder) as inner:
        os.fchmod(inner, _FOLDER_MODE)
        for part, below in tree.items():
            if isinstance(below, Mapping):
                written += _fill(inner, part, below)
            else:
                files.write_new(inner, part, below, _FILE_MODE)
                written += 1
    return written
