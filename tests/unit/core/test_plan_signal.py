"""Signal mode: the operator keeps the execution clock, and judges without a record."""

from __future__ import annotations

from typing import Final

import pytest

from containertask.contract.manifest import Mode
from containertask.core.actions import Plan, StopPod
from containertask.core.names import MAIN, UPLOADER
from containertask.core.plan import plan
from support.builders import CONFIG, a_pod, a_task, at, left, rfc, seen, told
from support.builders.pods import PodBuilder
from support.builders.recordings import a_recording
from support.builders.tasks import TaskBuilder
from support.cases.signal import TASK, signal_pod, unstarted

CLOCK: Final = TASK.timeout(execution="10s")
RUNNING: Final = signal_pod(CLOCK).at_work()
"""The kubelet says that the command started at 5: so it did at some time before 6."""


def planned(task: TaskBuilder, pod: PodBuilder, now: float) -> Plan:
    return plan(seen(task, pod), at(now), CONFIG)


def stop_of(found: Plan) -> str | None:
    return found.action.stop.reason.value if isinstance(found.action, StopPod) else None


# --- The execution clock ---


def test_the_execution_clock_is_never_early() -> None:
    early = planned(CLOCK, RUNNING, 15.999)
    assert early.action is None
    assert early.again_in == 1
    assert stop_of(planned(CLOCK, RUNNING, 16)) == "ExecutionTimeout"


def test_the_execution_clock_runs_only_while_the_command_does() -> None:
    for pod in (RUNNING.main_ended(), signal_pod(CLOCK).scheduled().initialized(), signal_pod(CLOCK)):
        assert planned(CLOCK, pod, 60).action is None


@pytest.mark.parametrize("mode", [Mode.INIT, Mode.GATED])
def test_where_there_is_a_launcher_the_operator_keeps_no_execution_clock(mode: Mode) -> None:
    task = a_task().timeout(execution="10s")
    found = planned(task, a_pod(task=task, mode=mode).at_work(), 60)
    assert (found.action, found.again_in) == (None, None)


def test_without_a_clock_a_command_runs_on() -> None:
    found = planned(TASK, signal_pod().at_work(), 100_000)
    assert (found.action, found.again_in) == (None, None)


def test_a_restarted_operator_keeps_the_clock_of_a_command_that_ran_before() -> None:
    status = planned(CLOCK, RUNNING, 7).status
    assert status is not None
    found = planned(CLOCK.status(status), RUNNING, 9)
    assert (found.status, found.again_in) == (None, 7_000)


def test_a_wish_comes_before_the_execution_clock() -> None:
    assert stop_of(planned(CLOCK.cancelled(), RUNNING, 60)) == "Cancelled"


@pytest.mark.parametrize(("exit_code", "reason"), [(0, "Succeeded"), (3, "NonZeroExit")])
def test_a_command_that_ended_before_it_was_stopped_was_in_time(exit_code: int, reason: str) -> None:
    pod = RUNNING.ends(MAIN, exit_code, after=14).uploader_ended(left())
    status = planned(CLOCK, pod.stopped("ExecutionTimeout", after=16), 17).status
    assert status is not None
    assert status.reason == reason


# --- A command that cannot start ---


def test_a_command_that_cannot_start_ends_its_pod_by_itself() -> None:
    pod = unstarted('exec: "absent": executable file not found in $PATH')
    pod = pod.state(UPLOADER, {"running": {"startedAt": rfc(3)}})
    for now in (18, 300):
        assert planned(TASK, pod, now).action is None


@pytest.mark.parametrize(
    "words",
    [
        'failed to generate container "1" spec: failed to apply OCI options: no command specified',
        "no command specified",
    ],
)
def test_an_image_without_an_entrypoint_is_stopped_at_once(words: str) -> None:
    pod = signal_pod().scheduled().initialized().waiting(MAIN, "CreateContainerError", words)
    found = planned(TASK, pod, 5)
    assert isinstance(found.action, StopPod)
    assert found.action.stop.reason == "CommandNotFound"
    assert "set command" in found.action.stop.message


