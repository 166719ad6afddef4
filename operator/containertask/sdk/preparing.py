"""A run that is not sent yet: its name, its object, what it needs to be there before."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from containertask.sdk.building import OutputRef
from containertask.sdk.cluster import Cluster
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
    name = run_name(parts.name)
    try:
        order = Order(document(parts, name, inputs, Placing(most=most)), _sources(inputs))
    except StoreWantedError:
        store = upload_store(cluster, parts)
        placing = Placing(most=most, store=lambda: store.folder)
        made = document(parts, name, inputs, placing)
        order = Order(made, _sources(inputs), placing.uploads, store.document)
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
