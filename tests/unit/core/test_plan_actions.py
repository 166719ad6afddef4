"""What a plan asks for: Pods made, found, stopped and deleted."""

from __future__ import annotations

import pytest

from containertask.core.actions import CreatePod, DeletePod, FindPod, Plan, StopPod
from containertask.core.conditions import ACCEPTED, FINISHED, holds
from containertask.core.names import DOWNLOADER, MAIN
from containertask.core.plan import plan
from support.builders import CONFIG, NOW, a_pod, a_task, at, refused, seen, told
from support.builders.pods import PodBuilder
from support.builders.tasks import TaskBuilder
from support.cases.standings import SUSPENDED_BEFORE

READY = a_pod().scheduled().initialized()
RUNNING = READY.running()


def planned(task: TaskBuilder, *pods: PodBuilder, now: float = 60) -> Plan:
    return plan(seen(task, *pods), at(now), CONFIG)


def stop_of(found: Plan) -> str:
    assert isinstance(found.action, StopPod), found
    assert found.status is None
    return found.action.stop.reason.value


# --- Creation ---


def test_a_new_task_gets_a_pod_and_no_status_yet() -> None:
    found = planned(a_task())
    assert isinstance(found.action, CreatePod)
    assert found.action.pod["metadata"]["name"] == "demo-0a1b2-0"
    assert found.status is None
    assert [one.reason for one in found.notices] == ["PodCreated"]


def test_a_resumed_task_gets_the_next_attempt() -> None:
    found = planned(SUSPENDED_BEFORE)
    assert isinstance(found.action, CreatePod)
    assert found.action.pod["metadata"]["name"] == "demo-0a1b2-1"


@pytest.mark.parametrize(
    "last",
    [
        a_pod().stopped("Suspended").gone(),
        a_pod().failed(143).stopped("Suspended").over(),
        a_pod().failed(1).stopped("Suspended").deleting().gone(),
    ],
    ids=["without a node", "stopped", "stopped, then deleted"],
)
def test_a_task_resumed_before_its_stop_is_over_goes_on_with_the_next_attempt(last: PodBuilder) -> None:
    found = planned(a_task().resumed(), last)
    assert isinstance(found.action, CreatePod)
    assert found.action.pod["metadata"]["name"] == "demo-0a1b2-1"


def test_no_attempt_begins_while_the_last_one_is_not_over() -> None:
    stopped = a_pod().failed(143).stopped("Suspended")
    assert planned(a_task().resumed(), stopped).action is None
    assert planned(SUSPENDED_BEFORE, stopped).action is None


def test_the_newest_pod_is_the_current_one() -> None:
    found = planned(SUSPENDED_BEFORE, a_pod(1).done(), a_pod(0).failed(3).over())
    assert found.status is not None
    assert (found.status.phase, found.status.attempt) == ("Succeeded", 1)


def test_a_pod_that_the_status_names_is_asked_for_before_it_is_lost() -> None:
    found = planned(a_task().status(phase="Running", podName="demo-0a1b2-0", attempt=0))
    assert found.action == FindPod("demo-0a1b2-0")
    assert found.status is None


def test_a_pod_that_vanished_before_it_got_a_node_costs_nothing() -> None:
    task = a_task().status(phase="Queued", podName="demo-0a1b2-0", attempt=0)
    found = plan(seen(task, missing="demo-0a1b2-0"), NOW, CONFIG)
    assert isinstance(found.action, CreatePod)
    assert found.action.pod["metadata"]["name"] == "demo-0a1b2-1"


# --- Refusals ---


@pytest.mark.parametrize(
    ("code", "message", "reason"),
    [
        (409, "somebody else's", "PodNameTaken"),
        (422, "spec.containers[0].image: Required", "InvalidPodTemplate"),
        (400, "strict decoding error: unknown field", "InvalidPodTemplate"),
        (403, "violates PodSecurity restricted", "PodRefused"),
        (403, 'admission webhook "p" denied the request: no', "PodRefused"),
    ],
)
def test_a_pod_that_will_never_be_taken_ends_the_task(code: int, message: str, reason: str) -> None:
    found = plan(seen(a_task(), refusal=refused(code, message)), NOW, CONFIG)
    assert found.action is None
    assert found.status is not None
    assert (found.status.phase, found.status.reason, found.status.message) == ("Failed", reason, message)
    assert found.status.error is not None
    assert found.status.error.kind == "Permanent"


def test_a_pod_that_may_be_taken_later_is_tried_again() -> None:
    refusal = refused(403, "exceeded quota: q", after=59)
    waiting = plan(seen(a_task(), refusal=refusal), at(60), CONFIG)
    assert waiting.action is None
    assert waiting.again_in == 14_000
    assert isinstance(plan(seen(a_task(), refusal=refusal), at(74), CONFIG).action, CreatePod)


def test_a_refusal_of_an_earlier_attempt_is_forgotten() -> None:
    refusal = refused(403, "exceeded quota: q", attempt=0)
    assert isinstance(plan(seen(SUSPENDED_BEFORE, refusal=refusal), NOW, CONFIG).action, CreatePod)


def test_waiting_ends_with_the_queued_clock_and_says_for_what() -> None:
    task = a_task().timeout(queued="90s")
    refusal = refused(403, "exceeded quota: q", after=80)
    status = plan(seen(task, refusal=refusal), at(81), CONFIG).status
    assert status is not None
    found = plan(seen(task.status(status), refusal=refusal), at(90), CONFIG)
    assert found.status is not None
    assert found.status.reason == "QueuedTimeout"
    assert "QuotaExceeded" in (found.status.message or "")


