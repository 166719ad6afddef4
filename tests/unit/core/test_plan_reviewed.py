"""What a hostile review found: each was a task that hung, ran for ever, or was ended for nothing."""

from __future__ import annotations

from typing import Any, Final

import pytest

from containertask.api.reasons import Reason
from containertask.contract.manifest import Mode
from containertask.core.accept import Refused, accept
from containertask.core.actions import DeletePod, Plan, StopPod
from containertask.core.names import DOWNLOADER, MAIN, UPLOADER
from containertask.core.plan import plan
from containertask.core.refusals import WithoutVolume, judge_refusal
from containertask.core.snapshot import Refusal
from support.builders import CONFIG, PodBuilder, TaskBuilder, a_pod, a_task, at, quiet, rfc, seen, told

Json = dict[str, Any]

GROWING: Final = {"limit": 1, "onOOM": {"memoryPercent": 200, "max": "1Gi"}}


def planned(task: TaskBuilder, pod: PodBuilder, now: float) -> Plan:
    return plan(seen(task, pod, trouble=quiet(pod, at(now))), at(now), CONFIG)


def stop_of(found: Plan) -> Reason | None:
    return found.action.stop.reason if isinstance(found.action, StopPod) else None


@pytest.mark.parametrize(
    ("resources", "most"),
    [
        ({"limits": {"memory": "1e100"}}, "1Gi"),
        ({"limits": {"memory": "1Mi"}, "requests": {"memory": "1e100"}}, "1Gi"),
        ({"limits": {"memory": "1Mi"}}, "1e100"),
    ],
)
def test_more_memory_than_can_be_counted_is_refused_by_name(resources: Json, most: str) -> None:
    retries = {**GROWING, "onOOM": {"memoryPercent": 200, "max": most}}
    found = accept(a_task(resources=resources, retries=retries).view())
    assert isinstance(found, Refused)
    assert "more than Kubernetes can count" in found.message


@pytest.mark.parametrize("quantity", ["1e1000", "1e-1000"])
def test_a_quantity_that_python_and_the_api_server_would_read_apart_is_refused(quantity: str) -> None:
    assert isinstance(accept(a_task(resources={"limits": {"memory": quantity}}).view()), Refused)


@pytest.mark.parametrize("name", [DOWNLOADER, UPLOADER])
@pytest.mark.parametrize("mode", [Mode.INIT, Mode.GATED])
def test_a_copilot_that_cannot_start_beside_a_command_that_runs_has_its_grace_alone(
    name: str, mode: Mode
) -> None:
    pod = a_pod(mode=mode).scheduled().running().waiting(name, "ImagePullBackOff", "404")
    task = told(a_task(), pod, at(10))
    assert stop_of(planned(task, pod, 184)) is None
    assert stop_of(planned(task, pod, 185)) is Reason.IMAGE_PULL_FAILED


def test_the_grace_of_an_image_is_not_charged_with_the_wait_for_a_node() -> None:
    task = told(a_task(), a_pod().unschedulable(), at(5))
    pod = a_pod().scheduled().waiting(MAIN, "ErrImagePull", "TLS handshake timeout")
    assert stop_of(planned(task, pod, 902)) is None


def test_the_queued_clock_of_a_retry_counts_from_its_time_until_its_pod_has_begun() -> None:
    task = a_task(timeout={"queued": "60s"}).status(
        phase="Pending", reason="Retrying", attempt=1, systemFailures=1, nextAttemptTime=rfc(3600)
    )
    pod = a_pod(1, mode=Mode.GATED).scheduled()
    missing = pod.waiting(MAIN, "CreateContainerConfigError", 'secret "db" not found')
    task = told(task, missing, at(3605))
    assert stop_of(planned(task, missing, 3606)) is None
    assert stop_of(planned(task, missing, 3661)) is Reason.SECRET_NOT_FOUND


@pytest.mark.parametrize(
    "words",
    ['spec.volumes[0].name: Invalid value: "Bad_Name"', 'unknown field "spec.volumes[0].foo"'],
)
def test_a_volume_of_the_users_says_nothing_of_image_volumes(words: str) -> None:
    def refused(volume: int | None) -> Refusal:
        return Refusal(attempt=0, mode=Mode.GATED, code=422, message=words, at=0, volume=volume)

    assert judge_refusal(refused(5)) != WithoutVolume(certain=True)
    assert judge_refusal(refused(0)) == WithoutVolume(certain=True)


