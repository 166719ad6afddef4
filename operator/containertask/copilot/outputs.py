"""Reading the declared outputs: each one's file, stream or exit code, as its type.

A simple value is one file. All else is the matter of ``typedoutputs``, which is loaded for it alone.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final, TypeAlias, assert_never

from containertask.codec import simple
from containertask.codec.errors import CodecError
from containertask.contract import MESSAGE_MAX, STDERR_STEM, STDOUT_STEM
from containertask.contract.exitrecord import ExitRecord
from containertask.contract.items import OutputItem, Source
from containertask.contract.outcome import Outcome
from containertask.copilot import files
from containertask.copilot.journal import FailureError
from containertask.copilot.streams import read_stream
from containertask.copilot.untrusted import Content, Fault, cure, read_file
from containertask.types.leaves import SimpleType

_LIMIT: Final = simple.MAX_BYTES + 1
_SIMPLE: Final = {one.value: one for one in SimpleType}

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


@contextmanager
def readable(folder: str) -> Iterator[int]:
    """Give the descriptor of a folder that no launcher has made readable; raises FailureError."""
    try:
        opened = os.open(folder, files.FOLDER)
    except PermissionError as error:
        text = f"the output folder cannot be read{cure(error)}"
        raise FailureError(Outcome.OUTPUT_UNREADABLE, text) from None
    try:
        yield opened
    finally:
        os.close(opened)


Reader: TypeAlias = "Callable[[OutputItem, Volumes, ExitRecord | None, int], Found | Fault | None]"


def load_readers(items: Collection[OutputItem]) -> None:
    """Load what it takes to read these outputs: whoever waits for them need not wait for that."""
    if not all(map(_is_simple, items)):
        _typed_reader()


def read_output(
    item: OutputItem, volumes: Volumes, record: ExitRecord | None, limit: int = MESSAGE_MAX
) -> Found | Fault | None:
    """Read one output; None for an optional one that is absent. Raises FailureError.

    A value that takes more than ``limit`` bytes is not kept.
    """
    if not _is_simple(item):
        return _typed_reader()(item, volumes, record, limit)
    is_file = item.source is Source.FILE
    content = bounded(_file(item, volumes) if is_file else captured(item, volumes, record))
    if isinstance(content, Fault):
        return None if item.optional and content.outcome is Outcome.OUTPUT_MISSING else content
    try:
        value = simple.from_file(_SIMPLE[item.type], content.data)
    except CodecError as error:
        return Fault(
            Outcome.OUTPUT_INVALID, f"{content.size} bytes that are not of type {item.type}: {error}"
        )
    return found(item.name, simple.to_json(value), limit)


def captured(item: OutputItem, volumes: Volumes, record: ExitRecord | None) -> Content | Fault:
    """Return what an output has for content that comes from no file."""
    match item.source:
        case Source.STDOUT if volumes.main is not None:
            seen = record.stdout if record else None
            return read_stream(volumes.main, STDOUT_STEM, seen, _LIMIT)
        case Source.STDERR if volumes.main is not None:
            seen = record.stderr if record else None
            return read_stream(volumes.main, STDERR_STEM, seen, _LIMIT)
        case Source.STDOUT | Source.STDERR:
            return Fault(Outcome.OUTPUT_MISSING, "nothing is captured without our launcher")
        case Source.EXIT_CODE:
            if record is None:
                return Fault(Outcome.OUTPUT_MISSING, "there is no exit record")
            data = str(record.exit_code).encode()
            return Content(data, len(data))
        case Source.FILE:
            raise AssertionError("a file is not captured")
    assert_never(item.source)


def bounded(content: Content | Fault) -> Content | Fault:
    """Return the content, or the fault that it is more than a value may have."""
    if isinstance(content, Fault) or content.size <= simple.MAX_BYTES:
        return content
    text = f"has {content.size} bytes, a value has at most {simple.MAX_BYTES}: write less"
    return Fault(Outcome.OUTPUT_TOO_LARGE, text)


def of_folder(fault: Fault) -> Fault:
    """Return the fault, which of what is missing says in addition where."""
    if fault.outcome is not Outcome.OUTPUT_MISSING:
        return fault
    return Fault(fault.outcome, f"{fault.text} in the output folder")


def found(name: str, value: object, limit: int = MESSAGE_MAX) -> Found:
    """Return a value, which is JSON, with what it takes in the message."""
    pair = json.dumps({name: value}, ensure_ascii=False, separators=(",", ":"))
    size = len(pair.encode()) - len("{}")
    return Found(name, value if size <= limit else TOO_LARGE, size)


def declaring(items: Collection[OutputItem]) -> Callable[[str], bool]:
    """Return what tells whether one of these outputs is made of the file at a path."""
    of_files = [item for item in items if item.source is Source.FILE]
    if not all(map(_is_simple, of_files)):
        from containertask.copilot import typedoutputs  # noqa: PLC0415 - few tasks need it

        return typedoutputs.declaring(of_files)
    return {item.path or item.name for item in of_files}.__contains__


def _is_simple(item: OutputItem) -> bool:
    return item.type in _SIMPLE and item.glob is None


def _typed_reader() -> Reader:
    from containertask.copilot import typedoutputs  # noqa: PLC0415 - few tasks need it

    return typedoutputs.read_output


def _file(item: OutputItem, volumes: Volumes) -> Content | Fault:
    content = read_file(volumes.outputs, item.path or item.name, _LIMIT)
    return of_folder(content) if isinstance(content, Fault) else content
