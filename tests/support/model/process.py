"""One operator process: its real parts, from empty memory on, over a wire that holds requests."""

from __future__ import annotations

import asyncio
import contextlib
import functools
from collections.abc import Callable
from typing import Final

from containertask.core.config import Config
from containertask.kube.errors import ApiError
from containertask.runtime.controller import Controller
from containertask.runtime.executor import Executor
from containertask.runtime.intake import Intake
from containertask.runtime.metrics import Metrics
from containertask.runtime.podwatch import PodWatch
from containertask.runtime.queue import Key, WorkQueue
from containertask.runtime.recorder import Recorder
from containertask.runtime.resync import Resync
from containertask.runtime.store import Store
from support.model.feeds import PodFeed, TaskFeed
from support.model.server import Server
from support.model.wire import Answers, Wire

CONFIG: Final = Config(image="registry.example/containertask:1")
_RETRY_SECONDS: Final = 2.0


@functools.cache
def _metrics() -> Metrics:
    """Return one for all: nobody reads it."""
    return Metrics(phases=(), reasons=())


class Process:
    """One operator process. ``clock`` is its own, in Unix milliseconds."""

    def __init__(self, server: Server, answers: Answers, clock: Callable[[], int], *, gates: bool) -> None:
        self.ready = False
        self.deposed = False
        """Whether another one leads by now, which this one does not know yet."""
        self.succeeds = False
        """Whether another one has led before it, in its time."""
        self.leading = asyncio.Event()
        self.errors: list[BaseException] = []
        self.looks: dict[Key, float | None] = {}
        """When each key's next pass is due, as its last one asked; None: not by time alone."""
        self.passes = 0
        self.wire = Wire(answers)
        self.store = Store(clock)
        self.store.cluster.nodes_gate(all_of_them=gates)
        self.queue = WorkQueue(on_error=self._failed)
        self.intake = Intake(self.store, self.queue, clock=asyncio.get_running_loop().time)
        self.pods = PodFeed(server)
        self.tasks = TaskFeed(server, self.intake)
        self.resync = Resync(
            client=self.wire, store=self.store, intake=self.intake, marks=self.queue, namespaces=[None]
        )
        self._watch = PodWatch(
            client=self.wire,
            watcher=self.pods,
            store=self.store,
            intake=self.intake,
            marks=self.queue,
            namespaces=[None],
        )
        self._controller = Controller(
            store=self.store,
            executor=Executor(self.wire, self.store, clock),
            recorder=Recorder(self.wire, instance="operator", clock=lambda: clock() / 1000),
            metrics=_metrics(),
            config=CONFIG,
            clock=clock,
        )

    @property
    def quiet(self) -> bool:
        """Tell whether it knows all that was told, and has nothing to do but to wait for a time."""
        at_rest = (
            self.ready and self.leads and not (self.wire.air or self.queue.depth or self.queue.in_flight)
        )
        return at_rest and self.pods.open and not self.behind

    @property
    def leads(self) -> bool:
        """Tell whether it makes passes."""
        return self.leading.is_set()

    @property
    def behind(self) -> bool:
        """Tell whether there is something that it was not told, or will never be."""
        return bool(self.pods.held or self.tasks.held) or self.pods.lossy or self.tasks.lossy

    @property
    def heard_of_something(self) -> bool:
        """Tell whether there is something that it can be told."""
        return bool(self.tasks.held) or (self.pods.open and bool(self.pods.held))

    async def run(self) -> None:
        """Start as the operator starts, follow what happens, and work once it leads."""
        while not self.ready:
            try:
                await self._watch.read()
                await self.resync.read_tasks()
            except ApiError:
                await asyncio.sleep(_RETRY_SECONDS)
            else:
                self.ready = True
        async with asyncio.TaskGroup() as group:
            group.create_task(self._watch.run())
            await self.leading.wait()
            group.create_task(self.queue.run(self._pass))

    async def _pass(self, key: Key) -> float | None:
        self.passes += 1
        again = await self._controller.reconcile(key)
        self.looks[key] = None if again is None else asyncio.get_running_loop().time() + again
        return again

    def _failed(self, key: Key, error: BaseException) -> None:
        """Note a failure; the queue itself sees to the next try."""
        self.errors.append(error)
        self.looks[key] = asyncio.get_running_loop().time()

    async def compare(self) -> None:
        """Find out which tasks are gone."""
        with contextlib.suppress(ApiError):
            await self.resync.compare_tasks()
