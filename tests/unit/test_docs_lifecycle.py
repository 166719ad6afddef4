"""The diagram of a task's life is what the code does."""

from __future__ import annotations

from containertask.api.status import Phase
from containertask.core.task import FINISHED
from support import lifecycle
from support.lifecycle import PAGE, arrows


def test_the_page_shows_every_arrow_that_the_code_has() -> None:
    assert PAGE.read_text() == lifecycle.page(), "run PYTHONPATH=tests python -m support.lifecycle"


def test_every_phase_is_reached_and_none_leads_out_of_an_end() -> None:
    found = arrows()
    assert {arrow.after for arrow in found} == set(Phase)
    assert not {arrow.before for arrow in found} & {phase.value for phase in FINISHED}


def test_every_phase_but_the_ends_can_lead_to_each_end() -> None:
    direct = {(arrow.before, arrow.after) for arrow in arrows()}
    for before in set(Phase) - FINISHED:
        assert {(before, end) for end in FINISHED} <= direct
