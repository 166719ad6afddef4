"""The world of the model: API server, cluster, users, and operator processes that come and go."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from containertask.kube.errors import Gone, Unreachable
from containertask.kube.resources import PODS, TASKS
from containertask.kube.transport import Call
from support.fakeapi import Change, RefusalError
from support.fakeapi.verbs import merged
from support.model.kubelet import Kubelet
from support.model.laws import Laws, is_finished
from support.model.loop import DrivenLoop
from support.model.process import Process
from support.model.server import TASK, Server, is_over

Json = dict[str, Any]

START: Final = datetime(2026, 3, 1, 12, tzinfo=UTC)
NAMESPACE: Final = "team"
_ROUNDS: Final = 400


@dataclass(slots=True)
class Seat:
    """Where an operator process runs: one after the other, with the machine's clock."""

    skew: int = 0
    """Milliseconds by which this clock is ahead of the API server's."""
    read: list[int] = field(default_factory=list)
    """All that its process has read there: what it asks for may be older than a jump."""
    process: Process | None = None
    work: asyncio.Task[None] | None = None


class World:
    """Everything there is. Nothing moves but by its methods."""

    def __init__(self, *, operators: int = 1) -> None:
        self.loop = DrivenLoop()
        self.server = Server(self.now)
        self.kubelet = Kubelet(self.server, self.now)
        self.laws = Laws(self.kubelet)
        self.gates = False
        self.seats = [Seat() for _ in range(operators)]
        self.server.objects.listeners.append(self._changed)

    def begin(self, *, gates: bool) -> None:
        """Start all processes; ``gates`` is whether the nodes mount image volumes."""
        self.gates = gates
        for number in range(len(self.seats)):
            self.start(number)
        self.lead(0)

    def now(self) -> datetime:
        """Return the time of the API server and of the nodes."""
        return START + timedelta(seconds=self.loop.time())

    def close(self) -> None:
        """End the loop."""
        self.loop.end()

    def _changed(self, change: Change) -> None:
        for seat in self.seats:
            if seat.process is not None:
                seat.process.pods.changed(change)
                seat.process.tasks.changed(change)

    # --- Operators ---

    def start(self, number: int) -> None:
        """Start a process where none runs."""
        seat = self.seats[number]
        if seat.process is None:
            self.loop.call_soon(self._begin, seat)
            self.loop.settle()

    def _begin(self, seat: Seat) -> None:
        def answer(call: Call) -> Json | RefusalError:
            self.laws.of_call(call)
            self.laws.read, self.laws.actor = (lambda: seat.read), process
            try:
                return self.server.answer(call)
            finally:
                self.laws.actor = None

        seat.read = []
        process = Process(self.server, answer, self.clock(seat), gates=self.gates)
        seat.process, seat.work = process, self.loop.create_task(process.run())

    def lead(self, number: int) -> None:
        """Make a process the leader; who leads already does not know of it."""
        found = self.seats[number].process
        for process in self.processes():
            process.deposed = process.leads and process is not found
        if found is not None:
            found.succeeds = any(process.deposed for process in self.processes())
            self.loop.call_soon(found.leading.set)
            self.loop.settle()

    def depose(self, *, done: bool) -> None:
        """End the processes that have lost the lead, as they do when they notice; others wait to lead."""
        for number, seat in enumerate(self.seats):
            if seat.process is not None and seat.process.deposed:
                self.kill(number, done=done)
                self.start(number)

    def clock(self, seat: Seat) -> Callable[[], int]:
        """Return the clock of the machine that a process runs on, in Unix milliseconds."""

        def read() -> int:
            now = round(self.now().timestamp() * 1000) + seat.skew
            seat.read.append(now)
            return now

        return read

    def quiet_all(self) -> None:
        """Let every process come to rest; what one does the others hear of."""
        for _ in range(_ROUNDS):
            for process in self.processes():
                self.quiet(process)
            if not any(process.wire.air or process.heard_of_something for process in self.processes()):
                return
        raise AssertionError("the operators find no rest")

    def kill(self, number: int, *, done: bool) -> None:
        """Kill a process; what it has in the air is done by the server, or is not."""
        seat = self.seats[number]
        if seat.process is not None and seat.work is not None:
            process, seat.process = seat.process, None
            process.wire.lose(done=done)
            seat.work.cancel()
            self.loop.settle()

    def processes(self) -> list[Process]:
        """Return those that run."""
        return [seat.process for seat in self.seats if seat.process is not None]

    def serve(self, process: Process, most: int = 1) -> None:
        """Answer some of a process's requests."""
        for _ in range(most):
            process.wire.serve()
            self.loop.settle()

    def hear(self, process: Process, pods: int, tasks: int) -> None:
        """Tell a process of some changes."""
        for _ in range(pods):
            self.loop.call_soon(process.pods.tell_next)
        for _ in range(tasks):
            self.loop.call_soon(process.tasks.tell_next)
        self.loop.settle()

    def expire(self) -> None:
        """Forget the history: every watch breaks with 410, and whoever watches lists again."""
        self.server.objects.forget()
        for process in self.processes():
            process.pods.drop(Gone("too old resource version", code=410))
            self.loop.call_soon(process.tasks.list_again)
        self.loop.settle()

    def drop(self, process: Process, *, broken: bool) -> None:
        """End or break the watches of a process; it goes on where it was."""
        process.pods.drop(Unreachable("as the test wants it") if broken else None)
        self.loop.settle()

    def skew(self, process: Process, seconds: int) -> None:
        """Set the clock of a process that many seconds before that of the API server."""
        next(seat for seat in self.seats if seat.process is process).skew = seconds * 1000

    def quiet(self, process: Process) -> None:
        """Answer and tell everything, until there is nothing left to do but to wait."""
        for _ in range(_ROUNDS):
            if process.wire.air:
                self.serve(process)
            elif process.heard_of_something:
                self.hear(process, len(process.pods.held), len(process.tasks.held))
            else:
                return
        raise AssertionError(f"the operator finds no rest: {process.errors[-3:]}")

    # --- Users and time ---

    def create(self, name: str, spec: Json) -> None:
        """Create a task, unless one of that name has not ended."""
        found = self.server.objects.find(TASKS, NAMESPACE, name)
        if found is not None and is_finished(found):
            self.wish(found, None)
        if found is None or is_finished(found):
            self.server.objects.create(TASK, NAMESPACE, {"metadata": {"name": name}, "spec": spec})

    def wish(self, task: Json, wish: Json | None) -> None:
        """Change fields of a task's spec; None deletes the task. What it owns is collected later."""
        if wish is None:
            self.server.objects.remove(TASKS, NAMESPACE, task["metadata"]["name"])
        else:
            self.change(task, **wish)

    def take_volumes(self, *, taken: bool) -> None:
        """Say whether the API server takes Pods with an image volume from now on."""
        self.server.volumes = taken

    def change(self, task: Json, **spec: object) -> None:
        """Change fields of a task's spec."""
        self.server.objects.replace(TASK, NAMESPACE, merged(task, {"spec": spec}))

    def tasks(self) -> list[Json]:
        """Return all tasks."""
        return self.server.objects.items(TASKS, NAMESPACE)

    def unfinished(self) -> list[Json]:
        """Return the tasks that have not ended."""
        return [task for task in self.tasks() if not is_finished(task)]

    def pods(self) -> list[Json]:
        """Return all Pods."""
        return self.server.objects.items(PODS, NAMESPACE)

    def live(self) -> list[Json]:
        """Return the Pods that are not over."""
        return [pod for pod in self.pods() if not is_over(pod)]

    def pod(self, name: str) -> Json | None:
        """Return a Pod, if it is there."""
        return self.server.objects.find(PODS, NAMESPACE, name)

    def go_on(self, name: str, *, guest: bool) -> None:
        """Let a Pod take a step towards its command, if it is there; with a guest that never ends."""
        pod = self.pod(name)
        if pod is not None and not is_over(pod):
            self.kubelet.go_on(pod, ends=False, guest=guest)

    def vanish(self) -> None:
        """Remove a Pod that is over, if there is one."""
        for pod in filter(is_over, self.pods()[:1]):
            self.kubelet.acts(pod)["somebody removes it"]()

    def check(self) -> None:
        """Hold everybody to account."""
        for seat in self.seats:
            if seat.process is not None:
                assert seat.work is not None
                assert not seat.work.done(), seat.work
                self.laws.of_process(seat.process, self.clock(seat)())
