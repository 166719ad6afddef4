"""Our Pods: listed once, then followed by a watch that goes on where it broke, or lists again.

Not kopf's watch: a Pod changes six to eight times, and kopf's worker and memory for each object were half of
the operator's CPU; nor does kopf tell what disappeared while a watch was broken. Decides nothing.
"""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Sequence
from contextlib import aclosing
from typing import Final

from containertask.core.names import POD_SELECTOR
from containertask.kube.client import ApiClient
from containertask.kube.errors import ApiError, ApiStatusError, Unreachable
from containertask.kube.resources import PODS
from containertask.kube.transport import Json
from containertask.kube.watch import Watcher
from containertask.runtime.intake import Intake, Marks
from containertask.runtime.store import Store

PAGE_SIZE: Final = 100
"""A Pod takes 14 KB as text and several times that as objects: what a page holds is garbage a moment later,
and the views that stay lie among it."""

FIRST_PAUSE: Final = 0.1
LONGEST_PAUSE: Final = 10.0
"""Seconds between two tries; doubled each time."""

LASTED: Final = 5.0
"""A watch that was open for so many seconds had not failed. The list before it does not count."""

_NONSENSE: Final = (AttributeError, KeyError, TypeError, ValueError)
"""What comes of reading an object that is not as it should be."""

_log: Final = logging.getLogger(__name__)


class PodWatch:
    """Keeps the store's Pods as the API server has them; ``namespaces`` ``[None]`` is all of them."""

    def __init__(  # noqa: PLR0913 (what it reads from and what it tells)
        self,
        *,
        client: ApiClient,
        watcher: Watcher,
        store: Store,
        intake: Intake,
        marks: Marks,
        namespaces: Sequence[str | None],
    ) -> None:
        self._client = client
        self._watcher = watcher
        self._store = store
        self._intake = intake
        self._marks = marks
        self._since: dict[str | None, str | None] = dict.fromkeys(namespaces)

    async def read(self) -> None:
        """Read all our Pods into the store: before the first pass, so that none is taken for vanished."""
        for namespace in self._since:
            await self._list(namespace)

    async def run(self) -> None:
        """Follow them for ever."""
        async with asyncio.TaskGroup() as group:
            for namespace in self._since:
                group.create_task(self._follow(namespace))

    async def _follow(self, namespace: str | None) -> None:
        loop, pause = asyncio.get_running_loop(), FIRST_PAUSE
        while True:
            opened = math.inf
            try:
                since = self._since[namespace] or await self._list(namespace)
                opened = loop.time()
                await self._watch(namespace, since)
            except ApiError as error:
                _log.warning("the watch of Pods is opened again: %s", error)
                if isinstance(error, ApiStatusError):
                    # Not only 410: after a restore of etcd our version may be one that is still to come.
                    self._since[namespace] = None
            if loop.time() - opened > LASTED:
                pause = FIRST_PAUSE
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)

    async def _watch(self, namespace: str | None, since: str) -> None:
        found = self._watcher.changes(PODS, namespace, label_selector=POD_SELECTOR, since=since)
        async with aclosing(found) as changes:
            async for change in changes:
                if change.kind != "BOOKMARK":
                    self._see(change.kind, change.object)
                self._since[namespace] = change.version

    async def _list(self, namespace: str | None) -> str:
        """Read what is there, and find out what of the store is not; return the version to go on from."""
        before = [pod for pod in self._store.pods() if namespace in (None, pod.namespace)]
        seen: set[str] = set()
        version = ""
        found = self._client.pages(PODS, namespace, label_selector=POD_SELECTOR, page_size=PAGE_SIZE)
        try:
            async with aclosing(found) as pages:
                async for page in pages:
                    version = page.resource_version
                    if not version:
                        raise Unreachable("the list of Pods is none: it has no version")
                    seen.update(pod["metadata"]["uid"] for pod in page.items)
                    for pod in page.items:
                        self._see(None, pod)
        except _NONSENSE as error:
            raise Unreachable(f"the list of Pods cannot be read: {error!r}") from error
        for key in self._store.drop_unseen(before, frozenset(seen)):
            self._marks.mark(key)
        self._since[namespace] = version
        return version

    def _see(self, kind: str | None, pod: Json) -> None:
        """Take a Pod. One that is nothing like a Pod must not end the watch of all others."""
        try:
            hash(pod["metadata"]["uid"])  # by which it is looked for in the next list
            self._intake.see_pod(kind, pod)
        except _NONSENSE as error:
            _log.error("a Pod cannot be read: %r", error)
