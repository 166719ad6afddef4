"""What Prometheus gets to read, and that no user's string becomes a label."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families

from containertask.runtime.metrics import Metrics
from containertask.runtime.queue import WorkQueue

PHASES, REASONS = ["Succeeded", "Failed"], ["Completed", "OOMKilled"]


def made() -> Metrics:
    return Metrics(phases=PHASES, reasons=REASONS)


def samples(metrics: Metrics) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    text, _ = metrics.render()
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text.decode())
        for sample in family.samples
    }


def value(metrics: Metrics, name: str, **labels: str) -> float:
    return samples(metrics)["containertask_" + name, frozenset(labels.items())]


def test_finished_tasks_are_counted_by_phase_and_reason_and_timed() -> None:
    metrics = made()
    metrics.task_finished(phase="Failed", reason="OOMKilled", seconds=2.5)
    metrics.task_finished(phase="Failed", reason="OOMKilled", seconds=100)
    assert value(metrics, "tasks_finished_total", phase="Failed", reason="OOMKilled") == 2
    assert value(metrics, "task_seconds_sum") == 102.5
    assert value(metrics, "task_seconds_bucket", le="3.0") == 1


@given(st.text(), st.text())
def test_a_label_of_a_finished_task_is_a_known_word_or_other(phase: str, reason: str) -> None:
    metrics = made()
    metrics.task_finished(phase=phase, reason=reason, seconds=1)
    labels = [
        dict(labels) for name, labels in samples(metrics) if name == "containertask_tasks_finished_total"
    ]
    known_phase = phase if phase in PHASES else "Other"
    known_reason = reason if reason in REASONS else "Other"
    assert labels == [{"phase": known_phase, "reason": known_reason}]


def test_passes_are_counted_by_result_and_timed() -> None:
    metrics = made()
    metrics.pass_ended(failed=False, seconds=0.002)
    metrics.pass_ended(failed=False, seconds=0.2)
    metrics.pass_ended(failed=True, seconds=0.2)
    assert value(metrics, "passes_total", result="done") == 2
    assert value(metrics, "passes_total", result="failed") == 1
    assert value(metrics, "pass_seconds_count") == 3
    assert value(metrics, "pass_seconds_bucket", le="0.0025") == 1


@pytest.mark.parametrize(("code", "label"), [(201, "201"), (None, "unreachable")])
def test_requests_are_counted_by_their_code_or_as_unanswered(code: int | None, label: str) -> None:
    metrics = made()
    metrics.api_request(verb="create", resource="pods", code=code)
    assert value(metrics, "api_requests_total", verb="create", resource="pods", code=label) == 1


def test_the_time_to_the_first_pod_is_measured() -> None:
    metrics = made()
    metrics.pod_created(seconds=0.04)
    assert value(metrics, "pod_creation_seconds_bucket", le="0.05") == 1
    assert value(metrics, "pod_creation_seconds_bucket", le="0.025") == 0


def test_the_leader_says_so() -> None:
    metrics = made()
    assert value(metrics, "leader") == 0
    metrics.leads(now=True)
    assert value(metrics, "leader") == 1
    metrics.leads(now=False)
    assert value(metrics, "leader") == 0


def test_the_queue_is_read_whenever_someone_asks() -> None:
    metrics, queue = made(), WorkQueue(on_error=lambda *_: None)
    metrics.read_queue(queue)
    assert value(metrics, "queue_depth") == 0
    queue.mark(("ns", "a"))
    queue.mark(("ns", "b"))
    assert value(metrics, "queue_depth") == 2
    assert [value(metrics, f"queue_{what}") for what in ("in_flight", "delayed", "retrying")] == [0, 0, 0]


@dataclass
class Figures:
    """What a queue and a recorder say, each figure another."""

    depth: int = 1
    in_flight: int = 2
    delayed: int = 3
    retrying: int = 4
    posted: int = 5
    dropped: int = 6
    failed: int = 7


def test_each_figure_of_queue_and_recorder_has_its_own_series() -> None:
    metrics, figures = made(), Figures()
    metrics.read_queue(figures)
    metrics.read_events(figures)
    queue = [value(metrics, f"queue_{what}") for what in ("depth", "in_flight", "delayed", "retrying")]
    assert queue == [1, 2, 3, 4]
    figures.dropped = 60
    events = [value(metrics, "events_total", result=what) for what in ("posted", "dropped", "failed")]
    assert events == [5, 60, 7]


def test_store_and_watch_are_read_by_kind() -> None:
    metrics = made()
    sizes, ages = {"pods": 3, "tasks": 2}, {"pods": 1.5}
    metrics.read_store(lambda: sizes)
    metrics.read_watch(lambda: ages)
    sizes["pods"] = 4
    assert value(metrics, "store_objects", kind="pods") == 4
    assert value(metrics, "store_objects", kind="tasks") == 2
    assert value(metrics, "watch_event_age_seconds", kind="pods") == 1.5


def test_two_processes_in_one_do_not_share_their_metrics() -> None:
    first, second = made(), made()
    first.leads(now=True)
    assert value(second, "leader") == 0


def test_there_is_no_second_series_that_says_when_the_first_began() -> None:
    metrics = made()
    metrics.pass_ended(failed=False, seconds=1)
    assert not [name for name, _ in samples(metrics) if name.endswith("_created")]
