"""The API server of the model: objects, verbs with a real server's refusals, and what comes by itself.

Unlike ``fakeapi.Store`` alone it deletes gracefully and collects garbage later, as the real ones do.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final

from containertask.kube.resources import CONFIG_MAPS, PODS, TASKS, Resource
from containertask.kube.transport import Call
from support.fakeapi import KINDS, Change, RefusalError, Store
from support.fakeapi.kinds import Kind
from support.fakeapi.paths import Target, parse
from support.fakeapi.verbs import Verbs, merged

Json = dict[str, Any]

POD: Final = next(kind for kind in KINDS if kind.resource == PODS)
TASK: Final = next(kind for kind in KINDS if kind.resource == TASKS)
GRACE: Final = 30
"""Seconds that a Pod on a node has after it was deleted."""
_SPACE: Final = uuid.UUID(int=7)


def is_over(pod: Json) -> bool:
    """Tell whether nothing of a Pod can run any more."""
    return pod["status"].get("phase") in {"Succeeded", "Failed"}


def owner_of(pod: Json) -> str:
    """Return the uid of the task that a Pod belongs to."""
    return str(pod["metadata"]["ownerReferences"][0]["uid"])


class Objects(Store):
    """Objects whose uids are always the same, in the same order; what they own stays for a while."""

    def _put(self, kind: Kind, namespace: str, before: Json | None, after: Json) -> Json:
        if before is None:
            after["metadata"]["uid"] = str(uuid.uuid5(_SPACE, str(self.version)))
        return super()._put(kind, namespace, before, after)

    def remove(self, resource: Resource, namespace: str, name: str) -> Json:
        before = self.get(resource, namespace, name)
        self.version += 1
        del self._objects[resource, namespace, name]
        last = {**before, "metadata": {**before["metadata"], "resourceVersion": str(self.version)}}
        self._note(Change(version=self.version, resource=resource, before=last, after=None))
        return last


class Server:
    """Answers calls. ``now`` is its clock, ``volumes`` whether it takes Pods with an image volume."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self.objects = Objects(now)
        self.volumes = True
        self._verbs = Verbs(self.objects)
        self._now = now

    def answer(self, call: Call) -> Json | RefusalError:
        """Do what is asked, and return what a server would say."""
        target = parse(KINDS, call.path)
        assert target is not None, call
        try:
            return self._done(call, target)
        except RefusalError as refusal:
            return refusal

    def _done(self, call: Call, target: Target) -> Json:
        body = call.body or {}
        match call.verb:
            case "list":
                return self._verbs.list(target, call.query, metadata_only="Partial" in call.accept)
            case "get":
                return self._verbs.get(target)
            case "create":
                self._admit(body)
                return self._verbs.create(target, body)
            case "patch":
                return self._verbs.merge_patch(target, body)
            case "update":
                return self._verbs.update(target, body)
            case "delete":
                return self._delete(target, body)
            case _:
                raise AssertionError(call)

    def _admit(self, body: Json) -> None:
        if not self.volumes and any("image" in one for one in body.get("spec", {}).get("volumes", [])):
            raise RefusalError(422, "Invalid", "spec.volumes[5]: Required value: must specify a volume type")

    def _delete(self, target: Target, options: Json) -> Json:
        found = self._verbs.get(target)
        wanted = (options.get("preconditions") or {}).get("uid")
        mine = target.kind == POD and wanted in {None, found["metadata"]["uid"]}
        if mine and options.get("gracePeriodSeconds") != 0:
            return self.delete_pod(found)
        return self._verbs.delete(target, options)

    def delete_pod(self, pod: Json, **status: object) -> Json:
        """Delete a Pod: at once where no kubelet has it or nothing of it runs, else with its grace."""
        meta = pod["metadata"]
        if "nodeName" not in pod["spec"] or is_over(pod):
            return self.objects.remove(PODS, meta["namespace"], meta["name"])
        until = (self._now() + timedelta(seconds=GRACE)).strftime("%Y-%m-%dT%H:%M:%SZ")
        stamp = {"deletionTimestamp": meta.get("deletionTimestamp", until)}
        return self.objects.replace(
            POD, meta["namespace"], merged(pod, {"metadata": stamp, "status": status})
        )

    def collect(self) -> None:
        """Delete whatever belongs to a task that is not there any more."""
        tasks = {task["metadata"]["uid"] for task in self.objects.items(TASKS, None)}
        for pod in self.objects.items(PODS, None):
            if owner_of(pod) not in tasks:
                self.delete_pod(pod)
        for one in self.objects.items(CONFIG_MAPS, None):
            if owner_of(one) not in tasks:
                self.objects.remove(CONFIG_MAPS, one["metadata"]["namespace"], one["metadata"]["name"])
