"""What can be said of manifests without a cluster: what the operator itself would say of each."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from containertask.api.base import MAX_TASK_NAME
from containertask.api.parse import SpecError
from containertask.api.problem import Problem
from containertask.api.templates import TemplateKind
from containertask.core.accept import Accepted, Refused, accept
from containertask.core.blueprint import key_of
from containertask.core.stores import StoreView, store_view
from containertask.core.task import API_VERSION, KIND, TaskView, task_view
from containertask.core.tasktemplates import TemplateView, template_view
from containertask.manifests.documents import Document
from containertask.types.grammar import parse_type

Json = dict[str, Any]

STORES: Final = ("ArtifactStore", "ClusterArtifactStore")
TEMPLATES: Final = tuple(kind.value for kind in TemplateKind)
OURS: Final = (KIND, *TEMPLATES, *STORES)
_OF_CLUSTER: Final = frozenset({STORES[1], TemplateKind.CLUSTER_TEMPLATE.value})

_TOP: Final = frozenset({"apiVersion", "kind", "metadata", "spec", "status"})
_NAME: Final = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?")
_LABEL: Final = re.compile(r"(?=.{1,63}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?")
_MAX_NAME: Final = 253
_NAMESPACE: Final = "default"
_BORN: Final = {
    "uid": "00000000-0000-0000-0000-000000000000",
    "resourceVersion": "1",
    "creationTimestamp": "2000-01-01T00:00:00Z",
}
"""What the API server gives an object, for one that it has not."""


@dataclass(frozen=True, slots=True)
class Task:
    """A task of a manifest, and what became of it."""

    document: Document
    view: TaskView
    found: Accepted | Refused


def born(document: Document) -> Json:
    """Return the object as if the API server had taken it."""
    metadata = dict(document.raw.get("metadata") or {})
    namespaced = (
        {} if document.kind in _OF_CLUSTER else {"namespace": metadata.get("namespace") or _NAMESPACE}
    )
    return {**document.raw, "metadata": {**metadata, "name": document.name, **namespaced, **_BORN}}


def task_of(document: Document, templates: Sequence[TemplateView] = ()) -> Task:
    """Have the operator look at a task, which has a mapping for metadata, where these templates are."""
    raw = born(document) | {"status": {}}
    raw["spec"] = raw.get("spec") or {}
    view = task_view(raw)
    found = accept(view)
    if view.unresolved and isinstance(found, Accepted):
        place = key_of(view.spec, view.namespace)
        named = next((one for one in templates if (one.namespace, one.name) == place), None)
        if named is not None:
            record = named.record.model_dump(mode="json", by_alias=True)
            view = task_view({**raw, "status": {"template": record}})
            found = accept(view)
    return Task(document, view, found)


def template_of(document: Document) -> TemplateView:
    """Have the operator look at a template, which has a mapping for metadata."""
    return template_view(born(document))


def templates_of(read: Sequence[Document]) -> list[TemplateView]:
    """Return the templates that hold together."""
    return [template_of(one) for one in read if one.kind in TEMPLATES and not problems(one)]


def store_of(document: Document) -> StoreView:
    """Have the operator look at a store, which has a mapping for metadata."""
    return store_view(born(document))


def problems(document: Document, templates: Sequence[TemplateView] = ()) -> tuple[Problem, ...]:
    """Return all that is wrong with one document of ours, where these templates are."""
    if found := tuple(_outside(document)):
        return found
    if document.kind == KIND:
        task = task_of(document, templates)
        return task.found.problems if isinstance(task.found, Refused) else ()
    if document.kind in TEMPLATES:
        return template_of(document).problems
    spec = store_of(document).spec
    return spec.problems if isinstance(spec, SpecError) else ()


def between(tasks: Sequence[Task]) -> Iterator[tuple[Document, Problem]]:
    """Yield what is wrong with outputs of other tasks of the same manifests that inputs name."""
    known = {(one.view.namespace, one.view.name): one for one in tasks}
    for task in tasks:
        if not isinstance(task.found, Accepted):
            continue
        types = {one.name: one.type for one in task.found.spec.inputs or ()}
        for name, ref in task.found.awaits.items():
            source = known.get((task.view.namespace, ref.name))
            if source is None or source.view.unresolved or not isinstance(source.found, Accepted):
                continue
            where = f"spec.inputs[{name}].valueFrom.taskOutputRef"
            outputs = {one.name: one.type for one in source.found.spec.outputs or ()}
            if ref.output not in outputs:
                there = ", ".join(outputs) or "none"
                text = f"task {ref.name} declares no output {ref.output}: it has {there}"
                yield task.document, Problem(where, text)
            elif parse_type(outputs[ref.output]) != parse_type(types[name]):
                is_of = f"output {ref.output} of task {ref.name} is of type {outputs[ref.output]}"
                text = f"{is_of}, and the input of type {types[name]}: make them one"
                yield task.document, Problem(where, text)


def _outside(document: Document) -> Iterator[Problem]:
    """Yield what is wrong with an object around its spec."""
    raw = document.raw
    if raw.get("apiVersion") != API_VERSION:
        yield Problem("apiVersion", f"write {API_VERSION}")
    for name in sorted(raw.keys() - _TOP):
        yield Problem(name, "there is no such field: it may belong into spec")
    metadata = raw.get("metadata")
    if not isinstance(metadata, dict) or not document.name:
        yield Problem("metadata", "a name is missing: write metadata.name")
        return
    namespace = metadata.get("namespace")
    if namespace is not None and (not isinstance(namespace, str) or not _LABEL.fullmatch(namespace)):
        yield Problem("metadata.namespace", "write at most 63 small letters, digits and `-`; quote a number")
    most = MAX_TASK_NAME if document.kind == KIND else _MAX_NAME
    given = metadata.get("name")
    if given is None:
        return
    if not isinstance(given, str) or not _NAME.fullmatch(given) or len(given) > most:
        text = f"write at most {most} small letters, digits, `-` and `.`, with a letter or digit at both ends"
        yield Problem("metadata.name", text)
