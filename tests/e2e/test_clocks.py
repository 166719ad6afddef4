"""The five clocks, each with a reason of its own; ``test_clocks_without_operator.py`` has them again."""

from __future__ import annotations

from typing import Final

from support.modes import SIGNAL, each_in_modes, in_modes
from support.seen import Failure, Seen, assert_failed
from support.taskclocks import DOWNLOAD, EXECUTION, UPLOAD, Lengths, clocks
from support.tasks import Tasks, shell
from support.working import WORKING, A

LENGTHS: Final = Lengths(queued=5, total=12)
CLOCKS: Final = clocks(LENGTHS)
SECONDS: Final = {
    "queued": LENGTHS.queued,
    "download": DOWNLOAD,
    "execution": EXECUTION,
    "upload": UPLOAD,
    "total": LENGTHS.total,
}
TOTAL: Final = Failure(reason="DeadlineExceeded", kind="User", says=("timeout.total",))


@each_in_modes("clock", CLOCKS)
def test_each_clock_ends_a_task_with_a_reason_of_its_own(here: Tasks, clock: str) -> None:
    ending = CLOCKS[clock].within(here.mode or "")
    task = here.run(clock, ending.spec)
    assert_failed(task, ending.failure, **ending.values)
    assert duration(task) >= SECONDS[clock]
    if clock in {"queued", "total"}:
        assert duration(task) <= SECONDS[clock] + 10
    if clock == "queued":
        here.no_pods(clock)


def duration(task: Seen) -> float:
    return float(task.status["duration"].removesuffix("s"))


@in_modes()
def test_a_command_that_is_told_the_time_is_over_and_ends_well_has_still_taken_too_long(here: Tasks) -> None:
    script = WORKING.replace("exit 143", "exit 0")
    task = here.run("polite", shell(script, outputs=A, timeout={"execution": f"{EXECUTION}s"}))
    container = None if here.mode == SIGNAL else "main"
    says = ("timeout.execution",)
    failure = Failure(reason="ExecutionTimeout", kind="User", says=says, exit_code=0, container=container)
    assert_failed(task, failure, a=42)


def test_the_total_clock_counts_the_wait_between_attempts(here: Tasks) -> None:
    retries = {"limit": 1, "backoff": {"base": "5m"}}
    here.create("patient", shell("exit 7", timeout={"total": "20s"}, retries=retries))
    waits = here.waiting_for("patient", "Retrying")
    task = here.ended("patient")
    assert_failed(task, TOTAL)
    assert 20 <= duration(task) <= 30
    assert task.status["attempts"] == waits.status["attempts"]
    assert task.status["userFailures"] == 1


def test_the_total_clock_counts_suspension_and_the_queued_clock_does_not(here: Tasks) -> None:
    here.create("held", shell("true", suspend=True, timeout={"queued": "2s", "total": "8s"}))
    task = here.ended("held")
    assert_failed(task, TOTAL)
    assert 8 <= duration(task) <= 18
    assert next(here.pods("held")) == {}


def test_the_total_clock_counts_all_attempts_together(here: Tasks) -> None:
    retries = {"limit": 100, "backoff": {"base": "1s", "factor": 1}}
    script = f"[ $CT_ATTEMPT -gt 0 ] || exit 7; {WORKING}"
    here.create("again", shell(script, outputs=A, timeout={"total": "25s"}, retries=retries))
    task = here.ended("again")
    assert (task.reason, task.values) == ("DeadlineExceeded", {"a": 42})
    assert [one["reason"] for one in task.status["attempts"]] == ["NonZeroExit", "DeadlineExceeded"]
    assert task.status["userFailures"] == 1
