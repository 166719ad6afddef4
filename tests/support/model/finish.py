"""How a story ends: the faults stop, and then every task has to come to its end, and to leave nothing."""

from __future__ import annotations

from typing import Any, Final

from containertask.kube.resources import CONFIG_MAPS
from support.model.laws import is_finished, status_of, told
from support.model.process import Process
from support.model.server import is_over
from support.model.world import World

Json = dict[str, Any]

_ENDS: Final = [5.0] * 24 + [60.0] * 20 + [300.0] * 40
"""How time passes at the end: about four hours in all, far more than any patience of the operator."""
_WEEK: Final = 8 * 24 * 3600.0


class Finish:
    """The end of a world."""

    def __init__(self, world: World) -> None:
        self._world = world

    def calm(self, survivors: list[int]) -> None:
        """Stop all faults: the survivors run and know everything, the others are gone."""
        self._world.server.volumes = True
        for number, seat in enumerate(self._world.seats):
            seat.skew = 0
            if seat.process is not None:
                seat.process.wire.faults.clear()
            if number not in survivors:
                self._world.kill(number, done=True)
            else:
                self._world.start(number)
        for process in self._world.processes():
            process.wire.prompt = True
        self._world.lead(survivors[0])
        self._world.depose(done=True)
        self._world.expire()

    def go_on(self, seconds: float) -> None:
        """Let everybody do what is to do, and time pass."""
        for process in self._world.processes():
            self._world.quiet(process)
        for pod in self._world.pods():
            if not is_over(pod) or "deletionTimestamp" in pod["metadata"]:
                self._world.kubelet.go_on(pod)
        self._world.server.collect()
        for process in self._world.processes():
            self._world.quiet(process)
        self._world.check()
        self._world.loop.advance(seconds)

    def come_to_ends(self) -> None:
        """Let time pass until every task has ended, or is suspended; then resume these and go on.

        Raises:
            AssertionError: something is stuck.
        """
        for seconds in _ENDS:
            self.go_on(seconds)
            if all(is_finished(task) or _rests(task) for task in self._world.tasks()):
                break
        for task in self._world.tasks():
            if not is_finished(task):
                assert _rests(task), f"stuck: {told(task)}, {[*map(told, self._world.pods())]}"
                self._world.change(task, suspend=False)
        for seconds in _ENDS:
            self.go_on(seconds)
            if all(is_finished(task) for task in self._world.tasks()):
                break
        stuck = [task for task in self._world.tasks() if not is_finished(task)]
        assert not stuck, f"stuck: {[*map(told, stuck)]}, {[*map(told, self._world.pods())]}"

    def pass_away(self) -> None:
        """Let the time of finished tasks come; nothing is left of them.

        Raises:
            AssertionError: something is left.
        """
        for seconds in (5.0, 60.0, 60.0, 60.0):
            self.go_on(seconds)
        live = [pod for pod in self._world.live() if not self._lost(pod)]
        assert not live, f"a Pod of an ended task lives: {[*map(told, live)]}"
        self._world.kubelet.silent.clear()
        for seconds in (_WEEK, *[60.0] * 8):
            self.go_on(seconds)
        left = [
            *self._world.tasks(),
            *self._world.pods(),
            *self._world.server.objects.items(CONFIG_MAPS, None),
        ]
        assert not left, f"left behind: {[*map(told, left)]}"
        for process in self._world.processes():
            self._is_empty(process)

    def _lost(self, pod: Json) -> bool:
        """Tell whether a Pod is deleted, and its node does not know: nobody waits for it any more."""
        meta = pod["metadata"]
        return meta["uid"] in self._world.kubelet.silent and "deletionTimestamp" in meta

    def _is_empty(self, process: Process) -> None:
        comparing = self._world.loop.create_task(process.compare())
        self._world.loop.settle()
        self._world.quiet(process)
        assert comparing.done()
        assert process.store.sizes() == {"tasks": 0, "pods": 0, "notes": 0}, process.store.sizes()
        assert (process.queue.delayed, process.queue.retrying) == (0, 0)


def _rests(task: Json) -> bool:
    """Tell whether a task is suspended, and says so."""
    return task["spec"].get("suspend") is True and status_of(task).get("reason") == "Suspended"
