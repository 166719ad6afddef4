"""From a spec as written to a task that can run, or to everything that is wrong with it.

What the CRD cannot check is checked here, before any Pod exists: values against their types, templates,
sizes. A contradiction in a spec is a value of this module, never an exception.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from containertask.api.base import MAX_DURATION
from containertask.api.inputs import TaskOutput
from containertask.api.parse import SpecError, parse_spec
from containertask.api.problem import Problem
from containertask.api.spec import ContainerTaskSpec, MetadataFormat
from containertask.codec.errors import CodecError
from containertask.codec.literals import to_literal_map
from containertask.codec.templates import Rendered, TemplateError
from containertask.contract.items import InputMode
from containertask.contract.manifest import (
    MAX_DOCUMENT_BYTES,
    MAX_MANIFEST_BYTES,
    MAX_VALUES_BYTES,
    Values,
)
from containertask.core.attempt import Attempt
from containertask.core.blueprint import readable
from containertask.core.config import Config
from containertask.core.inputs import Given, ReadInput, config_maps, read_inputs, values_as_json
from containertask.core.manifest import Document, manifest_of
from containertask.core.mode import Cluster, mode_of
from containertask.core.render import render_spec
from containertask.core.specrules import awaited, spec_problems
from containertask.core.storeuse import Needs
from containertask.core.task import TaskView
from containertask.core.template import template_problems
from containertask.types.grammar import parse_type
from containertask.types.model import needs_store

_LATE: Final = 999_999_999
"""An attempt with as many digits as any: what fits for it fits for all."""
_LONGEST: Final = Config(image="", download_timeout=MAX_DURATION, upload_timeout=MAX_DURATION)
_MAX_RENDERED: Final = 2 * 1024 * 1024
"""How much of a Pod as JSON may be command, args and env: the API server takes 3 MiB of JSON."""
_MAX_SOURCES: Final = 256 * 1024
"""How much of it the ConfigMaps may be that inputs name: etcd takes 1.5 MiB, which has room for both."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """A spec that holds together, with its inputs read.

    Attributes:
        awaits: inputs that are other tasks' outputs, by their names: empty once all are known.
    """

    spec: ContainerTaskSpec
    inputs: Mapping[str, ReadInput]
    document: Document
    awaits: Mapping[str, TaskOutput] = field(default_factory=dict)

    @property
    def fetches(self) -> bool:
        """Tell whether anything has to be fetched, or will have to be."""
        return any(one.uris for one in self.inputs.values()) or any(
            needs_store(self.inputs[name].kind) and self.inputs[name].item.mode is InputMode.DOWNLOAD
            for name in self.awaits
        )

    @property
    def needs(self) -> Needs:
        """Return what stores are needed for."""
        inputs = self.inputs.values()
        return Needs(
            fetched=[uri for one in inputs for uri in one.uris],
            streamed=[uri for one in inputs for uri in one.streamed],
            lacks=self._lacks(),
        )

    def _lacks(self) -> str | None:
        """Return the first output that only a store can keep, in words."""
        for one in self.spec.outputs or ():
            if needs_store(parse_type(one.type)) and one.destination is None:
                return f"output `{one.name}` of type {one.type}"
        return None

    def rendered(self, task: TaskView, attempt: int) -> Rendered:
        """Return command, arguments and environment of one attempt."""
        return render_spec(self.spec, self.inputs, task, attempt)


@dataclass(frozen=True, slots=True)
class Refused:
    """A spec that contradicts itself, with each contradiction."""

    problems: tuple[Problem, ...]

    @property
    def message(self) -> str:
        """Return the problems as one text."""
        return str(SpecError(self.problems))


def accept(task: TaskView, given: Mapping[str, Given] | None = None) -> Accepted | Refused:
    """Check all of a spec that can be checked without running anything.

    ``given`` is what other tasks gave, by the names of inputs; None while that is not known.
    """
    try:
        spec = parse_spec(readable(task.spec, task.status.template))
    except SpecError as error:
        return Refused(error.problems)
    inputs, problems = read_inputs(spec, given or {})
    problems += (*spec_problems(spec), *template_problems(spec))
    if problems:
        return Refused(problems)
    items = tuple(one.item for one in inputs.values())
    try:
        document = Document.of(Values(items, values_as_json(inputs), _protobuf(spec, inputs)))
    except CodecError as error:
        return Refused((Problem("spec.metadataFormat", f"PROTO: {error}"),))
    awaits = {} if given is not None else dict(awaited(spec))
    return _checked(Accepted(spec, inputs, document, awaits), task)


def _checked(accepted: Accepted, task: TaskView) -> Accepted | Refused:
    if (text := _too_large(accepted)) is not None:
        return Refused((Problem("spec.inputs", text),))
    written = _manifest_bytes(accepted, task)
    if written > MAX_MANIFEST_BYTES:
        accepted = replace(accepted, document=accepted.document.apart())
        written = _manifest_bytes(accepted, task)
    if written > MAX_MANIFEST_BYTES:
        text = f"names, types and paths take {written} bytes, at most {MAX_MANIFEST_BYTES} do: shorten them"
        return Refused((Problem("spec.outputs", text),))
    problems = () if accepted.awaits else rendering_problems(accepted, task)
    return Refused(problems) if problems else accepted


def rendering_problems(accepted: Accepted, task: TaskView) -> tuple[Problem, ...]:
    """Return what is wrong with the templates of command, arguments and environment."""
    try:
        rendered = accepted.rendered(task, _LATE)
    except TemplateError as error:
        element, _, text = str(error).partition(": ")
        return (Problem(f"spec.{element}", text),)
    written = len(json.dumps([rendered.command, rendered.args, rendered.env]))
    if written <= _MAX_RENDERED:
        return ()
    text = (
        f"command, args and env take {written} bytes as JSON, at most {_MAX_RENDERED} do: read large "
        "inputs from their files, by {{.inputs.NAME.path}}"
    )
    return (Problem("spec.args", text),)


def _too_large(accepted: Accepted) -> str | None:
    """Say what of the inputs is too large for a ConfigMap, or for the Pod."""
    document, sources = accepted.document, len(json.dumps(config_maps(accepted.spec, accepted.inputs)))
    if document.size > MAX_VALUES_BYTES and (size := document.values_size()) > MAX_VALUES_BYTES:
        found = f"the values take {size} bytes together as JSON, at most {MAX_VALUES_BYTES}"
    elif document.size > MAX_DOCUMENT_BYTES:
        found = (
            f"names, types and values take {document.size} bytes together, with inputs.pb where that is the "
            f"format, at most {MAX_DOCUMENT_BYTES}"
        )
    elif sources > _MAX_SOURCES:
        found = f"the names of ConfigMaps and keys take {sources} bytes together, at most {_MAX_SOURCES}"
    else:
        return None
    return f"{found} do: shorten them"


def _manifest_bytes(accepted: Accepted, task: TaskView) -> int:
    """Return how long the manifest is in the worst case."""
    mode = mode_of(accepted.spec, Cluster(gates=True), 0)
    longest = manifest_of(task, accepted.spec, accepted.document, Attempt(number=_LATE, mode=mode), _LONGEST)
    return len(longest.encode().encode())


def _protobuf(spec: ContainerTaskSpec, inputs: Mapping[str, ReadInput]) -> str | None:
    """Return inputs.pb, but for the inputs that are kept elsewhere, in base64."""
    if spec.metadata_format is not MetadataFormat.PROTO:
        return None
    known = {name: one for name, one in inputs.items() if one.known}
    kinds = {name: one.kind for name, one in known.items()}
    return base64.b64encode(to_literal_map(kinds, {name: one.placed for name, one in known.items()})).decode()
