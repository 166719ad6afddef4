"""How long a task takes that does nothing, and how often it is written about: on an idle node, by modes."""

from __future__ import annotations

import statistics
import sys
import time

import pytest

from support.modes import in_modes
from support.seen import assert_succeeded
from support.tasks import Tasks, shell, typed

pytestmark = pytest.mark.alone

RUNS = 5
STATUS_WRITES = 3


def run(tasks: Tasks, name: str) -> float:
    """Run a quick task; return the seconds from its creation until a watch showed its success."""
    written = set()
    begun = time.monotonic()
    tasks.create(name, shell("echo 42 > /var/outputs/a", outputs=typed(a="integer")))
    for task in tasks.states(name):
        if task.status:
            written.add(task.raw["metadata"]["resourceVersion"])
        if task.phase == "Succeeded":
            seconds = time.monotonic() - begun
            assert_succeeded(task, a=42)
            assert len(written) <= STATUS_WRITES
            return seconds
    raise AssertionError(f"{name} did not succeed")


@in_modes()
def test_a_quick_task_is_written_about_three_times_at_most(
    here: Tasks, capsys: pytest.CaptureFixture[str]
) -> None:
    seconds = sorted(run(here, f"quick-{number}") for number in range(RUNS))
    with capsys.disabled():
        times = " ".join(f"{one:.2f}" for one in seconds)
        sys.stdout.write(
            f"\n{here.mode}: create to Succeeded: p50 {statistics.median(seconds):.2f} s of {times}\n"
        )
