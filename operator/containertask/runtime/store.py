"""What the operator knows: tasks by key and their Pods by owner, newest version of each.

A cache, nothing more: all of it can be lost at any moment and is read again. Fed by lists, by watch
events, and by the answers to our own writes; an older version never replaces a newer one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Any, TypeAlias

from containertask.core.accept import Accepted, Refused
from containertask.core.blueprint import key_of
from containertask.core.dependencies import Sources, names_of
from containertask.core.podview import PodView, ended, pod_view
from containertask.core.snapshot import Snapshot
from containertask.core.stores import StoreView
from containertask.core.task import TaskView
from containertask.core.tasktemplates import TemplateView
from containertask.runtime.cluster import ClusterNotes, now_ms
from containertask.runtime.dependants import Dependants
from containertask.runtime.notes import Notes
from containertask.runtime.queue import Key
from containertask.runtime.specs import ReadSpecs

Json: TypeAlias = dict[str, Any]
Clock: TypeAlias = Callable[[], int]
Stores: TypeAlias = Callable[[str], tuple[StoreView, ...]]
Template: TypeAlias = Callable[[Key], TemplateView | None]


class Store:
    """Tasks, their Pods, and what the API server last said to us about them. For one event loop.

    Args:
        clock: gives Unix milliseconds.
        stores: gives the stores of a namespace and those of the cluster.
        template: gives the template of a key.

    Attributes:
        cluster: what was learnt of the cluster's nodes.
        dependants: who waits for whom.
        notes: what was said to us about tasks.
    """

    def __init__(
        self, clock: Clock = now_ms, stores: Stores = lambda _: (), template: Template = lambda _: None
    ) -> None:
        self.cluster = ClusterNotes(clock)
        self.dependants = Dependants()
        self._stores, self._template = stores, template
        self._tasks: dict[Key, TaskView] = {}
        self._pods: dict[str, dict[str, PodView]] = {}
        self._specs = ReadSpecs()
        self.notes = Notes(self.cluster)

    # --- Tasks ---

    def apply_task(self, raw: Json) -> Key | None:
        """Take a task as the API server shows it; return its key if that is news.

        Raises:
            ValueError: it cannot be read; what is known of it stays.
        """
        metadata = raw["metadata"]
        key = (metadata["namespace"], metadata["name"])
        known = self._tasks.get(key)
        if self.notes.buried(metadata["uid"]) or (
            known and known.resource_version >= int(metadata["resourceVersion"])
        ):
            return None
        task = self._specs.view(raw)
        if known is not None and known.uid != task.uid:
            self.remove_task(known.namespace, known.name, known.uid)
        self._tasks[key] = task
        if known is None or known.uid != task.uid or known.finished != task.finished:
            self.dependants.changed(key)
        if task.finished:
            self.dependants.forget(key)
            self._drop_notes(task.uid)
            pods = self._pods.get(task.uid, {})
            pods.update({name: ended(pod) for name, pod in pods.items() if pod.over})
        return key

    def remove_task(self, namespace: str, name: str, uid: str) -> Key | None:
        """Forget a task that is deleted; return its key unless another task has its name by now.

        Its Pods go by events of their own.
        """
        self.notes.bury(uid)
        known = self._tasks.get((namespace, name))
        if known is None or known.uid != uid:
            return None
        del self._tasks[namespace, name]
        self._drop_notes(uid)
        self.dependants.forget((namespace, name))
        self.dependants.changed((namespace, name))
        return namespace, name

    def _drop_notes(self, uid: str) -> None:
        self._specs.drop(uid)
        self.notes.drop(uid)
        self._drop_gone(uid)

    def keys(self, *, live: bool = False) -> list[Key]:
        """Return the keys of all tasks, or of those that have not ended."""
        return [key for key, task in self._tasks.items() if not (live and task.finished)]

    def podless(self, namespace: str) -> list[Key]:
        """Return the keys of unfinished tasks without a Pod that lives, in a namespace or, by "", in all."""
        live = (key for key in self.keys(live=True) if namespace in {"", key[0]})
        pods = {key: self._pods.get(self._tasks[key].uid, {}).values() for key in live}
        return [key for key, each in pods.items() if all(pod.over for pod in each)]

    def uid(self, key: Key) -> str | None:
        """Return the uid of a task, or None if there is none of that name."""
        return self._tasks[key].uid if key in self._tasks else None

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

    # --- Reading ---

    def snapshot(self, key: Key) -> Snapshot | None:
        """Return all that a plan for this task looks at, or None if there is no such task."""
        task = self._tasks.get(key)
        if task is None:
            return None
        accepted = None if task.finished or task.deleting else self._accept(task)
        return Snapshot(
            task=task,
            accepted=accepted,
            pods=tuple(self._pods.get(task.uid, {}).values()),
            **self.notes.of(task.uid),
            sources=self._known_sources(task) if self.dependants.needs(key) else Sources(),
            stores=self._stores(task.namespace),
            named=self._named(task) if isinstance(accepted, Accepted) else None,
            cluster=self.cluster.known,
        )

    def sizes(self) -> dict[str, int]:
        """Return how much is stored, by kind; ``notes`` is what is kept only while a task is unfinished."""
        return {
            "tasks": len(self._tasks),
            "pods": sum(len(each) for each in self._pods.values()),
            "notes": len(self._specs) + len(self.notes),
        }

    def _known_sources(self, task: TaskView) -> Sources:
        key = (task.namespace, task.name)
        needs = self.dependants.needs(key)
        return Sources(
            tasks={one[1]: self._tasks[one] for one in needs if one in self._tasks},
            read=self.notes.sources(task.uid),
            gone=self.notes.gone(task.uid, (one.uid for one in task.status.dependencies or ())),
            circle=self._circle(key),
        )

    def _circle(self, key: Key) -> tuple[str, ...]:
        """Return the circle that a task is in. Who has begun has what it needs, and so is in none."""
        found = self.dependants.circle(key)
        tasks = [self._tasks.get((key[0], name)) for name in found]
        return () if any(one and (self._pods.get(one.uid) or one.status.attempts) for one in tasks) else found

    def _named(self, task: TaskView) -> TemplateView | None:
        return self._template(key_of(task.spec, task.namespace)) if task.unresolved else None

    def _accept(self, task: TaskView) -> Accepted | Refused:
        found, is_news = self._specs.of(task)
        if is_news:
            names = names_of(found) if isinstance(found, Accepted) else ()
            self.dependants.note((task.namespace, task.name), names)
        return found


def _outdated(pod: PodView, known: PodView) -> bool:
    """Tell whether a view says nothing that is not known better.

    Two Pods of one name are told apart by uid: the end of the first may be heard of after the second began.
    """
    stale = known.resource_version > pod.resource_version
    if known.uid != pod.uid:
        return stale
    return known.gone or (stale and not pod.gone)
