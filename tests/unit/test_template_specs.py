"""Reading the spec of a template: as that of a task, but for values and for what belongs to one run."""

from __future__ import annotations

import json

import pytest

from containertask.api.parse import SpecError
from containertask.api.structural import structural
from containertask.api.templates import ContainerTaskTemplateSpec
from containertask.api.verifytemplates import parse_template
from support.refusals import Refusal
from support.refusedrules import REFUSED
from support.specs import ACCEPTED, Json, spec

_OF_ONE_RUN = {"suspend", "cancel"}
_NEEDS_A_VALUE = "an input needs a value"
ACCEPTED_OF_BOTH = {name: one for name, one in ACCEPTED.items() if not _OF_ONE_RUN & one.keys()}
REFUSED_OF_BOTH = {
    name: one
    for name, one in REFUSED.items()
    if _NEEDS_A_VALUE not in one.says and not _OF_ONE_RUN & one.change.keys()
}


@pytest.mark.parametrize("change", ACCEPTED_OF_BOTH.values(), ids=ACCEPTED_OF_BOTH)
def test_what_a_task_may_say_a_template_may_say(change: Json) -> None:
    assert parse_template(spec(**change)).image == spec(**change)["image"]


@pytest.mark.parametrize("refusal", REFUSED_OF_BOTH.values(), ids=REFUSED_OF_BOTH)
def test_what_is_refused_of_a_task_is_refused_of_a_template(refusal: Refusal) -> None:
    with pytest.raises(SpecError) as caught:
        parse_template(spec(**refusal.change))
    assert [one.field for one in caught.value.problems] == [refusal.field]
    assert refusal.says in caught.value.problems[0].message


def test_an_input_may_lack_a_value() -> None:
    found = parse_template({"image": "alpine", "inputs": [{"name": "a", "type": "float"}]})
    assert [one.name for one in found.inputs or ()] == ["a"]


@pytest.mark.parametrize("field", [*sorted(_OF_ONE_RUN), "templateRef"])
def test_what_belongs_to_one_run_is_no_field(field: str) -> None:
    with pytest.raises(SpecError, match=rf"spec\.{field}: is no field"):
        parse_template({"image": "alpine", field: True})


def test_the_schema_leaves_room_below_the_bound_of_a_definition() -> None:
    assert len(json.dumps(structural(ContainerTaskTemplateSpec))) <= 200_000
