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
from containertask.sdk.pieces import Piece, of_file, of_folder, whole_digest
from containertask.types.model import Type

INLINE_BYTES: Final = 64 * 1024
"""Up to which size a file goes with the task itself, unless the task says otherwise."""
INLINE_TOTAL: Final = 360 * 1024
"""Up to which size all of them do: what a task may hold of values, in base64 and with room for others."""
UPLOADS: Final = "uploads"


class StoreWantedError(InvalidTaskError):
    """Something is too large to go with the task, and no store was given."""


@dataclass(slots=True)
class Placing:
    """Decides for each local file or folder where it goes.

    Attributes:
        most: how many bytes of a file go with the task itself.
        left: how many bytes of further files do.
        store: gives the URI of the store's folder that takes uploads; None where there is none.
        uploads: what has to be sent before the task is created, by its URI.
    """

    most: int = INLINE_BYTES
    left: int = INLINE_TOTAL
    store: Callable[[], str] | None = None
    uploads: dict[str, tuple[Piece, ...]] = field(default_factory=dict)

    def __call__(self, local: File | Dir, _: Type, where: str) -> Any:  # noqa: ANN401 - any JSON
        """Return the wire's form of it. Raises InvalidTaskError."""
        path = local.path
        if path is None:
            return {"uri": local.uri}
        if not (path.is_dir() if isinstance(local, Dir) else path.is_file()):
            what = "folder" if isinstance(local, Dir) else "file"
            raise InvalidTaskError([f"{where}: there is no {what} {path}"])
        try:
            return self._placed(local, path, where)
        except OSError as error:
            text = f"{error.filename or path} cannot be read: {error.strerror}"
            raise InvalidTaskError([f"{where}: {text}"]) from None

    def _placed(self, local: File | Dir, path: Path, where: str) -> Any:  # noqa: ANN401 - any JSON
        if isinstance(local, File) and path.stat().st_size <= min(self.most, self.left):
            data = path.read_bytes()
            self.left -= len(data)
            _check(local, hashlib.sha256(data).hexdigest(), where)
            return base64.b64encode(data).decode()
        if self.store is None:
            text = f"folders, files of more than {self.most} bytes and what with others has more than"
            cure = "`submit` uploads it to a store; or give it by its URI"
            raise StoreWantedError([f"{where}: {text} {INLINE_TOTAL} do not go with the task itself: {cure}"])
        found = of_folder(path, where) if isinstance(local, Dir) else of_file(path)
        digest = whole_digest(found)
        _check(local, digest, where)
        uri = f"{self.store()}/{UPLOADS}/{digest}"
        self.uploads[uri] = found
        return {"uri": uri}


def _check(local: File | Dir, digest: str, where: str) -> None:
    if isinstance(local, File) and local.sha256 is not None and local.sha256.lower() != digest:
        raise InvalidTaskError([f"{where}: {local.path} has the sha256 {digest}, and another one is wanted"])
