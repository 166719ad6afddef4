"""Reads for a plan what no watch brings: Pods that are not known, templates, events, other tasks' outputs.

What the API server answers goes into the store; it writes nothing.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final, TypeAlias

from containertask.core.dependencies import source_of
from containertask.core.snapshot import TemplateNote
from containertask.core.task import TaskView
from containertask.core.trouble import trouble_in
from containertask.kube.client import ApiClient
from containertask.kube.errors import Forbidden, NotFound
from containertask.kube.resources import EVENTS, POD_TEMPLATES, PODS, TASKS
from containertask.runtime.store import Store

Json: TypeAlias = dict[str, Any]

_EVENTS: Final = 50
"""How many of a Pod's events are read: the kubelet writes the same one anew with a higher count."""
_AT_ONCE: Final = 8
"""How many tasks are read at once."""

_log: Final = logging.getLogger(__name__)


class Reader:
    """Asks the API server. ``clock`` gives Unix milliseconds. Every method raises ApiError."""

    def __init__(self, client: ApiClient, store: Store, clock: Callable[[], int]) -> None:
        self._client = client
        self._store = store
        self._clock = clock

    async def find_pod(self, task: TaskView, name: str) -> None:
        """Ask for a Pod. One of that name that is not of this task is not the one that was asked for."""
        try:
            found = await self._client.get(PODS, task.namespace, name)
        except NotFound:
            self._store.notes.missing(task.uid, name)
            return
        if belongs(found, task):
            self._store.apply_pod(found)
        else:
            self._store.notes.missing(task.uid, name)

    async def read_template(self, task: TaskView, name: str) -> None:
        """Ask for a PodTemplate."""
        note = TemplateNote(name=name, at=self._clock())
        try:
            note = replace(note, raw=await self._client.get(POD_TEMPLATES, task.namespace, name))
        except NotFound:
            pass
        except Forbidden as error:
            note = replace(note, refused=error.message)
        self._store.notes.template(task.uid, note)

    async def read_events(self, task: TaskView, uid: str) -> None:
        """Read what a Pod's events tell. Without the right to, there is nothing to tell."""
        try:
            found = await self._client.about(
                EVENTS, task.namespace, field_selector=f"involvedObject.uid={uid}", limit=_EVENTS
            )
            events = found.items
        except Forbidden:
            events = ()
        self._store.notes.trouble(task.uid, trouble_in(events, uid, self._clock()))

    async def read_tasks(self, task: TaskView, names: tuple[str, ...]) -> None:
        """Read what other tasks gave, and what became of those that were there before."""
        gate = asyncio.Semaphore(_AT_ONCE)

        async def read(name: str) -> None:
            async with gate:
                await self._read_task(task, name)

        # All end before any error counts: what was read need not be read again.
        done = await asyncio.gather(*map(read, names), return_exceptions=True)
        for one in done:
            if isinstance(one, BaseException):
                raise one

    async def _read_task(self, task: TaskView, name: str) -> None:
        # Of another one that has the name when the answer comes, it says nothing.
        known = self._store.uid((task.namespace, name))
        seen = next((one.uid for one in task.status.dependencies or () if one.name == name), None)
        try:
            raw = await self._client.get(TASKS, task.namespace, name)
        except NotFound:
            if known is not None:
                self._store.remove_task(task.namespace, name, known)
            found = None
        else:
            self._store.apply_task(raw)
            found = raw["metadata"]["uid"]
            if (source := source_of(raw)) is not None:
                self._store.notes.source(task.uid, name, source)
        if seen is not None and seen != found:
            self._store.notes.source_is_gone(task.uid, seen)


def belongs(pod: Json, task: TaskView) -> bool:
    """Tell whether a Pod is the task's own: names can be taken by anybody."""
    owners = pod["metadata"].get("ownerReferences", [])
    return any(one["uid"] == task.uid and one.get("controller") for one in owners)
