"""Keeps the registry of stores as the API server has them, and says in each one's status whether it is valid.

Fed by kopf's watches and by a list now and then, which finds what was deleted unseen. It opens no store.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import Any, Final, TypeAlias

from containertask.api.crdstores import CLUSTER_STORE, STORE
from containertask.api.status import ConditionStatus
from containertask.api.stores import StoreStatus
from containertask.core.stores import READY, StoreView, new_status
from containertask.core.task import API_VERSION
from containertask.kube.client import ApiClient
from containertask.kube.errors import ApiError, Conflict, Forbidden, NotFound
from containertask.kube.resources import ARTIFACT_STORES, CLUSTER_ARTIFACT_STORES, Resource
from containertask.runtime.queue import Key, WorkQueue
from containertask.runtime.storeregistry import StoreRegistry

Json: TypeAlias = dict[str, Any]

LIST_SECONDS: Final = 600.0
CONFLICT_SECONDS: Final = 5.0
"""When to write again after a conflict, if the watch does not bring the newer version before."""
CONCURRENCY: Final = 4

NO_RIGHT: Final = (
    "ClusterArtifactStores cannot be listed; the chart's value rbac.clusterStores=true gives the right"
)
NO_RIGHT_TO_WRITE: Final = "the status of stores cannot be written: %s"

_log: Final = logging.getLogger(__name__)


class StoreKeeper:
    """Takes news of stores and writes their status. ``clock`` gives Unix milliseconds.

    Attributes:
        sees_cluster: whether ClusterArtifactStores could be listed the last time.
    """

    def __init__(
        self,
        client: ApiClient,
        registry: StoreRegistry,
        namespaces: Sequence[str | None],
        clock: Callable[[], int],
        changed: Callable[[str], None] = lambda _: None,
    ) -> None:
        """Look after the stores of these namespaces; ``[None]`` is all of them.

        ``changed`` is told the namespace of each store of which there is news, "" for one of the cluster.
        """
        self._client = client
        self._registry = registry
        self._namespaces = namespaces
        self._clock = clock
        self._changed = changed
        self._queue = WorkQueue(on_error=_log_failure)
        self._said: set[str] = set()
        self.sees_cluster = False

    def see(self, kind: str | None, raw: Json) -> None:
        """Take a store; ``kind`` is the watch event's type, None for an object of a list."""
        metadata = raw["metadata"]
        key = (metadata.get("namespace", ""), metadata["name"])
        if kind == "DELETED":
            self._forget(key, metadata["uid"])
            return
        try:
            news = self._registry.apply(raw)
        except (ValueError, KeyError, TypeError) as error:
            _log.error("store=%s/%s cannot be read: %s", *key, error)
            return
        if news is not None:
            self._queue.mark(news)
            self._changed(key[0])

    def _forget(self, key: Key, uid: str) -> None:
        if self._registry.remove(key, uid):
            self._queue.forget(key)
            self._changed(key[0])

    async def read(self) -> None:
        """Read all stores, and forget those that are gone.

        Raises:
            ApiError: they cannot be read. Without the right to those of the cluster, there are none.
        """
        for namespace in self._namespaces:
            await self._list(ARTIFACT_STORES, namespace)
        try:
            await self._list(CLUSTER_ARTIFACT_STORES, None)
        except Forbidden:
            self.sees_cluster = False
            self._warn_once(NO_RIGHT)
        else:
            self.sees_cluster = True

    async def _list(self, resource: Resource, namespace: str | None) -> None:
        of_cluster = resource == CLUSTER_ARTIFACT_STORES
        before = [one for one in self._registry.views() if one.of_cluster == of_cluster]
        found = (await self._client.list(resource, namespace)).items
        seen = {store["metadata"]["uid"] for store in found}
        for store in found:
            self.see(None, store)
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
                _log.warning("stores cannot be listed, what was known of them stays: %s", error)

    async def close(self, seconds: float) -> None:
        """Begin no write any more, and give those under way some seconds."""
        await self._queue.close(seconds)

    async def reconcile(self, key: Key) -> float | None:
        """Write the status of one store if it is to be another; return when to look again.

        Raises:
            ApiError: it could not be written, and is to be tried again.
        """
        store = self._registry.view(key)
        status = new_status(store, self._clock()) if store is not None else None
        if store is None or status is None:
            return None
        resource = CLUSTER_ARTIFACT_STORES if store.of_cluster else ARTIFACT_STORES
        try:
            answer = await self._client.update_status(
                resource, store.namespace or None, store.name, _body(store, status)
            )
        except Conflict:
            return CONFLICT_SECONDS
        except NotFound:
            self._forget(key, store.uid)
            return None
        except Forbidden as error:
            self._warn_once(NO_RIGHT_TO_WRITE % error)
            return LIST_SECONDS
        self._registry.apply(answer)
        _log_change(store, status)
        return None

    def _warn_once(self, line: str) -> None:
        if line not in self._said:
            self._said.add(line)
            _log.warning("%s", line)


def _body(store: StoreView, status: StoreStatus) -> Json:
    """Return what is written, if the store is still as it was when the status was made."""
    metadata = {"name": store.name, "uid": store.uid, "resourceVersion": str(store.resource_version)}
    if not store.of_cluster:
        metadata["namespace"] = store.namespace
    return {
        "apiVersion": API_VERSION,
        "kind": CLUSTER_STORE if store.of_cluster else STORE,
        "metadata": metadata,
        "status": status.model_dump(mode="json", by_alias=True, exclude_none=True),
    }


def _log_change(store: StoreView, status: StoreStatus) -> None:
    ready = next((one for one in status.conditions or () if one.type == READY), None)
    if ready is not None:
        holds = ready.status is ConditionStatus.TRUE
        _log.info(
            "store=%s/%s uid=%s ready=%s reason=%s",
            store.namespace,
            store.name,
            store.uid,
            holds,
            ready.reason,
        )


def _log_failure(key: Key, error: BaseException) -> None:
    expected = isinstance(error, ApiError)
    _log.warning("store=%s/%s pass failed: %r", *key, error, exc_info=None if expected else error)
