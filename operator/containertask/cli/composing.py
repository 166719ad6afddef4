"""The tasks that ``ctask run`` creates: of files, of a template, or of an image and a command."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from dataclasses import replace
from functools import cache
from typing import Any, Final

from containertask.cli.arguments import Given, Place, read, source, there
from containertask.cli.documents import documents
from containertask.cli.errors import CommandError
from containertask.cli.imagetask import image_task
from containertask.cli.offline import problems
from containertask.cli.uploading import Uploads
from containertask.core.task import API_VERSION, KIND
from containertask.kube.resources import (
    CLUSTER_CONTAINER_TASK_TEMPLATES,
    CONTAINER_TASK_TEMPLATES,
    Resource,
)
from containertask.manifests.documents import Document
from containertask.sdk import loop
from containertask.sdk.building import manifest
from containertask.sdk.cluster import Cluster
from containertask.sdk.naming import run_name
from containertask.sdk.wording import nearest
from containertask.types.grammar import parse_type
from containertask.types.model import Type

Json = dict[str, Any]
Types = Mapping[str, Type]
Look = Callable[[str, str, str | None], Json]
"""From kind, name and namespace of a template to its spec; without one it is that of the call."""

_TEMPLATES: Final[Mapping[str, tuple[str, Resource]]] = {
    "template": ("ContainerTaskTemplate", CONTAINER_TASK_TEMPLATES),
    "clustertemplate": ("ClusterContainerTaskTemplate", CLUSTER_CONTAINER_TASK_TEMPLATES),
}
_NOT_HERE: Final = "what a template says only the cluster knows: leave --local out"
_VALUES: Final = ("value", "uri", "valueFrom", "sha256")
_OF_IMAGE: Final = ("outputs", "env", "secret", "cpu", "memory", "timeout", "retries", "argv")


def composed(given: argparse.Namespace, cluster: Cluster, uploads: Uploads) -> list[Json]:
    """Return the objects to create; what has to be in a store before is told to ``uploads``.

    Raises CommandError, InvalidTaskError, ClusterError.
    """
    if (given.image is None) == (not given.sources):
        raise CommandError(
            "write one of FILE, template/NAME and --image: see `ctask run --help`", exit_code=2
        )
    if given.image is not None:
        made = image_task(given, there if given.local else uploads.of())
        return [made if given.local else manifest(made["metadata"], made["spec"])]
    for name in _OF_IMAGE:
        if getattr(given, name) not in (None, []):
            option = "the command behind `--`" if name == "argv" else f"--{name.removesuffix('s')}"
            raise CommandError(f"{option} goes with --image: a file or template has its own", exit_code=2)
    if len(given.sources) > 1 and (given.name or given.inputs or given.task):
        raise CommandError("--name, --in and --task are for one task: write one FILE", exit_code=2)

    @cache
    def look(kind: str, name: str, namespace: str | None) -> Json:
        return loop.run(_template(cluster, kind, name, namespace or cluster.namespace))

    return [_one(source_, given, look, uploads) for source_ in given.sources]


def _one(written: str, given: argparse.Namespace, look: Look, uploads: Uploads) -> Json:
    place, slash, name = written.partition("/")
    if slash and place in _TEMPLATES:
        kind, _ = _TEMPLATES[place]
        spec: Json = {"templateRef": {"kind": kind, "name": name}}
        if given.local:
            raise CommandError(f"{written}: {_NOT_HERE}")
        known = look(kind, name, None) if given.inputs else {}
        items = _items([], _declared(known), given, uploads.of(None, known.get("storeRef")))
        metadata = {"name": given.name or run_name(name)}
        inputs = {"inputs": items} if items else {}
        return {"apiVersion": API_VERSION, "kind": KIND, "metadata": metadata, "spec": {**spec, **inputs}}
    return _of_file(_chosen(written, given.task), given, look, uploads)


def _chosen(file: str, name: str | None) -> Document:
    found = [one for one in documents(file) if one.kind == KIND]
    chosen = [one for one in found if name in {None, one.name}]
    if len(chosen) == 1:
        return chosen[0]
    names = ", ".join(one.name or "?" for one in found) or "none"
    cure = "; say which by --task, or send all by `kubectl apply`" if len(found) > 1 else ""
    raise CommandError(f"{file}: one {KIND} is wanted, and there are: {names}{cure}")


def _of_file(document: Document, given: argparse.Namespace, look: Look, uploads: Uploads) -> Json:
    metadata, spec = document.raw.get("metadata"), document.raw.get("spec")
    if not isinstance(metadata, dict) or not isinstance(spec, dict) or not document.name:
        raise _wrong(document)
    raw: Json = deepcopy(document.raw)
    raw.pop("status", None)
    generated = "generateName" in metadata and "name" not in metadata
    raw["metadata"].pop("generateName", None)
    fresh = run_name(str(document.name).strip("-")) if given.generate or generated else document.name
    raw["metadata"]["name"] = given.name or fresh
    _placed(raw["metadata"], given)
    if given.inputs:
        namespace = metadata.get("namespace")
        known = _known(spec, look, namespace, here=given.local)
        place = there if given.local else uploads.of(namespace, known.get("storeRef"))
        try:
            types = _declared(known)
        except (TypeError, KeyError, ValueError):
            raise _wrong(document) from None
        raw["spec"]["inputs"] = _items(spec.get("inputs") or [], types, given, place)
    if not given.local and problems(replace(document, raw=raw)):
        raise _wrong(replace(document, raw=raw))
    return raw


def _placed(metadata: Json, given: argparse.Namespace) -> None:
    """Hold the namespace of a file against that of the call, as kubectl does."""
    wanted, written = given.namespace, metadata.get("namespace")
    if wanted and written not in {None, wanted}:
        raise CommandError(f"the manifest is of namespace {written}, and -n says {wanted}: leave one out")


def _known(spec: Json, look: Look, namespace: str | None, *, here: bool) -> Json:
    """Return a spec with what its template says, as far as it does not itself. Raises CommandError."""
    ref = spec.get("templateRef")
    if not isinstance(ref, dict):
        return spec
    if here:
        raise CommandError(f"spec.templateRef: {_NOT_HERE}")
    found = look(str(ref.get("kind", "ContainerTaskTemplate")), str(ref.get("name")), namespace)
    return {**found, **{name: one for name, one in spec.items() if name == "storeRef" and one is not None}}


def _declared(spec: Json) -> Types:
    """Return the types of the inputs that a spec declares. Raises TypeError, KeyError, ValueError."""
    return {one["name"]: parse_type(one["type"]) for one in spec.get("inputs") or []}


def _wrong(document: Document) -> CommandError:
    found = problems(document)
    if not found:
        return CommandError(f"{document.file}: spec: write an object: see `ctask lint`")
    return CommandError(f"{document.file}:{document.line(found[0].field)}: {found[0]}: see `ctask lint`")


def _items(known: Sequence[Json], types: Types, given: argparse.Namespace, place: Place) -> list[Json]:
    """Return ``spec.inputs`` with the values that are wanted in the place of theirs."""
    values = [read(one, "--in") for one in given.inputs]
    items = {one["name"]: dict(one) for one in known}
    for one in values:
        item = items.setdefault(one.name, {"name": one.name})
        found = source(_type_of(one, types), one.text or "", one.name, place)
        for name in (*_VALUES, *(["default"] if "uri" in found else [])):
            item.pop(name, None)
        item |= found
    return list(items.values())


def _type_of(given: Given, types: Types) -> Type:
    if given.text is None:
        raise CommandError(f"--in {given.name}: write its value behind `=`", exit_code=2)
    if given.name not in types:
        raise CommandError(f"--in: there is no input {given.name}: {nearest(given.name, types)}", exit_code=2)
    declared = types[given.name]
    if given.kind not in {None, declared}:
        raise CommandError(
            f"--in {given.name}: it is declared as {declared}: leave the type out", exit_code=2
        )
    return declared


async def _template(cluster: Cluster, kind: str, name: str, namespace: str) -> Json:
    resource = next((one for known, one in _TEMPLATES.values() if known == kind), CONTAINER_TASK_TEMPLATES)
    where = None if resource is CLUSTER_CONTAINER_TASK_TEMPLATES else namespace
    async with cluster.session() as session:
        found: Json = (await session.api.get(resource, where, name))["spec"]
    try:
        _declared(found)
    except (TypeError, KeyError, ValueError):
        cure = f"`kubectl describe {resource.plural} {name}` says what is wrong"
        raise CommandError(f"the inputs of the template {name} cannot be read: {cure}") from None
    return found
