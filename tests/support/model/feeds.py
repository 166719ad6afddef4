"""What an operator process hears of changes: nothing until it is told; late, twice, disordered, or never."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

from containertask.core.names import POD_SELECTOR
from containertask.kube.errors import ApiError, Gone
from containertask.kube.resources import PODS, TASKS, Resource
from containertask.kube.watch import Change, Watcher
from containertask.runtime.intake import Intake
from support import fakeapi
from support.fakeapi.selectors import matches
from support.model.server import Server
from support.model.wire import NOWHERE

Json = dict[str, Any]


def heard(change: fakeapi.Change, resource: Resource) -> Change | None:
    """Return a change as a watch tells it, or None if it is of another kind."""
    found = change.after or change.before
    if (
        found is None
        or change.resource != resource
        or (resource == PODS and not matches(POD_SELECTOR, found))
    ):
        return None
    kind = "ADDED" if change.before is None else "DELETED" if change.after is None else "MODIFIED"
    return Change(kind, found, found["metadata"]["resourceVersion"])


class Held:
    """Changes that were not told yet."""

    def __init__(self) -> None:
        self.held: list[Change] = []
        self.lossy = False

    def lose(self) -> None:
        """Never tell of the oldest."""
        if self.held:
            self.held.pop(0)
            self.lossy = True

    def repeat(self) -> None:
        """Tell of the oldest twice."""
        if self.held:
            self.held.insert(0, self.held[0])

    def disorder(self) -> None:
        """Tell of the newest first."""
        if self.held:
            self.held.insert(0, self.held.pop())


class PodFeed(Watcher, Held):
    """The watch of Pods. A watch that is opened begins with what changed since the version it names."""

    def __init__(self, server: Server) -> None:
        Watcher.__init__(self, NOWHERE)
        Held.__init__(self)
        self._server = server
        self._told: asyncio.Queue[Change | ApiError | None] | None = None
        self._listed_next = False

    @property
    def open(self) -> bool:
        """Tell whether somebody watches."""
        return self._told is not None

    async def changes(
        self, resource: Resource, namespace: str | None, *, label_selector: str, since: str
    ) -> AsyncGenerator[Change, None]:
        """Yield what is told."""
        del namespace, label_selector
        objects = self._server.objects
        if int(since) < objects.oldest:
            raise Gone("too old resource version", code=410)
        past = [heard(change, resource) for change in objects.since(int(since))]
        self.held = [change for change in past if change is not None]
        self.lossy, self._listed_next = self.lossy and not self._listed_next, False
        told = self._told = asyncio.Queue()
        try:
            while (item := await told.get()) is not None:
                if isinstance(item, ApiError):
                    raise item
                yield item
        finally:
            self._told = None

    def changed(self, change: fakeapi.Change) -> None:
        """Hear of a change, if somebody watches."""
        found = heard(change, PODS)
        if found is not None and self.open:
            self.held.append(found)

    def tell_next(self) -> None:
        """Tell the oldest."""
        if self._told is not None and self.held:
            self._told.put_nowait(self.held.pop(0))

    def drop(self, error: ApiError | None) -> None:
        """End the watch, or break it."""
        if self._told is not None:
            self._told.put_nowait(error)
            self._listed_next = isinstance(error, Gone)


class TaskFeed(Held):
    """The watch of tasks, as kopf does it: what disappeared while it was broken it does not tell."""

    def __init__(self, server: Server, intake: Intake) -> None:
        super().__init__()
        self._server = server
        self._intake = intake

    def changed(self, change: fakeapi.Change) -> None:
        """Hear of a change."""
        found = heard(change, TASKS)
        if found is not None:
            self.held.append(found)

    def tell_next(self) -> None:
        """Tell the oldest."""
        if self.held:
            found = self.held.pop(0)
            self._intake.see_task(found.kind, found.object)

    def list_again(self) -> None:
        """Tell what there is."""
        self.held.clear()
        self.lossy = False
        for task in self._server.objects.items(TASKS, None):
            self._intake.see_task(None, task)
