"""The operator's parts, wired together, and their order of starting and stopping. Knows nothing of kopf."""

from __future__ import annotations

import asyncio
import gc
import logging
import time
from collections.abc import Sequence
from typing import Any, Final, TypeAlias

from containertask.api.reasons import Reason
from containertask.api.status import Phase
from containertask.core.task import API_VERSION
from containertask.kube.client import ApiClient
from containertask.kube.errors import ApiError
from containertask.kube.lease import Lease
from containertask.kube.resources import TASKS
from containertask.runtime.controller import Controller
from containertask.runtime.executor import Executor
from containertask.runtime.health import HealthServer
from containertask.runtime.metrics import Metrics
from containertask.runtime.queue import Key, WorkQueue
from containertask.runtime.recorder import Recorder
from containertask.runtime.resync import Resync
from containertask.runtime.settings import Settings
from containertask.runtime.store import Store

Json: TypeAlias = dict[str, Any]

LEASE: Final = "containertask-operator"
DRAIN_SECONDS: Final = 10.0
KINDS_SECONDS: Final = 60.0
_KINDS_RETRY: Final = 2.0

_log: Final = logging.getLogger(__name__)


class KindsMissing(Exception):  # noqa: N818 - a state of the cluster
    """The API server does not serve the kinds of this operator."""


class Operator:
    """One operator process: caches, queue, passes, leadership."""

    def __init__(self, settings: Settings, client: ApiClient, lease_client: ApiClient) -> None:
        """Put the parts together; nothing runs yet."""
        self._client = client
        self._lease_client = lease_client
        self.store = Store()
        self.queue = WorkQueue(on_error=_log_failure)
        self.metrics = Metrics(phases=tuple(Phase), reasons=tuple(Reason))
        self._recorder = Recorder(client, instance=settings.identity)
        self._controller = Controller(
            store=self.store,
            executor=Executor(client, self.store, _now),
            recorder=self._recorder,
            metrics=self.metrics,
            config=settings.config,
            clock=_now,
        )
        self._resync = Resync(
            client=client, store=self.store, queue=self.queue, namespaces=settings.namespaces or (None,)
        )
        self._lease = Lease(lease_client, settings.lease_namespace, LEASE, settings.identity)
        self._health = HealthServer(
            settings.host, settings.port, healthy=self._healthy, ready=self._ready, metrics=self.metrics
        )
        self._synced = False
        self._work: asyncio.Task[None] | None = None
        self.metrics.read_queue(self.queue)
        self.metrics.read_events(self._recorder)
        self.metrics.read_store(self.store.sizes)

    # --- Triggers: they store and mark, nothing else ---

    def see_task(self, kind: str | None, raw: Json) -> None:
        """Take an event of a task."""
        metadata = raw["metadata"]
        if kind == "DELETED":
            self.store.remove_task(metadata["namespace"], metadata["name"], metadata["uid"])
            self.queue.forget((metadata["namespace"], metadata["name"]))
        elif key := self.store.apply_task(raw):
            self.queue.mark(key)

    def see_pod(self, kind: str | None, raw: Json) -> None:
        """Take an event of a Pod."""
        key = self.store.remove_pod(raw) if kind == "DELETED" else self.store.apply_pod(raw)
        if key is not None:
            self.queue.mark(key)

    # --- Life ---

    async def start(self) -> asyncio.Task[None]:
        """Fill the caches and begin to work; return the work, which ends only by failing.

        Raises:
            KindsMissing: the CRDs are not there and did not come.
            ApiError: the API server does not answer.
        """
        await self._health.start()
        await self._wait_for_kinds()
        await self._resync.read_pods()
        for key in await self._resync.read_tasks():
            self.queue.mark(key)
        self._synced = True
        # What lives now lives long: it need not be looked at by every collection.
        gc.collect()
        gc.freeze()
        gc.set_threshold(50_000, 50, 1000)
        self._work = asyncio.create_task(self._lead(), name="operator")
        return self._work

    async def stop(self) -> None:
        """Finish the passes under way, give back the Lease, and let go of everything."""
        left = await self.queue.close(DRAIN_SECONDS)
        if left:
            _log.warning("%d passes were cut off", left)
        await self._recorder.close()
        if self._work is not None:
            self._work.cancel()
            await asyncio.gather(self._work, return_exceptions=True)
        await self._lease.release()
        await self._health.stop()
        await self._client.close()
        await self._lease_client.close()

    async def _lead(self) -> None:
        await self._lease.acquire()
        self.metrics.leads(now=True)
        await self._resync.compare_pods()
        async with asyncio.TaskGroup() as group:
            group.create_task(self._lease.hold())
            group.create_task(self._recorder.run())
            group.create_task(self._resync.run())
            group.create_task(self.queue.run(self._controller.reconcile))

    async def _wait_for_kinds(self) -> None:
        """Wait for the CRDs: kopf itself would never notice one that comes later."""
        ends, wanted = time.monotonic() + KINDS_SECONDS, {TASKS.plural}
        while True:
            missing: Sequence[str] = sorted(wanted)
            try:
                missing = sorted(wanted - await self._client.served(API_VERSION))
            except ApiError as error:
                _log.warning("the kinds of %s cannot be listed: %s", API_VERSION, error)
            if not missing:
                return
            if time.monotonic() >= ends:
                raise KindsMissing(f"{API_VERSION} has no {', '.join(missing)}: install the CRDs")
            await asyncio.sleep(_KINDS_RETRY)

    def _healthy(self) -> str | None:
        return "the work has ended" if self._work is not None and self._work.done() else None

    def _ready(self) -> str | None:
        return None if self._synced else "caches are not filled yet"


def _now() -> int:
    return time.time_ns() // 1_000_000


def _log_failure(key: Key, error: BaseException) -> None:
    expected = isinstance(error, ApiError)
    _log.warning("task=%s/%s pass failed: %r", *key, error, exc_info=None if expected else error)
