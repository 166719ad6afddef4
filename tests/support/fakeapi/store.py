"""The fake server's objects and the history of their changes. Knows no HTTP.

An object in here is never changed in place: every write puts a new one, so that the history stays true.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from containertask.kube.resources import Resource
from support.fakeapi.kinds import Kind
from support.fakeapi.refusals import already_exists, not_found

Json = dict[str, Any]
Key = tuple[Resource, str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One event of a watch: what was before and what is now (None: nothing)."""

    version: int
    resource: Resource
    before: Json | None
    after: Json | None


def _real_time() -> datetime:
    return datetime.now(UTC)


class Store:
    """Objects by resource, namespace and name; one counter for all resource versions."""

    def __init__(self, now: Callable[[], datetime] = _real_time) -> None:
        self.version = 1
        self.oldest = 1
        """Versions below this are forgotten."""
        self.listeners: list[Callable[[Change], None]] = []
        """Called for every change, at once, after it was made."""
        self.now = now
        self._objects: dict[Key, Json] = {}
        self._history: list[Change] = []

    def find(self, resource: Resource, namespace: str, name: str) -> Json | None:
        """Return an object or None."""
        return self._objects.get((resource, namespace, name))

    def get(self, resource: Resource, namespace: str, name: str) -> Json:
        """Return an object; refuses with 404."""
        found = self.find(resource, namespace, name)
        if found is None:
            raise not_found(resource.plural, name)
        return found

    def items(self, resource: Resource, namespace: str | None) -> list[Json]:
        """Return all objects of a namespace (None: of all), in the order of their names."""
        keys = (key for key in self._objects if key[0] == resource and namespace in (None, key[1]))
        return [self._objects[key] for key in sorted(keys, key=lambda key: key[1:])]

    def since(self, version: int) -> list[Change]:
        """Return the changes after a version, as far as they are remembered."""
        return [change for change in self._history if change.version > version]

    def create(self, kind: Kind, namespace: str, body: Json) -> Json:
        """Store a new object with uid, version, creation time; refuses with 409."""
        meta = dict(body.get("metadata") or {})
        if "name" not in meta and "generateName" in meta:
            meta["name"] = f"{meta['generateName']}{self.version + 1:05}"
        name = meta["name"]
        if self.find(kind.resource, namespace, name) is not None:
            raise already_exists(kind.resource.plural, name)
        if kind.namespaced:
            meta["namespace"] = namespace
        meta["uid"] = str(uuid.uuid4())
        meta["creationTimestamp"] = self.now().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        if kind.generations:
            meta["generation"] = 1
        head = {"apiVersion": kind.resource.group_version, "kind": kind.kind}
        return self._put(kind, namespace, None, {**body, **head, "metadata": meta})

    def replace(self, kind: Kind, namespace: str, body: Json) -> Json:
        """Store an object in another's place. A write that changes nothing makes no new version."""
        before = self.get(kind.resource, namespace, body["metadata"]["name"])
        meta = {**body["metadata"]}
        for kept in ("uid", "creationTimestamp", "namespace", "resourceVersion", "generation"):
            if kept in before["metadata"]:
                meta[kept] = before["metadata"][kept]
        if kind.generations and body.get("spec") != before.get("spec"):
            meta["generation"] = before["metadata"]["generation"] + 1
        after = {**body, "apiVersion": before["apiVersion"], "kind": before["kind"], "metadata": meta}
        return before if after == before else self._put(kind, namespace, before, after)

    def remove(self, resource: Resource, namespace: str, name: str) -> Json:
        """Delete an object and whatever names it as an owner; return it as it was last."""
        before = self.get(resource, namespace, name)
        self.version += 1
        del self._objects[resource, namespace, name]
        meta = {**before["metadata"], "resourceVersion": str(self.version)}
        last = {**before, "metadata": meta}
        self._note(Change(version=self.version, resource=resource, before=last, after=None))
        for key, item in list(self._objects.items()):
            owners = item["metadata"].get("ownerReferences") or ()
            if key in self._objects and any(owner["uid"] == before["metadata"]["uid"] for owner in owners):
                self.remove(*key)
        return last

    def forget(self) -> None:
        """Forget the history: a watch that goes on from before now gets 410."""
        self.version += 1
        self.oldest = self.version
        self._history.clear()

    def _put(self, kind: Kind, namespace: str, before: Json | None, after: Json) -> Json:
        self.version += 1
        after["metadata"]["resourceVersion"] = str(self.version)
        self._objects[kind.resource, namespace, after["metadata"]["name"]] = after
        self._note(Change(version=self.version, resource=kind.resource, before=before, after=after))
        return after

    def _note(self, change: Change) -> None:
        self._history.append(change)
        for listener in tuple(self.listeners):
            listener(change)
