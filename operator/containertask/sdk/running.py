"""How a task becomes a run: on this machine, on a cluster, or as a manifest for somebody else to send."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final, Self

from containertask.sdk import loop
from containertask.sdk.building import Place, input_items, manifest
from containertask.sdk.hooks import awaited, with_context
from containertask.sdk.naming import object_name
from containertask.sdk.outputs import Outputs
from containertask.sdk.parts import Parts
from containertask.sdk.placing import INLINE_BYTES, Placing
from containertask.sdk.threads import in_thread

if TYPE_CHECKING:
    from containertask.sdk.cluster import Cluster
    from containertask.sdk.run import Run

Json = dict[str, Any]

_CONFIG: Final = "config.containertask.dev/"


class Running:
    """The part of a ContainerTask that makes runs of it."""

    _parts: Parts

    # --- Hooks ---

    async def pre(self, /, *args: Any, **kwargs: Any) -> dict[str, Any]:  # noqa: ANN401, ARG002 - a hook
        """Return more inputs by name: awaited before each run, with those that were given. None here."""
        return {}

    async def post(self, return_vals: Any) -> Any:  # noqa: ANN401 - as above
        """Return what a run gives back: awaited after each that ended well, with its outputs. They, here."""
        return return_vals

    # --- On this machine, or where calls are told to go ---

    def __call__(self, /, **inputs: object) -> Outputs:
        """Run it and return its outputs: on this machine, after ``override(local=False)`` on the cluster.

        Raises TaskFailedError, InvalidTaskError, TypeError; and MissingToolError where no container can be
        run here.
        """
        return loop.run(self.call_async(**inputs))

    async def call_async(self, /, **inputs: object) -> Outputs:
        """Do what a call does."""
        if not self._parts.local:
            return await (await self.submit_async(**inputs)).wait_async()
        given = await self._with_context(inputs)
        found: Outputs = await awaited(self.post(await self.execute_async(**given)), "post")
        return found

    def execute(self, /, **kwargs: object) -> Outputs:
        """Run it on this machine without ``pre`` and ``post``; return its outputs. Raises as a call does."""
        return loop.run(self.execute_async(**kwargs))

    async def execute_async(self, /, **kwargs: object) -> Outputs:
        """Do what ``execute`` does."""
        from containertask.sdk.here import run_here  # noqa: PLC0415 - what only local runs need

        stop = threading.Event()
        try:
            return await in_thread(run_here, self._parts, kwargs, stop)
        finally:
            stop.set()  # who gives up waiting ends the run

    # --- On a cluster ---

    def submit(self, cluster: Cluster | None = None, /, **inputs: object) -> Run:
        """Send it to a cluster and return its run, which may not have begun yet.

        Args:
            cluster: where. Default: that of the innermost ``use``, else of the kubeconfig.
            inputs: values by name; files of this machine that are too large to go with it are uploaded.

        Raises:
            TypeError, ValueError: an input that cannot be meant.
            InvalidTaskError: the task contradicts itself.
            ClusterError, TransferError: it could not be sent.
        """
        from containertask.sdk.cluster import current  # noqa: PLC0415 - aiohttp is slow to load

        return loop.run(self.submit_async(cluster or current(), **inputs))

    async def submit_async(self, cluster: Cluster | None = None, /, **inputs: object) -> Run:
        """Do what ``submit`` does."""
        run = await self.prepare_async(cluster, **inputs)
        return await run.submit_async()

    def prepare(self, cluster: Cluster | None = None, /, **inputs: object) -> Run:
        """Return a run that is not sent yet; its outputs can be inputs of others, which send it before them.

        Raises as ``submit`` does.
        """
        from containertask.sdk.cluster import current  # noqa: PLC0415 - as above

        return loop.run(self.prepare_async(cluster or current(), **inputs))

    async def prepare_async(self, cluster: Cluster | None = None, /, **inputs: object) -> Run:
        """Do what ``prepare`` does."""
        from containertask.sdk.cluster import checked_cluster  # noqa: PLC0415 - as above
        from containertask.sdk.preparing import prepared  # noqa: PLC0415 - as above

        where = checked_cluster(cluster)
        given = await self._with_context(inputs)
        outputs = {name: one.annotation for name, one in self._parts.outputs.items()}
        make = partial(prepared, outputs=outputs, post=self.post)
        return await in_thread(make, self._whole(), where, given)

    # --- As a manifest ---

    def to_manifest(self, name: str | None = None, /, **inputs: object) -> Json:
        """Return the ContainerTask as ``kubectl apply`` takes it.

        Args:
            name: of the object. Default: the task's.
            inputs: values by name; OutputRef and ConfigMapKey are values, too.

        Raises:
            TypeError, ValueError: an input that cannot be meant.
            InvalidTaskError: the task contradicts itself, or a file is too large to be in a manifest.
        """
        return document(self._whole(), name or object_name(self._parts.name), inputs, self._placing())

    def to_template(self) -> Json:
        """Return the ContainerTaskTemplate that it is, as ``kubectl apply`` takes it: values are defaults."""
        from containertask.sdk.templates import template  # noqa: PLC0415 - few need it

        return template(self._whole(), self._placing())

    def deploy(self, cluster: Cluster | None = None, /) -> Self:
        """Write it to a cluster as the ContainerTaskTemplate of its name; return a task that refers to that.

        Raises ClusterError, InvalidTaskError.
        """
        from containertask.sdk.cluster import current  # noqa: PLC0415 - as above

        return loop.run(self.deploy_async(cluster or current()))

    async def deploy_async(self, cluster: Cluster | None = None, /) -> Self:
        """Do what ``deploy`` does."""
        from containertask.sdk.cluster import current  # noqa: PLC0415 - as above
        from containertask.sdk.templates import write  # noqa: PLC0415 - as above

        await write(cluster or current(), self.to_template())
        override: Callable[..., Self] = self.override  # type: ignore[attr-defined]
        return override(ref=True)

    def _whole(self) -> Parts:
        """Return the parts with what ``config`` says as annotations."""
        config: dict[str, str] = self.config()  # type: ignore[attr-defined]
        marks = {f"{_CONFIG}{name}": value for name, value in config.items()}
        own = {**self._parts.own, "annotations": {**marks, **self._parts.own.get("annotations", {})}}
        return replace(self._parts, own=own)

    async def _with_context(self, inputs: Mapping[str, object]) -> dict[str, Any]:
        return with_context(inputs, await awaited(self.pre(**inputs), "pre"), self._parts.inputs)

    def _placing(self) -> Placing:
        return Placing(most=self._parts.own.get("max_inline_io_bytes", INLINE_BYTES))


def document(parts: Parts, name: str, inputs: Mapping[str, object], placing: Place) -> Json:
    """Return the object of one run. Raises TypeError, ValueError, InvalidTaskError."""
    return manifest(parts.metadata(name), whole_spec(parts, inputs, placing))


def whole_spec(parts: Parts, inputs: Mapping[str, object], placing: Place) -> Json:
    """Return the spec of one run, not yet held together. Raises TypeError, ValueError, InvalidTaskError."""
    if parts.ref:
        from containertask.sdk.templates import reference  # noqa: PLC0415 - as above

        spec = reference(parts)
    else:
        spec = parts.spec()
    items = input_items(parts.inputs, inputs, placing, with_types=not parts.ref)
    return {**spec, **({"inputs": items} if items else {})}
