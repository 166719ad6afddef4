"""Reading a spec in Python: takes and refuses what the API server does, and says it in the words of YAML."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from containertask.api.base import MAX_DURATION
from containertask.api.clocks import duration_seconds
from containertask.api.parse import SpecError, parse_spec
from containertask.api.problem import Problem
from containertask.api.spec import ContainerTaskSpec
from containertask.api.structural import Schema, structural
from containertask.api.verify import verify
from support.refusals import Refusal
from support.refusedrules import REFUSED
from support.specs import ACCEPTED, AREA, LEAST, A, Json, spec

SCHEMA = structural(ContainerTaskSpec)


def problems(raw: object) -> tuple[Problem, ...]:
    with pytest.raises(SpecError) as caught:
        parse_spec(raw)
    return caught.value.problems


@pytest.mark.parametrize("change", ACCEPTED.values(), ids=ACCEPTED)
def test_what_is_accepted(change: Json) -> None:
    assert verify(parse_spec(spec(**change))) == ()


@pytest.mark.parametrize("refusal", REFUSED.values(), ids=REFUSED)
def test_what_is_refused_and_how(refusal: Refusal) -> None:
    found = problems(spec(**refusal.change))
    assert [one.field for one in found] == [refusal.field]
    assert refusal.says in found[0].message


def rule_messages(schema: Schema) -> Iterator[str]:
    yield from (rule["message"] for rule in schema.get("x-kubernetes-validations", []))
    for field in schema.get("properties", {}).values():
        yield from rule_messages(field)
    for inner in ("items", "additionalProperties"):
        if isinstance(schema.get(inner), dict):
            yield from rule_messages(schema[inner])


@pytest.mark.parametrize("message", sorted(set(rule_messages(SCHEMA))))
def test_every_rule_of_the_crd_has_an_example_that_python_refuses_with_its_message(message: str) -> None:
    said = [one.message for refusal in REFUSED.values() for one in problems(spec(**refusal.change))]
    assert any(message in one for one in said)


def test_all_problems_are_found_at_once_and_each_once() -> None:
    found = problems(
        {"command": "true", "inputs": [{"name": "a", "type": 5}], "resources": {"limits": {"cpu": []}}}
    )
    assert [str(one).split(":")[0] for one in found] == [
        "spec.image",
        "spec.command",
        "spec.inputs[a].type",
        "spec.resources.limits[cpu]",
    ]


def test_contradictions_are_found_at_once_too() -> None:
    found = problems(spec(inputDir="/ct", outputDir="/ct", outputs=[{**AREA, "path": "/x"}]))
    assert [one.field for one in found] == [
        "spec.inputDir",
        "spec.outputDir",
        "spec.outputDir",
        "spec.outputs[area].path",
    ]


def test_a_long_list_of_problems_is_cut_in_the_text_alone() -> None:
    with pytest.raises(SpecError) as caught:
        parse_spec(spec(args=[5] * 30))
    assert len(caught.value.problems) == 30
    assert str(caught.value).splitlines()[-1] == "and 20 more"
    assert len(str(caught.value).splitlines()) == 11


SAID: dict[str, tuple[Any, str]] = {
    "a list for a spec": ([], "spec: a list where an object is wanted: write image, command, …"),
    "null for a spec": (None, "spec: null where an object is wanted: write image, command, …"),
    "a name that is no string": (
        spec(nodeSelector={5: "x"}),
        "spec.nodeSelector[5]: an integer as a name: put it in quotes",
    ),
    "a field that is no string": (
        {**LEAST, 5: 1},
        "spec[5]: is no field; fields are: accelerator, affinity, args",
    ),
    "an item without a name": (
        spec(inputs=[{"type": "float", "value": 1}]),
        "spec.inputs[0].name: is missing: Name of the input and of its file in inputDir, such as `a`.",
    ),
    "an item that is null": (
        spec(tolerations=[None]),
        "spec.tolerations[0]: null where an object is wanted: write its fields, each with a value",
    ),
    "an item that is no object": (
        spec(inputs=["a=1"]),
        "spec.inputs[0]: a string where an object is wanted: One typed input.",
    ),
    "half a surrogate pair": (
        spec(displayName="\ud800"),
        "spec.displayName: half a surrogate pair is no character: remove it",
    ),
    "an integer with thousands of digits": (
        spec(ttlSecondsAfterFinished=1 << 20_000),
        "spec.ttlSecondsAfterFinished: 0x10000000000000000000000000000000000000… is not within 0 to",
    ),
    "what YAML does not have": (spec(args=("a",)), "spec.args: a value that YAML does not have where a list"),
    "a field inside an item": (
        spec(inputs=[{**A, "valeu": 5}]),
        "spec.inputs[a].valeu: is no field; did you mean value?",
    ),
    "a long value": (
        spec(workingDir="x" * 500),
        "spec.workingDir: `" + "x" * 40 + "…`: write an absolute path, such as /work",
    ),
    "control characters": (
        spec(start="\x1b[31m"),
        "spec.start: `?[31m` is none of Auto, Gated, Init, Signal",
    ),
}


@pytest.mark.parametrize(("raw", "said"), SAID.values(), ids=SAID)
def test_a_message_names_the_field_what_was_found_and_the_cure(raw: object, said: str) -> None:
    assert str(problems(raw)[0]).startswith(said)


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text() | st.integers(), inner, max_size=3),
    max_leaves=6,
)
FIELDS = sorted(SCHEMA["properties"])
PYDANTIC = re.compile(
    r"Input should|\[type=|Field required|validation error|EnvVar|Extra inputs|Keys should|pydantic"
)


@given(
    st.dictionaries(st.sampled_from(FIELDS), anything, max_size=3),
    st.sampled_from(["", "inputs", "outputs", "env"]),
)
@example({"outputs": [{2**63: None}]}, "")
@example({"nodeSelector": {2**63: False}}, "")
def test_whatever_is_read_is_a_spec_or_a_spec_error_in_our_words(change: Json, listed: str) -> None:
    raw = {**LEAST, **({listed: [change]} if listed else change)}
    try:
        parse_spec(raw)
    except SpecError as error:
        for one in error.problems:
            assert one.field.startswith("spec")
            assert not PYDANTIC.search(one.message)


@given(st.text("x", min_size=100, max_size=10_000), st.sampled_from(FIELDS))
def test_no_value_is_shown_in_full(value: str, field: str) -> None:
    said = ""
    try:
        parse_spec({**LEAST, field: value})
    except SpecError as error:
        said = str(error)
    assert "x" * 41 not in said


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("30s", 30), ("5m", 300), ("1h30m", 5400), ("90m15s", 5415), ("1h1s", 3601), ("007s", 7)],
)
def test_a_duration_in_seconds(text: str, seconds: int) -> None:
    assert duration_seconds(text) == seconds


@pytest.mark.parametrize(
    "text", ["", "30", "s", "1m1h", "1.5h", "-1s", "1d", " 1s", "1s\n", "\u0661s", "1h1h"]
)
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="such as 30s, 5m or 1h30m"):
        duration_seconds(text)


@given(st.integers(1, MAX_DURATION))
def test_every_number_of_seconds_can_be_written_and_read(seconds: int) -> None:
    hours, rest = divmod(seconds, 3600)
    minutes, rest = divmod(rest, 60)
    text = "".join(
        f"{number}{unit}" for number, unit in ((hours, "h"), (minutes, "m"), (rest, "s")) if number
    )
    assert duration_seconds(text) == seconds
    assert parse_spec(spec(timeout={"total": text})).timeout is not None


def test_a_null_is_a_field_left_out_but_for_the_value_of_an_input() -> None:
    read = parse_spec(spec(args=None, inputDir=None, inputs=[{**A, "value": None, "optional": None}]))
    assert (read.args, read.input_dir) == (None, "/var/inputs")
    assert read.inputs is not None
    assert read.inputs[0].model_fields_set == {"name", "type", "value"}


def test_a_value_is_kept_as_it_came() -> None:
    value = {"k": [None, math.pi, {"x": None}]}
    read = parse_spec(spec(inputs=[{"name": "a", "type": "struct", "value": value}]))
    assert read.inputs is not None
    assert read.inputs[0].value == value
