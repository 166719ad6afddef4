"""Many tasks and their stores over HTTP, looked at only when something is heard: nothing waits or polls."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from containertask.kube.resources import ARTIFACT_STORES, PODS, TASKS
from containertask.runtime.keeper import Keeper
from containertask.runtime.kept import STORES, TEMPLATES
from containertask.runtime.registry import Registry
from containertask.runtime.store import Store
from support.fakeapi import Change, FakeApi
from support.simulation import Node, is_live
from support.simulation_desk import NAMESPACE, Desk

Json = dict[str, Any]

_MOST_PASSES: Final = 20_000
_BEGUN: Final = datetime(2026, 3, 1, 12, tzinfo=UTC).timestamp()


def _age(pod: Json) -> int:
    return int(pod["metadata"]["resourceVersion"])


@dataclass(frozen=True, slots=True)
class Nodes(Node):
    """A node with many Pods, whose next step is that of the oldest one that lives."""

    def live(self) -> Json:
        return min(filter(is_live, self.store.items(PODS, None)), key=_age)


class Many(Desk):
    """A desk for as many tasks as there are. Another one at the same server is an operator that restarts."""

    def __init__(self, api: FakeApi) -> None:
        stores, templates = Registry(STORES), Registry(TEMPLATES)
        super().__init__(api, Store(stores=stores.of, template=templates.view))
        client, changed = api.client(), self._wakes_podless
        self.keepers = (
            Keeper(client, stores, [None], self._milliseconds, changed=changed),
            Keeper(client, templates, [None], self._milliseconds, changed=changed),
        )

    def _real(self) -> float:
        """However long the machine takes: a state that lasts two seconds would be a write more."""
        return _BEGUN

    def _node(self) -> Nodes:
        return Nodes(self.api.store, self.now)

    def _wakes_podless(self, namespace: str) -> None:
        for key in self.store.podless(namespace):
            self.marks.mark(key)

    def _changed(self, change: Change) -> None:
        super()._changed(change)
        raw = change.after or change.before
        event = "DELETED" if change.after is None else "MODIFIED"
        if raw is not None and change.resource in STORES.resources:
            self.keepers[0].see(event, raw)
        if raw is not None and change.resource in TEMPLATES.resources:
            self.keepers[1].see(event, raw)

    async def restarted(self) -> Many:
        """Return the desk of another process, which reads what there is; this one hears nothing any more."""
        self.api.store.listeners.remove(self._changed)
        found = Many(self.api)
        found._waited = self._waited
        await found.pods.read()
        for keeper in found.keepers:
            await keeper.read()
        await found.resync.read_tasks()
        return found

    def put_store(self, name: str, spec: Json) -> None:
        """Create an ArtifactStore, or change it."""
        metadata = {"name": name, "namespace": NAMESPACE}
        self.api.put(ARTIFACT_STORES, {"metadata": metadata, "spec": spec})

    def after(self, name: str, *sources: str, **spec: object) -> None:
        """Create a task with the output `y` that needs that of others."""
        inputs = [
            {
                "name": f"i{number}",
                "type": "integer",
                "valueFrom": {"taskOutputRef": {"name": source, "output": "y"}},
            }
            for number, source in enumerate(sources)
        ]
        more = {"inputs": inputs} if inputs else {}
        self.create(name, outputs=[{"name": "y", "type": "integer"}], **more, **spec)

    def remove(self, name: str) -> None:
        """Delete a task."""
        self.api.remove(TASKS, NAMESPACE, name)

    def remove_store(self, name: str) -> None:
        """Delete an ArtifactStore."""
        self.api.remove(ARTIFACT_STORES, NAMESPACE, name)

    async def rest(self) -> int:
        """Make passes for whom something was heard of, until nobody is left; return how many."""
        for passes in range(_MOST_PASSES):
            key = next(iter(sorted(self.marks.keys)), None)
            if key is None:
                return passes
            self.marks.forget(key)
            if await self.controller.reconcile(key) == 0.0:
                self.marks.mark(key)
        raise AssertionError("the same again and again")

    def of(self, name: str) -> Json:
        """Return the status of a task."""
        found: Json = self.api.get(TASKS, NAMESPACE, name).get("status", {})
        return found

    def reason(self, name: str) -> str:
        """Return a task's phase and reason."""
        return f"{self.of(name).get('phase')}/{self.of(name).get('reason')}"

    def live(self) -> list[str]:
        """Return whose Pods live."""
        pods = (pod for pod in self.api.store.items(PODS, None) if is_live(pod))
        return [pod["metadata"]["ownerReferences"][0]["name"] for pod in pods]

    def about(self) -> dict[str, Counter[str]]:
        """Return what was asked about each task since last time; of Pods their task's."""
        new, self._read = self.api.requests[self._read :], len(self.api.requests)
        found: dict[str, Counter[str]] = {}
        for one in new:
            parts = one.path.rsplit(f"/namespaces/{NAMESPACE}/", maxsplit=1)[-1].split("/")
            owners = (one.body or {}).get("metadata", {}).get("ownerReferences", [{}])
            name = owners[0].get("name") or (parts[1] if len(parts) > 1 else "")
            kind = f"{one.method} {parts[0]}{'/status' if parts[-1] == 'status' else ''}"
            found.setdefault(name, Counter())[kind] += 1
        return found