def test_a_node_that_waits_for_somebody_elses_volume_is_not_blamed_for_ours() -> None:
    pod = a_pod(mode=Mode.GATED).scheduled().sandbox(ready=False)
    volumes = [*pod.raw["spec"]["volumes"], {"name": "data", "nfs": {"server": "x", "path": "/"}}]
    assert stop_of(planned(a_task(), pod, 30)) is Reason.IMAGE_VOLUME_UNUSABLE
    assert stop_of(planned(a_task(), pod.having("spec", volumes=volumes), 30)) is None


def test_a_sidecar_that_cannot_start_holds_no_end_up_in_signal_mode() -> None:
    pod = a_pod(mode=Mode.SIGNAL).scheduled().initialized().running().main_ended()
    pod = pod.waiting("side", "ImagePullBackOff")
    assert stop_of(planned(a_task(), pod, 19)) is Reason.COPILOT_FAILED


@pytest.mark.parametrize(
    "container",
    [
        {"restartPolicyRules": [{"action": "RestartAllContainers"}]},
        {"restartPolicy": "Never"},
        {"restartPolicy": "Always"},
    ],
)
def test_an_overlays_container_starts_nothing_anew(container: Json) -> None:
    overlay = {"spec": {"containers": [{"name": "side", "image": "i", **container}]}}
    found = accept(a_task(podTemplate=overlay).view())
    assert isinstance(found, Refused)
    assert "cannot be set here" in found.message


def test_more_containers_than_leave_room_for_the_report_are_refused() -> None:
    others = [{"name": f"side-{number}", "image": "i"} for number in range(9)]
    found = accept(a_task(podTemplate={"spec": {"containers": others}}).view())
    assert isinstance(found, Refused)
    assert "at most 8" in found.message
    assert not isinstance(accept(a_task(podTemplate={"spec": {"containers": others[1:]}}).view()), Refused)


@pytest.mark.parametrize("time", ["2026-01-01T00:00:00", "2026-01-01", "0000-01-01T00:00:00Z", "soon"])
def test_a_time_that_cannot_be_read_keeps_no_task(time: str) -> None:
    task = a_task().status(phase="Pending", attempt=0, nextAttemptTime=time)
    assert plan(seen(task), at(1), CONFIG).action is not None


@pytest.mark.parametrize("memory", ["garbage", "-5", "1e1000"])
def test_a_memory_that_cannot_be_read_is_that_of_the_spec(memory: str) -> None:
    records = [{"attempt": 0, "reason": "OOMKilled", "memoryLimit": memory}]
    task = a_task(resources={"limits": {"memory": "64Mi"}}, retries=GROWING)
    assert plan(seen(task.status(attempt=1, attempts=records)), at(1), CONFIG).action is not None


def test_a_counter_beyond_all_bounds_costs_no_time() -> None:
    task = a_task(retries={"limit": 1}).status(systemFailures=10**12)
    status = plan(seen(task, a_pod().failed(3).over()), at(60), CONFIG).status
    assert status is not None
    assert status.phase == "Pending"


def test_a_rule_for_exit_codes_is_not_for_what_the_cluster_did() -> None:
    rules = [{"exitCodes": [143], "action": "Fail"}]
    task = a_task(retries={"systemLimit": 1, "rules": rules})
    pod = a_pod().at_work().main_ended(143).uploader_ended("", 137).disrupted("EvictionByEvictionAPI").over()
    status = plan(seen(task, pod), at(60), CONFIG).status
    assert status is not None
    assert (status.reason, status.system_failures) == ("Retrying", 1)


def test_a_pod_without_a_node_that_is_half_deleted_is_deleted_again() -> None:
    """A client that dies while the API server deletes for it leaves such a Pod: a 504 in the audit log."""
    pod = a_pod().unschedulable().deleting(until=90)
    assert planned(a_task(), pod, 91).action is None
    again = planned(a_task(), pod, 93).action
    assert isinstance(again, DeletePod)
    assert again.at_once
    lost = planned(a_task(), a_pod().scheduled().deleting(until=90), 130)
    assert lost.action is None
    assert lost.status is not None
    assert lost.status.reason == "NodeLost"