@pytest.mark.parametrize("name", [MAIN, UPLOADER])
def test_an_image_that_does_not_come_has_its_grace(name: str) -> None:
    pod = signal_pod().scheduled().initialized().waiting(name, "ImagePullBackOff", "404")
    task = told(TASK, pod, at(4))
    assert planned(task, pod, 183).action is None
    assert stop_of(planned(task, pod, 184)) == "ImagePullFailed"


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("signal-command-not-found", "CommandNotFound"),
        ("signal-command-not-on-path", "CommandNotFound"),
        ("signal-command-not-executable", "CommandNotExecutable"),
    ],
)
def test_a_recorded_command_that_cannot_start_is_judged_by_the_runtimes_words(name: str, reason: str) -> None:
    one = a_recording(name)
    found = plan(seen(one.task, one.pod.uploader_ended(left())), one.after(30), one.config)
    assert found.action is None
    assert found.status is not None
    assert (found.status.reason, found.status.exit_code) == (reason, None)
    assert found.status.error is not None
    assert (found.status.error.kind, found.status.error.container) == ("User", "main")


def test_a_recorded_image_without_an_entrypoint_is_stopped() -> None:
    one = a_recording("signal-no-command")
    assert stop_of(plan(seen(one.task, one.pod), one.after(5), one.config)) == "CommandNotFound"


def test_a_recorded_image_that_does_not_come_is_waited_for() -> None:
    one = a_recording("signal-user-image-missing")
    found = plan(seen(one.task, one.pod), one.after(30), one.config)
    assert found.action is None
    assert found.status is not None
    assert found.status.waiting_for is not None
    assert found.status.waiting_for.reason == "ImagePull"
    task = told(one.task, one.pod, one.after(30))
    assert stop_of(plan(seen(task, one.pod), one.after(209), one.config)) is None
    assert stop_of(plan(seen(task, one.pod), one.after(211), one.config)) == "ImagePullFailed"


def test_a_recorded_command_that_cannot_start_never_started() -> None:
    one = a_recording("signal-command-not-found")
    status = plan(seen(one.task, one.pod.uploader_ended(left())), one.after(30), one.config).status
    assert status is not None
    assert status.timeline is not None
    assert status.timeline.started is None


# --- The sidecar ---


def test_a_sidecar_that_is_killed_beside_its_command_is_started_again_by_the_kubelet() -> None:
    assert planned(CLOCK, RUNNING.uploader_ended("", 137, "OOMKilled"), 8).action is None


def test_a_sidecar_that_waits_to_be_started_again_stops_nobody() -> None:
    pod = RUNNING.waiting(UPLOADER, "CrashLoopBackOff", "back-off 10s restarting failed container")
    assert planned(CLOCK, pod, 8).action is None


def test_a_sidecar_that_cannot_start_is_stopped_with_all_that_waits_for_it() -> None:
    pod = signal_pod().scheduled().uploader_ended("no exec", 128, "StartError")
    assert stop_of(planned(TASK, pod, 8)) == "ContainerStartFailed"


@pytest.mark.parametrize("exit_code", [0, 2])
@pytest.mark.parametrize(("other", "patience"), [("running", 10), ("terminated", 360)])
def test_a_sidecar_that_outlives_its_command_has_its_time_unless_others_keep_it_asleep(
    exit_code: int, other: str, patience: int
) -> None:
    state = {"running": {"startedAt": rfc(5)}, "terminated": {"exitCode": 0, "finishedAt": rfc(6)}}[other]
    pod = signal_pod().at_work().main_ended(exit_code).state("mesh", {other: state})
    ended = 9
    early = planned(TASK, pod, ended + patience - 1)
    assert early.action is None
    assert early.again_in == 1_000
    assert stop_of(planned(TASK, pod, ended + patience)) == "CopilotFailed"


def test_a_failed_command_is_the_reason_however_long_its_sidecar_took() -> None:
    pod = signal_pod().left(7).stopped("CopilotFailed", "the uploader did not end", after=19).over()
    status = planned(TASK, pod, 25).status
    assert status is not None
    assert (status.reason, status.exit_code) == ("NonZeroExit", 7)
