"""What must hold between the fields of a spec, and the CRD cannot see: no value is read for it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Final

from containertask.api.base import MAX_PATH
from containertask.api.inputs import TaskOutput
from containertask.api.outputs import Output
from containertask.api.problem import Problem
from containertask.api.spec import ContainerTaskSpec, Start
from containertask.api.status import MAX_DEPENDENCIES
from containertask.contract.items import MAX_STREAMS, InputMode
from containertask.contract.report import message_budget
from containertask.contract.uris import UriError, located
from containertask.core.manifest import CONTAINERS
from containertask.types.grammar import parse_type
from containertask.types.leaves import StoredType
from containertask.types.model import needs_store, present

_LINE: Final = 28
"""Bytes that a report has of an output besides its name: an extension, a size, what JSON needs."""
_REST: Final = 450
"""Bytes that it has of other things."""
_MAX_PART: Final = 255
"""How long a file's or folder's name may be in Linux, in bytes. The CRD counts letters, of whole paths."""


def spec_problems(spec: ContainerTaskSpec) -> Iterator[Problem]:
    """Yield what cannot be."""
    yield from _paths(spec)
    yield from _needed(spec)
    yield from _streams(spec)
    yield from _destinations(spec)
    yield from _reported(spec)


def awaited(spec: ContainerTaskSpec) -> Iterator[tuple[str, TaskOutput]]:
    """Yield the inputs that are other tasks' outputs, with their names."""
    for one in spec.inputs or ():
        if one.value_from is not None and one.value_from.task_output_ref is not None:
            yield one.name, one.value_from.task_output_ref


def _paths(spec: ContainerTaskSpec) -> Iterator[Problem]:
    """Name the paths that no node can make: the Pod would be tried for nothing."""
    fields = {"inputDir": spec.input_dir, "outputDir": spec.output_dir, "workingDir": spec.working_dir}
    fields |= {f"outputs[{one.name}].path": one.path for one in spec.outputs or ()}
    fields |= {f"secrets[{number}].file": one.file for number, one in enumerate(spec.secrets or ())}
    for name, path in fields.items():
        longest = max((len(part.encode()) for part in (path or "").split("/")), default=0)
        if longest > _MAX_PART or len((path or "").encode()) > MAX_PATH:
            text = f"at most {MAX_PATH} bytes, and {_MAX_PART} between two slashes, are a path: shorten it"
            yield Problem(f"spec.{name}", text)


def _needed(spec: ContainerTaskSpec) -> Iterator[Problem]:
    if (found := len({one.name for _, one in awaited(spec)})) > MAX_DEPENDENCIES:
        text = (
            f"they need {found} other tasks, at most {MAX_DEPENDENCIES} do: have a task collect the outputs"
        )
        yield Problem("spec.inputs", text)


def _reported(spec: ContainerTaskSpec) -> Iterator[Problem]:
    """Name outputs of which no report could tell: else that would be found when the command has ended."""
    names = [
        f"{one.name}{one.destination or ''}"
        for one in spec.outputs or ()
        if needs_store(parse_type(one.type))
    ]
    taken = sum(len(json.dumps(name, ensure_ascii=False).encode()) + _LINE for name in names)
    if taken > (room := message_budget(CONTAINERS) - _REST):
        text = (
            f"the names and destinations of {len(names)} outputs that a store keeps take {taken} bytes of a "
            f"report, which has {room}: shorten them, or have the command write one directory"
        )
        yield Problem("spec.outputs", text)


def _streams(spec: ContainerTaskSpec) -> Iterator[Problem]:
    """Name inputs that nobody could feed: in Signal mode the uploader wakes when the command has ended."""
    found = [one.name for one in spec.inputs or () if one.mode is InputMode.STREAM]
    if found and (spec.command is None or spec.start is Start.SIGNAL):
        text = "Stream needs our launcher beside the command: set command, and leave `start: Signal` out"
        yield Problem(f"spec.inputs[{found[0]}].mode", text)
    if len(found) > MAX_STREAMS:
        text = f"{len(found)} inputs stream, at most {MAX_STREAMS} do: each takes memory while it waits"
        yield Problem("spec.inputs", text)


def _destinations(spec: ContainerTaskSpec) -> Iterator[Problem]:
    """Name what cannot be kept apart, or measured: a value is never large, and lies in the status."""
    for one in spec.outputs or ():
        where, stored = f"spec.outputs[{one.name}]", needs_store(parse_type(one.type))
        if not stored and (one.destination is not None or one.max_bytes is not None):
            text = "destination and maxBytes are for file, directory and dataset: leave them out"
            yield Problem(where, text)
        elif one.destination is not None:
            try:
                located(one.destination)
            except UriError as error:
                yield Problem(f"{where}.destination", str(error))
    yield from _apart(spec)


def _apart(spec: ContainerTaskSpec) -> Iterator[Problem]:
    """Name destinations at or in one another: of two files of one name one would be lost."""
    taken: dict[str, str] = {}
    for one in spec.outputs or ():
        if one.destination is None:
            continue
        uri = _place(one, one.destination)
        for other, there in taken.items():
            if f"{uri}/".startswith(f"{there}/") or f"{there}/".startswith(f"{uri}/"):
                text = f"output `{other}` is to lie at, in or around it, at {there}: choose another URI"
                yield Problem(f"spec.outputs[{one.name}].destination", text)
                break
        taken[one.name] = uri


def _place(one: Output, destination: str) -> str:
    """Return where an output goes, as ``copilot.keptkeys.output_uri`` has it, but for a file's extension."""
    if present(parse_type(one.type)) is StoredType.FILE and destination.endswith("/"):
        return f"{destination}{one.name}"
    return destination.removesuffix("/")
