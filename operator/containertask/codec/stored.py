"""Values of ``file``, ``directory`` and ``dataset``: where one lies, or what a small file holds.

In JSON an object such as ``{"uri": "s3://bucket/key"}`` says where; a string is a file's content in base64.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from containertask.codec import binary
from containertask.codec.errors import CodecError
from containertask.contract import MAX_URI
from containertask.words import kind as kind_of
from containertask.words import shown

_URI: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://(?! )[^\x00-\x1f\x7f]+(?<! )")
"""Keys of objects may have blanks in them; other blanks than the usual one are not printable."""


@dataclass(frozen=True, slots=True)
class FileContent:
    """All bytes of a small file."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Stored:
    """Where something lies outside of the Pod."""

    uri: str


@dataclass(frozen=True, slots=True)
class LocalPath:
    """Where something lies for ``main``: it takes the place of a file's content in the manifests."""

    path: str
    is_file: bool = True


class Shape(enum.Enum):
    """What has to lie at a URI."""

    FILE = enum.auto()
    FOLDER = enum.auto()
    EITHER = enum.auto()
    """A file, or else a folder."""


@dataclass(frozen=True, slots=True)
class Sought:
    """What takes the place of a file in the tree of an input until it is fetched."""

    uri: str
    shape: Shape


@dataclass(frozen=True, slots=True)
class Streamed:
    """What takes the place of a file that streams: a link to the FIFO through which it comes."""

    fifo: str


StoredValue: TypeAlias = FileContent | Stored | LocalPath


def is_one(value: object, *, file: bool) -> bool:
    """Tell whether a value is one of a file, or else of a directory or dataset: a URI may be of any."""
    match value:
        case LocalPath(_, is_file):
            return is_file is file
        case FileContent():
            return file
        case _:
            return isinstance(value, Stored)


def file_from_json(raw: object) -> FileContent | Stored:
    """Read a file's content or its URI.

    Raises:
        CodecError: it is neither.
    """
    if isinstance(raw, str):
        return FileContent(binary.from_json(raw))
    return from_json(raw)


def from_json(raw: object) -> Stored:
    """Read a URI.

    Raises:
        CodecError: what it is instead.
    """
    if not isinstance(raw, Mapping) or raw.keys() != {"uri"}:
        raise CodecError(f"{kind_of(raw)} does not say where it lies: write {{uri: s3://bucket/key}}")
    uri = raw["uri"]
    if not isinstance(uri, str):
        raise CodecError(f"{kind_of(uri)} is no URI: write one such as s3://bucket/key")
    if len(uri) > MAX_URI:
        raise CodecError(f"{len(uri)} characters, a URI has at most {MAX_URI}")
    if not _URI.fullmatch(uri) or not uri.isprintable():
        raise CodecError(f"`{shown(uri)}` is no URI: write one such as s3://bucket/key")
    return Stored(uri)


def to_json(value: StoredValue) -> object:
    """Return what ``from_json`` takes again; of a path, which it does not take, the text."""
    match value:
        case FileContent(data):
            return binary.to_json(data)
        case Stored(uri):
            return {"uri": uri}
        case LocalPath(path):
            return path
