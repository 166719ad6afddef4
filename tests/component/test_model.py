"""Whatever happens to tasks, cluster, API server and operators, in any order: what must hold holds.

In CI always the same examples. For a longer run, with others each time::

    MODEL_EXAMPLES=20000 .venv/bin/pytest tests/component/test_model.py
"""

from __future__ import annotations

import os
from typing import Any, Final

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from containertask.core.names import MAIN
from support.model.finish import Finish
from support.model.podstatus import state
from support.model.process import Process
from support.model.specs import specs
from support.model.troubles import TROUBLES, WISHES
from support.model.wire import Fault
from support.model.world import World

Json = dict[str, Any]

EXAMPLES: Final = int(os.environ.get("MODEL_EXAMPLES", "0"))
STEPS: Final = 50
NAMES: Final = ("one", "two")
PICKS: Final = st.integers(0, 3)
pytestmark = [pytest.mark.timeout(0 if EXAMPLES else 600)]


class Model(RuleBasedStateMachine):
    """One operator process after the other. While nothing is ``held``, each step is followed by rest."""

    operators = 1

    def __init__(self) -> None:
        super().__init__()
        self.world = World(operators=self.operators)
        self.held = 0

    def teardown(self) -> None:
        try:
            self.end()
        finally:
            self.world.close()

    def end(self) -> None:
        finish = Finish(self.world)
        finish.calm(list(range(self.operators)))
        finish.come_to_ends()
        finish.pass_away()

    def done(self) -> None:
        """End a step."""
        self.held = max(0, self.held - 1)
        if not self.held:
            self.world.quiet_all()

    @initialize(spec=specs(), gates=st.booleans())
    def begin(self, spec: Json, gates: bool) -> None:  # noqa: FBT001 - a strategy's name
        self.world.begin(gates=gates)
        self.world.create("one", spec)
        self.done()

    def process(self, number: int) -> Process:
        processes = self.world.processes()
        return processes[number % len(processes)]

    # --- Users ---

    @rule(name=st.sampled_from(NAMES), spec=specs())
    def create(self, name: str, spec: Json) -> None:
        self.world.create(name, spec)
        self.done()

    @precondition(lambda self: self.world.tasks())
    @rule(pick=PICKS, wish=st.sampled_from(list(WISHES)))
    def wish(self, pick: int, wish: str) -> None:
        tasks = self.world.tasks()
        self.world.wish(tasks[pick % len(tasks)], WISHES[wish])
        self.done()

    # --- The cluster ---

    @precondition(lambda self: self.world.live())
    @rule(ends=st.sampled_from([False, False, True]))
    def the_cluster_goes_on(self, ends: bool) -> None:  # noqa: FBT001 - a strategy's name
        for pod in self.world.live():
            self.world.kubelet.go_on(pod, ends=ends)
        self.done()

    @precondition(lambda self: self.world.live())
    @rule(pick=PICKS, data=st.data())
    def something_happens_to_a_pod(self, pick: int, data: st.DataObject) -> None:
        live = self.world.live()
        acts = self.world.kubelet.acts(live[pick % len(live)])
        acts[data.draw(st.sampled_from(list(acts)))]()
        self.done()

    @precondition(lambda self: not self.held and self.world.unfinished())
    @rule(data=st.data(), pause=st.sampled_from([2, 12, 130]), guest=st.sampled_from([False, False, True]))
    def an_attempt_is_made(self, data: st.DataObject, pause: int, guest: bool) -> None:  # noqa: FBT001 - as above
        if not self.world.live():
            self.time_passes(pause, garbage=False)
        name = next((pod["metadata"]["name"] for pod in self.world.live()), "")
        for _ in range(2):
            self.world.go_on(name, guest=guest)
            self.done()
        pod = self.world.pod(name)
        if pod is not None and state(pod, MAIN) == "running":
            ends = self.world.kubelet.endings(pod)
            ends[data.draw(st.sampled_from(list(ends)))]()
            self.done()

    @rule(seconds=st.sampled_from([0.5, 3, 3, 12, 12, 40, 200, 2000]), garbage=st.booleans())
    def time_passes(self, seconds: float, garbage: bool) -> None:  # noqa: FBT001 - a strategy's name
        if garbage:
            self.world.server.collect()
        self.world.loop.advance(seconds)
        self.done()

    # --- The operator ---

    @precondition(lambda self: not self.held)
    @rule(steps=st.integers(2, 10))
    def hold(self, steps: int) -> None:
        self.held = steps

    @precondition(lambda self: self.held and self.world.processes())
    @rule(pick=PICKS)
    def go_on(self, pick: int) -> None:
        self.world.quiet(self.process(pick))

    @precondition(lambda self: self.held and self.world.processes())
    @rule(pick=PICKS, most=st.integers(1, 4))
    def answer(self, pick: int, most: int) -> None:
        self.world.serve(self.process(pick), most)

    @precondition(lambda self: self.held and self.world.processes())
    @rule(pick=PICKS, pods=st.integers(0, 4), tasks=st.integers(0, 2))
    def hear(self, pick: int, pods: int, tasks: int) -> None:
        self.world.hear(self.process(pick), pods, tasks)

    @precondition(lambda self: self.world.processes())
    @rule(pick=PICKS, trouble=st.sampled_from(list(TROUBLES)))
    def trouble(self, pick: int, trouble: str) -> None:
        TROUBLES[trouble](self.world, self.process(pick))
        self.done()

    @precondition(lambda self: self.world.processes())
    @rule(pick=PICKS, fault=st.sampled_from(Fault), times=st.integers(1, 2))
    def fault(self, pick: int, fault: Fault, times: int) -> None:
        self.process(pick).wire.faults.extend([fault] * times)

    @rule(pick=PICKS, done=st.booleans(), again=st.sampled_from([True, True, True, False]))
    def kill(self, pick: int, done: bool, again: bool) -> None:  # noqa: FBT001 - a strategy's name
        self.world.kill(pick % self.operators, done=done)
        if again:
            self.world.start(pick % self.operators)
        self.somebody_leads()
        self.done()

    def somebody_leads(self) -> None:
        """Let a process lead that lives, if none does."""
        living = [number for number, seat in enumerate(self.world.seats) if seat.process is not None]
        if living and not any(process.leads for process in self.world.processes()):
            self.world.lead(living[0])

    @precondition(lambda self: len(self.world.processes()) < self.operators)
    @rule(pick=PICKS)
    def start(self, pick: int) -> None:
        self.world.start(pick % self.operators)
        self.somebody_leads()
        self.done()

    # --- What always holds ---

    @invariant()
    def laws_hold(self) -> None:
        self.world.check()


def at_length(examples: int) -> settings:
    """Return how long to look: always at the same examples, or as many others as the environment says."""
    return settings(max_examples=EXAMPLES or examples, stateful_step_count=STEPS, derandomize=not EXAMPLES)


TestModel = Model.TestCase
TestModel.settings = at_length(250)


class Handovers(Model):
    """One process leads and another follows; who has lost the lead may go on for a while."""

    operators = 2

    def __init__(self) -> None:
        super().__init__()
        self.overlap = 0

    def done(self) -> None:
        if self.overlap:
            self.overlap -= 1
            if not self.overlap:
                self.world.depose(done=True)
        super().done()

    @precondition(lambda self: not self.overlap)
    @rule(steps=st.integers(1, 8))
    def another_leads(self, steps: int) -> None:
        processes = [seat.process for seat in self.world.seats]
        follower = next((n for n, one in enumerate(processes) if one is not None and not one.leads), None)
        if follower is not None:
            self.world.lead(follower)
            self.held = self.overlap = steps


TestHandovers = Handovers.TestCase
TestHandovers.settings = at_length(150)
