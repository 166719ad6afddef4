"""A task is suspended, resumed and cancelled wherever it stands: in ten seconds, and no Pod lives on."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import pytest

from support import cluster
from support.cluster import Json
from support.follow import Objects, first
from support.modes import in_modes
from support.seen import Seen, assert_cancelled, assert_succeeded
from support.taskclocks import MANY_IN, MANY_OUT, NOWHERE, SLOW
from support.tasks import Tasks, shell, typed
from support.working import COUNTS, WORKING, A

MOST_SECONDS: Final = 10
SLOWER: Final[Json] = {"copilotResources": {"limits": {"cpu": "20m", "memory": "256Mi"}}}
"""Downloader and uploader get the fiftieth part of a CPU: they start in seconds."""
SLOWEST: Final[Json] = {"copilotResources": {"limits": {"cpu": "10m", "memory": "256Mi"}}}
"""The least that there is."""
FILES: Final = 600
MANY_FILES: Final = (
    f"cd /var/outputs; mkdir many; for one in $(seq 1001 {1000 + FILES}); do echo 1 > many/$one; done"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a task stands: the task, how its status shows it, and by which container its Pod does.

    Attributes:
        spec: of a task that comes there and goes no further.
        shows: phase and reason.
        reaches: more that has to be there.
        costs: by how much suspending and resuming raises the attempt's number.
        values: outputs that are kept when it is cancelled.
    """

    spec: Json
    shows: tuple[str, str]
    reaches: Callable[[Tasks, str], object] = lambda _tasks, _name: None
    costs: int = 1
    values: tuple[tuple[str, object], ...] = ()


def said_ready(tasks: Tasks, name: str) -> None:
    tasks.printed(name, "ready")


def variable(**source: object) -> Json:
    return {"env": [{"name": "TOKEN", "valueFrom": source}]}


ABSENT: Final = {"name": "never-there", "key": "token"}
BACKOFF: Final = {"limit": 1, "backoff": {"base": "5m"}}
INPUT: Final = [{"name": "text", "type": "string", "valueFrom": {"configMapKeyRef": ABSENT}}]
PLACES: Final = {
    "no-account": Place(
        spec=shell("true", serviceAccountName="never-there"),
        shows=("Pending", "ServiceAccountNotFound"),
        costs=0,
    ),
    "between-attempts": Place(spec=shell("exit 7", retries=BACKOFF), shows=("Pending", "Retrying"), costs=0),
    "no-node": Place(spec=shell("true", nodeSelector=NOWHERE), shows=("Queued", "Unschedulable")),
    "no-image": Place(
        spec=shell("true", image="localhost:1/absent:dev"), shows=("Initializing", "ImagePull")
    ),
    "no-secret": Place(
        spec=shell("true", **variable(secretKeyRef=ABSENT)), shows=("Initializing", "ContainerConfig")
    ),
    "no-config-map": Place(spec=shell("true", inputs=INPUT), shows=("Initializing", "ContainerConfig")),
    "running": Place(
        spec=shell(WORKING, outputs=A),
        shows=("Running", "MainRunning"),
        reaches=said_ready,
        values=(("a", 42),),
    ),
}


@in_modes()
@pytest.mark.parametrize("place", PLACES)
def test_a_task_is_suspended_resumed_and_cancelled_wherever_it_stands(here: Tasks, place: str) -> None:
    one = PLACES[place]
    here.create(place, one.spec)
    before = arrived(here, place, one)
    here.patch(place, suspend=True)
    held = here.wait(place, lambda task: task.reason == "Suspended" and task.phase == "Queued")
    assert held.attempt == (before.attempt or 0) + one.costs
    assert "podName" not in held.status
    none_lives(here, place)
    here.patch(place, suspend=False)
    again = arrived(here, place, one)
    assert again.attempt == held.attempt
    assert spent(again) == spent(before)
    assert_cancelled_in_time(here, place, **dict(one.values))


def arrived(here: Tasks, name: str, place: Place) -> Seen:
    """Return the task as soon as it stands there."""
    place.reaches(here, name)
    return here.wait(name, lambda task: (task.phase, task.reason) == place.shows)


