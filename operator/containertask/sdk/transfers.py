"""Files between this machine and stores, with the user's own credentials.

A file gets its name here only when it is whole. One that is in a store under its digest is not sent again.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Final

from containertask.contract.uris import WEB
from containertask.errors import ContainerTaskError, TransferError
from containertask.kube.errors import Forbidden
from containertask.kube.resources import ARTIFACT_STORES, CLUSTER_ARTIFACT_STORES, Resource
from containertask.sdk import loop
from containertask.sdk.buckets import opened
from containertask.sdk.cluster import Cluster, Session
from containertask.sdk.files import Fetch
from containertask.sdk.threads import in_thread

Json = dict[str, Any]

_AT_ONCE: Final = 8
_SECONDS: Final = 60
_PIECE: Final = 1 << 20
_MAX_VALUE: Final = 1 << 20
_ROOTS: Final = {"s3": ("bucket",), "gs": ("bucket",), "az": ("account", "container")}
_FIELDS: Final = {"s3": "s3", "gs": "gcs", "az": "azure"}


async def upload_all(uploads: Mapping[str, Path], store: Json | None) -> None:
    """Send files and folders to their URIs, some at once. Raises TransferError, MissingToolError."""
    room = asyncio.Semaphore(_AT_ONCE)

    async def one(uri: str, path: Path) -> None:
        async with room:
            await in_thread(_upload, uri, path, store)

    await asyncio.gather(*(one(uri, path) for uri, path in uploads.items()))


def _upload(uri: str, path: Path, store: Json | None) -> None:
    import obstore  # noqa: PLC0415 - slow to load, and an extra; `opened` says so

    bucket, key = opened(uri, store)
    every = [path] if path.is_file() else sorted(one for one in path.rglob("*") if one.is_file())
    with _said(f"upload to {uri}"):
        for one in every:
            name = key if path.is_file() else f"{key}/{one.relative_to(path).as_posix()}"
            if not _is_there(bucket, name, one.stat().st_size):
                obstore.put(bucket, name, one)


def _is_there(bucket: Any, key: str, size: int) -> bool:  # noqa: ANN401 - obstore's own
    import obstore  # noqa: PLC0415 - as above

    try:
        return bool(obstore.head(bucket, key)["size"] == size)
    except FileNotFoundError:
        return False


def download(uri: str, to: Path, store: Json | None = None) -> Path:
    """Fetch a file, or a folder with all in it, to a path that is not there yet; return the path.

    Raises TransferError, MissingToolError.
    """
    to.parent.mkdir(parents=True, exist_ok=True)
    if uri.partition("://")[0] in WEB:
        with _said("download from the web"), urllib.request.urlopen(uri, timeout=_SECONDS) as answer:  # noqa: S310
            return _written(_whole(answer, uri), to)
    bucket, key = opened(uri, store)
    with _said(f"download of {uri}"):
        if uri.endswith("/") or not _file(bucket, key, to):
            found = _folder(bucket, key, to)
            if not found:
                raise TransferError(f"there is nothing at {uri}")
    return to


def _file(bucket: Any, key: str, to: Path) -> bool:  # noqa: ANN401 - obstore's own
    import obstore  # noqa: PLC0415 - as above

    try:
        found = obstore.get(bucket, key)
    except FileNotFoundError:
        return False
    _written(found.stream(), to)
    return True


def _whole(answer: Any, uri: str) -> Iterator[bytes]:  # noqa: ANN401 - a response of http.client's
    """Yield a body; one that breaks off is none: http.client takes a short one for whole."""
    yield from iter(partial(answer.read, _PIECE), b"")
    if answer.length:
        raise TransferError(f"what {uri.partition('?')[0]} answers broke off")


def _written(pieces: Iterable[bytes], to: Path) -> Path:
    """Write a file, which has its name when it is whole."""
    descriptor, part = tempfile.mkstemp(dir=to.parent, prefix=".part-")
    try:
        with os.fdopen(descriptor, "wb") as file:
            for piece in pieces:
                file.write(piece)
        Path(part).replace(to)
    except BaseException:
        Path(part).unlink(missing_ok=True)
        raise
    return to


def _folder(bucket: Any, key: str, to: Path) -> int:  # noqa: ANN401 - as above
    import obstore  # noqa: PLC0415 - as above

    prefix, count = f"{key.rstrip('/')}/", 0
    for page in obstore.list(bucket, prefix=prefix):
        for one in page:
            below = str(one["path"]).removeprefix(prefix)
            target = to / below
            if not target.resolve().is_relative_to(to.resolve()):
                raise TransferError(f"the key {one['path']} would leave its folder")
            target.parent.mkdir(parents=True, exist_ok=True)
            count += _file(bucket, str(one["path"]), target)
    return count


def fetcher(cluster: Cluster, namespace: str) -> Fetch:
    """Return what fetches files and folders to a path, by the stores that the namespace has."""
    return lambda uri, to: download(uri, to, store_of(cluster, namespace, uri))


def stored_value(fetch: Fetch) -> Callable[[str], bytes]:
    """Return what fetches the document of a value that the status has no room for."""

    def value(uri: str) -> bytes:
        with tempfile.TemporaryDirectory() as folder:
            path = fetch(uri, Path(folder) / "value")
            if path.stat().st_size > _MAX_VALUE:
                raise TransferError(f"what is at {uri} is larger than any value")
            return path.read_bytes()

    return value


def store_of(cluster: Cluster, namespace: str, uri: str) -> Json | None:
    """Return the object of the store that a URI lies in, if there is one and the user may see it."""
    try:
        return loop.run(_store_of(cluster, namespace, uri))
    except ContainerTaskError:
        return None


async def _store_of(cluster: Cluster, namespace: str, uri: str) -> Json | None:
    scheme, _, rest = uri.partition("://")
    if scheme not in _FIELDS:
        return None
    async with cluster.session() as session:
        own = await _listed(session, ARTIFACT_STORES, namespace)
        shared = await _listed(session, CLUSTER_ARTIFACT_STORES, None)
    for one in (*own, *shared):
        place = one["spec"].get(_FIELDS[scheme])
        if place is None:
            continue
        root = "/".join(place[name] for name in _ROOTS[scheme])
        if rest.startswith(f"{root}/"):
            return one
    return None


async def _listed(session: Session, resource: Resource, namespace: str | None) -> Sequence[Json]:
    """Return the stores that the user may see: those of the cluster are seldom anybody's to list."""
    try:
        return (await session.api.list(resource, namespace)).items
    except Forbidden:
        return ()


@contextmanager
def _said(what: str) -> Iterator[None]:
    """Turn what obstore raises, whose texts may quote a credential, into one of ours."""
    try:
        yield
    except urllib.error.URLError as error:
        text = f"{error.code}" if isinstance(error, urllib.error.HTTPError) else "no answer"
        raise TransferError(f"the {what} failed: {text}") from None
    except (ContainerTaskError, OSError):
        raise
    except Exception as error:  # noqa: BLE001 - obstore's errors have no common base
        raise TransferError(f"the {what} failed: {type(error).__name__}") from None
