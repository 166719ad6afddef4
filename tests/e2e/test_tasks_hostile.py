"""What a command may leave where an output is wanted, on a real volume: each thing has a named reason."""

from __future__ import annotations

from typing import Final

import pytest

from containertask.contract.outcome import Outcome
from support.hostile import HOSTILE, ITEMS, PLACES, Hostile, Use
from support.modes import in_modes
from support.seen import Failure, assert_failed, assert_succeeded
from support.shapes import OPERATOR_IMAGE
from support.tasks import Tasks, shell

OUTSIDE: Final = "/etc/debian_version"
"""A file outside of the output folder, which main and uploader both have."""
ROOT: Final = {"runAsUser": 0}
"""Who may make a device."""


@pytest.mark.parametrize("one", HOSTILE, ids=[one.name for one in HOSTILE])
@in_modes()
def test_as_an_item_of_a_list_it_is_named_and_read_no_further(here: Tasks, one: Hostile) -> None:
    item = ITEMS[Use.PART]
    script = f"cd /var/outputs; mkdir x; export X={PLACES[Use.PART]} SECRET={OUTSIDE}; {one.script}"
    spec = shell(script, outputs=[{"name": item.name, "type": item.type}])
    task = here.run("hostile", {**spec, "image": OPERATOR_IMAGE, "securityContext": ROOT})
    outcome, words = one.fates[Use.PART]
    if outcome is Outcome.UPLOADED:
        assert_succeeded(task, x=["1"])
        return
    failure = Failure(
        reason=outcome.value,
        kind="User",
        says=(f"output `{item.name}`", words),
        origin=item.name,
        container="uploader",
        exit_code=0,
    )
    assert_failed(task, failure)
