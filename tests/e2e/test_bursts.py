"""Many tasks that end within a millisecond, 20 at a time, in each mode, with the operator killed meanwhile.

A command that is over before anybody looks is where a lost wake-up, a swapped value or a write too many
shows.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Final

import pytest
from kubernetes import client

from containertask.contract.manifest import Mode
from containertask.core.podview import mode_in
from support import audit, cluster, killing, tasks
from support.cluster import Json
from support.follow import follow
from support.seen import Seen, assert_succeeded
from support.shapes import STATIC_IMAGE
from support.tasks import Tasks, typed

pytestmark = [pytest.mark.alone, pytest.mark.timeout(600)]

AT_ONCE: Final = 20
KILLS: Final = 2
SECONDS: Final = 500
USER: Final = 1000
"""In Signal mode the uploader can read what the command wrote for itself alone if the user is known."""
STATUS: Final = "update containertasks/status"
MOST: Final = {"create pods": 1, STATUS: 3, "create events": 2}
_REFUSED: Final = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Burst:
    """So many tasks in one mode."""

    mode: Mode
    start: str
    count: int

    def name(self, number: int) -> str:
        return f"{self.start.lower()}-{number}"

    def spec(self, number: int) -> Json:
        """Return a task whose one output is its input with a 7 behind it."""
        return {
            "image": STATIC_IMAGE,
            "command": ["/probe", "write", "/var/outputs/n", "{{.inputs.n}}7"],
            "inputs": [{"name": "n", "type": "integer", "value": number}],
            "outputs": typed(n="integer"),
            "securityContext": {"runAsUser": USER},
            "start": self.start,
        }


BURSTS: Final = {
    one.start: one
    for one in (
        Burst(mode=Mode.GATED, start="Gated", count=200),
        Burst(mode=Mode.INIT, start="Init", count=50),
        Burst(mode=Mode.SIGNAL, start="Signal", count=50),
    )
}


@dataclass(slots=True)
class Run:
    """A burst: its tasks as they ended, and what the operator wrote for each.

    Attributes:
        created, took: when each was created, and how many seconds later its end was seen.
        said: the reasons in the status of each, by the version that first said so.
        costs: the writes that the API server took.
    """

    burst: Burst
    made: Tasks
    created: dict[str, float] = field(default_factory=dict)
    took: dict[str, float] = field(default_factory=dict)
    ended: dict[str, Json] = field(default_factory=dict)
    said: dict[str, dict[str, str]] = field(default_factory=dict)
    costs: dict[str, Counter[str]] = field(default_factory=dict)

    def accompany(self, killer: ThreadPoolExecutor) -> None:
        """Create the next task as soon as one has ended, and let the operator be killed in between."""
        kills: list[Future[None]] = []
        listing = client.CustomObjectsApi(self.made.core.api_client).list_namespaced_custom_object
        where = ("containertask.dev", "v1alpha1", self.made.namespace, "containertasks")
        for found in follow(listing, *where, seconds=SECONDS):
            self._note(found)
            while len(self.created) < min(len(self.ended) + AT_ONCE, self.burst.count):
                self._create(len(self.created))
            if len(kills) < KILLS and len(self.ended) * (KILLS + 1) > (len(kills) + 1) * self.burst.count:
                kills.append(killer.submit(kill, len(kills)))
            if len(self.ended) == self.burst.count:
                break
        for one in kills:
            one.result()
        hanging = sorted(self.created.keys() - self.ended.keys())
        assert not hanging, f"not within {SECONDS} s: {hanging}"
        assert len(kills) == KILLS

    def _create(self, number: int) -> None:
        name = self.burst.name(number)
        self.created[name] = time.monotonic()
        self.made.create(name, self.burst.spec(number))

    def _note(self, found: dict[str, Json]) -> None:
        for name in self.created.keys() - self.ended.keys():
            task = Seen(found.get(name, {}))
            if task.reason:
                self.said.setdefault(name, {})[task.raw["metadata"]["resourceVersion"]] = task.reason
            if "completed" in task.status.get("timeline", {}):
                self.took[name] = time.monotonic() - self.created[name]
                self.ended[name] = found[name]

    def count_costs(self) -> None:
        """Count the writes that the API server took, by task."""
        last = next(reversed(self.ended))
        # Events are posted in their order, a moment after the status.
        self.made.events(last, "Succeeded")
        for one in audit.by_account(killing.SYSTEM):
            ours = one.is_write and one.namespace == self.made.namespace and one.code < _REFUSED
            if ours and one.right and (task := self.task_of(one.name)):
                self.costs.setdefault(task, Counter())[f"{one.right.verb} {one.right.resource}"] += 1

    def task_of(self, name: str) -> str:
        """Return the task that an object is named after."""
        task = "-".join(name.partition(".")[0].split("-")[:2])
        return task if task in self.created else ""


@pytest.fixture(scope="module")
def made() -> Iterator[Tasks]:
    with tasks.namespace("baseline") as found:
        yield found


@pytest.fixture(scope="module", params=BURSTS)
def run(made: Tasks, request: pytest.FixtureRequest) -> Run:
    found = Run(BURSTS[request.param], made)
    killing.fresh(made.core)
    began = time.monotonic()
    with ThreadPoolExecutor(max_workers=1) as killer:
        found.accompany(killer)
    show(found, time.monotonic() - began)
    found.count_costs()
    return found


def kill(times: int) -> None:
    """Kill the operator once more, as soon as it is back from the kills before."""
    killing.kill(killing.running(cluster.connect(), killing.restarted(times)))


def show(run: Run, seconds: float) -> None:
    tenths = statistics.quantiles(run.took.values(), n=10)
    figures = f"p50 {tenths[4]:.1f} s, p90 {tenths[8]:.1f} s, most {max(run.took.values()):.1f} s"
    rate = f"{run.burst.count / seconds:.2f} tasks/s"
    what = f"{run.burst.start}: {run.burst.count} tasks, {KILLS} kills"
    sys.stdout.write(f"\n{what}, {rate}, {figures}\n")


def test_every_task_ends_well_with_the_output_that_its_own_input_makes(run: Run) -> None:
    assert len(run.ended) == run.burst.count
    for number in range(run.burst.count):
        assert_succeeded(Seen(run.ended[run.burst.name(number)]), n=int(f"{number}7"))


def test_every_task_has_one_pod_in_the_mode_that_was_asked_for(run: Run) -> None:
    found = next(follow(run.made.core.list_namespaced_pod, run.made.namespace))
    pods = {name: pod for name, pod in found.items() if run.task_of(name)}
    assert sorted(pods) == sorted(Seen(task).pod_name(0) for task in run.ended.values())
    assert {mode_in(pod["spec"]) for pod in pods.values()} == {run.burst.mode}


def test_no_task_costs_more_writes_than_its_budget_although_the_operator_was_killed(run: Run) -> None:
    assert run.costs.keys() == run.ended.keys()
    for name, costs in run.costs.items():
        assert costs <= Counter(MOST), (name, run.said[name])
        assert costs["create pods"] == 1, name


def test_no_write_says_again_what_was_said_before_the_operator_was_killed(run: Run) -> None:
    repeated = {name: said for name, said in run.said.items() if len(set(said.values())) < len(said)}
    assert not repeated
