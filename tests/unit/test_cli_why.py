"""``ctask why``: one screen, for every reason there is."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from containertask.api.paragraphs import PARAGRAPHS
from containertask.api.reasons import Reason
from containertask.cli.nextsteps import NEXT
from containertask.cli.whyscreen import COLUMNS, LINES, Known, screen
from support.cli import task

NOW = datetime(2026, 1, 31, 12, 0, 0, tzinfo=UTC)
ENDS = ("Failed", "Cancelled", "Succeeded")
LONG = "word " * 500


def known(phase: str, reason: str, **status: Any) -> Known:
    found = task("demo", None, phase=phase, reason=reason, **status)
    found["metadata"]["creationTimestamp"] = "2026-01-31T11:57:00Z"
    return Known(task=found, flags=" -n team")


def text(found: Known) -> str:
    return "\n".join(screen(found, NOW))


def test_every_reason_has_a_next_step() -> None:
    assert set(NEXT) == set(Reason) == set(PARAGRAPHS)


@pytest.mark.parametrize("reason", Reason)
@pytest.mark.parametrize("phase", ["Queued", "Running", *ENDS])
def test_a_screen_says_the_reason_its_meaning_and_the_next_step(phase: str, reason: Reason) -> None:
    lines = screen(known(phase, reason, message="as it is"), NOW)
    assert len(lines) <= LINES
    assert max(map(len, lines)) <= COLUMNS
    whole = " ".join(" ".join(lines).split())
    assert lines[0].startswith("Task demo ")
    assert f": {reason} (" in lines[0]
    assert PARAGRAPHS[reason][:40] in whole
    assert "message: as it is" in whole
    step = NEXT[reason].format(name="demo", pod="demo-...", flags=" -n team")
    assert f"Next {step}" in whole


def test_of_an_unfinished_task_what_it_waits_for_is_the_reason() -> None:
    waits = {"reason": "Unschedulable", "message": "0/1 nodes are available"}
    found = text(known("Queued", "PodCreated", waitingFor=waits))
    assert found.startswith("Task demo waits: Unschedulable (for 3m)\n")
    assert "  waits for Unschedulable: 0/1 nodes are available\n" in found
    assert text(known("Failed", "QueuedTimeout", waitingFor=waits)).startswith(
        "Task demo failed: QueuedTimeout"
    )


def test_a_failure_has_the_end_of_its_log_and_what_the_cluster_says() -> None:
    error = {"code": "NonZeroExit", "kind": "User", "message": "it ended with 3", "container": "main"}
    failed = known("Failed", "NonZeroExit", error=error, exitCode=3, attempt=2, duration="14s")
    pod = {"status": {"conditions": [{"type": "Ready", "status": "False", "reason": "R", "message": "m"}]}}
    event = {"type": "Warning", "reason": "BackOff", "message": "again", "involvedObject": {"kind": "Pod"}}
    log = [f"line {number}" for number in range(9)]
    found = text(Known(task=failed.task, pod=pod, events=[event], log=log))
    assert found.startswith("Task demo failed: NonZeroExit (attempt 2, after 14s)\n")
    assert "  message: it ended with 3\n  exit code 3, container main, fault User\n" in found
    assert "    | line 4\n" in found
    assert "    | line 3\n" not in found
    assert "  Pod: Ready is False: R: m\n  event of the Pod: BackOff: again\n" in found


def test_what_is_said_twice_is_told_once() -> None:
    waits = {"reason": "ImagePull", "message": "it cannot be pulled"}
    found = known("Initializing", "ImagePull", message="it cannot be pulled", waitingFor=waits)
    event = {"type": "Warning", "reason": "ImagePull", "message": "it cannot be pulled"}
    assert text(Known(task=found.task, events=[event])).count("it cannot be pulled") == 1


def test_a_task_that_nobody_has_seen_leads_to_the_doctor() -> None:
    found = text(known("Pending", ""))
    assert found.startswith("Task demo waits, and no operator has seen it (for 3m)\n")
    assert "`ctask doctor -n team`" in found


def test_a_reason_of_a_newer_operator_is_told_too() -> None:
    assert "Task demo failed: Newest (" in text(known("Failed", "Newest"))


@settings(max_examples=20, deadline=None)
@given(st.text(max_size=400))
def test_no_text_makes_it_more_than_a_screen(words: str) -> None:
    for reason in Reason:
        for phase in ("Queued", "Failed"):
            lines = screen(with_everything(phase, reason, words + LONG), NOW)
            assert len(lines) <= LINES
            assert all(len(line) <= COLUMNS and line.isprintable() for line in lines)
            assert "Next" in lines


def with_everything(phase: str, reason: Reason, said: str) -> Known:
    error = {"code": reason, "kind": "User", "message": said, "container": said, "origin": said}
    waits = {"reason": reason, "message": said}
    found = known(phase, reason, error=error, exitCode=1, message=said, waitingFor=waits, podName="demo-0")
    condition = {"type": "Ready", "status": "False", "reason": said, "message": said}
    event = {"type": "Warning", "reason": said, "message": f"{said} again"}
    return Known(task=found.task, pod={"status": {"conditions": [condition]}}, events=[event], log=[said] * 9)
