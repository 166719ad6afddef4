"""A cluster and the operator's whole runtime in faked time; when the operator is killed another one starts.

What is real: store, intake, queue, controller, executor, recorder, lists. What is not: HTTP, kopf, the Lease.
"""

from __future__ import annotations

import asyncio
import copy
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from containertask.core.names import POD_SELECTOR
from containertask.kube.resources import PODS, TASKS
from support import fakeapi
from support.fakeapi import KINDS, Change, RefusalError
from support.fakeapi.kinds import Kind
from support.fakeapi.selectors import matches
from support.fakeapi.verbs import Verbs, merged
from support.simulation import Node, is_live
from support.simulation_operator import Process
from support.simulation_wire import Fate

Json = dict[str, Any]
Deliver = Callable[["World", Change], None]

START: Final = datetime(2026, 3, 1, 12, tzinfo=UTC)
NAMESPACE: Final = "team"
NAME: Final = "train"
_POLL_SECONDS: Final = 0.25
_POLLS: Final = 400
_CALM: Final = 10
"""So many rounds of the event loop without anything to do are rest: a pass that is wanted begins in two."""
_LATE_SECONDS: Final = 0.03
_TASK: Final = next(kind for kind in KINDS if kind.resource == TASKS)


def early(world: World, change: Change) -> None:
    """Tell of a change before the answer to the request that made it has arrived."""
    world.tell(change)


def late(world: World, change: Change) -> None:
    """Tell of it when the pass has gone on."""
    world.held.append(change)
    asyncio.get_running_loop().call_later(_LATE_SECONDS, world.tell_next)


def disordered(world: World, change: Change) -> None:
    """Tell late and twice, and of what came together the last object first."""
    if not world.held:
        asyncio.get_running_loop().call_later(_LATE_SECONDS, world.tell_held)
    world.held.append(change)


class World:
    """API server, node, user, and the operator's processes one after the other."""

    def __init__(self, deliver: Deliver, fate: Fate) -> None:
        self.fate = fate
        self.objects = fakeapi.Store(self.now)
        self.verbs = Verbs(self.objects)
        self.verbs.complete = self._admitted
        self.node = Node(self.objects, self.now)
        self.errors: list[BaseException] = []
        self.created: list[str] = []
        self.crowded: list[list[str]] = []
        self.starts = 0
        self.gates = False
        self.volumes = True
        self.held: list[Change] = []
        self._deliver = deliver
        self._process: Process | None = None
        self.objects.listeners.append(self._changed)

    @property
    def process(self) -> Process:
        """The operator process of now."""
        assert self._process is not None
        return self._process

    def now(self) -> datetime:
        """Return the time by every clock of this world."""
        return START + timedelta(seconds=asyncio.get_running_loop().time())

    def milliseconds(self) -> int:
        """Return the same in Unix milliseconds."""
        return round(self.now().timestamp() * 1000)

    # --- The operator ---

    async def operate(self) -> None:
        """Run a process, and after its death another."""
        while True:
            self.starts += 1
            self._process = process = Process(self)
            running = asyncio.ensure_future(process.run())
            try:
                await process.died.wait()
            finally:
                running.cancel()
                await asyncio.gather(running, return_exceptions=True)

    async def quiet(self) -> None:
        """Return when nobody has anything to do; passes that failed have succeeded by then."""
        for _ in range(_POLLS):
            calm = 0
            while calm < _CALM and (calm == 0 or self._is_idle()):
                await asyncio.sleep(0)
                calm += 1
            if calm == _CALM and self._is_idle():
                return
            await asyncio.sleep(_POLL_SECONDS)
        raise AssertionError(f"the operator finds no rest: {self.errors[-3:]}")

    def _is_idle(self) -> bool:
        return self._process is not None and self._process.idle and not self.held

    def _admitted(self, _: Kind, body: Json) -> Json:
        """Take what is created, but for Pods with an image volume where those are not allowed."""
        volumes = body.get("spec", {}).get("volumes", [])
        if not self.volumes and any("image" in one for one in volumes):
            raise RefusalError(403, "Forbidden", "image volumes are not allowed to be used")
        return body

    def _changed(self, change: Change) -> None:
        pods = self.objects.items(PODS, None)
        if change.resource == PODS and change.before is None and change.after is not None:
            self.created.append(change.after["metadata"]["name"])
        live = [pod["metadata"]["name"] for pod in pods if is_live(pod)]
        if len(live) > 1:
            self.crowded.append(live)
        if self._process is not None:
            self._deliver(self, change)

    def tell(self, change: Change) -> None:
        """Be the watch: tell the process that runs now."""
        raw = change.after or change.before
        kind = "DELETED" if change.after is None else "MODIFIED"
        if raw is None or self._process is None or self._process.died.is_set():
            return
        if change.resource == TASKS:
            self._process.intake.see_task(kind, copy.deepcopy(raw))
        elif change.resource == PODS and matches(POD_SELECTOR, raw):
            self._process.intake.see_pod(kind, copy.deepcopy(raw))

    def tell_next(self) -> None:
        """Tell the oldest of what was held."""
        self.tell(self.held.pop(0))

    def tell_held(self) -> None:
        """Tell all that was held, object by object."""
        held, self.held = self.held, []
        uids = [(change.after or change.before or {})["metadata"]["uid"] for change in held]
        for uid in reversed(dict.fromkeys(uids)):
            for change, its in zip(held, uids, strict=True):
                if its == uid:
                    self.tell(change)
                    self.tell(change)

    # --- The user ---

    async def create(self, **spec: object) -> None:
        """Create the task; a field that is None is left out."""
        whole = {"image": "alpine", "command": ["true"], **spec}
        whole = {field: value for field, value in whole.items() if value is not None}
        body = {"metadata": {"name": NAME}, "spec": whole}
        self.objects.create(_TASK, NAMESPACE, body)
        await self.quiet()

    async def change(self, **spec: object) -> None:
        """Change fields of the task's spec."""
        self.objects.replace(_TASK, NAMESPACE, merged(self.task, {"spec": spec}))
        await self.quiet()

    async def step(self, act: Callable[[], None]) -> None:
        """Let the node do something, and the operator answer to it."""
        act()
        await self.quiet()

    async def delete(self) -> None:
        """Delete the task if it is there; what it owns goes too."""
        if self.objects.find(TASKS, NAMESPACE, NAME) is not None:
            self.objects.remove(TASKS, NAMESPACE, NAME)
        await self.quiet()

    @property
    def task(self) -> Json:
        """The task as it is stored."""
        return self.objects.get(TASKS, NAMESPACE, NAME)
