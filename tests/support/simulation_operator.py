"""One operator process in faked time: its whole runtime, over a wire that is no network."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

from containertask.core.config import Config
from containertask.kube.auth import Access, Credentials
from containertask.kube.errors import ApiError
from containertask.kube.watch import Watcher
from containertask.runtime.controller import Controller
from containertask.runtime.executor import Executor
from containertask.runtime.intake import Intake
from containertask.runtime.metrics import Metrics
from containertask.runtime.podwatch import PodWatch
from containertask.runtime.queue import Key, WorkQueue
from containertask.runtime.recorder import Recorder
from containertask.runtime.resync import Resync
from containertask.runtime.store import Store
from support.simulation_wire import Stepped, Wire

if TYPE_CHECKING:
    from support.simulation_world import World


class Process:
    """One operator process, from empty memory on."""

    def __init__(self, world: World) -> None:
        self.died = asyncio.Event()
        self.ready = False
        self.wire = Wire(world.verbs, world.fate, self.died.set)
        self.store = Store()
        self.queue = WorkQueue(on_error=lambda _, error: world.errors.append(error))
        self.intake = Intake(self.store, self.queue)
        self.resync = Resync(
            client=self.wire, store=self.store, intake=self.intake, marks=self.queue, namespaces=[None]
        )
        self._pods = PodWatch(
            client=self.wire,
            watcher=Watcher(Credentials(lambda: Access(server="http://nowhere"))),
            store=self.store,
            intake=self.intake,
            marks=self.queue,
            namespaces=[None],
        )
        self._recorder = Recorder(self.wire, instance="operator-0", clock=lambda: world.now().timestamp())
        self._controller = Controller(
            store=self.store,
            executor=Executor(self.wire, self.store, world.milliseconds),
            recorder=self._recorder,
            metrics=Metrics(phases=(), reasons=()),
            config=Config(image="registry.example/containertask:1"),
            clock=world.milliseconds,
        )
        self.store.cluster.nodes_gate(all_of_them=world.gates)
        self._fate = world.fate

    @property
    def idle(self) -> bool:
        """Whether nothing is left to do but to wait."""
        queue, alive = self.queue, self.ready and not self.wire.dead
        return alive and not (self.wire.busy or queue.depth or queue.in_flight or queue.retrying)

    async def run(self) -> None:
        """Start as the operator starts, and work."""
        while not self.ready:
            with contextlib.suppress(ApiError):
                await self._pods.read()
                await self.resync.read_tasks()
                self.ready = True
        async with asyncio.TaskGroup() as group:
            group.create_task(self._recorder.run())
            group.create_task(self.queue.run(self._pass))

    async def _pass(self, key: Key) -> float | None:
        return await Stepped(self._controller.reconcile(key), self.wire, self._fate)
