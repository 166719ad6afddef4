"""A Gated Pod that cannot start for its image volume: one in Init mode takes its place, and so for an hour.

Each case has an operator of its own that serves one namespace: it has seen no node mount an image volume yet,
and what the case teaches it is forgotten with it. Two operators must not serve the same tasks, so the shared
one rests meanwhile; at the end it starts anew, and has to start tasks Gated as before.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import pytest

from containertask.contract.manifest import Mode
from containertask.core.names import POD_SELECTOR, STOP_ANNOTATION
from containertask.core.podview import mode_in
from support import admission, cluster, release, tasks
from support.admission import How, image_volume_broken
from support.cluster import Json
from support.follow import first, follow
from support.release import Release
from support.seen import Seen, assert_succeeded
from support.tasks import Tasks, shell, typed

pytestmark = pytest.mark.alone

REASON: Final = "ImageVolumeUnusable"
SPEC: Final = shell(
    "echo $(( $(cat /var/inputs/n) * 2 )) > /var/outputs/a",
    inputs=[{"name": "n", "type": "integer", "value": 21}],
    outputs=typed(a="integer"),
)
PATIENCE: Final = 20.0
"""Seconds for a node that has never mounted an image volume. What speaks of the volume does not take them."""
MOST_SECONDS: Final = 45.0
"""The kubelet looks at no deadline while it waits for volumes, for two minutes; the operator acts sooner."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One way to fail: how it is brought about, and what follows.

    Attributes:
        how: what is broken.
        says: what the note of the stopped Pod says; empty where the API server took none.
        holds: other tasks start in Init mode at once, too.
        patient: only time showed it.
        kept: the Pod stays; one that waits for a volume is deleted, as nothing of it has run.
    """

    how: How
    says: tuple[str, ...] = ()
    holds: bool = True
    patient: bool = False
    kept: bool = True

    @property
    def leaves_a_pod(self) -> bool:
        return self.kept and bool(self.says)


CASES: Final = {
    case.how: case
    for case in (
        Case(how="refused"),
        Case(how="refused-without-words", holds=False),
        Case(how="subPath", says=("/ct/launcher/launcher", "no such file or directory")),
        Case(how="reference", says=("Image", admission.ABSENT_REFERENCE)),
        Case(how="never-mounts", says=("did not get the Pod ready", "within 20 s"), patient=True, kept=False),
    )
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fallen:
    """A task whose first Pod could not start, and another that came right after it.

    Attributes:
        states: all that was seen of the first task, and how many seconds after its creation.
        events: type, reason and message of its Events, in order.
        pods, following_pods: the Pods of either task by name.
    """

    case: Case
    made: Tasks
    own: Release
    states: list[tuple[float, Seen]]
    events: list[tuple[str, str, str]]
    pods: dict[str, Json]
    following: Seen
    following_pods: dict[str, Json]

    @property
    def task(self) -> Seen:
        return self.states[-1][1]

    @property
    def stopped(self) -> Json:
        return self.pods[self.task.pod_name(0)]


@pytest.fixture(scope="module", autouse=True)
def alone() -> Iterator[None]:
    """Let the shared operator rest; afterwards it starts anew and must not have learnt of any failure."""
    with release.shared_one_rests():
        yield
        listing = cluster.connect().list_pod_for_all_namespaces
        first(follow(listing, label_selector=POD_SELECTOR), nobody_is_noted, "the end of all stopped Pods")
    with tasks.namespace("baseline") as made:
        assert_succeeded(made.run("again", SPEC), a=42)
        assert modes(pods_of(made, "again")) == [Mode.GATED]
        made.assert_nothing_left()


@pytest.fixture(scope="module", params=CASES)
def fallen(request: pytest.FixtureRequest) -> Iterator[Fallen]:
    case = CASES[request.param]
    with tasks.namespace("baseline") as made:
        flags = (f"--set=namespaces={{{made.namespace}}}", "--set=crds.enabled=false")
        with release.own(*flags) as own, image_volume_broken(made.namespace, case.how):
            yield fall(case, made, own)
            made.assert_nothing_left()


def fall(case: Case, made: Tasks, own: Release) -> Fallen:
    states = accompanied(made, "first")
    found = Fallen(
        case=case,
        made=made,
        own=own,
        states=states,
        events=made.events("first", "Succeeded"),
        pods=pods_of(made, "first"),
        following=made.run("following", SPEC),
        following_pods=pods_of(made, "following"),
    )
    show(found)
    return found


def accompanied(made: Tasks, name: str) -> list[tuple[float, Seen]]:
    """Create a task; return all its states up to the end, and after how many seconds each was seen."""
    began = time.monotonic()
    made.create(name, SPEC)
    seen: list[tuple[float, Seen]] = []
    for task in made.states(name):
        seen.append((time.monotonic() - began, task))
        if "completed" in task.status.get("timeline", {}):
            break
    return seen


def pods_of(made: Tasks, name: str) -> dict[str, Json]:
    return next(made.pods(name))


def modes(pods: dict[str, Json]) -> list[Mode]:
    """Return the modes of Pods in the order of their attempts."""
    return [mode_in(pods[name]["spec"]) for name in sorted(pods)]


def note(pod: Json) -> Json:
    """Return what the operator wrote when it stopped the Pod; nothing if it did not."""
    found: Json = json.loads(pod["metadata"].get("annotations", {}).get(STOP_ANNOTATION, "{}"))
    return found


def nobody_is_noted(pods: dict[str, Json]) -> bool:
    return not [name for name, pod in pods.items() if note(pod).get("reason") == REASON]


def replaced_after(fallen: Fallen) -> float:
    """Return how many seconds after its creation the task was seen with the Pod in Init mode."""
    name = fallen.task.pod_name(1)
    return next(seconds for seconds, task in fallen.states if task.status.get("podName") == name)


def decided_after(fallen: Fallen) -> float:
    """Return how many seconds it took to see that the first Pod cannot start, from its being scheduled on."""
    if not fallen.case.leaves_a_pod:
        return replaced_after(fallen)
    conditions = {one["type"]: one for one in fallen.stopped["status"]["conditions"]}
    scheduled = datetime.fromisoformat(conditions["PodScheduled"]["lastTransitionTime"])
    decided: float = note(fallen.stopped)["at"] / 1000 - scheduled.timestamp()
    return decided


def show(fallen: Fallen) -> None:
    times = f"decided after {decided_after(fallen):.1f} s, replaced after {replaced_after(fallen):.1f} s"
    sys.stdout.write(f"\n{fallen.case.how}: {times}, done after {fallen.states[-1][0]:.1f} s\n")


def test_the_task_succeeds_in_init_mode_and_the_first_attempt_costs_it_nothing(fallen: Fallen) -> None:
    assert_succeeded(fallen.task, a=42)
    assert fallen.task.attempt == 1
    assert not {"userFailures", "systemFailures"} & {
        key for key, value in fallen.task.status.items() if value
    }
    names = [fallen.task.pod_name(attempt) for attempt in range(2)]
    made = names if fallen.case.leaves_a_pod else names[1:]
    assert sorted(fallen.pods) == made
    assert modes(fallen.pods) == [Mode.GATED, Mode.INIT][-len(made) :]


def test_no_end_is_told_before_the_last(fallen: Fallen) -> None:
    for _, task in fallen.states[:-1]:
        assert task.phase in {"Pending", "Queued", "Initializing", "Running", "Uploading"}
        assert not {"error", "exitCode"} & set(task.status), task.status
        assert not {"completed", "finished"} & set(task.status.get("timeline", {})), task.status
        for condition in ("Failed", "Finished", "Complete"):
            assert task.conditions.get(condition, ("False", ""))[0] == "False"


def test_the_pod_that_could_not_start_is_stopped_and_stays_with_the_reason(fallen: Fallen) -> None:
    if not fallen.case.leaves_a_pod:
        assert not [pod for pod in fallen.pods.values() if note(pod)]
        return
    stopped, why = fallen.stopped, note(fallen.stopped)
    assert why["reason"] == REASON
    assert [word for word in fallen.case.says if word not in why["message"]] == []
    assert stopped["spec"]["activeDeadlineSeconds"] == 1
    assert stopped["status"]["phase"] == "Failed"
    assert "deletionTimestamp" not in stopped["metadata"]
    assert not note(fallen.pods[fallen.task.pod_name(1)])


def test_events_tell_of_the_volume_and_of_both_pods(fallen: Fallen) -> None:
    first_pod, second = (f"created Pod {fallen.task.pod_name(attempt)}" for attempt in range(2))
    created = [("Normal", "PodCreated", first_pod)] if fallen.case.says else []
    *before, warning, last, end = fallen.events
    assert before == created
    assert warning[:2] == ("Warning", REASON)
    assert [word for word in fallen.case.says if word not in warning[2]] == []
    assert (last, end[:2]) == (("Normal", "PodCreated", second), ("Normal", "Succeeded"))


def test_what_speaks_of_the_volume_is_acted_on_at_once_and_silence_after_its_time(fallen: Fallen) -> None:
    assert (decided_after(fallen) >= PATIENCE) is fallen.case.patient
    assert replaced_after(fallen) < MOST_SECONDS


def test_other_tasks_start_in_init_mode_at_once_where_the_volume_is_known_to_fail(fallen: Fallen) -> None:
    assert_succeeded(fallen.following, a=42)
    assert fallen.following.attempt == (0 if fallen.case.holds else 1)
    assert modes(fallen.following_pods) == [Mode.INIT]


def test_an_operator_that_starts_anew_knows_by_the_stopped_pod_for_gated_tasks_too(fallen: Fallen) -> None:
    fallen.own.restart()
    task = fallen.made.run("later", {**SPEC, "start": "Gated"})
    assert_succeeded(task, a=42)
    assert task.attempt == (0 if fallen.case.leaves_a_pod else 1)
    assert modes(pods_of(fallen.made, "later")) == [Mode.INIT]
