"""``outputs.json``: what an attempt has left in its store. It is written last, and never replaced. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from containertask.contract.manifest import Manifest
from containertask.copilot.transfer.outgoing import Sent

VERSION: Final = 1
LOGS: Final = "logs"

File = tuple[str, int, str]
"""Path, size and SHA-256 of a file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Log:
    """A stream that was kept: ``omitted`` is how many bytes before it were not."""

    sent: Sent
    omitted: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What there is of an output: a value, or else where it lies, and its files.

    Attributes:
        folder: URI of the folder that the paths of the files are below, where it is not ``uri``.
        folders: paths of folders with nothing in them, of which a bucket knows nothing.
    """

    name: str
    type: str
    value: object = None
    uri: str | None = None
    size: int | None = None
    sha256: str | None = None
    folder: str | None = None
    files: list[File] | None = None
    folders: list[str] | None = None


def encoded(
    manifest: Manifest, results: str, entries: Iterable[Entry], logs: Mapping[str, Log], *, complete: bool
) -> bytes:
    """Return the JSON: the same outputs always give the same bytes.

    Files are put in one by one, as there may be so many that as objects they would not fit the memory.
    """
    start = {
        "version": VERSION,
        "namespace": manifest.namespace,
        "name": manifest.name,
        "uid": manifest.uid,
        "attempt": manifest.attempt,
        "complete": complete,
    }
    data = bytearray(_compact(start)[:-1].encode() + b',"outputs":[')
    for at, one in enumerate(entries):
        data += b"," if at else b""
        _add(data, one)
    data += f'],"logs":{_compact(_logs(results, logs))}}}'.encode()
    return bytes(data)


def _add(data: bytearray, one: Entry) -> None:
    raw: dict[str, object] = {"name": one.name, "type": one.type}
    if one.uri is None:
        raw["value"] = one.value
    more = {
        "uri": one.uri,
        "size": one.size,
        "sha256": one.sha256,
        "folder": one.folder,
        "folders": one.folders or None,
    }
    raw |= {name: value for name, value in more.items() if value is not None}
    data += _compact(raw)[:-1].encode()
    if one.files is not None:
        data += b',"files":['
        for at, (path, size, sha256) in enumerate(one.files):
            data += b"," if at else b""
            data += _compact({"path": path, "size": size, "sha256": sha256}).encode()
        data += b"]"
    data += b"}"


def _logs(results: str, logs: Mapping[str, Log]) -> dict[str, Any]:
    return {
        name: {"uri": f"{results}{LOGS}/{name}", "size": one.sent.size, "sha256": one.sent.sha256}
        | ({"omitted": one.omitted} if one.omitted else {})
        for name, one in logs.items()
    }


def _compact(raw: object) -> str:
    return json.dumps(raw, ensure_ascii=False, separators=(",", ":"))
