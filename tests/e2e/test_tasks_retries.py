"""An attempt that failed is followed by another: at whose cost, when and where, and never two at once."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

import pytest

from support import cluster, killing
from support.attempts import SOON, failures, pods, reasons, records
from support.cluster import Json
from support.mesh import DEAF, ORDINARY, injected
from support.modes import LAUNCHED, SIGNAL, in_modes
from support.seen import Failure, Seen, assert_failed, assert_succeeded
from support.tasks import Tasks, shell
from support.working import COUNTS, FIRST_WORKS, A, begun

KILLS_ITSELF: Final = "kill -KILL $$$$"
"""The kubelet makes one dollar of two, as in every Pod."""
NOWHERE: Final = {"disk": "nobody-has-this"}
SPARE: Final = "spare"
"""The key of the toleration that `hack/install.py` gives Pods which may be taken away."""

# --- When ------------------------------------------------------------------------------------------

GROWS: Final = {"limit": 2, "backoff": {"base": "1s", "factor": 10, "cap": "3s"}}
WAITS: Final = {1: 1.0, 2: 3.0}
"""Seconds before an attempt: the base, and the cap instead of ten times as much."""
JITTER: Final = 0.9


def instant(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


def accompanied(tasks: Tasks, name: str, spec: Json) -> tuple[dict[int, tuple[Seen, float]], Seen]:
    """Create a task; return the waits between its attempts and when each was seen, and its end."""
    tasks.create(name, spec)
    waits: dict[int, tuple[Seen, float]] = {}
    for task in tasks.states(name):
        if task.reason == "Retrying":
            waits.setdefault(task.attempt or 0, (task, time.time()))
        if "completed" in task.status.get("timeline", {}):
            return waits, task
    raise AssertionError(f"{name} did not end; it waited {waits}")


def log(tasks: Tasks, pod: str) -> str:
    text: str = tasks.core.read_namespaced_pod_log(pod, tasks.namespace, container="main")
    return text.strip()


TWICE: Final = f'echo attempt $CT_ATTEMPT; [ "$CT_ATTEMPT" = 2 ] || exit 7; {COUNTS}'


@in_modes()
def test_a_command_that_fails_twice_succeeds_the_third_time_and_each_attempt_is_told_of(here: Tasks) -> None:
    waits, task = accompanied(here, "third-time", shell(TWICE, outputs=A, retries=GROWS))
    assert_succeeded(task, a=2)
    assert failures(task) == (2, 0)
    assert "nextAttemptTime" not in task.status
    assert [(one["attempt"], one["reason"], one["exitCode"]) for one in records(task)] == [
        (0, "NonZeroExit", 7),
        (1, "NonZeroExit", 7),
        (2, "Succeeded", 0),
    ]
    assert [one["podName"] for one in records(task)] == [task.pod_name(number) for number in range(3)]
    assert {one["nodeName"] for one in records(task)} == {task.status["nodeName"]}
    times = [one[key] for one in records(task) for key in ("startedAt", "finishedAt")]
    assert times == sorted(times)
    assert_waited(waits, records(task))
    for number, pod in enumerate(pods(here, "third-time")):
        assert log(here, pod["metadata"]["name"]) == f"attempt {number}"
        assert "affinity" not in pod["spec"]
    told = [reason for _, reason, _ in here.events("third-time", last="Succeeded")]
    assert told == ["PodCreated", "NonZeroExit", "PodCreated", "NonZeroExit", "PodCreated", "Succeeded"]


def assert_waited(waits: Mapping[int, tuple[Seen, float]], ends: list[Json]) -> None:
    """Assert that each attempt was announced, for a time within its back-off, and began no sooner."""
    assert sorted(waits) == [1, 2]
    for number, (task, seen) in waits.items():
        assert (task.phase, task.waiting_for["reason"]) == ("Pending", "Retrying")
        assert f"attempt {number - 1} ended as NonZeroExit" in task.waiting_for["message"]
        assert failures(task) == (number, 0)
        assert "podName" not in task.status
        at = instant(task.status["nextAttemptTime"])
        ended = instant(ends[number - 1]["finishedAt"])
        assert ended + JITTER * WAITS[number] <= at <= seen + WAITS[number]
        # Where no launcher is, the kubelet tells whole seconds.
        assert instant(ends[number]["startedAt"]) >= at - 1


@in_modes()
def test_a_budget_that_is_spent_ends_the_task_as_the_last_attempt_did(here: Tasks) -> None:
    task = here.run("spent", shell(f"{COUNTS}; exit 7", outputs=A, retries={"limit": 1, "backoff": SOON}))
    failure = Failure(
        reason="NonZeroExit",
        kind="User",
        says=("exit code 7", task.pod_name(1)),
        exit_code=7,
        container="main",
    )
    assert_failed(task, failure, a=1)
    assert (task.attempt, failures(task), reasons(task)) == (1, (2, 0), ["NonZeroExit"] * 2)
    assert [pod["metadata"]["name"] for pod in pods(here, "spent")] == [task.pod_name(0), task.pod_name(1)]


# --- At the system's cost --------------------------------------------------------------------------


def delete(tasks: Tasks, pod: str) -> None:
    tasks.core.delete_namespaced_pod(pod, tasks.namespace)


def tear(tasks: Tasks, pod: str) -> None:
    tasks.core.delete_namespaced_pod(pod, tasks.namespace, grace_period_seconds=0)


def evict(tasks: Tasks, pod: str) -> None:
    where = {"name": pod, "namespace": tasks.namespace}
    tasks.core.create_namespaced_pod_eviction(*where.values(), {"metadata": where})


Act = Callable[[Tasks, str], None]
LOSSES: Final[dict[str, tuple[Act, str]]] = {
    "deleted": (delete, "PodDeleted"),
    "torn": (tear, "PodDeleted"),
    "evicted": (evict, "Evicted"),
}


@in_modes()
@pytest.mark.parametrize("loss", LOSSES)
def test_a_pod_that_is_taken_away_is_followed_by_another_that_would_rather_be_elsewhere(
    here: Tasks, loss: str
) -> None:
    act, reason = LOSSES[loss]
    first = begun(here, loss, FIRST_WORKS, retries={"backoff": SOON})
    act(here, first.pod_name())
    task = here.ended(loss)
    assert_succeeded(task, a=1)
    assert (failures(task), reasons(task)) == ((0, 1), [reason, "Succeeded"])
    lost = records(task)[0]
    assert (lost["podName"], lost["nodeName"]) == (task.pod_name(0), task.status["nodeName"])
    (pod,) = pods(here, loss)
    assert preferences(pod) == [elsewhere(lost["nodeName"])]


def preferences(pod: Json) -> list[Json]:
    """Return the Pod's preferences for nodes; there is no other affinity."""
    (affinity,) = pod["spec"]["affinity"].values()
    (found,) = affinity.values()
    return list(found)


