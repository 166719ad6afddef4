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
from dataclasses import dataclass
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

RELIST_SECONDS: Final = 3600.0
"""A watch that ends when the last list is so old is followed by a list: what was overlooked comes to light,
and that etcd was restored, too: the server keeps silent about a version that is still to come."""

_OF_NO_VERSION: Final = frozenset({401, 403, 429, 502, 503})
"""Refusals that say nothing about the version: a list would be refused, too, and cost more."""

_NONSENSE: Final = (AttributeError, KeyError, TypeError, ValueError)
"""What comes of reading an object that is not as it should be."""

_log: Final = logging.getLogger(__name__)


class VersionsWentBackError(Exception):
    """The API server's versions are lower than they were: nothing that is in memory can be trusted."""


@dataclass(slots=True)
class _Place:
    """How far a namespace is known.

    Attributes:
        version: of the last list, event or bookmark; 0 before the first.
        listed: when it was listed last; never if a list is due.
    """

    version: int = 0
    listed: float = -math.inf


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
        self._places = {namespace: _Place() for namespace in namespaces}

    async def read(self) -> None:
        """Read all our Pods into the store: before the first pass, so that none is taken for vanished.

        The watch may be running: what it told meanwhile is newer, and stays.
        """
        for namespace, place in self._places.items():
            await self._list(namespace, place)

    async def run(self) -> None:
        """Follow them for ever.

        Raises:
            VersionsWentBackError: the process has to start anew.
        """
        async with asyncio.TaskGroup() as group:
            for namespace, place in self._places.items():
                group.create_task(self._follow(namespace, place))

    async def _follow(self, namespace: str | None, place: _Place) -> None:
        loop, pause = asyncio.get_running_loop(), FIRST_PAUSE
        while True:
            opened, wish = math.inf, 0.0
            try:
                if loop.time() - place.listed > RELIST_SECONDS:
                    await self._list(namespace, place)
                opened = loop.time()
                await self._watch(namespace, place)
            except ApiError as error:
                _log.warning("the watch of Pods is opened again: %s", error)
                if isinstance(error, ApiStatusError):
                    wish = error.retry_after or 0.0
                    place.listed = place.listed if error.code in _OF_NO_VERSION else -math.inf
            if loop.time() - opened > LASTED:
                pause = FIRST_PAUSE
            await asyncio.sleep(max(pause, min(wish, LONGEST_PAUSE)))
            pause = min(2 * pause, LONGEST_PAUSE)

    async def _watch(self, namespace: str | None, place: _Place) -> None:
        found = self._watcher.changes(PODS, namespace, label_selector=POD_SELECTOR, since=str(place.version))
        async with aclosing(found) as changes:
            async for change in changes:
                if change.kind == "BOOKMARK":
                    self._intake.hear("pods")
                else:
                    self._see(change.kind, change.object)
                if change.version.isdecimal():
                    place.version = int(change.version)

    async def _list(self, namespace: str | None, place: _Place) -> None:
        """Read what is there, and find out what of the store is not."""
        begun, known = asyncio.get_running_loop().time(), place.version
        before = [pod for pod in self._store.pods() if namespace in (None, pod.namespace)]
        seen: set[str] = set()
        version = 0
        found = self._client.pages(PODS, namespace, label_selector=POD_SELECTOR, page_size=PAGE_SIZE)
        try:
            async with aclosing(found) as pages:
                async for page in pages:
                    version = _number(page.resource_version)
                    _refuse_older(version, known)
                    seen.update(pod["metadata"]["uid"] for pod in page.items)
                    for pod in page.items:
                        self._see(None, pod)
        except _NONSENSE as error:
            raise Unreachable(f"the list of Pods cannot be read: {error!r}") from error
        for key in self._store.drop_unseen(before, frozenset(seen)):
            self._marks.mark(key)
        place.version, place.listed = max(place.version, version), begun

    def _see(self, kind: str | None, pod: Json) -> None:
        """Take a Pod. One that is nothing like a Pod must not end the watch of all others."""
        try:
            hash(pod["metadata"]["uid"])  # by which it is looked for in the next list
            self._intake.see_pod(kind, pod)
        except _NONSENSE as error:
            _log.error("a Pod cannot be read: %r", error)


def _number(version: str) -> int:
    if not version.isdecimal():
        raise Unreachable(f"a version of Pods that is no number: {version[:40]!r}")
    return int(version)


def _refuse_older(version: int, known: int) -> None:
    if version < known:
        raise VersionsWentBackError(
            f"the API server is at version {version}, and was at {known}: restored from a backup? "
            "Everything is read anew by a new process"
        )
