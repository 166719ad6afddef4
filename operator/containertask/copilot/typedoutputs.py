"""Outputs with parts, and outputs found by a pattern. Loaded for them alone, before the uploader waits."""

from __future__ import annotations

from collections.abc import Callable, Collection

from containertask.codec import typed
from containertask.codec.errors import CodecError
from containertask.codec.trees import from_tree
from containertask.codec.typed import AnyValue
from containertask.contract.exitrecord import ExitRecord
from containertask.contract.items import OutputItem, Source
from containertask.contract.outcome import Outcome
from containertask.copilot.globs import Pattern, matching
from containertask.copilot.journal import FailureError
from containertask.copilot.loading import type_of
from containertask.copilot.outputs import Found, Volumes, bounded, captured, found, of_folder
from containertask.copilot.outputtree import Reading
from containertask.copilot.untrusted import Fault, FaultError, named
from containertask.types.model import ListOf, Type, needs_store, present
from containertask.words import shown


def read_output(
    item: OutputItem, volumes: Volumes, record: ExitRecord | None, limit: int
) -> Found | Fault | None:
    """Read an output, as ``outputs.read_output`` does; a value that is none at all is absent, too."""
    kind = type_of("output", item.name, item.type)
    if needs_store(kind):
        text = (
            f"output `{item.name}`: a {shown(item.type)} needs a store, and no task of this version has one"
        )
        raise FailureError(Outcome.COPILOT_FAILED, text, item.name)
    try:
        value = _value(kind, item, volumes, record)
    except FaultError as error:
        fault = of_folder(error.fault) if item.source is Source.FILE else error.fault
        return None if fault.outcome is Outcome.OUTPUT_MISSING and may_be_absent(kind, item) else fault
    except CodecError as error:
        return Fault(Outcome.OUTPUT_INVALID, f"it is not of type {shown(item.type)}: {error}")
    return None if value is None else found(item.name, typed.to_json(kind, value), limit)


def declaring(items: Collection[OutputItem]) -> Callable[[str], bool]:
    """Return what tells whether one of these outputs may be made of the file at a path."""
    paths = {item.path or item.name for item in items if item.glob is None}
    patterns = [Pattern(item.glob) for item in items if item.glob is not None]

    def declared(path: str) -> bool:
        parts = path.split("/")
        above = ("/".join(parts[:length]) for length in range(1, len(parts) + 1))
        return not paths.isdisjoint(above) or any(one.fits(path) for one in patterns)

    return declared


def may_be_absent(kind: Type, item: OutputItem) -> bool:
    """Tell whether an output may be left out."""
    return item.optional or typed.holds(kind, None)


def _value(kind: Type, item: OutputItem, volumes: Volumes, record: ExitRecord | None) -> AnyValue:
    """Read a value; raises FaultError or CodecError."""
    if item.glob is not None:
        return _values(kind, item.glob, item, volumes)
    if item.source is Source.FILE:
        return from_tree(kind, Reading(volumes.outputs).tree(item.path or item.name))
    content = bounded(captured(item, volumes, record))
    if isinstance(content, Fault):
        raise FaultError(content.outcome, content.text)
    return from_tree(kind, content.data)


def _values(kind: Type, pattern: str, item: OutputItem, volumes: Volumes) -> list[AnyValue]:
    """Read the files that fit a pattern: each one's bytes are one item, in JSON where an item has parts."""
    whole = present(kind)
    if not isinstance(whole, ListOf):
        raise FaultError(Outcome.COPILOT_FAILED, f"the files that fit `{pattern}` are no {shown(kind)}")
    paths = fitting(kind, item, volumes)
    reading = Reading(volumes.outputs)
    return [typed.within(f"`{named(path)}`", from_tree, whole.item, reading.file(path)) for path in paths]


def fitting(kind: Type, item: OutputItem, volumes: Volumes) -> list[str]:
    """Return the paths of the files that fit an output's pattern; raises FaultError."""
    pattern = item.glob or ""
    paths = matching(volumes.outputs, Pattern(pattern))
    if not paths and not may_be_absent(kind, item):
        raise FaultError(Outcome.OUTPUT_MISSING, f"no file fits `{named(pattern)}`")
    return paths
