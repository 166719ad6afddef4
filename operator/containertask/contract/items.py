"""Inputs and outputs as the manifest tells of them. Standard library only."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Any, Final

from containertask.contract.fields import member, optional, required

MAX_STREAMS: Final = 8
"""How many inputs of a task may stream."""


class Source(enum.StrEnum):
    """Where an output comes from."""

    FILE = "File"
    STDOUT = "Stdout"
    STDERR = "Stderr"
    EXIT_CODE = "ExitCode"


class Layout(enum.StrEnum):
    """Where ``main`` finds a single file (flyte-wire.md 2.2)."""

    DIRECT = "Direct"
    """At ``<inputDir>/<name>``."""
    NAMED_DIR = "NamedDir"
    """In the directory ``<inputDir>/<name>``, under a name of its own."""


class InputMode(enum.StrEnum):
    """What the command finds of what lies at a URI."""

    DOWNLOAD = "Download"
    """The file or folder itself."""
    REFERENCE = "Reference"
    """A file with the URI in it."""
    STREAM = "Stream"
    """A FIFO, through which the file comes while the command reads it."""


@dataclass(frozen=True, slots=True)
class InputItem:
    """One input.

    Attributes:
        file: set where its value is a file's content, below ``SOURCES_DIR``.
        document: set where its value is kept in a store, at this URI: as JSON, or as what a simple type has
            in its file.
        sha256: in hex, of the file at the URI or of the document.
        max_bytes: how much what lies at its URIs may be together.
        may_be_empty: nothing at its URI is a folder with nothing in it, of which a bucket does not know.
    """

    name: str
    type: str
    layout: Layout = Layout.DIRECT
    file: str | None = None
    optional: bool = False
    mode: InputMode = InputMode.DOWNLOAD
    document: str | None = None
    sha256: str | None = None
    max_bytes: int | None = None
    may_be_empty: bool = False


@dataclass(frozen=True, slots=True)
class StreamItem:
    """An input of mode Stream, as the uploader needs it, which feeds it; the rest as of ``InputItem``."""

    name: str
    uri: str
    sha256: str | None = None
    max_bytes: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputItem:
    """One output. ``path`` and ``glob`` are relative to the output folder and only for source File.

    Attributes:
        max_bytes: how much of it there may be.
        destination: URI at which it is to lie instead of with the others; that of a folder ends with a slash.
    """

    name: str
    type: str
    path: str | None = None
    glob: str | None = None
    optional: bool = False
    source: Source = Source.FILE
    max_bytes: int | None = None
    destination: str | None = None


def input_object(item: InputItem) -> dict[str, Any]:
    """Return the JSON object of an input, without what goes without saying."""
    raw = {
        "name": item.name,
        "type": item.type,
        "layout": item.layout.value if item.layout is not Layout.DIRECT else None,
        "file": item.file,
        "optional": item.optional or None,
        "mode": item.mode.value if item.mode is not InputMode.DOWNLOAD else None,
        "document": item.document,
        "sha256": item.sha256,
        "maxBytes": item.max_bytes,
        "mayBeEmpty": item.may_be_empty or None,
    }
    return {name: value for name, value in raw.items() if value is not None}


def input_item(raw: dict[str, Any]) -> InputItem:
    """Read what ``input_object`` returned; raises FieldError."""
    return InputItem(
        name=required(raw, "name", str),
        type=required(raw, "type", str),
        layout=member(Layout, optional(raw, "layout", str) or Layout.DIRECT.value),
        file=optional(raw, "file", str),
        optional=optional(raw, "optional", bool) or False,
        mode=member(InputMode, optional(raw, "mode", str) or InputMode.DOWNLOAD.value),
        document=optional(raw, "document", str),
        sha256=optional(raw, "sha256", str),
        max_bytes=optional(raw, "maxBytes", int),
        may_be_empty=optional(raw, "mayBeEmpty", bool) or False,
    )


def stream_object(item: StreamItem) -> dict[str, Any]:
    """Return the JSON object of an input that streams."""
    raw = {"name": item.name, "uri": item.uri, "sha256": item.sha256, "maxBytes": item.max_bytes}
    return {name: value for name, value in raw.items() if value is not None}


def stream_item(raw: dict[str, Any]) -> StreamItem:
    """Read what ``stream_object`` returned; raises FieldError."""
    return StreamItem(
        name=required(raw, "name", str),
        uri=required(raw, "uri", str),
        sha256=optional(raw, "sha256", str),
        max_bytes=optional(raw, "maxBytes", int),
    )


def output_object(item: OutputItem) -> dict[str, Any]:
    """Return the JSON object of an output."""
    raw = {
        "name": item.name,
        "type": item.type,
        "source": item.source.value,
        "path": item.path,
        "glob": item.glob,
        "optional": item.optional or None,
        "maxBytes": item.max_bytes,
        "destination": item.destination,
    }
    return {name: value for name, value in raw.items() if value is not None}


def output_item(raw: dict[str, Any]) -> OutputItem:
    """Read what ``output_object`` returned; raises FieldError."""
    return OutputItem(
        name=required(raw, "name", str),
        type=required(raw, "type", str),
        path=optional(raw, "path", str),
        glob=optional(raw, "glob", str),
        optional=optional(raw, "optional", bool) or False,
        source=member(Source, required(raw, "source", str)),
        max_bytes=optional(raw, "maxBytes", int),
        destination=optional(raw, "destination", str),
    )