def elsewhere(node: str) -> Json:
    fields = [{"key": "metadata.name", "operator": "NotIn", "values": [node]}]
    return {"weight": 100, "preference": {"matchFields": fields}}


def test_the_tasks_own_preference_for_nodes_stays_beside_that_for_another(here: Tasks) -> None:
    expressions = [{"key": "disk", "operator": "In", "values": ["fast"]}]
    own = {"weight": 7, "preference": {"matchExpressions": expressions}}
    affinity = {"nodeAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": [own]}}
    first = begun(here, "choosy", FIRST_WORKS, retries={"backoff": SOON}, affinity=affinity)
    delete(here, first.pod_name())
    task = here.ended("choosy")
    assert_succeeded(task, a=1)
    (pod,) = pods(here, "choosy")
    assert preferences(pod) == [own, elsewhere(task.status["nodeName"])]


@in_modes(*LAUNCHED)
def test_a_command_that_a_signal_ends_is_tried_again_at_the_systems_cost(here: Tasks) -> None:
    script = f'if [ "$CT_ATTEMPT" = 0 ]; then {KILLS_ITSELF}; fi; {COUNTS}'
    task = here.run("signalled", shell(script, outputs=A, retries={"backoff": SOON}))
    assert_succeeded(task, a=1)
    assert (failures(task), reasons(task)) == ((0, 1), ["Interrupted", "Succeeded"])
    assert records(task)[0]["exitCode"] == 137


