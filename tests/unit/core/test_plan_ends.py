"""How an attempt is judged: one row for each way in which a task can end."""

from __future__ import annotations

import pytest

from containertask.api.status import ContainerTaskStatus, Phase
from containertask.contract.exitrecord import Cause
from containertask.contract.outcome import Outcome
from containertask.contract.report import End as ToldEnd
from containertask.core.conditions import COMPLETE, FAILED, FINISHED, OUTPUTS_UPLOADED, holds
from containertask.core.plan import plan
from support.builders import CONFIG, NOW, a_pod, a_task, seen, uploaded
from support.cases.end import End
from support.cases.ends import ENDS
from support.crdschema import faults_of_status


def ended(end: End) -> ContainerTaskStatus:
    found = plan(end.snapshot, NOW, CONFIG)
    assert found.action is None
    assert found.status is not None
    return found.status


@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS.keys())
def test_each_end_has_its_reason(end: End) -> None:
    status = ended(end)
    assert status.reason == end.reason
    assert status.exit_code == end.exit_code
    assert end.says in (status.message or "")
    if end.reason in {"Succeeded", "Cancelled"}:
        assert status.error is None
    else:
        assert status.error is not None
        assert (status.error.code, status.error.kind) == (end.reason, end.kind)


@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS.keys())
def test_each_end_is_told_to_scripts_and_to_people(end: End) -> None:
    found = plan(end.snapshot, NOW, CONFIG)
    status = ended(end)
    well = end.reason == "Succeeded"
    failed = Phase.CANCELLED if end.reason == "Cancelled" else Phase.FAILED
    assert status.phase is (Phase.SUCCEEDED if well else failed)
    assert holds(status.conditions, FINISHED)
    assert holds(status.conditions, COMPLETE) is well
    assert holds(status.conditions, FAILED) is not well
    assert holds(status.conditions, OUTPUTS_UPLOADED) is well
    assert [(one.reason, one.warning) for one in found.notices] == [(status.reason, not well)]
    assert status.timeline is not None
    assert status.timeline.completed is not None
    assert faults_of_status(status) == []


def test_outputs_are_typed_and_have_a_digest() -> None:
    task = a_task().with_output("x", "integer").with_output("y", "struct")
    found = ended(End(seen(task, a_pod(task=task).done({"x": 7, "y": {"k": None}, "z": 1})), ""))
    assert found.outputs is not None
    assert [(one.name, one.type, one.value) for one in found.outputs] == [
        ("x", "integer", 7),
        ("y", "struct", {"k": None}),
    ]
    assert found.outputs[0].size == 1
    assert found.outputs[0].sha256 == "7902699be42c8a8e46fbbb4501726517e86b22c56a189f7625a6da49081b2451"
    assert found.model_dump(mode="json", exclude_none=True)["outputs"][1]["value"] == {"k": None}


def test_what_a_command_that_failed_left_is_in_the_status() -> None:
    task = a_task().with_output("x", "integer").with_output("y")
    report = uploaded({"x": 7}, outcome=Outcome.MAIN_FAILED, end=ToldEnd(cause=Cause.EXITED, exit_code=3))
    found = ended(End(seen(task, a_pod(task=task).at_work().main_ended(3).uploader_ended(report)), ""))
    assert found.reason == "NonZeroExit"
    assert [one.name for one in found.outputs or ()] == ["x"]


def test_times_and_figures_come_from_the_reports_where_those_say_so() -> None:
    status = ended(ENDS["exit 0 with all outputs"])
    assert status.timeline is not None
    assert status.timeline.model_dump(exclude_none=True) == {
        "created": "2026-01-01T00:00:00Z",
        "pod_created": "2026-01-01T00:00:01Z",
        "scheduled": "2026-01-01T00:00:02Z",
        "inputs_ready": "2026-01-01T00:00:04.250Z",
        "started": "2026-01-01T00:00:05.125Z",
        "finished": "2026-01-01T00:00:09.500Z",
        "uploaded": "2026-01-01T00:00:09.625Z",
        "completed": "2026-01-01T00:01:00Z",
    }
    assert status.usage is not None
    assert (status.usage.cpu_milliseconds, status.usage.memory_peak_bytes) == (1200, 9_000_000)


def test_times_come_from_the_kubelet_where_there_is_no_report() -> None:
    status = ended(ENDS["137 without a record"])
    assert status.timeline is not None
    assert (status.timeline.started, status.timeline.finished) == (
        "2026-01-01T00:00:08Z",
        "2026-01-01T00:00:09Z",
    )
    assert status.usage is None
