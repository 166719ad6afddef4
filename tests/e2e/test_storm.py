"""A few hundred tasks at once on fake nodes, while the operator is killed and the API server is taken away.

The short form of ``make soak`` (``perf.storm``), with an operator of its own: the shared one rests meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from perf.storm import checks, figures
from perf.storm.parts import Part, Plan
from perf.storm.run import Outcome, storm

pytestmark = [pytest.mark.alone, pytest.mark.timeout(900)]

SHORT = Plan(tasks=220, kills=100, every=4, others=66, away=20, seconds=300)


@pytest.fixture(scope="module")
def outcome() -> Outcome:
    found = Outcome()
    try:
        storm(SHORT, found)
    finally:
        if found.parts:
            figures.show(found.parts, found.peak_mb)
    return found


@pytest.mark.parametrize("check", checks.CHECKS.values(), ids=checks.CHECKS)
def test_nothing_is_lost_and_nothing_doubled(outcome: Outcome, check: Callable[[Part], list[str]]) -> None:
    assert [one for part in outcome.parts for one in check(part)] == []


def test_all_that_was_to_be_taken_away_was(outcome: Outcome) -> None:
    killed, away = outcome.parts
    assert killed.faults["kills of the operator"] >= 2
    assert killed.starts > killed.faults["kills of the operator"]
    assert away.faults == {"kills of the API server": 2, "20 s without API server": 1}


def test_the_figures_that_no_machine_decides_hold(outcome: Outcome) -> None:
    assert outcome.peak_mb <= 200
    assert figures.most(outcome.parts[0]) <= checks.MOST_WRITES
