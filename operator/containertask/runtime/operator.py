"""The operator's parts, wired together, and their order of starting and stopping. Knows nothing of kopf."""

from __future__ import annotations

import asyncio
import gc
import logging
import time
from collections.abc import Awaitable, Callable, Iterator
from typing import Final

from containertask.api.reasons import Reason
from containertask.api.status import Phase
from containertask.core.task import API_VERSION
from containertask.kube.client import ApiClient
from containertask.kube.errors import ApiError
from containertask.kube.lease import Lease
from containertask.kube.resources import TASKS
from containertask.kube.watch import Watcher
from containertask.runtime.cluster import now_ms
from containertask.runtime.controller import Controller
from containertask.runtime.executor import Executor
from containertask.runtime.health import HealthServer
from containertask.runtime.intake import Intake
from containertask.runtime.keeper import Keeper
from containertask.runtime.kept import STORES, TEMPLATES
from containertask.runtime.metrics import Metrics
from containertask.runtime.nodes import NodeCheck
from containertask.runtime.podwatch import PodWatch
from containertask.runtime.queue import Key, WorkQueue
from containertask.runtime.recorder import Recorder
from containertask.runtime.registry import Registry
from containertask.runtime.resync import Resync
from containertask.runtime.settings import Settings
from containertask.runtime.store import Store

LEASE: Final = "containertask-operator"
DRAIN_SECONDS: Final = 10.0
START_SECONDS: Final = 60.0
"""How long the kinds may be missing, or the API server silent, before the process gives up."""
_RETRY_SECONDS: Final = 2.0
_FRESH_SECONDS: Final = 1.0
"""What was read so long before the Lease was got is read again."""

_log: Final = logging.getLogger(__name__)


class KindsMissing(Exception):  # noqa: N818 - a state of the cluster
    """The API server does not serve the kinds of this operator."""


