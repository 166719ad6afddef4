"""From an attempt that failed to the next: what is written, when it begins, and what its Pod has."""

from __future__ import annotations

import json
from typing import Any, Final

import pytest

from containertask.contract.exitrecord import Cause
from containertask.contract.outcome import Outcome
from containertask.contract.report import End, Report
from containertask.core.actions import CreatePod, DeletePod, Plan, StopPod
from containertask.core.names import STOP_ANNOTATION
from containertask.core.plan import plan
from containertask.core.snapshot import Refusal
from support.builders import CONFIG, NOW, PodBuilder, TaskBuilder, a_pod, a_task, refused, rfc, seen

Json = dict[str, Any]

TWICE: Final = {"limit": 2, "backoff": {"base": "10s"}}
LATER: Final = NOW + 10_000


def failed(task: TaskBuilder, *pods: PodBuilder, now: int = NOW, refusal: Refusal | None = None) -> Plan:
    return plan(seen(task, *pods, refusal=refusal), now, CONFIG)


def after(task: TaskBuilder, found: Plan) -> TaskBuilder:
    """Return the task as it stands when the plan was carried out."""
    assert found.status is not None
    return task.status(found.status)


def created(found: Plan) -> Json:
    assert isinstance(found.action, CreatePod)
    return found.action.pod


def main(pod: Json) -> Json:
    return next(one for one in pod["spec"]["containers"] if one["name"] == "main")


def test_a_failure_within_the_budget_is_counted_recorded_and_followed_by_the_next_attempt() -> None:
    task = a_task(retries=TWICE)
    found = failed(task, a_pod().failed(3))
    status = found.status
    assert status is not None
    assert (status.phase, status.reason, status.attempt) == ("Pending", "Retrying", 1)
    assert (status.user_failures, status.system_failures, status.pod_name) == (1, None, None)
    assert status.waiting_for is not None
    assert "attempt 0 ended as NonZeroExit" in status.waiting_for.message
    assert status.next_attempt_time is not None
    (record,) = list(status.attempts or ())
    assert (record.attempt, record.reason, record.exit_code) == (0, "NonZeroExit", 3)
    assert (record.pod_name, record.node_name) == (a_pod().view().name, a_pod().failed(3).view().node)
    assert record.started_at
    assert record.finished_at
    assert [one.reason for one in found.notices] == ["NonZeroExit"]
    assert not {one.type for one in status.conditions or ()} & {"Finished", "Failed", "Started"}


def test_the_next_attempt_waits_for_its_time_and_then_begins_once() -> None:
    task = a_task(retries=TWICE)
    first = a_pod().failed(3).over()
    task = after(task, failed(task, first))
    waits = failed(task, first)
    assert (waits.action, waits.status) == (None, None)
    assert waits.again_in is not None
    assert 9_000 <= waits.again_in <= 10_000
    pod = created(failed(task, first, now=LATER))
    assert pod["metadata"]["name"].endswith("-1")
    assert {"name": "CT_ATTEMPT", "value": "1"} in main(pod)["env"]


def test_a_spent_budget_ends_the_task_with_the_last_failure() -> None:
    task = a_task(retries=TWICE).status(attempt=2, userFailures=2)
    status = failed(task, a_pod(attempt=2).failed(4)).status
    assert status is not None
    assert (status.phase, status.reason, status.user_failures, status.exit_code) == (
        "Failed",
        "NonZeroExit",
        3,
        4,
    )
    assert status.next_attempt_time is None


def test_a_success_is_recorded_like_any_other_end_and_costs_nothing() -> None:
    status = failed(a_task(), a_pod().done()).status
    assert status is not None
    assert [(one.attempt, one.reason) for one in status.attempts or ()] == [(0, "Succeeded")]
    assert (status.user_failures, status.system_failures) == (None, None)


def test_the_budgets_survive_as_they_stand_in_the_status_alone() -> None:
    task = a_task(retries={"limit": 1, "systemLimit": 1})
    task = after(task, failed(task, a_pod().failed(3)))
    found = failed(task, a_pod(attempt=1).failed(3)).status
    assert found is not None
    assert (found.phase, found.user_failures) == ("Failed", 2)


