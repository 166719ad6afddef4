"""Keeps a registry as the API server has its objects, and says in each one's status whether it is valid.

Fed by kopf's watches and by a list now and then, which finds what was deleted unseen. It opens no store.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import Any, Final, Generic, TypeAlias

from containertask.api.status import ConditionStatus
from containertask.core.conditions import READY
from containertask.core.task import API_VERSION
from containertask.kube.client import ApiClient
from containertask.kube.errors import ApiError, Conflict, Forbidden, NotFound
from containertask.kube.resources import Resource
from containertask.runtime.queue import Key, WorkQueue
from containertask.runtime.registry import Registry, Status, V

Json: TypeAlias = dict[str, Any]

LIST_SECONDS: Final = 600.0
CONFLICT_SECONDS: Final = 5.0
"""When to write again after a conflict, if the watch does not bring the newer version before."""
CONCURRENCY: Final = 4

NO_RIGHT: Final = "%ss cannot be listed; the chart's value %s=true gives the right"
NO_RIGHT_TO_WRITE: Final = "the status of %ss cannot be written: %s"

_log: Final = logging.getLogger(__name__)


class Keeper(Generic[V]):
    """Takes news of objects and writes their status. ``clock`` gives Unix milliseconds.

    Attributes:
        sees_cluster: whether those of the cluster could be listed the last time.
    """

    def __init__(
        self,
        client: ApiClient,
        registry: Registry[V],
        namespaces: Sequence[str | None],
        clock: Callable[[], int],
        changed: Callable[[str], None] = lambda _: None,
    ) -> None:
        """Look after the objects of these namespaces; ``[None]`` is all of them.

        ``changed`` is told the namespace of each of which there is news, "" for one of the cluster.
        """
        self._client = client
        self._kinds = registry.kinds
        self._registry = registry
        self._namespaces = namespaces
        self._clock = clock
        self._changed = changed
        self._queue = WorkQueue(on_error=self._log_failure)
        self._said: set[str] = set()
        self.sees_cluster = False

    def see(self, kind: str | None, raw: Json) -> None:
        """Take an object; ``kind`` is the watch event's type, None for an object of a list."""
        metadata = raw["metadata"]
        key = (metadata.get("namespace", ""), metadata["name"])
        if kind == "DELETED":
            self._forget(key, metadata["uid"])
            return
        try:
            news = self._registry.apply(raw)
        except (ValueError, KeyError, TypeError) as error:
            _log.error("%s=%s/%s cannot be read: %s", self._kinds.noun, *key, error)
            return
        if news is not None:
            self._queue.mark(news)
            self._changed(key[0])

    def _forget(self, key: Key, uid: str) -> None:
        if self._registry.remove(key, uid):
            self._queue.forget(key)
            self._changed(key[0])

    async def read(self) -> None:
        """Read all of them, and forget those that are gone.

        Raises:
            ApiError: they cannot be read. Without the right to those of the cluster, there are none.
        """
        for namespace in self._namespaces:
            await self._list(self._kinds.resource, namespace)
        try:
            await self._list(self._kinds.cluster_resource, None)
        except Forbidden:
            self.sees_cluster = False
            self._warn_once(NO_RIGHT % (self._kinds.cluster_kind, self._kinds.value))
        else:
            self.sees_cluster = True

    async def _list(self, resource: Resource, namespace: str | None) -> None:
        of_cluster = resource == self._kinds.cluster_resource
        before = [one for one in self._registry.views() if (not one.namespace) == of_cluster]
        found = (await self._client.list(resource, namespace)).items
        seen = {one["metadata"]["uid"] for one in found}
        for one in found:
            self.see(None, one)
        for known in before:
            if known.uid not in seen and namespace in (None, known.namespace):
                self._forget((known.namespace, known.name), known.uid)

    async def run(self) -> None:
        """Write what is to be written and list now and then, until ``close``."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._queue.run(self.reconcile, concurrency=CONCURRENCY))
            group.create_task(self._list_now_and_then())

    async def _list_now_and_then(self) -> None:
        while True:
            await asyncio.sleep(LIST_SECONDS)
            try:
                await self.read()
            except ApiError as error:
                _log.warning(
                    "%ss cannot be listed, what was known of them stays: %s", self._kinds.noun, error
                )

    async def close(self, seconds: float) -> None:
        """Begin no write any more, and give those under way some seconds."""
        await self._queue.close(seconds)

    async def reconcile(self, key: Key) -> float | None:
        """Write the status of one if it is to be another; return when to look again.

        Raises:
            ApiError: it could not be written, and is to be tried again.
        """
        view = self._registry.view(key)
        status = self._kinds.new_status(view, self._clock()) if view is not None else None
        if view is None or status is None:
            return None
        resource = self._kinds.resource if view.namespace else self._kinds.cluster_resource
        try:
            answer = await self._client.update_status(
                resource, view.namespace or None, view.name, self._body(view, status)
            )
        except Conflict:
            return CONFLICT_SECONDS
        except NotFound:
            self._forget(key, view.uid)
            return None
        except Forbidden as error:
            self._warn_once(NO_RIGHT_TO_WRITE % (self._kinds.noun, error))
            return LIST_SECONDS
        self._registry.apply(answer)
        self._log_change(view, status)
        return None

    def _warn_once(self, line: str) -> None:
        if line not in self._said:
            self._said.add(line)
            _log.warning("%s", line)

    def _body(self, view: V, status: Status) -> Json:
        """Return what is written, if the object is still as it was when the status was made."""
        metadata = {"name": view.name, "uid": view.uid, "resourceVersion": str(view.resource_version)}
        if view.namespace:
            metadata["namespace"] = view.namespace
        return {
            "apiVersion": API_VERSION,
            "kind": self._kinds.kind if view.namespace else self._kinds.cluster_kind,
            "metadata": metadata,
            "status": status.model_dump(mode="json", by_alias=True, exclude_none=True),
        }

    def _log_change(self, view: V, status: Status) -> None:
        ready = next((one for one in status.conditions or () if one.type == READY), None)
        if ready is not None:
            holds = ready.status is ConditionStatus.TRUE
            found = (self._kinds.noun, view.namespace, view.name, view.uid, holds, ready.reason)
            _log.info("%s=%s/%s uid=%s ready=%s reason=%s", *found)

    def _log_failure(self, key: Key, error: BaseException) -> None:
        expected = isinstance(error, ApiError)
        _log.warning(
            "%s=%s/%s pass failed: %r", self._kinds.noun, *key, error, exc_info=None if expected else error
        )
