"""What a command, a webhook or a person can put into a Pod: it is bounded, and never breaks a plan."""

from __future__ import annotations

import pytest

from containertask.api.status import ContainerTaskStatus
from containertask.contract.outcome import Outcome
from containertask.contract.report import Figures, Report
from containertask.core.plan import plan
from support.builders import CONFIG, NOW, PodBuilder, a_pod, a_task, seen, uploaded
from support.builders.reports import said
from support.crdschema import faults_of_status

TASK = a_task().with_output("x", "integer")


def ended(pod: PodBuilder) -> ContainerTaskStatus:
    status = plan(seen(TASK, pod), NOW, CONFIG).status
    assert status is not None
    assert faults_of_status(status) == []
    return status


@pytest.mark.parametrize(
    "note",
    [
        "",
        "null",
        "[]",
        "[" * 100_000,
        '{"reason":"Cancelled"}',
        '{"reason":"Suspended","message":"","at":1e999}',
        '{"reason":"Suspended","message":"","at":-1}',
        '{"reason":"Suspended","message":"","at":99999999999999999999999}',
        '{"reason":[],"message":"","at":0}',
        '{"reason":"Succeeded","message":"","at":0}',
    ],
)
def test_a_note_that_is_none_of_ours_is_an_interruption(note: str) -> None:
    status = ended(a_pod().failed(143).noted(note))
    assert (status.phase, status.reason) == ("Failed", "Interrupted")


def test_half_a_surrogate_pair_in_a_note_is_no_character_of_a_status() -> None:
    note = '{"reason":"DeadlineExceeded","message":"\\ud800","at":0}'
    assert ended(a_pod().failed(143).noted(note)).message == "?"


def test_the_name_of_what_is_at_fault_is_cut() -> None:
    report = uploaded(outcome=Outcome.OUTPUT_MISSING, message="gone", origin="o" * 90)
    error = ended(a_pod().at_work().main_ended().uploader_ended(report)).error
    assert error is not None
    assert error.origin is not None
    assert len(error.origin) == 64


@pytest.mark.parametrize("moment", [2**63 - 1, -(2**63), 0, 253_402_300_800_000])
def test_a_time_that_no_date_can_say_is_the_kubelets(moment: int) -> None:
    figures = Figures(started_ms=moment, finished_ms=moment, uploaded_ms=moment, inputs_ready_ms=moment)
    report = said(Report(outcome=Outcome.UPLOADED, outputs={"x": 7}, figures=figures))
    ready = said(Report(outcome=Outcome.DOWNLOADED, figures=figures))
    pod = a_pod().scheduled().initialized(ready).running().main_ended().uploader_ended(report)
    timeline = ended(pod).timeline
    assert timeline is not None
    assert (timeline.inputs_ready, timeline.started) == ("2026-01-01T00:00:04Z", "2026-01-01T00:00:08Z")
    assert (timeline.finished, timeline.uploaded) == ("2026-01-01T00:00:09Z", None)


def test_a_long_message_is_cut_and_says_so() -> None:
    status = ended(a_pod().scheduled().over("Failed", "Evicted", "€" * 5000))
    assert status.message == "€" * 1023 + "…"


@pytest.mark.parametrize(
    ("name", "owner"),
    [
        ("demo-0a1b2-0-copy", True),
        ("demo-0a1b2-01", True),
        ("demo-0a1b2-9999999999", True),
        ("demo-0a1b2-0", False),
    ],
    ids=["another name", "a padded number", "a number nobody reaches", "another owner"],
)
def test_a_pod_that_only_looks_like_ours_has_no_owner(name: str, owner: bool) -> None:  # noqa: FBT001
    pod = a_pod().having("metadata", name=name)
    pod = pod if owner else pod.having("metadata", ownerReferences=[])
    assert pod.view().owner_uid is None


def test_the_label_that_somebody_changed_does_not_change_the_attempt() -> None:
    labels = {**a_pod(1).raw["metadata"]["labels"], "containertask.dev/attempt": "7"}
    assert a_pod(1).having("metadata", labels=labels).view().attempt == 1
