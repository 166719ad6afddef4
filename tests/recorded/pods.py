"""The Pods of a namespace as they were last seen, also of those that are gone."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus

from kubernetes import client

from support import cluster
from support.cluster import Json
from support.tasks import GROUP, Tasks


@dataclass(frozen=True, slots=True)
class Last:
    """A Pod as the API server last showed it."""

    pod: Json
    gone: bool


@dataclass(slots=True)
class Pods:
    """What a watch has seen of one namespace; the first Pod of a task stands for the task."""

    namespace: str
    _last: dict[str, Last] = field(default_factory=dict)
    _changed: threading.Condition = field(default_factory=threading.Condition)
    closed: bool = False

    def last(self, task: str) -> Last | None:
        """Return the last of a task's first Pod."""
        return self._last.get(task)

    def wait(self, task: str, condition: Callable[[Last], bool], seconds: int) -> Last:
        """Return a task's Pod as soon as the condition holds."""

        def holds() -> bool:
            found = self.last(task)
            return found is not None and condition(found)

        with self._changed:
            assert self._changed.wait_for(holds, seconds), f"not within {seconds} s: {self._last.get(task)}"
            return self._last[task]

    def end(self, here: Tasks, task: str) -> None:
        """Take away a Pod whose node does not, and wait until it is gone."""
        last = self.last(task)
        assert last is not None
        if not last.gone:
            try:
                here.core.delete_namespaced_pod(
                    last.pod["metadata"]["name"], self.namespace, grace_period_seconds=0
                )
            except client.ApiException as error:
                if error.status != HTTPStatus.NOT_FOUND:
                    raise
            self.wait(task, lambda one: one.gone, 30)

    def follow(self) -> None:
        """Watch until closed."""
        core = cluster.connect()
        while not self.closed:
            page = json.loads(core.list_namespaced_pod(self.namespace, _preload_content=False).data)
            there = {one["metadata"]["uid"] for one in page["items"]}
            for one in page["items"]:
                self._note(one, gone=False)
            for last in list(self._last.values()):
                self._note(last.pod, gone=last.gone or last.pod["metadata"]["uid"] not in there)
            limits = {"resource_version": page["metadata"]["resourceVersion"], "timeout_seconds": 30}
            for event in cluster.changes(core.list_namespaced_pod, self.namespace, **limits):
                if event["type"] in {"ADDED", "MODIFIED", "DELETED"}:
                    self._note(event["raw_object"], gone=event["type"] == "DELETED")

    def _note(self, pod: Json, *, gone: bool) -> None:
        task = pod["metadata"].get("labels", {}).get(f"{GROUP}/task")
        if task is None:
            return
        with self._changed:
            before = self._last.get(task)
            if before is None or before.pod["metadata"]["uid"] == pod["metadata"]["uid"]:
                self._last[task] = Last(pod, gone)
                self._changed.notify_all()


@contextmanager
def followed(namespace: str) -> Iterator[Pods]:
    """Follow the Pods of a namespace."""
    pods = Pods(namespace)
    threading.Thread(target=_follow, args=(pods,), daemon=True).start()
    try:
        yield pods
    finally:
        pods.closed = True


def _follow(pods: Pods) -> None:
    while not pods.closed:
        try:
            pods.follow()
        except (OSError, client.ApiException) as error:  # an API server that is busy
            print(error)  # noqa: T201
            time.sleep(1)
