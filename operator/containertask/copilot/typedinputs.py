"""Inputs with parts: lists, maps, files and all that may be one of several. Loaded for them alone."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping

from containertask.codec import text, typed
from containertask.codec.layout import input_path, input_tree, placed
from containertask.codec.stored import Sought, Streamed
from containertask.codec.trees import InputTree, from_tree
from containertask.contract.items import InputItem
from containertask.copilot import files
from containertask.copilot.inputs import ABSENT, Given
from containertask.copilot.loading import type_of

_FOLDER_MODE = 0o755
_FILE_MODE = 0o644
_JSON = ".json"
"""How the URI of a value ends that an uploader has kept as JSON; any other is there as it is in a file."""


def read_input(item: InputItem, raw: object, data: bytes | None, directory: str) -> Given | None:
    """Read an input, as ``inputs.read_input`` does; absent is null where null is a value of the type."""
    kind = type_of("input", item.name, item.type)
    if data is not None:
        is_json = item.document is not None and item.document.endswith(_JSON)
        value = typed.from_json(kind, _json(data)) if is_json else from_tree(kind, data)
    elif raw is not ABSENT or typed.holds(kind, None):
        value = typed.from_json(kind, None if raw is ABSENT else raw)
    else:
        return None
    tree = input_tree(item.name, kind, value, item.layout, mode=item.mode)
    path = input_path(directory, item.name, kind, value, item.layout, mode=item.mode)
    is_sought = tree is not None and any(True for _ in sought("", tree))
    return Given(kind, placed(kind, value, path, mode=item.mode), tree, is_sought)


def _json(data: bytes) -> object:
    return text.json_from_text(text.decode(data))


def sought(path: str, tree: InputTree) -> Iterator[tuple[str, Sought]]:
    """Yield what of a tree at a path is to be fetched, and where to."""
    if isinstance(tree, Sought):
        yield path, tree
    elif isinstance(tree, Mapping):
        for part, below in tree.items():
            yield from sought(f"{path}/{part}", below)


def put_directory(folder: int, name: str, tree: Mapping[str, InputTree]) -> str:
    """Put a directory under its name, all at once, instead of what a predecessor left there."""
    for left in (hidden(name), name):
        remove(folder, left)
    written = fill(folder, hidden(name), tree)
    show(folder, name)
    return f"{written} files"


def hidden(name: str) -> str:
    """Return the name under which an input comes to be: nobody looks for it there."""
    return f".{name}.partial"


def show(folder: int, name: str) -> None:
    """Give an input that is whole its name."""
    os.rename(hidden(name), name, src_dir_fd=folder, dst_dir_fd=folder)


def remove(folder: int, name: str) -> None:
    """Remove a file or a folder with all that is in it, if there is one."""
    try:
        os.unlink(name, dir_fd=folder)
    except FileNotFoundError:
        return
    except IsADirectoryError:
        import shutil  # noqa: PLC0415 - only where a predecessor has been; it takes 10 ms to load

        shutil.rmtree(name, dir_fd=folder)


def fill(folder: int, name: str, tree: Mapping[str, InputTree]) -> int:
    """Write a directory that is not there yet, without what is to be fetched; return how many files."""
    written = 0
    os.mkdir(name, _FOLDER_MODE, dir_fd=folder)
    with files.opened(name, files.FOLDER, folder) as inner:
        os.fchmod(inner, _FOLDER_MODE)
        for part, below in tree.items():
            if isinstance(below, Mapping):
                written += fill(inner, part, below)
            elif isinstance(below, bytes):
                files.write_new(inner, part, below, _FILE_MODE)
                written += 1
            elif isinstance(below, Streamed):
                files.link(inner, part, below.fifo)
                written += 1
    return written
