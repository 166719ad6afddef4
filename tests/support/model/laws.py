"""What must hold after every step, whatever happened."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from containertask.api.clocks import duration_seconds
from containertask.api.status import ContainerTaskStatus
from containertask.core.instants import to_ms
from containertask.core.names import STOP_ANNOTATION
from containertask.kube.errors import ApiError
from containertask.kube.resources import PODS, TASKS
from containertask.kube.transport import Call
from support.crdschema import faults_of_status
from support.fakeapi import Change
from support.model.kubelet import Kubelet
from support.model.process import Process
from support.model.server import is_over, owner_of

Json = dict[str, Any]

MOST_BYTES: Final = 32 * 1024
FINISHED: Final = frozenset({"Succeeded", "Failed", "Cancelled"})
LONGEST: Final = "5m"
"""How long a back-off is at most, where the task says nothing of it."""
SYSTEM_LIMIT: Final = 3
"""How often the system's failures are made up for, where the task says nothing of it."""


def status_of(task: Json) -> Json:
    """Return a task's status, which may not be there yet."""
    found: Json = task.get("status") or {}
    return found


def told(found: Json) -> str:
    """Return what of an object a failure should show."""
    meta, spec = found["metadata"], found.get("spec", {})
    node, stop = spec.get("nodeName"), (meta.get("annotations") or {}).get(STOP_ANNOTATION)
    short = {
        "deleted": meta.get("deletionTimestamp"),
        "node": node,
        "stop": stop,
        "status": found.get("status"),
    }
    return f"{meta['name']} { ({name: one for name, one in short.items() if one}) }"


def is_finished(task: Json) -> bool:
    """Tell whether a task has ended."""
    return status_of(task).get("phase") in FINISHED


@dataclass(slots=True)
class Account:
    """What the attempts of one task have come to."""

    pods: dict[str, Json] = field(default_factory=dict)
    """Every Pod that was ever made, by uid, as it was last seen."""
    gone: set[str] = field(default_factory=set)
    """Those that were removed before the task had ended."""
    named: set[str] = field(default_factory=set)
    """Those of which the status said that they are on a node."""
    extra: set[str] = field(default_factory=set)
    """Those that were made while the lead changed hands: see ``_between_leaders``."""
    suspended: bool = False
    """Whether the task ever was: what vanishes then costs nothing."""


