"""Reading the declared outputs: each one's file, stream or exit code, as its type."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Final, assert_never

from containertask.codec import simple
from containertask.codec.errors import CodecError
from containertask.contract import MESSAGE_MAX, STDERR_STEM, STDOUT_STEM
from containertask.contract.exitrecord import ExitRecord
from containertask.contract.manifest import OutputItem, Source
from containertask.contract.report import Outcome
from containertask.copilot.loading import type_of
from containertask.copilot.streams import read_stream
from containertask.copilot.untrusted import Content, Fault, read_file

_LIMIT: Final = simple.MAX_BYTES + 1


TOO_LARGE: Final = object()
"""Stands for a value that no message can hold: it is not kept."""


@dataclass(frozen=True, slots=True)
class Found:
    """One output's value as JSON, or TOO_LARGE, and how many bytes it takes in the message."""

    name: str
    value: object
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Volumes:
    """Descriptors of the output folder and of the folder of the captured streams, if there is one."""

    outputs: int
    main: int | None = None


def read_output(item: OutputItem, volumes: Volumes, record: ExitRecord | None) -> Found | Fault | None:
    """Read one output; None for an optional one that is absent. Raises FailureError."""
    kind = type_of("output", item.name, item.type)
    content = _content(item, volumes, record)
    if isinstance(content, Fault):
        return None if item.optional and content.outcome is Outcome.OUTPUT_MISSING else content
    if content.size > simple.MAX_BYTES:
        text = f"has {content.size} bytes, a simple value has at most {simple.MAX_BYTES}: write less"
        return Fault(Outcome.OUTPUT_TOO_LARGE, text)
    try:
        value = simple.to_json(simple.from_file(kind, content.data))
    except CodecError as error:
        return Fault(
            Outcome.OUTPUT_INVALID, f"{content.size} bytes that are not of type {item.type}: {error}"
        )
    size = _size(item.name, value)
    return Found(item.name, value if size <= MESSAGE_MAX else TOO_LARGE, size)


def _content(item: OutputItem, volumes: Volumes, record: ExitRecord | None) -> Content | Fault:
    match item.source:
        case Source.FILE:
            return _file(item.path or item.name, volumes.outputs)
        case Source.STDOUT if volumes.main is not None:
            seen = record.stdout if record else None
            return read_stream(volumes.main, STDOUT_STEM, seen, _LIMIT)
        case Source.STDERR if volumes.main is not None:
            seen = record.stderr if record else None
            return read_stream(volumes.main, STDERR_STEM, seen, _LIMIT)
        case Source.STDOUT | Source.STDERR:
            return Fault(Outcome.OUTPUT_MISSING, "nothing is captured without our launcher")
        case Source.EXIT_CODE if record is None:
            return Fault(Outcome.OUTPUT_MISSING, "there is no exit record")
        case Source.EXIT_CODE:
            data = str(record.exit_code).encode()
            return Content(data, len(data))
    assert_never(item.source)


def _file(path: str, folder: int) -> Content | Fault:
    match read_file(folder, path, _LIMIT):
        case Fault(Outcome.OUTPUT_MISSING):
            return Fault(Outcome.OUTPUT_MISSING, f"there is no `{path}` in the output folder")
        case Fault(outcome, text):
            return Fault(outcome, f"`{path}` in the output folder: {text}")
        case Content() as content:
            return content


def _size(name: str, value: object) -> int:
    pair = json.dumps({name: value}, ensure_ascii=False, separators=(",", ":"))
    return len(pair.encode()) - len("{}")
