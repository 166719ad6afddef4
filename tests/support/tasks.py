"""ContainerTasks of the test cluster: create, follow, change, delete; and that nothing of them is left."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

from kubernetes import client

from support import cluster, modes
from support.cluster import WAIT_SECONDS, Json
from support.follow import Objects, first, follow
from support.seen import Seen
from support.shapes import SHELL_IMAGE

GROUP: Final = "containertask.dev"
_KIND: Final = (GROUP, "v1alpha1")
_PLURAL: Final = "containertasks"
_MERGE: Final = "application/merge-patch+json"
_FINAL: Final = frozenset({"Succeeded", "Failed", "Cancelled"})

ONCE: Final[Json] = {"retries": {"systemLimit": 0}}
"""More of a spec: the first failure of the cluster's ends the task, as one of the command's does anyway."""

Api = Any
"""The client's stubs know its models; tests speak plain objects."""


def shell(script: str, **more: object) -> Json:
    """Return a spec whose command is a shell script, in an image that has a shell and nothing else."""
    return {"image": SHELL_IMAGE, "command": ["sh", "-euc", script], **more}


def typed(**types: str) -> list[Json]:
    """Return a declaration of outputs, by name and type."""
    return [{"name": name, "type": kind} for name, kind in types.items()]


@dataclass(frozen=True, slots=True)
class Tasks:
    """ContainerTasks of one namespace, and the uids of those that the test at hand has made.

    Where a mode is set, tasks start in it unless their spec says another one.
    """

    core: Api
    namespace: str
    mode: str | None = None
    made: dict[str, str] = field(default_factory=dict)

    @property
    def _custom(self) -> Api:
        return client.CustomObjectsApi(self.core.api_client)

    @property
    def _where(self) -> tuple[str, ...]:
        return (*_KIND, self.namespace, _PLURAL)

    def create(self, name: str, spec: Json) -> Seen:
        """Create a task; return it as the API server took it."""
        body = self.document(name, spec)
        raw = self._custom.create_namespaced_custom_object(*self._where, body)
        self.made[name] = raw["metadata"]["uid"]
        return Seen(raw)

    def document(self, name: str, spec: Json) -> Json:
        """Return a task as it is written in a file."""
        start = {} if self.mode is None else {"start": modes.START[self.mode]}
        version = "/".join(_KIND)
        metadata = {"name": name, "namespace": self.namespace}
        return {
            "apiVersion": version,
            "kind": "ContainerTask",
            "metadata": metadata,
            "spec": {**start, **spec},
        }

    def patch(self, name: str, **spec: object) -> None:
        """Change fields of a task's spec."""
        body = {"spec": spec}
        self._custom.patch_namespaced_custom_object(*self._where, name, body, _content_type=_MERGE)

    def delete(self, name: str) -> None:
        """Delete a task as ``kubectl delete`` does, without waiting."""
        self._custom.delete_namespaced_custom_object(*self._where, name)

    # --- Waiting for a task ------------------------------------------------------------------------

    def run(self, name: str, spec: Json) -> Seen:
        """Create a task; return it as it ended."""
        self.create(name, spec)
        return self.ended(name)

    def ended(self, name: str) -> Seen:
        """Return a task as soon as it has ended."""
        return self.wait(name, lambda task: task.phase in _FINAL)

    def wait(self, name: str, condition: Callable[[Seen], bool]) -> Seen:
        """Return a task as soon as the condition holds; fail at once if it ends without."""
        last = Seen({})
        for last in self.states(name):
            if condition(last):
                return last
            assert last.phase not in _FINAL, f"{name} ended instead: {json.dumps(last.status)}"
        raise AssertionError(f"{name}: not within {WAIT_SECONDS} s; last seen: {json.dumps(last.status)}")

    def in_phase(self, name: str, phase: str) -> Seen:
        """Return a task as soon as it is in this phase."""
        return self.wait(name, lambda task: task.phase == phase)

    def waiting_for(self, name: str, reason: str) -> Seen:
        """Return a task as soon as it says that it waits for this."""
        return self.wait(name, lambda task: task.waiting_for.get("reason") == reason)

    def states(self, name: str) -> Iterator[Seen]:
        """Yield a task after each change, the first time as it is now, until it is gone."""
        for found in self._followed(name):
            if name not in found:
                return
            yield Seen(found[name])

    def gone(self, name: str) -> None:
        """Return as soon as a task is not there any more."""
        first(self._followed(name), lambda found: not found, f"the end of task {name}")

    def _followed(self, name: str) -> Iterator[Objects]:
        listing = self._custom.list_namespaced_custom_object
        return follow(listing, *self._where, field_selector=f"metadata.name={name}")

    # --- What belongs to a task --------------------------------------------------------------------

    def pods(self, name: str) -> Iterator[Objects]:
        """Yield the Pods of a task, by name, after each change, the first time as they are now."""
        selector = f"{GROUP}/task={name}"
        return follow(self.core.list_namespaced_pod, self.namespace, label_selector=selector)

    def pod(self, name: str, condition: Callable[[Json], bool] = bool) -> Json:
        """Return the one Pod of a task as soon as the condition holds for it."""
        found = first(
            self.pods(name),
            lambda pods: len(pods) == 1 and all(condition(pod) for pod in pods.values()),
            f"the Pod of {name}",
        )
        return next(iter(found.values()))

    def running_pod(self, name: str) -> str:
        """Return the name of the Pod in which the command runs, as soon as it does."""
        found = first(
            self.pods(name),
            lambda pods: any(cluster.running(pod, "main") for pod in pods.values()),
            f"the command of {name}",
        )
        return next(pod for pod in found if cluster.running(found[pod], "main"))

    def no_pods(self, name: str) -> None:
        """Return as soon as a task has no Pod."""
        first(self.pods(name), lambda pods: not pods, f"the end of the Pods of {name}")

    def printed(self, name: str, line: str) -> None:
        """Return as soon as the command has printed this line."""
        pod = self.running_pod(name)
        options = {"container": "main", "follow": True, "_request_timeout": WAIT_SECONDS}
        log = self.core.read_namespaced_pod_log(pod, self.namespace, **options, _preload_content=False)
        try:
            assert any(found.decode().strip() == line for found in log), f"{name} never printed {line!r}"
        finally:
            log.close()

    def events(self, name: str, last: str) -> list[tuple[str, str, str]]:
        """Return type, reason and message of the task's Events in order, once that with this reason is."""
        selector = f"involvedObject.kind=ContainerTask,involvedObject.uid={self.made[name]}"
        states = follow(self.core.list_namespaced_event, self.namespace, field_selector=selector)
        found = first(
            states,
            lambda events: any(one["reason"] == last for one in events.values()),
            f"event {last} of {name}",
        )
        in_order = sorted(found.values(), key=lambda one: int(one["metadata"]["resourceVersion"]))
        return [(one["type"], one["reason"], one["message"]) for one in in_order]

    def owned(self, name: str, listing: Callable[..., Any]) -> Iterator[list[str]]:
        """Yield the names of the objects of a kind that belong to a task of this test, after each change."""
        for found in follow(listing, self.namespace):
            owners = {
                key: [owner["uid"] for owner in one["metadata"].get("ownerReferences", [])]
                for key, one in found.items()
            }
            yield [key for key, uids in owners.items() if self.made[name] in uids]

    def assert_in_mode(self) -> None:
        """Assert that the Pods which are still there start as they should: nothing fell back unseen."""
        if self.mode is None:
            return
        for name, pod in next(follow(self.core.list_namespaced_pod, self.namespace)).items():
            owners = {owner["uid"] for owner in pod["metadata"].get("ownerReferences", [])}
            if owners & set(self.made.values()):
                assert modes.mode_of(pod) == self.mode, f"{name} is no Pod of mode {self.mode}"

    def assert_nothing_left(self) -> None:
        """Delete the tasks that the test made, and wait until everything that belonged to them is gone.

        Before that, every task and every Pod of the namespace is looked at for kopf's marks.
        """
        next(follow(self._custom.list_namespaced_custom_object, *self._where))
        next(follow(self.core.list_namespaced_pod, self.namespace))
        for name in self.made:
            try:
                self.delete(name)
            except client.ApiException as error:
                assert error.status == 404, error  # noqa: PT017 (no test of ours: the test deleted it itself)
        for name in self.made:
            self.gone(name)
            for listing in (self.core.list_namespaced_pod, self.core.list_namespaced_config_map):
                first(self.owned(name, listing), lambda left: not left, f"the end of all of {name}")


@contextmanager
def namespace(standard: str) -> Generator[Tasks]:
    """Make a namespace that enforces a Pod Security Standard; delete it afterwards."""
    core, name = cluster.connect(), f"tasks-{uuid.uuid4().hex[:8]}"
    labels = {"pod-security.kubernetes.io/enforce": standard}
    core.create_namespace({"metadata": {"name": name, "labels": labels}})
    try:
        accounts = follow(core.list_namespaced_service_account, name)
        first(accounts, lambda found: "default" in found, "the service account of a new namespace")
        yield Tasks(core, name)
    finally:
        core.delete_namespace(name)