class Laws:
    """Looks at every change of the API server, and at the processes between the steps."""

    def __init__(self, kubelet: Kubelet) -> None:
        self._kubelet = kubelet
        self._objects = kubelet.server.objects
        self._accounts: dict[str, Account] = {}
        self.read: Callable[[], Sequence[int]] = lambda: (0,)
        """What the clock of whoever writes now has shown, in Unix milliseconds."""
        self.actor: Process | None = None
        """That process, or None while somebody else acts. If another leads by now, which it does not
        know, its Pods may be one too many for a while."""
        self._objects.listeners.append(self._changed)

    def _changed(self, change: Change) -> None:
        if change.resource == TASKS and change.after is not None:
            self._of_status(change.before, change.after)
        elif change.resource == PODS:
            self._of_pod(change)

    def of_call(self, call: Call) -> None:
        """Hold a request to account: who changes or deletes something says which one is meant."""
        sent = call.body or {}
        named = sent.get("metadata") if call.verb in {"patch", "update"} else sent.get("preconditions")
        if call.verb in {"patch", "update", "delete"}:
            assert "uid" in (named or {}), f"{call} may be about another object than was meant"

    # --- Tasks ---

    def _of_status(self, before: Json | None, task: Json) -> None:
        if task["spec"].get("suspend"):
            self._account(task["metadata"]["uid"]).suspended = True
        old, new = status_of(before or {}), status_of(task)
        if old == new:
            return
        assert not is_finished(before or {}), f"an end is the end: {old} became {new}"
        assert faults_of_status(ContainerTaskStatus.model_validate(new)) == []
        assert len(json.dumps(new).encode()) <= MOST_BYTES
        for counted in ("attempt", "userFailures", "systemFailures"):
            assert old.get(counted, 0) <= new.get(counted, 0), f"{counted} goes back: {old} became {new}"
        limit, system = budgets(task["spec"])
        assert new.get("userFailures", 0) <= limit + 1, new
        assert new.get("systemFailures", 0) <= system + 1, new
        failures = new.get("userFailures", 0) + new.get("systemFailures", 0)
        assert failures <= new.get("attempt", 0) + is_finished(task), f"one attempt, two failures: {new}"
        attempts = [one["attempt"] for one in new.get("attempts", [])]
        assert attempts == sorted(set(attempts)), attempts
        pod = self._objects.find(PODS, task["metadata"]["namespace"], new.get("podName", ""))
        if pod is not None and "nodeName" in new:
            self._account(task["metadata"]["uid"]).named.add(pod["metadata"]["uid"])

    # --- Pods ---

    def _account(self, uid: str) -> Account:
        return self._accounts.setdefault(uid, Account())

    def _of_pod(self, change: Change) -> None:
        pod = change.after or change.before
        assert pod is not None
        account, uid = self._account(owner_of(pod)), pod["metadata"]["uid"]
        task = self._task(owner_of(pod))
        if change.before is None and self._between_leaders(task):
            account.extra.add(uid)
        elif change.before is None:
            heard_of = self._heard_of()
            live = [one["metadata"] for one in self._pods(owner_of(pod)) if not is_over(one)]
            live = [one for one in live if one["uid"] not in account.extra - heard_of]
            assert len(live) == 1, f"two Pods live: {[one['name'] for one in live]}"
            assert task is None or not is_finished(task), f"a Pod after the end: {pod['metadata']['name']}"
            due = status_of(task or {}).get("nextAttemptTime")
            assert due is None or self._may_begin(task or {}, to_ms(due)), (
                f"{pod['metadata']['name']} was not to be before {due}"
            )
        elif self.actor is not None:
            assert uid in self._heard_of(), f"{pod['metadata']['name']} is another Pod than that was meant"
        account.pods[uid] = pod
        if change.after is None and task is not None and not is_finished(task):
            account.gone.add(uid)
        if task is not None:
            self._of_budgets(task, account)

    def _may_begin(self, task: Json, due: int) -> bool:
        """Tell whether an attempt was due, or further away than any back-off: some clock was wrong."""
        longest = duration_seconds((task["spec"].get("retries") or {}).get("backoff", {}).get("cap", LONGEST))
        return due <= max(self.read()) or due > min(self.read()) + longest * 1000

    def _between_leaders(self, task: Json | None) -> bool:
        """Tell whether whoever writes now has lost the lead, or has not heard what its predecessor wrote.

        No request can make the creation of a Pod depend on either; such a Pod has to be ended later.
        """
        actor = self.actor
        if actor is None or task is None or actor.deposed or not actor.succeeds:
            return actor is not None and actor.deposed
        found = actor.store.snapshot((task["metadata"]["namespace"], task["metadata"]["name"]))
        return found is None or found.task.resource_version < int(task["metadata"]["resourceVersion"])

    def _heard_of(self) -> set[str]:
        """Return the uids of the Pods that whoever writes now knows."""
        return {one.uid for one in self.actor.store.pods()} if self.actor else set()

    def _of_budgets(self, task: Json, account: Account) -> None:
        """Hold what really happened to Pods against the budgets: what nobody saw costs nothing."""
        limit, system = budgets(task["spec"])
        causes = [
            self._kubelet.causes.get(uid)
            for uid, pod in account.pods.items()
            if uid not in account.gone | account.extra and not _is_stopped(pod)
        ]
        assert causes.count("User") <= limit + 1, f"{causes.count('User')} failures of the user"
        assert causes.count("System") <= system + 1, f"{causes.count('System')} failures of the system"
        lost = [
            uid
            for uid in (account.gone & account.named) - account.extra
            if not _is_stopped(account.pods[uid])
        ]
        lost = [] if account.suspended else lost
        failed = causes.count("User") + causes.count("System") + len(lost)
        assert failed <= limit + system + 1, f"{causes} and {lost}"

    def _pods(self, owner: str) -> list[Json]:
        return [pod for pod in self._objects.items(PODS, None) if owner_of(pod) == owner]

    def _task(self, uid: str) -> Json | None:
        return next((one for one in self._objects.items(TASKS, None) if one["metadata"]["uid"] == uid), None)

    # --- Processes ---

    def of_process(self, process: Process, now: int) -> None:
        """Hold a process to account; ``now`` is by its clock, in Unix milliseconds."""
        strange = [error for error in process.errors if not isinstance(error, ApiError)]
        assert not strange, strange
        if process.quiet:
            for task in self._objects.items(TASKS, None):
                if not is_finished(task):
                    self._is_looked_after(process, task, now)

    def _is_looked_after(self, process: Process, task: Json, now: int) -> None:
        meta, status = task["metadata"], status_of(task)
        key = (meta["namespace"], meta["name"])
        assert key in process.looks, f"nobody has looked at {key}"
        if process.looks[key] is not None:
            return
        live = [pod for pod in self._pods(meta["uid"]) if not is_over(pod)]
        assert not _clocks(task, live, now), f"a clock runs for {key}, and nobody will look: {status}"
        explained = "waitingFor" in status or status.get("reason") == "Suspended"
        assert explained or any(self._kubelet.ends_alone(pod) for pod in live), (
            f"{key} waits for nothing: {status}, {[*map(told, live)]}"
        )


def budgets(spec: Json) -> tuple[int, int]:
    """Return how many failures of user and system are made up for."""
    retries = spec.get("retries") or {}
    return retries.get("limit", 0), retries.get("systemLimit", SYSTEM_LIMIT)


def _is_stopped(pod: Json) -> bool:
    return STOP_ANNOTATION in pod["metadata"].get("annotations", {})


def _clocks(task: Json, live: list[Json], now: int) -> list[str]:
    """Return the operator's clocks that are still to fire."""
    timeout, created = task["spec"].get("timeout") or {}, to_ms(task["metadata"]["creationTimestamp"])
    ends = {name: created + duration_seconds(timeout[name]) * 1000 for name in timeout}
    runs = {"total"}
    if live and not any("nodeName" in pod["spec"] for pod in live):
        runs.add("queued")
    return [name for name, when in ends.items() if name in runs and now < when]
