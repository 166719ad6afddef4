"""A shim task as a run that is not sent: what ``compile`` returns.

An operator that does not know Flyte's templates in ``args`` would refuse the object: it is asked before
anything is sent, in its own words.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from containertask.core.task import API_VERSION, KIND
from containertask.sdk.building import OutputRef, input_items, manifest, output_items
from containertask.sdk.cluster import Cluster
from containertask.sdk.keywords import spec_fields
from containertask.sdk.naming import run_name
from containertask.sdk.placing import Placing
from containertask.sdk.run import Run
from containertask.sdk.sending import Order
from containertask.sdk.shimparts import ShimParts

if TYPE_CHECKING:
    from flyteidl.core.tasks_pb2 import Container  # type: ignore[import-untyped]

Json = dict[str, Any]


class ShimRun(Run):
    """A run of a shim task; an operator that cannot run it is not sent anything."""

    async def submit_async(self) -> Run:
        """Send it. Raises InvalidTaskError: this version's operator would refuse it."""
        if not self.sent:
            manifest(self.manifest["metadata"], self.manifest["spec"])
        return await super().submit_async()


def unsent(parts: ShimParts, container: Container, cluster: Cluster, inputs: Mapping[str, object]) -> ShimRun:
    """Return the run.

    Args:
        parts: of the task.
        container: what runs, with Flyte's templates in its words.
        cluster: where it would go; nothing is asked of it.
        inputs: values by name; an output of another run is one.

    Raises:
        TypeError, ValueError: an input that cannot be meant, or what no ContainerTask has.
        InvalidTaskError: a file that is not there, or too large.
    """
    env = {one.key: one.value for one in container.env}
    spec = {
        "image": container.image,
        "args": list(container.args),
        **spec_fields({**parts.options, "environment": env}),
        "inputs": input_items(parts.inputs, inputs, Placing()),
        "outputs": output_items(parts.outputs),
    }
    document = {
        "apiVersion": API_VERSION,
        "kind": KIND,
        "metadata": {"name": run_name(parts.name)},
        "spec": {name: one for name, one in spec.items() if one != []},
    }
    annotations = {name: one.annotation for name, one in parts.outputs.items()}
    return ShimRun(Order(document, _sources(inputs)), cluster, outputs=annotations)


def _sources(inputs: Mapping[str, object]) -> tuple[Run, ...]:
    """Return the runs of this process whose outputs are inputs, each once."""
    runs = [one.source for one in inputs.values() if isinstance(one, OutputRef)]
    return tuple({one.name: one for one in runs if isinstance(one, Run)}.values())
