"""The triggers: the only file with kopf's decorators. Each handler stores what it is told, no more.

Tasks come by kopf; their Pods, which change far oftener, by ``runtime.podwatch``.

Only ``on.event`` is used: kopf's change handlers cost ten times as much and write annotations and
finalizers into people's objects (`reference/kopf.md` 1.2, 3.9).
"""

from __future__ import annotations

import asyncio
from typing import Any, Final

import kopf

from containertask.api.crd import GROUP, VERSION
from containertask.kube.resources import (
    ARTIFACT_STORES,
    CLUSTER_ARTIFACT_STORES,
    CLUSTER_CONTAINER_TASK_TEMPLATES,
    CONTAINER_TASK_TEMPLATES,
    TASKS,
)
from containertask.runtime.operator import Operator

_SHUTDOWN_SECONDS: Final = 25


class _NoDiffBase(kopf.DiffBaseStorage):
    """Keeps nothing: without change handlers nothing is compared, and building a copy is half the cost."""

    def build(self, **_: object) -> Any:  # noqa: ANN401 - kopf's types are private
        return {}

    def fetch(self, **_: object) -> None:
        return None

    def store(self, **_: object) -> None:
        """Keep nothing."""


class _NoProgress(kopf.ProgressStorage):
    """Keeps nothing: an event handler has no progress."""

    def fetch(self, **_: object) -> None:
        return None

    def store(self, **_: object) -> None:
        """Keep nothing."""

    def purge(self, **_: object) -> None:
        """Keep nothing."""

    def touch(self, **_: object) -> None:
        """Keep nothing."""

    def clear(self, *, essence: Any) -> Any:  # noqa: ANN401 - as above
        return essence


def settings() -> kopf.OperatorSettings:
    """Return kopf's settings: reasons in `reference/kopf.md` 1.3 and 3.5."""
    found = kopf.OperatorSettings()
    found.persistence.diffbase_storage = _NoDiffBase()
    found.persistence.progress_storage = _NoProgress()
    found.posting.enabled = False
    found.scanning.disabled = True
    found.peering.standalone = True
    found.queueing.worker_limit = None
    found.queueing.idle_timeout = 0.5
    found.watching.chunk_size = 100
    found.networking.request_timeout = 15
    found.process.ultimate_exiting_timeout = _SHUTDOWN_SECONDS
    return found


def registry(operator: Operator, ended: asyncio.Event) -> kopf.OperatorRegistry:
    """Return the handlers of one operator; ``ended``, kopf's stop flag, is set when its work has ended."""
    found = kopf.OperatorRegistry()

    @kopf.on.login(registry=found)
    async def login(**arguments: Any) -> kopf.ConnectionInfo | None:  # noqa: ANN401 - as above
        return kopf.login_with_service_account(**arguments) or kopf.login_via_client(**arguments)

    @kopf.on.startup(registry=found)
    async def start(**_: object) -> None:
        try:
            work = await operator.start()
        except Exception as error:
            raise kopf.PermanentError(f"cannot start: {error}") from error
        # In every case: kopf would wait five seconds for a task of its own that waits for this flag.
        work.add_done_callback(lambda _: ended.set())
        # Without the right to, kopf would try for a while, log each try, and then watch no more.
        if operator.stores.sees_cluster:
            kopf.on.event(GROUP, VERSION, CLUSTER_ARTIFACT_STORES.plural, registry=found)(store_event)
        if operator.templates.sees_cluster:
            clusters = CLUSTER_CONTAINER_TASK_TEMPLATES.plural
            kopf.on.event(GROUP, VERSION, clusters, registry=found)(template_event)

    @kopf.on.cleanup(registry=found)
    async def end(**_: object) -> None:
        await operator.stop()

    @kopf.on.event(GROUP, VERSION, TASKS.plural, registry=found)
    async def task_event(event: Any, **_: object) -> None:  # noqa: ANN401 - as above
        operator.intake.see_task(event["type"], dict(event["object"]))

    @kopf.on.event(GROUP, VERSION, ARTIFACT_STORES.plural, registry=found)
    async def store_event(event: Any, **_: object) -> None:  # noqa: ANN401 - as above
        operator.stores.see(event["type"], dict(event["object"]))

    @kopf.on.event(GROUP, VERSION, CONTAINER_TASK_TEMPLATES.plural, registry=found)
    async def template_event(event: Any, **_: object) -> None:  # noqa: ANN401 - as above
        operator.templates.see(event["type"], dict(event["object"]))

    return found
