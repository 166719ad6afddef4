"""What stands for a local file or folder on the wire: its bytes where they are few, else a place in a store.

It reads files, and sends nothing: what has to be sent is written down.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from containertask.errors import InvalidTaskError
from containertask.sdk.files import Dir, File
from containertask.types.model import Type

INLINE_BYTES: Final = 64 * 1024
"""Up to which size a file goes with the task itself, unless the task says otherwise."""
UPLOADS: Final = "uploads"


class StoreWantedError(InvalidTaskError):
    """Something is too large to go with the task, and no store was given."""


@dataclass(slots=True)
class Placing:
    """Decides for each local file or folder where it goes.

    Attributes:
        most: how many bytes of a file go with the task itself.
        store: gives the URI of the store's folder that takes uploads; None where there is none.
        uploads: what has to be sent before the task is created, by its URI.
    """

    most: int = INLINE_BYTES
    store: Callable[[], str] | None = None
    uploads: dict[str, Path] = field(default_factory=dict)

    def __call__(self, local: File | Dir, _: Type, where: str) -> Any:  # noqa: ANN401 - any JSON
        """Return the wire's form of it. Raises InvalidTaskError."""
        path = local.path
        if path is None:
            return {"uri": local.uri}
        if not (path.is_dir() if isinstance(local, Dir) else path.is_file()):
            what = "folder" if isinstance(local, Dir) else "file"
            raise InvalidTaskError([f"{where}: there is no {what} {path}"])
        if isinstance(local, File) and path.stat().st_size <= self.most:
            return base64.b64encode(path.read_bytes()).decode()
        if self.store is None:
            text = f"a folder, or a file of more than {self.most} bytes, does not go with the task itself"
            raise StoreWantedError(
                [f"{where}: {text}: `submit` uploads it to a store; or give it by its URI"]
            )
        uri = f"{self.store()}/{UPLOADS}/{_digest(path)}"
        self.uploads[uri] = path
        return {"uri": uri}


def _digest(path: Path) -> str:
    """Return the SHA-256 of a file, or of a folder's names and files."""
    if path.is_file():
        return _of_file(path)
    found = hashlib.sha256()
    for one in sorted(path.rglob("*")):
        if one.is_file():
            found.update(f"{one.relative_to(path).as_posix()}\0{_of_file(one)}\n".encode())
    return found.hexdigest()


def _of_file(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
