"""Closes the holes of watching: what was deleted unseen, and what nobody has looked at for long.

After a broken watch kopf lists again and does not tell which tasks have disappeared meanwhile.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import aclosing
from typing import Final

from containertask.kube.client import ApiClient
from containertask.kube.errors import ApiError
from containertask.kube.resources import TASKS
from containertask.runtime.intake import Intake, Marks
from containertask.runtime.store import Store

TASK_SECONDS: Final = 3600.0
MARK_SECONDS: Final = 600.0
PAGE_SIZE: Final = 100
"""Small, because what a page holds is garbage a moment later, and the views that stay lie among it."""

_log: Final = logging.getLogger(__name__)


class Resync:
    """Compares the store with the API server from time to time."""

    def __init__(
        self,
        *,
        client: ApiClient,
        store: Store,
        intake: Intake,
        marks: Marks,
        namespaces: Sequence[str | None],
    ) -> None:
        """Watch over these namespaces; ``[None]`` is all of them."""
        self._client = client
        self._store = store
        self._intake = intake
        self._marks = marks
        self._namespaces = namespaces

    async def read_tasks(self) -> None:
        """Read all tasks into the store, and have each looked at."""
        for namespace in self._namespaces:
            async with aclosing(self._client.pages(TASKS, namespace, page_size=PAGE_SIZE)) as pages:
                async for page in pages:
                    for task in page.items:
                        self._intake.see_task(None, task)

    async def compare_tasks(self) -> None:
        """Forget tasks that are gone: nothing depends on it but memory."""
        before = self._store.uids()
        seen: set[str] = set()
        for namespace in self._namespaces:
            listing = await self._client.list(TASKS, namespace, metadata_only=True)
            seen.update(task["metadata"]["uid"] for task in listing.items)
        for (namespace, name), uid in before.items():
            if uid not in seen and (key := self._store.remove_task(namespace, name, uid)):
                self._marks.forget(key)
        self._intake.wake()

    async def mark_live(self) -> None:
        """Have every unfinished task looked at."""
        for key in self._store.keys(live=True):
            self._marks.mark(key)

    async def run(self) -> None:
        """Do all of it for ever, each at its own pace."""
        async with asyncio.TaskGroup() as group:
            group.create_task(_every(TASK_SECONDS, self.compare_tasks))
            group.create_task(_every(MARK_SECONDS, self.mark_live))


async def _every(seconds: float, work: Callable[[], Awaitable[None]]) -> None:
    while True:
        await asyncio.sleep(seconds)
        try:
            await work()
        except ApiError as error:
            _log.warning("resync: %s", error)
