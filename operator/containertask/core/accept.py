"""From a spec as written to a task that can run, or to everything that is wrong with it.

What the CRD cannot check is checked here, before any Pod exists: values against their types, templates,
sizes. A contradiction in a spec is a value of this module, never an exception.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from containertask.api.base import MAX_DURATION, MAX_PATH
from containertask.api.io import Input
from containertask.api.parse import SpecError, parse_spec
from containertask.api.spec import ContainerTaskSpec, MetadataFormat
from containertask.api.verify import Problem
from containertask.codec.errors import CodecError
from containertask.codec.literals import to_literal_map
from containertask.codec.simple import Value, from_json, to_json
from containertask.codec.templates import Rendered, TemplateError
from containertask.contract.manifest import MAX_MANIFEST_BYTES, MAX_VALUES_BYTES, Values
from containertask.core.config import Config
from containertask.core.manifest import Document, manifest_of
from containertask.core.mode import Cluster, mode_of
from containertask.core.render import render_spec
from containertask.core.task import TaskView

_LATE: Final = 999_999_999
"""An attempt with as many digits as any: what fits for it fits for all."""
_LONGEST: Final = Config(image="", download_timeout=MAX_DURATION, upload_timeout=MAX_DURATION)
_MAX_PART: Final = 255
"""How long a file's or folder's name may be in Linux, in bytes. The CRD counts letters, of whole paths."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """A spec that holds together, with its values read. An absent optional input has the value None."""

    spec: ContainerTaskSpec
    values: Mapping[str, Value | None]
    document: Document

    def rendered(self, task: TaskView, attempt: int) -> Rendered:
        """Return command, arguments and environment of one attempt."""
        return render_spec(self.spec, self.values, task, attempt)


@dataclass(frozen=True, slots=True)
class Refused:
    """A spec that contradicts itself, with each contradiction."""

    problems: tuple[Problem, ...]

    @property
    def message(self) -> str:
        """Return the problems as one text."""
        return str(SpecError(self.problems))


def accept(task: TaskView) -> Accepted | Refused:
    """Check all of a spec that can be checked without running anything."""
    try:
        spec = parse_spec(task.spec)
    except SpecError as error:
        return Refused(error.problems)
    values, problems = _values(spec)
    problems += tuple(_paths(spec))
    if problems:
        return Refused(problems)
    present = {name: to_json(value) for name, value in values.items() if value is not None}
    try:
        document = Document.of(Values(present, _protobuf(spec, values)))
    except CodecError as error:
        return Refused((Problem("spec.metadataFormat", f"PROTO: {error}"),))
    return _checked(Accepted(spec, values, document), task)


def _checked(accepted: Accepted, task: TaskView) -> Accepted | Refused:
    size = accepted.document.size
    if size > MAX_VALUES_BYTES:
        text = f"the values take {size} bytes together, at most {MAX_VALUES_BYTES} do: shorten them"
        return Refused((Problem("spec.inputs", text),))
    mode = mode_of(accepted.spec, Cluster(gates=True), 0)
    longest = manifest_of(task, accepted.spec, accepted.document, _LATE, mode=mode, config=_LONGEST)
    written = len(longest.encode().encode())
    if written > MAX_MANIFEST_BYTES:
        text = f"names and paths take {written} bytes, at most {MAX_MANIFEST_BYTES} do: shorten them"
        return Refused((Problem("spec.inputs", text),))
    try:
        accepted.rendered(task, _LATE)
    except TemplateError as error:
        element, _, text = str(error).partition(": ")
        return Refused((Problem(f"spec.{element}", text),))
    return accepted


def _paths(spec: ContainerTaskSpec) -> Iterator[Problem]:
    """Name the paths that no node can make: the Pod would be tried for nothing."""
    fields = {"inputDir": spec.input_dir, "outputDir": spec.output_dir, "workingDir": spec.working_dir}
    fields |= {f"outputs[{one.name}].path": one.path for one in spec.outputs or ()}
    for field, path in fields.items():
        longest = max((len(part.encode()) for part in (path or "").split("/")), default=0)
        if longest > _MAX_PART or len((path or "").encode()) > MAX_PATH:
            text = f"at most {MAX_PATH} bytes, and {_MAX_PART} between two slashes, are a path: shorten it"
            yield Problem(f"spec.{field}", text)


def _values(spec: ContainerTaskSpec) -> tuple[dict[str, Value | None], tuple[Problem, ...]]:
    values, problems = {}, []
    for one in spec.inputs or ():
        try:
            values[one.name] = _value(one)
        except CodecError as error:
            problems.append(Problem(f"spec.inputs[{one.name}]", f"type {one.type}: {error}"))
    return values, tuple(problems)


def _value(one: Input) -> Value | None:
    """Take the value, else the default, else nothing if that is allowed; null is as good as absent."""
    for raw in (one.value, one.default):
        if raw is not None:
            return from_json(one.type, raw)
    if one.optional:
        return None
    raise CodecError("null is no value of it: write one, or set `optional: true`")


def _protobuf(spec: ContainerTaskSpec, values: Mapping[str, Value | None]) -> str | None:
    if spec.metadata_format is not MetadataFormat.PROTO:
        return None
    kinds = {one.name: one.type for one in spec.inputs or ()}
    return base64.b64encode(to_literal_map(kinds, values)).decode()
