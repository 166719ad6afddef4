"""One input: from its value, or from the bytes of a file of the user's, to what ``main`` finds.

A simple value is one file. What has parts is the matter of ``typedinputs``, which is loaded for it alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, NamedTuple

from containertask.codec import simple
from containertask.contract.items import InputItem
from containertask.copilot import files
from containertask.types.leaves import SimpleType

if TYPE_CHECKING:
    from containertask.codec.trees import InputTree
    from containertask.types.model import Type

ABSENT: Final = object()
"""Stands for a value that is not there."""

_SIMPLE: Final = {one.value: one for one in SimpleType}


class Given(NamedTuple):
    """An input as it was read: ``value`` is what manifests hold, ``tree`` is None where there is no file.

    ``sought``: something in the tree is still to be fetched.
    """

    kind: SimpleType | Type
    value: object
    tree: InputTree | None
    sought: bool = False


def read_input(item: InputItem, raw: object, data: bytes | None, directory: str) -> Given | None:
    """Read an input from ``raw``, its value as JSON, or from ``data``; None if it is absent.

    ``directory`` is the folder of inputs as ``main`` knows it. Raises CodecError, or FailureError where the
    type itself is not known.
    """
    kind = _SIMPLE.get(item.type)
    if kind is None:
        from containertask.copilot import typedinputs  # noqa: PLC0415 - few tasks need it

        return typedinputs.read_input(item, raw, data, directory)
    if data is None and raw is ABSENT:
        return None
    value = simple.from_json(kind, raw) if data is None else simple.from_file(kind, data)
    return Given(kind, value, simple.to_file(value))


def write_tree(folder: int, name: str, tree: InputTree) -> str:
    """Put what there is of an input under its name, all at once; return how much it is, in words.

    Nothing of it is still to be fetched.
    """
    if isinstance(tree, Mapping):
        from containertask.copilot import typedinputs  # noqa: PLC0415 - few tasks need it

        return typedinputs.put_directory(folder, name, tree)
    if isinstance(tree, bytes):
        files.put(folder, name, tree)
        return f"{len(tree)} bytes"
    from containertask.codec.stored import Streamed  # noqa: PLC0415 - few tasks need it

    if not isinstance(tree, Streamed):
        raise TypeError("what is to be fetched is not written here")
    files.link(folder, name, tree.fifo)
    return "a FIFO"
