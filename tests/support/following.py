"""A watch of Pods that runs against the fake server, with what it feeds; no task and no pass is needed."""

from __future__ import annotations

import asyncio
import hashlib
from typing import Any, Final, Self

from containertask.core.names import POD_SELECTOR, labels, pod_name
from containertask.kube.resources import PODS
from containertask.runtime.intake import Intake
from containertask.runtime.podwatch import PAGE_SIZE, PodWatch
from containertask.runtime.queue import Key
from containertask.runtime.store import Store
from support.fakeapi import FakeApi, Request
from support.fakeapi.server import UNTIL_SECONDS

Json = dict[str, Any]
TEAM: Final = "team"


def pod_of(task: str, namespace: str = TEAM, **more: object) -> Json:
    """Return the Pod of a task's first attempt."""
    uid = hashlib.sha256(f"{namespace}/{task}".encode()).hexdigest()
    owner = {"kind": "ContainerTask", "name": task, "uid": uid, "controller": True}
    metadata = {"name": pod_name(task, uid, 0), "namespace": namespace, "labels": labels(task, 0)}
    return {"metadata": {**metadata, "ownerReferences": [owner]}, "spec": {}, **more}


def put_pod(api: FakeApi, task: str, namespace: str = TEAM, phase: str = "Pending") -> Json:
    """Store it, or change its phase."""
    return api.put(PODS, pod_of(task, namespace, status={"phase": phase}))


def remove_pod(api: FakeApi, task: str, namespace: str = TEAM) -> None:
    """Delete it."""
    api.remove(PODS, namespace, pod_of(task, namespace)["metadata"]["name"])


def listed(namespace: str | None = None, **more: str) -> Request:
    """Return the request for a page."""
    query = {"limit": str(PAGE_SIZE), "labelSelector": POD_SELECTOR, **more}
    return Request(method="GET", path=PODS.path(namespace), query=query)


def watched(version: object, namespace: str | None = None) -> Request:
    """Return the request for what came after a version."""
    query = {"watch": "true", "allowWatchBookmarks": "true", "labelSelector": POD_SELECTOR}
    query["resourceVersion"] = str(version)
    return Request(method="GET", path=PODS.path(namespace), query=query)


async def opened(api: FakeApi, count: int = 1) -> None:
    """Wait until there are as many watches as that."""
    await api.until(lambda: api.watches.count(PODS) == count)


class MarkList:
    """Which keys were marked, in their order."""

    def __init__(self) -> None:
        self.keys: list[Key] = []
        self.mark = self.keys.append

    def forget(self, key: Key) -> None:
        """Take no part in this."""


class Following:
    """``async with`` runs it; that it ends by itself is a failure.

    Attributes:
        marks: the tasks that want a pass.
    """

    def __init__(self, api: FakeApi, *namespaces: str | None, silence: float = 10 * UNTIL_SECONDS) -> None:
        self.marks, self.store = MarkList(), Store()
        self.intake = Intake(self.store, self.marks)
        self.pods = PodWatch(
            client=api.client(),
            watcher=api.watcher(silence=silence),
            store=self.store,
            intake=self.intake,
            marks=self.marks,
            namespaces=namespaces or [None],
        )
        self._running: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._running = asyncio.ensure_future(self.pods.run())
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._running is not None
        self._running.cancel()
        (ended,) = await asyncio.gather(self._running, return_exceptions=True)
        assert isinstance(ended, asyncio.CancelledError), ended

    @property
    def known(self) -> dict[str, str]:
        """The phase of each Pod that is not gone, by its task's name."""
        return {str(pod.owner_name): pod.phase for pod in self.store.pods()}

    def news(self) -> list[Key]:
        """Return what was marked since last time."""
        found = self.marks.keys.copy()
        self.marks.keys.clear()
        return found
