"""Gated mode: a downloader that fails beside a command at the gate, and what only the record can tell."""

from __future__ import annotations

from typing import Final

import pytest

from containertask.contract.exitrecord import Cause
from containertask.contract.manifest import Mode
from containertask.contract.outcome import Outcome
from containertask.contract.report import End
from containertask.core.actions import Plan, StopPod
from containertask.core.conditions import INPUTS_READY, STARTED, holds
from containertask.core.names import UPLOADER
from containertask.core.plan import plan
from support.builders import CONFIG, a_pod, a_task, at, rfc, seen, uploaded
from support.builders.pods import PodBuilder
from support.cases.gated import failed_download, killed_download

GATED: Final = a_pod(mode=Mode.GATED)
BESIDE: Final = GATED.scheduled().downloading().running()
UPLOADING: Final = {"running": {"startedAt": rfc(5)}}
FAILURES: Final = {
    "with a word": failed_download(Outcome.INVALID_INPUT),
    "late": failed_download(Outcome.DOWNLOAD_TIMEOUT),
    "killed": killed_download(),
    "before main has started": killed_download(GATED.scheduled().state(UPLOADER, UPLOADING)),
}


def planned(pod: PodBuilder, now: float) -> Plan:
    return plan(seen(a_task(), pod), at(now), CONFIG)


@pytest.mark.parametrize("pod", FAILURES.values(), ids=FAILURES.keys())
def test_a_failed_downloader_is_no_end_while_the_command_is_at_the_gate(pod: PodBuilder) -> None:
    early = planned(pod, 10)
    assert early.action is None
    assert early.status is not None
    assert early.status.error is None
    assert early.again_in == 1_000
    found = planned(pod, 11)
    assert isinstance(found.action, StopPod)
    assert found.action.stop.reason == "CopilotFailed"
    assert "still waits for its inputs" in found.action.stop.message


def test_a_launcher_that_heard_of_the_abort_is_not_stopped_at_once() -> None:
    aborted = failed_download(Outcome.INVALID_INPUT).main_ended(125)
    assert planned(aborted, 18).action is None
    assert isinstance(planned(aborted, 19).action, StopPod)


@pytest.mark.parametrize("now", [11, 60, 100_000])
def test_a_downloader_that_is_done_or_works_leaves_the_command_its_time(now: float) -> None:
    assert planned(GATED.at_work(), now).action is None
    assert planned(BESIDE, now).action is None


def test_a_stop_by_somebody_else_outranks_the_downloader_that_it_ended() -> None:
    pod = BESIDE.ends("downloader", 143, after=6).main_ended(143).uploader_ended("", 1)
    task = a_task().cancelled()
    status = plan(seen(task, pod.stopped("Cancelled", after=5)), at(12), CONFIG).status
    assert status is not None
    assert status.reason == "Cancelled"


# --- What only the record can tell ---


def test_a_command_at_the_gate_has_not_started() -> None:
    for pod in (BESIDE, GATED.at_work(), GATED.at_work().main_ended()):
        status = planned(pod, 60).status
        assert status is not None
        assert status.timeline is not None
        assert status.timeline.started is None
        assert not holds(status.conditions, STARTED)


def test_the_record_tells_when_the_command_started() -> None:
    status = planned(GATED.done(), 60).status
    assert status is not None
    assert status.timeline is not None
    assert (status.timeline.inputs_ready, status.timeline.started) == (
        "2026-01-01T00:00:04.250Z",
        "2026-01-01T00:00:05.125Z",
    )
    assert holds(status.conditions, STARTED)
    assert holds(status.conditions, INPUTS_READY)


def test_without_a_record_nobody_says_that_the_command_started() -> None:
    status = planned(GATED.at_work().main_ended(137).uploader_ended("", 1), 60).status
    assert status is not None
    assert status.timeline is not None
    assert status.timeline.started is None
    assert not holds(status.conditions, STARTED)


def test_in_the_other_modes_the_kubelet_tells_it() -> None:
    for task, mode in ((a_task(), Mode.INIT), (a_task(command=None), Mode.SIGNAL)):
        status = plan(seen(task, a_pod(task=task, mode=mode).at_work()), at(60), CONFIG).status
        assert status is not None
        assert status.timeline is not None
        assert status.timeline.started == "2026-01-01T00:00:05Z"
        assert holds(status.conditions, STARTED)


# --- The downloader ends last, as far as the kubelet has looked ---


def test_an_aborted_gate_waits_for_the_downloaders_word() -> None:
    end = End(cause=Cause.GATE_ABORTED, exit_code=125)
    report = uploaded({}, outcome=Outcome.MAIN_FAILED, end=end, message="the inputs did not come")
    found = planned(BESIDE.main_ended(125).uploader_ended(report), 10)
    assert found.status is None or found.status.error is None


def test_a_success_before_the_downloaders_end_is_seen_waits_for_it_a_while() -> None:
    pod = BESIDE.main_ended().uploader_ended(uploaded())
    early, late = planned(pod, 18), planned(pod, 19)
    assert early.action is None
    assert early.again_in == 1_000
    assert isinstance(late.action, StopPod)
    assert late.action.stop.message == "the downloader did not end, although the command has"
    stopped = pod.stopped("CopilotFailed", late.action.stop.message, after=19).over("Failed")
    status = planned(stopped, 21).status
    assert status is not None
    assert status.phase == "Succeeded"


def test_who_started_had_its_inputs_whoever_says_so() -> None:
    status = planned(BESIDE.main_ended().uploader_ended(uploaded()).over("Succeeded"), 10).status
    assert status is not None
    assert holds(status.conditions, INPUTS_READY)
