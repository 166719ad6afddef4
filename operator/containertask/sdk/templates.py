"""A task as a template of a cluster, and a task that refers to one."""

from __future__ import annotations

from typing import Any, Final

from containertask.api.parse import SpecError
from containertask.api.templates import OVERRIDES
from containertask.api.verifytemplates import parse_template
from containertask.core.task import API_VERSION
from containertask.errors import InvalidTaskError
from containertask.kube.errors import AlreadyExists
from containertask.kube.resources import CONTAINER_TASK_TEMPLATES
from containertask.sdk.building import Place, input_items
from containertask.sdk.cluster import Cluster
from containertask.sdk.keywords import spec_fields
from containertask.sdk.naming import object_name
from containertask.sdk.parts import Parts

Json = dict[str, Any]

KIND: Final = "ContainerTaskTemplate"
_OF_ONE_RUN: Final = frozenset({"suspend"})


def template(parts: Parts, place: Place) -> Json:
    """Return the object. Raises TypeError, ValueError, InvalidTaskError."""
    spec = {name: value for name, value in parts.spec().items() if name not in _OF_ONE_RUN}
    items = input_items(parts.inputs, {}, place)
    whole = {**spec, **({"inputs": items} if items else {})}
    try:
        parse_template(whole)
    except SpecError as error:
        raise InvalidTaskError([str(one) for one in error.problems]) from None
    metadata = parts.metadata(object_name(parts.name))
    return {"apiVersion": API_VERSION, "kind": KIND, "metadata": metadata, "spec": whole}


def reference(parts: Parts) -> Json:
    """Return the spec of a task that refers to the template of its name: what was overridden, and no more.

    Raises InvalidTaskError for what only the template can say.
    """
    changed = {name: value for name, value in parts.options.items() if name in parts.changed}
    image = {"image": parts.image} if "image" in parts.changed else {}
    fields = {**image, **spec_fields(changed)}
    if others := sorted(fields.keys() - OVERRIDES):
        raise InvalidTaskError(
            [f"spec.{name}: beside a template's name the template says it" for name in others]
        )
    return {"templateRef": {"kind": KIND, "name": object_name(parts.name)}, **fields}


async def write(cluster: Cluster, document: Json) -> Json:
    """Create the template, or give the one of its name this spec. Raises ClusterError."""
    name = document["metadata"]["name"]
    namespace = document["metadata"].get("namespace") or cluster.namespace
    async with cluster.session() as session:
        try:
            return await session.api.create(CONTAINER_TASK_TEMPLATES, namespace, document, strict=True)
        except AlreadyExists:
            there = await session.api.get(CONTAINER_TASK_TEMPLATES, namespace, name)
        metadata = {**there["metadata"], **document["metadata"]}
        return await session.api.update(
            CONTAINER_TASK_TEMPLATES, namespace, name, {**document, "metadata": metadata}
        )
