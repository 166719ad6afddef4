"""Any order of people's wishes, events of Pods, lost writes and restarts: the plan stays right."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from containertask.api.status import ContainerTaskStatus, Phase
from containertask.contract.exitrecord import Stop
from containertask.contract.manifest import Mode
from containertask.core.names import MAIN, UPLOADER
from support.builders import PodBuilder, a_task, left, uploaded
from support.builders.tasks import dumped
from support.world import World

STARTS = {"Init": a_task(start="Init"), "Gated": a_task(start="Gated"), "Signal": a_task(command=None)}


def is_signal(pod: PodBuilder) -> bool:
    return pod.view().mode is Mode.SIGNAL


def is_stuck(pod: PodBuilder) -> bool:
    """Tell whether nothing but a stop ends this Pod."""
    main = pod.view().container(MAIN).ended
    return main is not None and main.reason == "StartError"


STATIONS: tuple[Callable[[PodBuilder], PodBuilder], ...] = (
    PodBuilder.scheduled,
    PodBuilder.downloading,
    PodBuilder.initialized,
    PodBuilder.running,
    PodBuilder.main_ended,
    lambda pod: pod.uploader_ended((left if is_signal(pod) else uploaded)({"x": 7})),
    lambda pod: pod.over("Succeeded"),
)
A_WHILE = 3
LATE = 60
ORDER = [None, Phase.PENDING, Phase.QUEUED, Phase.INITIALIZING, Phase.RUNNING, Phase.UPLOADING]


class Interleavings(RuleBasedStateMachine):
    """While it is ``calm`` nothing happens that may make a task fail whose command would end well."""

    def __init__(self) -> None:
        super().__init__()
        self.world = World()
        self.calm = True
        self.end: ContainerTaskStatus | None = None
        self.reached: dict[str, int] = {}

    @initialize(
        calm=st.booleans(),
        clocks=st.sampled_from([{"total": "1m"}, {"queued": "30s"}, {"execution": "10s"}]),
        start=st.sampled_from(sorted(STARTS)),
    )
    def create(self, calm: bool, clocks: dict[str, str], start: str) -> None:  # noqa: FBT001 - a strategy's name
        self.calm = calm
        self.world.task = STARTS[start].with_output("x", "integer")
        if not calm:
            self.world.task = self.world.task.timeout(**clocks)

    # --- People ---

    @rule(suspend=st.booleans())
    def suspend(self, suspend: bool) -> None:  # noqa: FBT001 - a strategy's name
        self.world.with_task(suspend=suspend)

    @precondition(lambda self: not self.world.deleted)
    @rule()
    def suspend_for_a_moment(self) -> None:
        self.world.with_task(suspend=True)
        self.world.look()
        self.world.with_task(suspend=False)

    @precondition(lambda self: not self.calm)
    @rule()
    def cancel(self) -> None:
        self.world.with_task(cancel=True)

    @precondition(lambda self: self.world.pods and not self.calm)
    @rule(told=st.booleans(), data=st.data())
    def delete_a_pod(self, told: bool, data: st.DataObject) -> None:  # noqa: FBT001 - as above
        self.world.delete(data.draw(st.sampled_from(sorted(self.world.pods))), told=told)
        if not told:
            self.world.forget()

    # --- The cluster ---

    @precondition(lambda self: self.world.live())
    @rule()
    def advance(self) -> None:
        (pod,) = self.world.live()
        reached = self.reached.setdefault(pod.view().uid, 0)
        if pod.view().deleting or pod.view().stop or is_stuck(pod) or reached == len(STATIONS):
            return
        # The builder's command ends in second 9. Long after it, an uploader that reads has been silent since.
        late = STATIONS[reached] is PodBuilder.main_ended and self.world.seconds > LATE
        for station in STATIONS[reached : reached + 1 + (self.calm and late)]:
            pod = station(pod)
        self.world.see(pod)
        self.reached[pod.view().uid] = STATIONS.index(station) + 1

    @precondition(lambda self: self.world.live())
    @rule(record=st.booleans())
    def the_kubelet_ends_what_is_stopped(self, record: bool) -> None:  # noqa: FBT001 - as above
        (pod,) = self.world.live()
        if pod.view().stop is None or pod.view().node is None:
            return
        ended = pod
        if record and not is_stuck(pod):
            ended = pod.left(143) if is_signal(pod) else pod.failed(143, stop=Stop.SIGNAL)
        self.world.see(ended.over("Failed", "DeadlineExceeded"))

    @precondition(lambda self: self.world.live())
    @rule()
    def the_kubelet_ends_what_is_deleted(self) -> None:
        (pod,) = self.world.live()
        if pod.view().deleting:
            self.world.delete(pod.name)

    @precondition(lambda self: self.world.live() and not self.calm)
    @rule()
    def evict(self) -> None:
        (pod,) = self.world.live()
        if pod.view().node is not None:
            self.world.see(pod.over("Failed", "Evicted"))

    @precondition(lambda self: self.world.live())
    @rule()
    def the_volume_is_empty(self) -> None:
        """It costs nothing, so it may happen in calm."""
        (pod,) = self.world.live()
        view = pod.view()
        if (
            view.mode is Mode.GATED
            and view.node
            and not (view.stop or view.deleting or view.container(MAIN).ended)
        ):
            text = 'exec: "/ct/launcher/launcher": stat /ct/launcher/launcher: no such file or directory'
            self.world.see(pod.initialized().ends(MAIN, 128, reason="StartError", message=text, after=6))

    @rule(taken=st.booleans())
    def volumes(self, taken: bool) -> None:  # noqa: FBT001 - as above
        self.world.volumes = taken

    @rule(full=st.booleans())
    def quota(self, full: bool) -> None:  # noqa: FBT001 - as above
        self.world.quota = full

    @rule(seconds=st.sampled_from([0.5, 3, 20, 200]))
    def tick(self, seconds: float) -> None:
        """In calm neither an uploader is silent for minutes after the command, nor a kubelet after a stop."""
        views = [pod.view() for pod in self.world.live()]
        reading = any(one.container(MAIN).ended and not one.container(UPLOADER).ended for one in views)
        stopped = any(one.stop is not None or one.deleting for one in views)
        if not (self.calm and (reading or stopped) and seconds > A_WHILE):
            self.world.tick(seconds)

    # --- The operator ---

    @rule()
    def settle(self) -> None:
        if not self.world.deleted:
            self.world.settle()

    @rule(passes=st.integers(1, 2), write=st.booleans())
    def look_and_crash(self, passes: int, write: bool) -> None:  # noqa: FBT001 - as above
        for _ in range(passes):
            if not self.world.deleted:
                self.world.look(write=write)
        self.world.forget()

    @precondition(lambda self: not self.world.deleted)
    @rule()
    def look_once(self) -> None:
        self.world.look()

    @rule()
    def restart(self) -> None:
        self.world.forget()

    # --- What always holds ---

    @invariant()
    def at_most_one_pod_lives(self) -> None:
        assert len(self.world.live()) <= 1

    @invariant()
    def an_end_stays(self) -> None:
        if self.end is not None:
            assert self.world.task.raw["status"] == dumped(self.end)
        elif self.world.finished:
            self.end = self.world.written[-1]

    @invariant()
    def in_calm_a_good_task_succeeds(self) -> None:
        if self.end is not None and self.calm:
            assert self.end.phase is Phase.SUCCEEDED, self.end.message

    @invariant()
    def no_attempt_goes_backwards(self) -> None:
        for one, next_one in zip(self.world.written, self.world.written[1:], strict=False):
            if next_one.attempt == one.attempt and next_one.phase in ORDER:
                assert ORDER.index(next_one.phase) >= ORDER.index(one.phase), (one, next_one)


TestInterleavings = Interleavings.TestCase
TestInterleavings.settings = settings(max_examples=200, stateful_step_count=40)


@pytest.mark.parametrize("start", STARTS)
def test_an_undisturbed_task_whose_states_last_is_three_writes_of_its_status(start: str) -> None:
    world = World(STARTS[start].with_output("x", "integer"))
    world.settle()
    for station in STATIONS:
        (pod,) = world.live()
        world.see(station(pod))
        world.tick(3)
        world.settle()
    assert [one.phase for one in world.written] == [Phase.INITIALIZING, Phase.RUNNING, Phase.SUCCEEDED]
    assert world.made == 1
