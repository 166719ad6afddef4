"""Files of this machine to a store, with the user's own credentials.

The name of what is sent is its digest, so what is there already is not sent again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from containertask.errors import TransferError
from containertask.sdk.buckets import opened
from containertask.sdk.pieces import CHANGED, Piece
from containertask.sdk.storefaults import said
from containertask.sdk.threads import each, go_on, in_thread

Json = dict[str, Any]

_AT_ONCE: Final = 8
_READ: Final = 1 << 20
_PART: Final = 8 << 20
_PARTS_AT_ONCE: Final = 4
_PARTS: Final = 5_000
"""Of one object: no store takes more than 10,000."""


@dataclass(frozen=True, slots=True)
class _Job:
    """One file, and its object: obstore's bucket and the key in it."""

    uri: str
    bucket: Any
    key: str
    piece: Piece


async def upload_all(uploads: Mapping[str, tuple[Piece, ...]], store: Json | None) -> None:
    """Send files to their URIs, some at once. Raises TransferError, MissingToolError."""
    await in_thread(_upload_all, uploads, store)


def _upload_all(uploads: Mapping[str, tuple[Piece, ...]], store: Json | None) -> None:
    jobs = []
    for uri, pieces in uploads.items():
        bucket, key = opened(uri, store, to_send=True)
        jobs += [_Job(uri, bucket, f"{key}/{one.below}" if one.below else key, one) for one in pieces]
    each(_upload, jobs, _AT_ONCE)


def _upload(job: _Job) -> None:
    go_on()
    with said("upload to", job.uri):
        if not _is_there(job):
            _put(job)


def _put(job: _Job) -> None:
    import obstore  # noqa: PLC0415 - slow to load, and an extra; `opened` says so

    size = job.piece.size
    if size > _PART:
        part = max(_PART, size // _PARTS)
        obstore.put(
            job.bucket,
            job.key,
            _unchanged(job.piece),
            use_multipart=True,
            chunk_size=part,
            max_concurrency=_PARTS_AT_ONCE,
        )
    else:
        obstore.put(job.bucket, job.key, b"".join(_unchanged(job.piece)))


def _unchanged(piece: Piece) -> Iterator[bytes]:
    """Yield a file's content; another one than was looked at breaks off, and so never gets its name."""
    digest, size = hashlib.sha256(), 0
    with piece.path.open("rb") as file:
        while data := file.read(_READ):
            go_on()
            digest.update(data)
            size += len(data)
            if size > piece.size:
                break
            yield data
    if size != piece.size or digest.hexdigest() != piece.sha256:
        raise TransferError(f"{piece.path}: {CHANGED}")


def _is_there(job: _Job) -> bool:
    import obstore  # noqa: PLC0415 - as above

    try:
        return bool(obstore.head(job.bucket, job.key)["size"] == job.piece.size)
    except FileNotFoundError:
        return False
