"""What the operator knows: tasks by key and their Pods by owner, newest version of each.

A cache, nothing more: all of it can be lost at any moment and is read again. Fed by lists, by watch
events, and by the answers to our own writes; an older version never replaces a newer one.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Any, Final, TypeAlias

from containertask.core.accept import Accepted, Refused, accept
from containertask.core.podview import PodView, ended, pod_view
from containertask.core.snapshot import Refusal, Snapshot, TemplateNote
from containertask.core.task import TaskView, task_view
from containertask.core.trouble import Trouble
from containertask.runtime.cluster import ClusterNotes, now_ms
from containertask.runtime.queue import Key

Json: TypeAlias = dict[str, Any]

_REMEMBERED: Final = 10_000
"""How many deleted tasks are remembered, so that a late answer does not bring one back."""


class Store:
    """Tasks, their Pods, and what the API server last said to us about them. For one event loop.

    Args:
        clock: gives Unix milliseconds.

    Attributes:
        cluster: what was learnt of the cluster's nodes.
    """

    def __init__(self, clock: Callable[[], int] = now_ms) -> None:
        self.cluster = ClusterNotes(clock)
        self._tasks: dict[Key, TaskView] = {}
        self._pods: dict[str, dict[str, PodView]] = {}
        self._accepted: dict[str, tuple[int, Accepted | Refused]] = {}
        self._missing: dict[str, str] = {}
        self._refusals: dict[str, Refusal] = {}
        self._templates: dict[str, TemplateNote] = {}
        self._troubles: dict[str, Trouble] = {}
        self._notes: tuple[dict[str, Any], ...] = (
            self._accepted,
            self._missing,
            self._refusals,
            self._templates,
            self._troubles,
        )
        self._removed: OrderedDict[str, None] = OrderedDict()

    # --- Tasks ---

    def apply_task(self, raw: Json) -> Key | None:
        """Take a task as the API server shows it; return its key if that is news.

        Raises:
            ValueError: it cannot be read; what is known of it stays.
        """
        metadata = raw["metadata"]
        key = (metadata["namespace"], metadata["name"])
        known = self._tasks.get(key)
        if metadata["uid"] in self._removed or (known and known.resource_version >= _version(raw)):
            return None
        task = task_view(raw)
        if known is not None and known.uid != task.uid:
            self.remove_task(known.namespace, known.name, known.uid)
        self._tasks[key] = task
        if task.finished:
            self._drop_notes(task.uid)
            pods = self._pods.get(task.uid, {})
            pods.update({name: ended(pod) for name, pod in pods.items() if pod.over})
        return key

    def remove_task(self, namespace: str, name: str, uid: str) -> Key | None:
        """Forget a task that is deleted; return its key unless another task has its name by now.

        Its Pods go by events of their own.
        """
        self._removed[uid] = None
        while len(self._removed) > _REMEMBERED:
            self._removed.popitem(last=False)
        known = self._tasks.get((namespace, name))
        if known is None or known.uid != uid:
            return None
        del self._tasks[namespace, name]
        self._drop_notes(uid)
        return namespace, name

    def _drop_notes(self, uid: str) -> None:
        for kept in self._notes:
            kept.pop(uid, None)
        self._drop_gone(uid)

    def keys(self, *, live: bool = False) -> list[Key]:
        """Return the keys of all tasks, or of those that have not ended."""
        return [key for key, task in self._tasks.items() if not (live and task.finished)]

    def uids(self) -> dict[Key, str]:
        """Return the uid of each task."""
        return {key: task.uid for key, task in self._tasks.items()}

    # --- Pods ---

    def apply_pod(self, raw: Json) -> Key | None:
        """Take a Pod as the API server shows it; return its task's key if that is news to a plan."""
        return None if self._is_known(raw["metadata"]) else self._put(pod_view(raw))

    def remove_pod(self, raw: Json) -> Key | None:
        """Take the last state of a deleted Pod; it stays until the plan has drawn its conclusion."""
        return self._put(replace(pod_view(raw), gone=True))

    def pod_is_gone(self, owner_uid: str, name: str, uid: str) -> Key | None:
        """Note that a Pod was found to be deleted; return its task's key if that is news."""
        known = self._pod(owner_uid, name, uid)
        return self._put(replace(known, gone=True)) if known else None

    def pod_is_deleting(self, owner_uid: str, name: str, uid: str) -> None:
        """Note that the API server has taken our request to delete a Pod: one request is enough."""
        known = self._pod(owner_uid, name, uid)
        if known is not None:
            self._put(replace(known, deleting=True))

    def _is_known(self, metadata: Json) -> bool:
        """Tell whether this very version is there: a watch tells once more what a write was answered with."""
        owner: Json = next((one for one in metadata.get("ownerReferences", ()) if one.get("controller")), {})
        known = self._pod(owner.get("uid", ""), metadata["name"], metadata["uid"])
        return known is not None and known.resource_version == int(metadata["resourceVersion"])

    def _pod(self, owner_uid: str, name: str, uid: str) -> PodView | None:
        found = self._pods.get(owner_uid, {}).get(name)
        return found if found is not None and found.uid == uid else None

    def _put(self, pod: PodView) -> Key | None:
        if pod.owner_uid is None or pod.owner_name is None:
            return None
        key, siblings = (pod.namespace, pod.owner_name), self._pods.setdefault(pod.owner_uid, {})
        known = siblings.get(pod.name)
        if known is not None and _outdated(pod, known):
            return None
        task = self._tasks.get(key)
        finished = task is not None and task.uid == pod.owner_uid and task.finished
        self.cluster.look_at(pod)
        kept = siblings[pod.name] = ended(pod) if finished and pod.over else pod
        if pod.gone and (task is None or task.uid != pod.owner_uid or task.finished):
            self._drop_gone(pod.owner_uid)
        unchanged = known is not None and replace(known, resource_version=pod.resource_version) == kept
        return None if unchanged else key

    def _drop_gone(self, owner_uid: str) -> None:
        left = {name: pod for name, pod in self._pods.get(owner_uid, {}).items() if not pod.gone}
        if left:
            self._pods[owner_uid] = left
        else:
            self._pods.pop(owner_uid, None)

    def pods(self) -> Iterator[PodView]:
        """Return every Pod that is not known to be gone."""
        return (pod for siblings in self._pods.values() for pod in siblings.values() if not pod.gone)

    def drop_unseen(self, known_before: Iterable[PodView], seen: frozenset[str]) -> list[Key]:
        """Mark as gone what was known before a list was asked for and is not in it; uids in ``seen``."""
        gone = [pod for pod in known_before if pod.uid not in seen]
        keys = [self.pod_is_gone(pod.owner_uid or "", pod.name, pod.uid) for pod in gone]
        return [key for key in keys if key is not None]

    # --- What the API server said to us ---

    def note_missing(self, uid: str, pod: str) -> None:
        """Remember that the API server itself does not know this Pod."""
        if uid not in self._removed:
            self._missing[uid] = pod

    def note_refusal(self, uid: str, refusal: Refusal) -> None:
        """Remember why the Pod of an attempt was refused."""
        if uid not in self._removed:
            self._refusals[uid] = refusal
        self.cluster.hear(refusal)

    def note_template(self, uid: str, template: TemplateNote) -> None:
        """Remember what the API server said of a PodTemplate."""
        if uid not in self._removed:
            self._templates[uid] = template

    def note_trouble(self, uid: str, trouble: Trouble) -> None:
        """Remember what a Pod's events said."""
        if uid not in self._removed:
            self._troubles[uid] = trouble

    def pod_was_taken(self, uid: str) -> None:
        """Forget what was said before: the next attempt asks anew."""
        self._refusals.pop(uid, None)
        self._templates.pop(uid, None)

    # --- Reading ---

    def snapshot(self, key: Key) -> Snapshot | None:
        """Return all that a plan for this task looks at, or None if there is no such task."""
        task = self._tasks.get(key)
        if task is None:
            return None
        return Snapshot(
            task=task,
            accepted=None if task.finished or task.deleting else self._accept(task),
            pods=tuple(self._pods.get(task.uid, {}).values()),
            missing=self._missing.get(task.uid),
            refusal=self._refusals.get(task.uid),
            template=self._templates.get(task.uid),
            trouble=self._troubles.get(task.uid),
            cluster=self.cluster.known,
        )

    def sizes(self) -> dict[str, int]:
        """Return how much is stored, by kind; ``notes`` is what is kept only while a task is unfinished."""
        return {
            "tasks": len(self._tasks),
            "pods": sum(len(each) for each in self._pods.values()),
            "notes": sum(len(kept) for kept in self._notes),
        }

    def _accept(self, task: TaskView) -> Accepted | Refused:
        """Read a spec once for each of its generations."""
        known = self._accepted.get(task.uid)
        if known is None or known[0] != task.generation:
            known = (task.generation, accept(task))
            self._accepted[task.uid] = known
        return known[1]


def _outdated(pod: PodView, known: PodView) -> bool:
    """Tell whether a view says nothing that is not known better.

    Two Pods of one name are told apart by uid: the end of the first may be heard of after the second began.
    """
    stale = known.resource_version > pod.resource_version
    if known.uid != pod.uid:
        return stale
    return known.gone or (stale and not pod.gone)


def _version(raw: Json) -> int:
    return int(raw["metadata"]["resourceVersion"])
