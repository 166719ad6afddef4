"""Users and cluster in a storm: who suspends, cancels and deletes, and what takes Pods away.

Each deed is done once to a task or to a Pod of its first attempt, when that runs, and asked for until the API
server has answered.
"""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import Final

from perf.storm.api import Api
from perf.storm.board import attempt_of
from perf.storm.kinds import kind_of
from support.cluster import Json

TASKS: Final = "/apis/containertask.dev/v1alpha1/namespaces/{}/containertasks"
PODS: Final = "/api/v1/namespaces/{}/pods"
_FINE: Final = frozenset({HTTPStatus.OK, HTTPStatus.CREATED, HTTPStatus.ACCEPTED})
_GONE: Final = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT})
"""What was asked twice, because the first answer was lost."""


class Actors:
    """All of them; ``see`` is what the board tells."""

    def __init__(self, api: Api, namespace: str, group: asyncio.TaskGroup) -> None:
        self._api = api
        self._tasks = TASKS.format(namespace)
        self._pods = PODS.format(namespace)
        self._group = group
        self._done: set[tuple[str, str]] = set()

    def see(self, kind: str, raw: Json) -> None:
        """Do what is due."""
        status = raw.get("status", {})
        if kind == "task":
            name = raw["metadata"]["name"]
            if raw["spec"].get("suspend") and status.get("reason") == "Suspended":
                self._once(name, "resume", raw)
        elif status.get("phase") == "Running" and attempt_of(raw) == 0:
            name = raw["metadata"]["labels"]["containertask.dev/task"]
            if kind_of(name).act:
                self._once(name, kind_of(name).act, raw)

    def _once(self, name: str, act: str, raw: Json) -> None:
        deed = (raw["metadata"]["uid"], act)
        if deed not in self._done:
            self._done.add(deed)
            self._group.create_task(self._act(name, act, raw["metadata"]))

    async def _act(self, name: str, act: str, metadata: Json) -> None:
        task, pod = f"{self._tasks}/{name}", f"{self._pods}/{metadata['name']}"
        sure = {"preconditions": {"uid": metadata["uid"]}}
        match act:
            case "suspend" | "resume":
                await self._ask("PATCH", task, {"spec": {"suspend": act == "suspend"}})
            case "cancel":
                await self._ask("PATCH", task, {"spec": {"cancel": True}})
            case "delete the task":
                await self._ask("DELETE", task)
            case "delete the Pod":
                await self._ask("DELETE", pod, sure)
            case "evict the Pod":
                body = {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": metadata["name"]}}
                await self._ask("POST", f"{pod}/eviction", {**body, "deleteOptions": sure})
            case "preempt the Pod":
                await self._preempt(pod)
                await self._ask("DELETE", pod, sure)
            case _:
                raise AssertionError(act)

    async def _preempt(self, pod: str) -> None:
        """Say why, as the scheduler does before it deletes."""
        code, seen = await self._api.ask("GET", pod)
        if code == HTTPStatus.NOT_FOUND:
            return
        target = {
            "type": "DisruptionTarget",
            "status": "True",
            "reason": "PreemptionByScheduler",
            "message": "default-scheduler: preempting to accommodate a higher priority pod",
            "lastTransitionTime": seen["status"]["startTime"],
        }
        others = [one for one in seen["status"]["conditions"] if one["type"] != target["type"]]
        await self._ask("PATCH", f"{pod}/status", {"status": {"conditions": [*others, target]}})

    async def _ask(self, verb: str, path: str, body: Json | None = None) -> None:
        code, answer = await self._api.ask(verb, path, body)
        assert code in _FINE | _GONE, answer
