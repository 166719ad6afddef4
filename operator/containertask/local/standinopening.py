"""Making outputs readable for the uploader, whatever umask the command had."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Final

_FOLDER: Final = 0o755
_FILE: Final = 0o644
_DEEPEST: Final = 200


def open_up(root: Path) -> tuple[int, str]:
    """Open files and folders, never what a link leads to; return how many cannot be, and which is the first.

    The folder itself belongs to whoever made it, and is good as it is.
    """
    failed: list[str] = []
    waiting = [(root, 0)]
    while waiting:
        folder, depth = waiting.pop()
        if depth > _DEEPEST:
            failed.append(f"{folder.relative_to(root)}: nested deeper than {_DEEPEST} directories")
            continue
        try:
            waiting += [(inner, depth + 1) for inner in _opened(folder)]
        except FileNotFoundError:
            continue
        except OSError as error:
            failed.append(f"{folder.relative_to(root)}: {error.strerror}")
    return len(failed), failed[0] if failed else ""


def _opened(folder: Path) -> Iterator[Path]:
    """Open what is in a folder; yield the folders. Raises OSError."""
    for path in folder.iterdir():
        mode = path.lstat().st_mode
        wanted = _FOLDER if stat.S_ISDIR(mode) else _FILE if stat.S_ISREG(mode) else 0
        if wanted & ~mode:
            path.chmod(stat.S_IMODE(mode) | wanted)
        if stat.S_ISDIR(mode):
            yield path
