"""The intake: news in any order from kopf's workers, each of which knows only its own object."""

from __future__ import annotations

import pytest

from containertask.runtime.intake import Intake
from containertask.runtime.store import Store
from support.simulation_desk import Marks

KEY = ("team", "t")


def task(uid: str, version: int) -> dict[str, object]:
    return {
        "metadata": {
            "namespace": "team",
            "name": "t",
            "uid": uid,
            "resourceVersion": str(version),
            "creationTimestamp": "2026-01-01T00:00:00Z",
        },
        "spec": {"image": "alpine"},
    }


def test_the_late_news_of_a_deletion_does_not_drop_the_mark_of_the_next_task_of_that_name() -> None:
    marks = Marks()
    intake = Intake(Store(), marks)
    intake.see_task("ADDED", task("u1", 1))
    intake.see_task("ADDED", task("u2", 3))
    intake.see_task("DELETED", task("u1", 2))
    assert marks.keys == {KEY}
    intake.see_task("DELETED", task("u2", 4))
    assert marks.keys == set()


def test_what_is_known_already_marks_nothing() -> None:
    marks = Marks()
    intake = Intake(Store(), marks)
    for kind in (None, "ADDED", "MODIFIED", None):
        intake.see_task(kind, task("u1", 1))
    assert marks.marked == 1


def test_the_age_of_the_last_news_is_told_by_kind() -> None:
    moments = iter([10.0, 12.5])
    intake = Intake(Store(), Marks(), clock=lambda: next(moments))
    assert intake.ages() == {}
    intake.see_task("DELETED", task("u1", 1))
    assert intake.ages() == {"tasks": 2.5}


def test_a_pod_that_cannot_be_read_is_named(caplog: pytest.LogCaptureFixture) -> None:
    Intake(Store(), Marks()).see_pod("ADDED", {"metadata": {"namespace": "team", "name": "p"}})
    assert "pod=team/p cannot be read" in caplog.text