class Operator:
    """One operator process: caches, queue, passes, leadership.

    Attributes:
        intake: takes what the watches bring of tasks and Pods.
        stores, templates: take what they bring of those.
    """

    def __init__(
        self, settings: Settings, client: ApiClient, lease_client: ApiClient, watcher: Watcher
    ) -> None:
        """Put the parts together; nothing runs yet."""
        stores, templates = Registry(STORES), Registry(TEMPLATES)
        store = Store(stores=stores.of, template=templates.view)
        self._client, self._connections = client, (client, lease_client, watcher)
        self._queue = WorkQueue(on_error=_log_failure)
        self.intake = Intake(store, self._queue)
        self._metrics = Metrics(phases=tuple(Phase), reasons=tuple(Reason))
        self._recorder = Recorder(client, instance=settings.identity)
        self._controller = self._made_controller(settings, store)
        namespaces = settings.namespaces or (None,)
        self._pods = PodWatch(
            client=client,
            watcher=watcher,
            store=store,
            intake=self.intake,
            marks=self._queue,
            namespaces=namespaces,
        )
        self._resync = Resync(
            client=client, store=store, intake=self.intake, marks=self._queue, namespaces=namespaces
        )
        wake = self._wakes_podless(store)
        self.stores = Keeper(client, stores, namespaces, now_ms, changed=wake)
        self.templates = Keeper(client, templates, namespaces, now_ms, changed=wake)
        self._nodes = NodeCheck(client, lambda able: store.cluster.nodes_gate(all_of_them=able))
        self._lease = Lease(lease_client, settings.lease_namespace, LEASE, settings.identity)
        self._health = self._health_server(settings)
        self._synced = self._stopped = False
        self._work: asyncio.Task[None] | None = None
        self._be_measured(store)

    def _made_controller(self, settings: Settings, store: Store) -> Controller:
        return Controller(
            store=store,
            executor=Executor(self._client, store, now_ms),
            recorder=self._recorder,
            metrics=self._metrics,
            config=settings.config,
            clock=now_ms,
            wake=self.intake.wake,
        )

    def _health_server(self, settings: Settings) -> HealthServer:
        return HealthServer(
            settings.host, settings.port, healthy=self._healthy, ready=self._ready, metrics=self._metrics
        )

    def _wakes_podless(self, store: Store) -> Callable[[str], None]:
        """Return what has tasks looked at that may wait for a store or a template of a namespace."""

        def changed(namespace: str) -> None:
            for key in store.podless(namespace):
                self._queue.mark(key)

        return changed

    def _be_measured(self, store: Store) -> None:
        self._metrics.read_queue(self._queue)
        self._metrics.read_events(self._recorder)
        self._metrics.read_store(store.sizes)
        self._metrics.read_watch(self.intake.ages)
        for each in self._connections:
            each.tell(self._metrics.api_request)

    @property
    def failed(self) -> bool:
        """Tell whether the work ended by itself."""
        work = self._work
        return work is not None and work.done() and not work.cancelled() and work.exception() is not None

    async def start(self) -> asyncio.Task[None]:
        """Fill the caches and begin to work; return the work, which ends only by failing.

        Pods come first: a task whose Pod was not listed yet would look as if its Pod had vanished.

        Raises:
            KindsMissing: the CRDs are not there and did not come.
            ApiError: the API server does not answer.
        """
        gc.set_threshold(50_000, 50, 1000)
        await self._health.start()
        await _insist(self._look_for_kinds)
        await _insist(self._pods.read)
        for one in (self.stores, self.templates):
            await _insist(one.read)
        await _insist(self._resync.read_tasks)
        self._synced = True
        # What lives now lives long: it need not be looked at by every collection.
        gc.collect()
        gc.freeze()
        self._work = asyncio.create_task(self._run(), name="operator")
        self._work.add_done_callback(_log_end)
        return self._work

    async def stop(self) -> None:
        """Finish the passes under way, give back the Lease, and let go of everything; once is enough."""
        if self._stopped:
            return
        self._stopped = True
        _log.info("ending, with %d passes under way", self._queue.in_flight)
        closing = (one.close(DRAIN_SECONDS) for one in (self.stores, self.templates))
        left, *_ = await asyncio.gather(self._queue.close(DRAIN_SECONDS), *closing)
        if left:
            _log.warning("%d passes were cut off", left)
        await self._recorder.close()
        if self._work is not None:
            self._work.cancel()
            await asyncio.gather(self._work, return_exceptions=True)
        await self._lease.release()
        await self._health.stop()
        for each in self._connections:
            await each.close()

    async def _run(self) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(self._pods.run())
            group.create_task(self._lead())

    async def _lead(self) -> None:
        begun = time.monotonic()
        await self._lease.acquire()
        self._metrics.leads(now=True)
        waited = time.monotonic() - begun > _FRESH_SECONDS
        async with asyncio.TaskGroup() as group:
            group.create_task(self._lease.hold())
            group.create_task(self._recorder.run())
            group.create_task(self._reconcile(again=waited))

    async def _reconcile(self, *, again: bool) -> None:
        if again:
            # Another one led meanwhile, and a watch of ours that is silent may not have told what it did.
            await _insist(self._pods.read)
            for one in (self.stores, self.templates):
                await _insist(one.read)
            await _insist(self._resync.read_tasks)
        pause = await self._nodes.read()
        async with asyncio.TaskGroup() as group:
            group.create_task(self._resync.run())
            group.create_task(self._nodes.run(pause))
            for one in (self.stores, self.templates):
                group.create_task(one.run())
            group.create_task(self._queue.run(self._controller.reconcile))

    async def _look_for_kinds(self) -> None:
        """Kopf itself would never notice a kind that comes later."""
        kinds = {TASKS.plural, *(one.plural for kept in (STORES, TEMPLATES) for one in kept.resources)}
        missing = kinds - await self._client.served(API_VERSION)
        if missing:
            raise KindsMissing(f"{API_VERSION} has no {', '.join(sorted(missing))}: install the CRDs")

    def _healthy(self) -> str | None:
        return "the work has ended" if self._work is not None and self._work.done() else None

    def _ready(self) -> str | None:
        return None if self._synced else "caches are not filled yet"


async def _insist(work: Callable[[], Awaitable[None]]) -> None:
    """Do what has to be done before anything else can, again and again for a while."""
    ends = time.monotonic() + START_SECONDS
    while True:
        try:
            return await work()
        except (ApiError, KindsMissing) as error:
            if time.monotonic() >= ends:
                raise
            _log.warning("tried again in %g s: %s", _RETRY_SECONDS, error)
        await asyncio.sleep(_RETRY_SECONDS)


def _log_failure(key: Key, error: BaseException) -> None:
    expected = isinstance(error, ApiError)
    _log.warning("task=%s/%s pass failed: %r", *key, error, exc_info=None if expected else error)


def _log_end(work: asyncio.Task[None]) -> None:
    error = None if work.cancelled() else work.exception()
    for one in _leaves(error) if error else ():
        _log.error("the work ends: %s", one, exc_info=None if isinstance(one, ApiError) else one)


def _leaves(error: BaseException) -> Iterator[BaseException]:
    """Return what a group of errors consists of."""
    if isinstance(error, BaseExceptionGroup):
        for one in error.exceptions:
            yield from _leaves(one)
    else:
        yield error
