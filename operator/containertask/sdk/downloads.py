"""Files and folders of a store or of the web to this machine, with the user's own credentials.

A file or a folder gets its name here only when it is whole.
"""

from __future__ import annotations

import secrets
import shutil
import urllib.request
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, Final

from containertask.contract.uris import WEB
from containertask.errors import TransferError
from containertask.sdk.buckets import opened
from containertask.sdk.storefaults import said
from containertask.sdk.threads import each, go_on

Json = dict[str, Any]

_AT_ONCE: Final = 8
_SECONDS: Final = 60
_READ: Final = 1 << 20


def download(uri: str, to: Path, store: Json | None = None) -> Path:
    """Fetch a file, or a folder with all in it, to a path that is not there yet; return the path.

    Raises TransferError, MissingToolError.
    """
    if uri.partition("://")[0] in WEB:
        with said("download of", uri), urllib.request.urlopen(uri, timeout=_SECONDS) as answer:  # noqa: S310
            return _written(_whole(answer, uri), to)
    bucket, key = opened(uri, store)
    with said("download of", uri):
        if (uri.endswith("/") or not _file(bucket, key, to)) and not _folder(bucket, key, to):
            raise TransferError(f"there is nothing at {uri}")
    return to


def _file(bucket: Any, key: str, to: Path) -> bool:  # noqa: ANN401 - obstore's own
    import obstore  # noqa: PLC0415 - slow to load, and an extra; `opened` says so

    try:
        found = obstore.get(bucket, key)
    except FileNotFoundError:
        return False
    _written(found.stream(), to)
    return True


def _whole(answer: Any, uri: str) -> Iterator[bytes]:  # noqa: ANN401 - a response of http.client's
    """Yield a body; one that breaks off is none: http.client takes a short one for whole."""
    yield from iter(partial(answer.read, _READ), b"")
    if answer.length:
        raise TransferError(f"what {uri.partition('?')[0]} answers broke off")


def _written(pieces: Iterable[bytes], to: Path) -> Path:
    """Write a file, which has its name when it is whole."""
    part = _beside(to)
    try:
        with part.open("xb") as file:
            for piece in pieces:
                go_on()
                file.write(piece)
        part.replace(to)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    return to


def _folder(bucket: Any, key: str, to: Path) -> bool:  # noqa: ANN401 - as above
    """Fetch all below a key; return whether there is anything. The folder has its name when it is whole."""
    import obstore  # noqa: PLC0415 - as above

    prefix = f"{key.rstrip('/')}/"
    found = [(str(one["path"]), one["size"]) for page in obstore.list(bucket, prefix=prefix) for one in page]
    if not found:
        return False
    part = _beside(to)
    try:
        part.mkdir()
        jobs = [(key, _below(part, key.removeprefix(prefix), key), size) for key, size in found]
        each(lambda job: _one_of_folder(bucket, *job), jobs, _AT_ONCE)
        part.replace(to)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise
    return True


def _one_of_folder(bucket: Any, key: str, to: Path, size: int) -> None:  # noqa: ANN401 - as above
    if _file(bucket, key, to):
        return
    if size:
        raise TransferError(f"the object {key} has vanished meanwhile")
    to.mkdir(parents=True, exist_ok=True)  # a console's mark for a folder: its name ends with a slash


def _below(folder: Path, below: str, key: str) -> Path:
    target = folder / below
    if not target.resolve().is_relative_to(folder.resolve()):
        raise TransferError(f"the key {key} would leave its folder")
    return target


def _beside(to: Path) -> Path:
    """Return a path of nothing yet, in the folder of another."""
    to.parent.mkdir(parents=True, exist_ok=True)
    return to.parent / f".part-{secrets.token_hex(8)}"
