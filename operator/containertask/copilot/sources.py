"""The files that inputs take their values from: nobody has seen before how much they are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from containertask.contract.manifest import MAX_INPUT_FILES, MAX_SOURCE_BYTES
from containertask.contract.outcome import Outcome
from containertask.copilot import files
from containertask.copilot.inputs import Given
from containertask.copilot.journal import FailureError

if TYPE_CHECKING:
    from containertask.codec.trees import InputTree


class Sources:
    """What there is below a folder, and how much of it was read."""

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self._bytes = 0
        self._files = 0

    def read(self, name: str, file: str, *, optional: bool) -> bytes | None:
        """Read the file of an input; None if it is not there and need not be.

        Raises FailureError and OSError.
        """
        try:
            data = files.read(f"{self._folder}/{file}")
        except FileNotFoundError:
            if optional:
                return None
            raise
        self._bytes += len(data)
        if self._bytes > MAX_SOURCE_BYTES:
            raise _too_much(
                name, f"the values from ConfigMaps have at most {MAX_SOURCE_BYTES} bytes together"
            )
        return data

    def count(self, name: str, given: Given | None) -> None:
        """Count the files of an input; raises FailureError."""
        self._files += 0 if given is None or given.tree is None else _count(given.tree)
        if self._files > MAX_INPUT_FILES:
            text = (
                f"the inputs are at most {MAX_INPUT_FILES} files: make a long list or map a struct or a file"
            )
            raise _too_much(name, text)


def _too_much(name: str, text: str) -> FailureError:
    return FailureError(Outcome.INVALID_INPUT, f"input `{name}`: {text}", name)


def _count(tree: InputTree) -> int:
    return 1 + sum(map(_count, tree.values())) if isinstance(tree, Mapping) else 1