def test_no_second_pod_lives_beside_one_that_has_failed_and_still_runs_somebodys_sidecar() -> None:
    task = a_task(retries=TWICE)
    busy = a_pod().failed(3).state("proxy", {"running": {"startedAt": rfc(3)}})
    assert not busy.view().over
    task = after(task, failed(task, busy))
    stop = failed(task, busy, now=LATER).action
    assert isinstance(stop, StopPod)
    stopped = busy.noted(stop.stop.patch()["metadata"]["annotations"][STOP_ANNOTATION])
    assert failed(task, stopped, now=LATER).action is None
    unheard = failed(task, stopped, now=LATER + 300_000).action
    assert isinstance(unheard, DeletePod)
    assert created(failed(task, busy.over(), now=LATER))["metadata"]["name"].endswith("-1")


def test_a_refusal_of_the_last_attempt_says_nothing_of_the_next() -> None:
    task = a_task(retries={**TWICE, "rules": [{"reasons": ["PodRefused"], "action": "Retry"}]})
    refusal = refused(403, "violates PodSecurity")
    task = after(task, failed(task, refusal=refusal))
    assert task.view().status.attempt == 1
    assert created(failed(task, now=LATER, refusal=refusal))["metadata"]["name"].endswith("-1")


@pytest.mark.parametrize("word", ["cancelled", "suspended"])
def test_what_the_user_wants_while_a_task_waits_for_its_next_attempt_counts_at_once(word: str) -> None:
    task = a_task(retries=TWICE)
    task = after(task, failed(task, a_pod().failed(3)))
    wanted: TaskBuilder = getattr(task, word)()
    status = failed(wanted, a_pod().failed(3).over()).status
    assert status is not None
    assert status.reason == word.capitalize()
    assert status.attempts
    assert status.attempts[0].reason == "NonZeroExit"


def test_the_queued_clock_counts_from_the_time_at_which_an_attempt_was_due() -> None:
    task = a_task(retries=TWICE, timeout={"queued": "30s"})
    task = after(task, failed(task, a_pod().failed(3)))
    assert created(failed(task, a_pod().failed(3).over(), now=LATER))
    unplaced = a_pod(attempt=1).unschedulable()
    assert failed(task, unplaced, now=LATER + 20_000).action is None
    stopped = failed(task, unplaced, now=LATER + 40_000).action
    assert isinstance(stopped, StopPod)
    assert stopped.stop.reason == "QueuedTimeout"


def test_an_attempt_that_cost_nothing_is_on_record_too() -> None:
    task = a_task(suspend=True)
    status = failed(task, a_pod().failed(143).stopped("Suspended").over()).status
    assert status is not None
    assert (status.reason, status.attempt) == ("Suspended", 1)
    assert [(one.attempt, one.reason) for one in status.attempts or ()] == [(0, "Suspended")]
    assert (status.user_failures, status.system_failures) == (None, None)


def record(attempt: int, reason: str, **fields: object) -> Json:
    return {"attempt": attempt, "reason": reason, "finishedAt": rfc(30), **fields}


def begun(task: TaskBuilder, *records: Json) -> Json:
    """Return the Pod of the attempt after these."""
    found = task.status(attempt=len(records), attempts=list(records))
    return created(failed(found))


OOM: Final = a_task(
    resources={"limits": {"memory": "1Gi"}, "requests": {"memory": "512Mi"}},
    retries={"limit": 5, "onOOM": {"memoryPercent": 150, "max": "2Gi"}},
)


def test_an_attempt_that_ran_out_of_memory_is_followed_by_one_with_more_up_to_the_most() -> None:
    found, limits = OOM, []
    for attempt in range(4):
        limits.append(main(created(failed(found, now=NOW + attempt * 400_000)))["resources"])
        pod = a_pod(attempt=attempt).failed(137, "OOMKilled").over()
        found = after(found, failed(found, pod, now=NOW + attempt * 400_000))
    assert [one["limits"]["memory"] for one in limits] == ["1Gi", "1536Mi", "2Gi", "2Gi"]
    assert [one["requests"]["memory"] for one in limits] == ["512Mi", "768Mi", "1Gi", "1Gi"]


def test_memory_once_raised_stays_raised_and_other_ends_raise_none() -> None:
    grown = record(0, "OOMKilled", memoryLimit="1536Mi")
    pod = begun(OOM, grown, record(1, "NonZeroExit", memoryLimit="2Gi"))
    assert main(pod)["resources"]["limits"]["memory"] == "2Gi"


