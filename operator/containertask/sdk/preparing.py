"""A run that is not sent yet: its name, its object, what it needs to be there before."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from containertask.errors import InvalidTaskError
from containertask.sdk.building import OutputRef
from containertask.sdk.cluster import Cluster
from containertask.sdk.keywords import spec_fields
from containertask.sdk.naming import run_name
from containertask.sdk.parts import Parts
from containertask.sdk.placing import INLINE_BYTES, Placing, StoreWantedError
from containertask.sdk.run import Run
from containertask.sdk.running import document
from containertask.sdk.sending import Order
from containertask.sdk.uploadstore import upload_store


def prepared(
    parts: Parts,
    cluster: Cluster,
    inputs: Mapping[str, object],
    *,
    outputs: Mapping[str, object],
    post: Callable[[Any], Awaitable[Any]],
) -> Run:
    """Return the run. The cluster is only asked where a file needs a store. Raises as ``submit`` does."""
    most = parts.own.get("max_inline_io_bytes", INLINE_BYTES)
    sources = _sources(inputs)
    _check(sources, parts, cluster)
    name = run_name(parts.name)
    try:
        order = Order(document(parts, name, inputs, Placing(most=most)), sources)
    except StoreWantedError:
        namespace = parts.own.get("namespace") or cluster.namespace
        store = upload_store(cluster, namespace, spec_fields(parts.options).get("storeRef"))
        placing = Placing(most=most, store=lambda: store.folder)
        made = document(parts, name, inputs, placing)
        order = Order(made, sources, placing.uploads, store.document)
    return Run(order, cluster, outputs=outputs, post=post)


def _sources(inputs: Mapping[str, object]) -> tuple[Run, ...]:
    """Return the runs of this process that inputs name, each once, in order."""
    found: dict[str, Run] = {}
    for value in inputs.values():
        match value:
            case Run():
                found[value.name] = value
            case OutputRef(source=Run() as run):
                found[run.name] = run
    return tuple(found.values())


def _check(sources: tuple[Run, ...], parts: Parts, cluster: Cluster) -> None:
    """Refuse an output that would be waited for where it never is. Raises InvalidTaskError."""
    for one in sources:
        namespace = parts.own.get("namespace") or cluster.namespace
        if one.namespace != namespace:
            text = f"{one.name} is in the namespace {one.namespace}, and this task in {namespace}"
            cure = "download the output, and give it as a value"
            raise InvalidTaskError([f"{text}: outputs are taken within one: {cure}"])
