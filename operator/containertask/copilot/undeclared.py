"""The files in the output folder that no output declares: named for people, a wrong name shows so."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import islice
from typing import Final

from containertask.contract import ERROR_FILE
from containertask.copilot import files
from containertask.copilot.untrusted import named

_MAX_ENTRIES: Final = 1000
_MAX_DEPTH: Final = 32
_WITHIN: Final = files.FOLDER | os.O_NOFOLLOW


def undeclared(folder: int, is_declared: Callable[[str], bool]) -> list[str]:
    """Return the paths of such files, fit for a message and in order; of a large tree not all.

    No link is followed. Raises OSError where the folder itself cannot be read.
    """
    found = islice(_walk(folder, "", _MAX_DEPTH), _MAX_ENTRIES)
    return sorted(
        named(path)
        for path, is_folder in found
        if not is_folder and path != ERROR_FILE and not is_declared(path)
    )


def listed(paths: list[str], at_most: int) -> str:
    """Return the first paths in one line, and how many there are besides."""
    names = ", ".join(f"`{path}`" for path in paths[:at_most])
    more = len(paths) - at_most
    return f"{names} and {more} more" if more > 0 else names


def _walk(folder: int, above: str, depth: int) -> Iterator[tuple[str, bool]]:
    """Yield the path of every entry, and whether it is a folder."""
    with os.scandir(folder) as entries:
        for entry in entries:
            path = f"{above}{entry.name}"
            is_folder = entry.is_dir(follow_symlinks=False)
            yield path, is_folder
            if is_folder and depth > 0:
                with suppress(OSError), files.opened(entry.name, _WITHIN, folder) as inner:
                    yield from _walk(inner, f"{path}/", depth - 1)