def avoided(pod: Json) -> list[str]:
    terms = pod["spec"].get("affinity", {}).get("nodeAffinity", {})
    preferred = terms.get("preferredDuringSchedulingIgnoredDuringExecution", [])
    fields = [one["preference"].get("matchFields", []) for one in preferred]
    return [one["values"][0] for each in fields for one in each]


def test_an_attempt_keeps_away_from_nodes_on_which_earlier_ones_were_lost() -> None:
    records = [
        record(0, "NodeLost", nodeName="a"),
        record(1, "NonZeroExit", nodeName="b"),
        record(2, "Evicted", nodeName="c"),
        record(3, "Evicted", nodeName="a"),
    ]
    assert avoided(begun(a_task(), *records)) == ["a", "c"]
    assert avoided(begun(a_task(), record(0, "NonZeroExit", nodeName="b"))) == []


def test_the_users_own_affinity_stays_beside_it_and_what_is_none_is_left_to_the_api_server() -> None:
    own = {"weight": 1, "preference": {"matchExpressions": [{"key": "disk", "operator": "Exists"}]}}
    wanted = {"nodeAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": [own]}, "podAffinity": {}}
    lost = record(0, "NodeLost", nodeName="a")
    affinity = begun(a_task(affinity=wanted), lost)["spec"]["affinity"]
    assert affinity["podAffinity"] == {}
    assert affinity["nodeAffinity"]["preferredDuringSchedulingIgnoredDuringExecution"][0] == own
    for strange in (3, {"preferredDuringSchedulingIgnoredDuringExecution": 3}):
        assert begun(a_task(affinity={"nodeAffinity": strange}), lost)["spec"]["affinity"] == {
            "nodeAffinity": strange
        }


def test_a_report_that_was_cut_is_followed_by_an_attempt_with_a_smaller_one() -> None:
    def budget(pod: Json) -> int:
        text = pod["metadata"]["annotations"]["containertask.dev/manifest"]
        found: int = json.loads(text)["messageBytes"]
        return found

    cut = record(0, "MessageTruncated")
    assert budget(begun(a_task(), cut)) < budget(created(failed(a_task())))


def test_a_status_with_a_reason_of_another_version_says_nothing_of_nodes() -> None:
    assert avoided(begun(a_task(), record(0, "FromTheFuture", nodeName="a"))) == []


@pytest.mark.parametrize("final", [True, False])
def test_an_error_that_the_command_itself_calls_final_is_not_tried_again(final: bool) -> None:  # noqa: FBT001
    report = Report(
        outcome=Outcome.USER_ERROR, message="no GPU", final=final, end=End(cause=Cause.EXITED, exit_code=0)
    )
    pod = a_pod().at_work().main_ended().uploader_ended(report.encode(4096).decode()).over()
    status = failed(a_task(retries=TWICE), pod).status
    assert status is not None
    assert status.phase == ("Failed" if final else "Pending")


def test_an_init_container_of_somebody_elses_that_fails_is_named() -> None:
    pod = a_pod().scheduled()
    spec = {**pod.raw["spec"], "initContainers": [{"name": "warm-up"}, *pod.raw["spec"]["initContainers"]]}
    pod = pod.having("spec", **spec).ends("warm-up", 4, after=3).over()
    status = failed(a_task(), pod).status
    assert status is not None
    assert status.reason == "PodFailed"
    assert "init container warm-up" in (status.message or "")


def test_a_time_that_a_wrong_clock_wrote_keeps_no_attempt_waiting() -> None:
    task = a_task(retries=TWICE).status(attempt=1, userFailures=1, nextAttemptTime="2031-01-01T00:00:00Z")
    assert created(failed(task))["metadata"]["name"].endswith("-1")


def test_what_a_failed_attempt_wrote_stays_until_the_next_one_has_a_pod() -> None:
    task = a_task(retries=TWICE).with_output("x", "integer")
    report = Report(outcome=Outcome.MAIN_FAILED, outputs={"x": 7}, end=End(cause=Cause.EXITED, exit_code=3))
    pod = a_pod().at_work().main_ended(3).uploader_ended(report.encode(4096).decode()).over()
    task = after(task, failed(task, pod))
    cancelled = failed(task.cancelled(), pod).status
    assert cancelled is not None
    assert [(one.name, one.value) for one in cancelled.outputs or ()] == [("x", 7)]
    again = failed(task, a_pod(attempt=1).at_work(), now=LATER).status
    assert again is not None
    assert (again.phase, again.outputs) == ("Running", None)
