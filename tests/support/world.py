"""A small cluster for plans: API server, scheduler, kubelet and people, one step at a time.

It holds one task and its Pods, and an operator's memory of them that can be lost. What the API server
would refuse, and what must never be asked for, fails here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from containertask.api.reasons import Reason
from containertask.api.status import ContainerTaskStatus, Phase
from containertask.contract.manifest import Mode
from containertask.core.accept import accept
from containertask.core.actions import CreatePod, DeletePod, DeleteTask, FindPod, Plan, StopPod
from containertask.core.mode import Cluster
from containertask.core.plan import plan
from containertask.core.podview import mode_in
from containertask.core.snapshot import Refusal, Snapshot
from containertask.core.worth import worth_writing
from support.builders import CONFIG, PodBuilder, TaskBuilder, a_task, at
from support.builders.pods import created
from support.crdschema import faults_of_status

MOST_PASSES = 8


@dataclass
class World:
    """Everything there is. Times are seconds after the task's creation."""

    task: TaskBuilder = field(default_factory=lambda: a_task().with_output("x", "integer"))
    seconds: float = 1.0
    quota: bool = False
    volumes: bool = True
    """Whether the API server takes Pods with an image volume."""
    pods: dict[str, PodBuilder] = field(default_factory=dict)
    known: dict[str, PodBuilder] = field(default_factory=dict)
    missing: str | None = None
    refusal: Refusal | None = None
    refused_at: int | None = None
    written: list[ContainerTaskStatus] = field(default_factory=list)
    made: int = 0
    deleted: bool = False

    @property
    def now(self) -> int:
        return at(self.seconds)

    @property
    def finished(self) -> bool:
        return self.task.view().finished

    def live(self) -> list[PodBuilder]:
        return [pod for pod in self.pods.values() if not pod.view().over]

    def snapshot(self) -> Snapshot:
        view = self.task.view()
        return Snapshot(
            task=view,
            accepted=None if view.finished else accept(view),
            pods=tuple(pod.view() for pod in self.known.values()),
            missing=self.missing,
            refusal=self.refusal,
            cluster=Cluster(gates=True, failed_at=self._failed_at()),
        )

    def _failed_at(self) -> int | None:
        stops = [pod.view().stop for pod in self.known.values()]
        noted = [one.at for one in stops if one is not None and one.reason is Reason.IMAGE_VOLUME_UNUSABLE]
        return max([*noted, *([] if self.refused_at is None else [self.refused_at])], default=None)

    # --- The operator ---

    def look(self, *, write: bool = True) -> Plan:
        """Make one pass; without ``write`` the status is lost between the two writes."""
        found = plan(self.snapshot(), self.now, CONFIG)
        assert found == plan(self.snapshot(), self.now, CONFIG), "a plan is a function"
        if found.action is None and found.status is None:
            assert found.again_in is None or found.again_in > 0, "a busy loop"
        done = found.action is None or self._act(found)
        if done and write and found.status is not None:
            self._write(found.status)
        return found

    def settle(self) -> Plan:
        """Make passes until nothing is asked for any more."""
        found = Plan()
        for _ in range(MOST_PASSES):
            found = self.look()
            if self.deleted or (found.action is None and found.status is None):
                return found
        raise AssertionError(f"does not settle: {found}")

    def forget(self) -> None:
        """Restart the operator: it lists what there is."""
        self.known, self.missing = dict(self.pods), None
        self.refusal = self.refused_at = None

    def _act(self, found: Plan) -> bool:
        match found.action:
            case CreatePod(raw):
                return self._create(raw["metadata"]["name"], raw)
            case StopPod(name, uid, stop):
                return self._change(
                    name, uid, lambda pod: pod.noted(stop.patch()["metadata"]["annotations"].popitem()[1])
                )
            case DeletePod(name, uid, at_once):
                return self._delete(name, uid, at_once=at_once)
            case FindPod(name):
                if name in self.pods:
                    self.known[name] = self.pods[name]
                else:
                    self.missing = name
            case DeleteTask():
                assert self.finished
                self.deleted = True
        return True

    def _create(self, name: str, raw: dict[str, Any]) -> bool:
        assert not self.finished
        mode = mode_in(raw["spec"])
        if mode is Mode.GATED and not self.volumes:
            self.refused_at = self.now
            return self._refuse(name, mode, 422, "spec.volumes[5]: Required value")
        if self.quota:
            return self._refuse(name, mode, 403, "exceeded quota: q")
        if name not in self.pods:
            assert not self.live(), "two Pods would live"
            self.made += 1
            self.pods[name] = PodBuilder(created(raw, self.made, after=self.seconds))
        self.refusal = None
        self.known[name] = self.pods[name]
        return True

    def _refuse(self, name: str, mode: Mode, code: int, message: str) -> bool:
        attempt = int(name.rpartition("-")[2])
        self.refusal = Refusal(attempt=attempt, mode=mode, code=code, message=message, at=self.now)
        return False

    def _delete(self, name: str, uid: str, *, at_once: bool) -> bool:
        pod = self.pods.get(name)
        if pod is None or pod.view().uid != uid:
            self.known[name] = self.known[name].gone()
            return False
        assert at_once or not pod.view().deleting, "deleted twice"
        self.delete(name)
        return True

    def _change(self, name: str, uid: str, how: object) -> bool:
        pod = self.pods.get(name)
        if pod is None or pod.view().uid != uid:
            self.known[name] = self.known[name].gone()
            return False
        assert callable(how)
        self.see(how(pod))
        return True

    def _write(self, status: ContainerTaskStatus) -> None:
        before = self.task.view().status
        assert before.phase not in {Phase.SUCCEEDED, Phase.FAILED, Phase.CANCELLED}, "an end is the end"
        assert worth_writing(before, status), "written again"
        assert faults_of_status(status) == []
        self.written.append(status)
        self.task = self.task.status(status)

    # --- Everybody else ---

    def see(self, pod: PodBuilder, *, told: bool = True) -> None:
        """Change a Pod; the operator is told unless it does not listen."""
        self.pods[pod.name] = pod
        if told:
            self.known[pod.name] = pod

    def delete(self, name: str, *, told: bool = True) -> None:
        """Delete a Pod as the API server does: at once where no kubelet has it."""
        view = self.pods[name].view()
        if view.node is None or view.over or view.deleting:
            last = self.pods.pop(name)
            if told:
                self.known[name] = last.gone()
            return
        self.see(self.pods[name].deleting(self.seconds + 30), told=told)

    def with_task(self, **spec: object) -> None:
        """Change the spec, as a user does."""
        self.task = self.task.spec(**spec)

    def tick(self, seconds: float) -> None:
        """Let time pass."""
        self.seconds += seconds