# --- Stops ---


@pytest.mark.parametrize(
    ("task", "pod", "reason"),
    [
        (a_task().cancelled(), RUNNING, "Cancelled"),
        (a_task().cancelled(), RUNNING.main_ended(), "Cancelled"),
        (a_task().cancelled(), READY, "Cancelled"),
        (a_task().cancelled(), a_pod(), "Cancelled"),
        (a_task().suspended(), RUNNING, "Suspended"),
        (a_task().suspended(), a_pod().unschedulable(), "Suspended"),
        (a_task().cancelled().suspended(), RUNNING, "Cancelled"),
        (a_task().timeout(total="30s"), RUNNING, "DeadlineExceeded"),
        (a_task().timeout(total="30s").suspended(), RUNNING, "DeadlineExceeded"),
        (a_task().timeout(queued="30s"), a_pod().unschedulable(), "QueuedTimeout"),
        (a_task(), READY.waiting(MAIN, "InvalidImageName", "no"), "InvalidImageName"),
        (a_task(), RUNNING.main_ended(128, "StartError", "no"), "ContainerStartFailed"),
        (a_task(), RUNNING.uploader_ended("no", 128, "StartError"), "ContainerStartFailed"),
        (a_task(), RUNNING.uploader_ended("", 137, "OOMKilled"), "CopilotFailed"),
    ],
)
def test_a_pod_that_should_not_live_is_stopped_with_the_reason_in_it(
    task: TaskBuilder, pod: PodBuilder, reason: str
) -> None:
    assert stop_of(planned(task, pod)) == reason


def test_a_stopped_pod_without_a_node_is_deleted() -> None:
    pod = a_pod().unschedulable().stopped("Suspended")
    for task in (a_task().suspended(), a_task().resumed(), a_task().cancelled()):
        assert planned(task, pod).action == DeletePod(pod.name, pod.raw["metadata"]["uid"])
        assert planned(task, pod.deleting()).action is None


@pytest.mark.parametrize(
    "task",
    [a_task().cancelled(), a_task().suspended(), a_task().timeout(total="30s", queued="20s")],
    ids=["cancel", "suspend", "total"],
)
@pytest.mark.parametrize("pod", [RUNNING, READY, a_pod().scheduled()], ids=["running", "ready", "scheduled"])
def test_a_stop_is_asked_for_once_and_then_waited_for(task: TaskBuilder, pod: PodBuilder) -> None:
    for stopping in (pod.stopped("Cancelled", after=59), pod.deleting()):
        found = planned(task, stopping)
        assert found.action is None
        assert found.again_in is None or found.again_in > 0


@pytest.mark.parametrize(
    ("pod", "reason"),
    [
        (READY.waiting(MAIN, "ImagePullBackOff", "404"), "ImagePullFailed"),
        (READY.waiting(MAIN, "SignatureValidationFailed", "policy"), "ImagePullFailed"),
        (a_pod().scheduled().waiting(DOWNLOADER, "ErrImageNeverPull", "absent"), "ImagePullFailed"),
        (READY.waiting(MAIN, "CreateContainerError", "no"), "ContainerStartFailed"),
        (
            READY.waiting(
                MAIN, "CreateContainerConfigError", "container has runAsNonRoot and image will run as root"
            ),
            "RunAsRootForbidden",
        ),
    ],
)
def test_patience_with_a_container_that_does_not_start_ends_with_the_grace(
    pod: PodBuilder, reason: str
) -> None:
    task = told(a_task(), pod, at(30))
    early = planned(task, pod, now=209)
    assert early.action is None
    assert early.again_in == 1_000
    assert stop_of(planned(task, pod, now=210)) == reason


@pytest.mark.parametrize(("exit_code", "patience"), [(2, 10), (137, 10), (0, 1860)])
def test_an_uploader_that_outlives_its_command_has_its_time(exit_code: int, patience: int) -> None:
    pod, ended = a_pod().at_work().main_ended(exit_code), 9
    early = planned(a_task(), pod, now=ended + patience - 1)
    assert early.action is None
    assert early.again_in == 1_000
    assert stop_of(planned(a_task(), pod, now=ended + patience)) == "CopilotFailed"


def test_the_patience_with_an_uploader_follows_its_clock() -> None:
    pod, task = a_pod().at_work().main_ended(0), a_task().timeout(upload="30s")
    assert planned(task, pod, now=98).action is None
    assert stop_of(planned(task, pod, now=99)) == "CopilotFailed"


def test_a_missing_secret_is_waited_for() -> None:
    pod = READY.waiting(MAIN, "CreateContainerConfigError", 'secret "s" not found')
    found = planned(a_task(), pod, now=100_000)
    assert found.action is None
    assert found.status is not None


# --- A spec that contradicts itself, a task that goes ---


def test_a_spec_that_contradicts_itself_ends_the_task_without_a_pod() -> None:
    found = planned(a_task().with_input("n", "integer", "many"))
    assert found.action is None
    assert found.status is not None
    assert (found.status.phase, found.status.reason) == ("Failed", "InvalidSpec")
    assert "spec.inputs[n]" in (found.status.message or "")
    assert not holds(found.status.conditions, ACCEPTED)
    assert holds(found.status.conditions, FINISHED)


def test_nothing_is_done_for_a_task_that_is_being_deleted() -> None:
    assert planned(a_task().cancelled().deleting(), RUNNING) == Plan()