def spent(task: Seen) -> tuple[object, object]:
    return task.status.get("userFailures"), task.status.get("systemFailures")


def none_lives(here: Tasks, name: str) -> Objects:
    """Return the task's Pods as soon as all of them are over."""
    return first(here.pods(name), all_over, f"the end of what lives of {name}")


def all_over(pods: Objects) -> bool:
    return all(pod["status"]["phase"] in {"Succeeded", "Failed"} for pod in pods.values())


def assert_cancelled_in_time(here: Tasks, name: str, **values: object) -> None:
    asked = time.monotonic()
    here.patch(name, cancel=True)
    task = here.ended(name)
    assert time.monotonic() - asked <= MOST_SECONDS
    assert_cancelled(task, **values)
    none_lives(here, name)


@in_modes(fixture="apart")
def test_a_task_that_waits_for_a_quota_is_suspended_resumed_and_cancelled(apart: Tasks) -> None:
    quota = {"metadata": {"name": "no-pods"}, "spec": {"hard": {"pods": "0"}}}
    apart.core.create_namespaced_resource_quota(apart.namespace, quota)
    where = f"--namespace={apart.namespace}"
    cluster.kubectl("wait", "--for=jsonpath={.status.hard.pods}=0", "resourcequota/no-pods", where)
    place = Place(spec=shell("true"), shows=("Queued", "QuotaExceeded"))
    apart.create("rationed", place.spec)
    arrived(apart, "rationed", place)
    apart.patch("rationed", suspend=True)
    assert apart.wait("rationed", lambda task: task.reason == "Suspended").attempt == 0
    apart.patch("rationed", suspend=False)
    arrived(apart, "rationed", place)
    assert_cancelled_in_time(apart, "rationed")


# --- While downloader or uploader is busy ----------------------------------------------------------


def busy(name: str, after: str | None = None) -> Callable[[Json], bool]:
    """Return the condition that a container runs, after the end of another."""
    return lambda pod: (
        cluster.running(pod, name) and (after is None or cluster.terminated(pod, after) is not None)
    )


@in_modes()
def test_a_task_whose_inputs_are_being_written_is_cancelled_in_time(here: Tasks) -> None:
    here.create("downloading", shell(COUNTS, outputs=A, inputs=MANY_IN, **SLOWER))
    pod = here.pod("downloading", busy("downloader"))["metadata"]["name"]
    # As process 1 it gets no signal before it has asked for it, which it has when it says anything.
    said_anything(here, pod, "downloader")
    assert_cancelled_in_time(here, "downloading")
    (pod,) = none_lives(here, "downloading").values()
    assert (cluster.terminated(pod, "downloader") or {})["exitCode"] == 143


def said_anything(here: Tasks, pod: str, container: str) -> None:
    """Return as soon as a container has a line in its log."""
    options = {"container": container, "follow": True, "_request_timeout": cluster.WAIT_SECONDS}
    log = here.core.read_namespaced_pod_log(pod, here.namespace, **options, _preload_content=False)
    try:
        assert next(iter(log), b"")
    finally:
        log.close()


@in_modes()
def test_a_task_whose_outputs_are_being_read_is_cancelled_in_time(here: Tasks) -> None:
    here.create("uploading", shell(MANY_OUT, outputs=typed(a="list[integer]"), **SLOW))
    here.pod("uploading", busy("uploader", after="main"))
    assert_cancelled_in_time(here, "uploading")


@in_modes()
def test_a_command_that_has_ended_well_is_a_success_although_it_is_cancelled_meanwhile(here: Tasks) -> None:
    outputs = [{"name": "a", "type": "list[integer]", "glob": "many/*"}]
    here.create("too-late", shell(MANY_FILES, outputs=outputs, **SLOWEST))
    here.pod("too-late", busy("uploader", after="main"))
    here.patch("too-late", cancel=True)
    assert_succeeded(here.ended("too-late"), a=[1] * FILES)