def test_the_systems_budget_ends_too_and_the_users_does_not_help(here: Tasks) -> None:
    retries = {"limit": 5, "systemLimit": 1, "backoff": SOON}
    task = here.run("unlucky", shell(KILLS_ITSELF, retries=retries))
    says = ("signal 9",)
    failure = Failure(reason="Interrupted", kind="System", says=says, exit_code=137, container="main")
    assert_failed(task, failure)
    assert (task.attempt, failures(task), reasons(task)) == (1, (0, 2), ["Interrupted"] * 2)


def test_a_task_that_no_node_takes_in_time_is_queued_again_at_the_systems_cost(here: Tasks) -> None:
    retries = {"systemLimit": 1, "backoff": SOON}
    spec = shell("true", nodeSelector=NOWHERE, timeout={"queued": "3s"}, retries=retries)
    task = here.run("unplaced", spec)
    assert_failed(task, Failure(reason="QueuedTimeout", kind="System", says=("timeout.queued", "3s")))
    assert (task.attempt, failures(task), reasons(task)) == (1, (0, 2), ["QueuedTimeout"] * 2)
    assert not [one for one in records(task) if "nodeName" in one]
    here.no_pods("unplaced")


def test_the_last_attempt_of_an_interruptible_task_keeps_to_nodes_that_stay(here: Tasks) -> None:
    first = begun(here, "spare", FIRST_WORKS, interruptible=True, retries={"systemLimit": 1, "backoff": SOON})
    assert tolerates(here.pod("spare"))
    delete(here, first.pod_name())
    assert_succeeded(here.ended("spare"), a=1)
    (pod,) = pods(here, "spare")
    assert not tolerates(pod)


def tolerates(pod: Json) -> bool:
    return SPARE in [one.get("key") for one in pod["spec"].get("tolerations", [])]


# --- Never two at once, and nothing forgotten ------------------------------------------------------


@in_modes()
def test_the_next_attempt_waits_for_the_end_of_what_others_added_to_the_last(here: Tasks) -> None:
    retries, clocks = {"limit": 1, "backoff": SOON}, {"upload": "5s"} if here.mode == SIGNAL else {}
    script = f'[ "$CT_ATTEMPT" = 1 ] || exit 7; {COUNTS}'
    with injected(here, "crowded", ORDINARY, DEAF):
        task = here.run("crowded", shell(script, outputs=A, retries=retries, timeout=clocks))
    assert_succeeded(task, a=1)
    first, second = pods(here, "crowded")
    assert first["status"]["phase"] == "Failed"
    left = cluster.terminated(first, "mesh") or {}
    assert left["finishedAt"] <= second["metadata"]["creationTimestamp"]


@pytest.mark.alone
def test_both_budgets_survive_an_operator_that_dies_between_attempts(apart: Tasks) -> None:
    killing.fresh(apart.core)
    script = f"case $CT_ATTEMPT in 1) {KILLS_ITSELF};; *) exit 7;; esac"
    retries = {"limit": 1, "systemLimit": 1, "backoff": {"base": "10s", "factor": 1}}
    for mode in LAUNCHED:
        apart.create(mode, shell(script, retries=retries, start=mode.capitalize()))
    for killed, budgets in enumerate(((1, 0), (1, 1))):
        operator = killing.running(apart.core, killing.restarted(killed))
        for mode in LAUNCHED:
            apart.wait(mode, between(budgets))
        killing.kill(operator)
    for mode in LAUNCHED:
        task = apart.ended(mode)
        assert (task.reason, task.attempt, failures(task)) == ("NonZeroExit", 2, (2, 1))
        assert reasons(task) == ["NonZeroExit", "Interrupted", "NonZeroExit"]
        assert [pod["metadata"]["name"] for pod in pods(apart, mode)] == [task.pod_name(n) for n in range(3)]


def between(budgets: tuple[int, int]) -> Callable[[Seen], bool]:
    """Return the condition that so much is spent and the next attempt has not begun."""
    return lambda task: task.reason == "Retrying" and failures(task) == budgets
