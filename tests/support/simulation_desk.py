"""One operator's passes over HTTP, made one by one: every request can be held against what is expected."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final

from containertask.api.reasons import Reason
from containertask.api.status import Phase
from containertask.core.config import Config
from containertask.core.names import POD_SELECTOR
from containertask.kube.resources import PODS, TASKS
from containertask.runtime.controller import Controller
from containertask.runtime.executor import Executor
from containertask.runtime.intake import Intake
from containertask.runtime.metrics import Metrics
from containertask.runtime.podwatch import PodWatch
from containertask.runtime.queue import Key
from containertask.runtime.recorder import Recorder
from containertask.runtime.resync import Resync
from containertask.runtime.store import Store
from support.fakeapi import Change, FakeApi
from support.fakeapi.selectors import matches
from support.simulation import Node

Json = dict[str, Any]

NAMESPACE: Final = "team"
NAME: Final = "train"
KEY: Final = (NAMESPACE, NAME)
LASTING: Final = 3
"""Seconds after which a state is told to the user."""
_MOST_PASSES: Final = 10


class Marks:
    """Which keys want a pass."""

    def __init__(self) -> None:
        self.keys: set[Key] = set()
        self.marked = 0

    def mark(self, key: Key) -> None:
        self.keys.add(key)
        self.marked += 1

    def forget(self, key: Key) -> None:
        self.keys.discard(key)


class Desk:
    """Everything of an operator but its queue. Time goes on only by ``wait``, beside the real time."""

    def __init__(self, api: FakeApi, store: Store | None = None) -> None:
        client = api.client()
        self.api = api
        self.metrics = Metrics(phases=tuple(Phase), reasons=tuple(Reason))
        self.marks = Marks()
        self.store = store or Store()
        self.intake = Intake(self.store, self.marks)
        self.node = self._node()
        self.resync = Resync(
            client=client, store=self.store, intake=self.intake, marks=self.marks, namespaces=[None]
        )
        self.pods = PodWatch(
            client=client,
            watcher=api.watcher(),
            store=self.store,
            intake=self.intake,
            marks=self.marks,
            namespaces=[None],
        )
        self.recorder = Recorder(client, instance="operator-0")
        self.controller = Controller(
            store=self.store,
            executor=Executor(client, self.store, self._milliseconds),
            recorder=self.recorder,
            metrics=self.metrics,
            config=Config(image="registry.example/containertask:1"),
            clock=self._milliseconds,
            wake=self.intake.wake,
        )
        self._waited = 0.0
        self._read = 0
        api.store.now = self.now
        api.store.listeners.append(self._changed)

    def _node(self) -> Node:
        return Node(self.api.store, self.now)

    def now(self) -> datetime:
        return datetime.fromtimestamp(self._real() + self._waited, UTC)

    def _milliseconds(self) -> int:
        return round((self._real() + self._waited) * 1000)

    def _real(self) -> float:
        return time.time()

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self._waited += seconds

    def _changed(self, change: Change) -> None:
        raw = change.after or change.before
        assert raw is not None
        kind = "DELETED" if change.after is None else "MODIFIED"
        if change.resource == TASKS:
            self.intake.see_task(kind, raw)
        elif change.resource == PODS and matches(POD_SELECTOR, raw):
            self.intake.see_pod(kind, raw)

    def create(self, name: str = NAME, /, **spec: object) -> None:
        """Create the task, or another one."""
        metadata = {"name": name, "namespace": NAMESPACE}
        self.api.put(TASKS, {"metadata": metadata, "spec": {"image": "alpine", "command": ["true"], **spec}})

    def change(self, **spec: object) -> None:
        """Change fields of the task's spec."""
        self.api.patch(TASKS, NAMESPACE, NAME, {"spec": spec})

    @property
    def status(self) -> Json:
        """The task's status as it is stored."""
        found: Json = self.api.get(TASKS, NAMESPACE, NAME).get("status", {})
        return found

    @property
    def pod(self) -> str:
        """Name of the Pod of the first attempt."""
        return f"{NAME}-{self.api.get(TASKS, NAMESPACE, NAME)['metadata']['uid'][:5]}-0"

    async def work(self, name: str = NAME) -> float | None:
        """Make passes until none is wanted at once; return in how many seconds one is."""
        key = (NAMESPACE, name)
        for _ in range(_MOST_PASSES):
            self.marks.forget(key)
            again = await self.controller.reconcile(key)
            if again != 0.0 and key not in self.marks.keys:
                return again
        raise AssertionError(f"the same again and again: {self.asked()}")

    def asked(self) -> list[str]:
        """Return what was asked of the server since last time: ``PUT containertasks/status``."""
        new, self._read = self.api.requests[self._read :], len(self.api.requests)
        return [_short(request.method, request.path) for request in new]

    def last(self, method: str) -> Any:
        """Return the body of the last request by a method."""
        return [request.body for request in self.api.requests if request.method == method][-1]

    async def told(self) -> Sequence[str]:
        """Return the reasons of all Events."""
        running = asyncio.ensure_future(self.recorder.run())
        await asyncio.sleep(0)
        await self.recorder.close()
        await running
        posts = [one for one in self.api.requests if one.path.endswith("/events")]
        return [str(one.body["reason"]) for one in posts]


async def running(api: FakeApi, **spec: object) -> Desk:
    """Return the desk of a task whose command runs; what was asked until then is read."""
    desk = Desk(api)
    desk.create(**spec)
    await desk.work()
    desk.node.bind()
    desk.node.start()
    desk.wait(LASTING)
    await desk.work()
    assert desk.status["phase"] == "Running"
    desk.asked()
    return desk


def _short(method: str, path: str) -> str:
    parts = path.rsplit(f"/namespaces/{NAMESPACE}/", maxsplit=1)[-1].split("/")
    return f"{method} {parts[0]}{'/status' if parts[-1] == 'status' else ''}"
