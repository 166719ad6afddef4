"""A task that names a template: what of it and of the template becomes the spec that runs, or cannot."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from containertask.api.parse import SpecError, parse_spec
from containertask.api.spec import ContainerTaskSpec
from containertask.api.templates import OVERRIDES
from containertask.core.blueprint import MAX_TEMPLATE_BYTES, digest, resolve, too_large

Json = dict[str, Any]

REF: Json = {"templateRef": {"kind": "ContainerTaskTemplate", "name": "area"}}
TEMPLATE: Json = {
    "image": "alpine:3.22",
    "command": ["sh", "-c", "true"],
    "env": [{"name": "LEVEL", "value": "info"}, {"name": "ZONE", "value": "a"}],
    "retries": {"limit": 2, "systemLimit": 5},
    "podRetention": "Never",
    "inputs": [
        {"name": "a", "type": "float"},
        {"name": "b", "type": "float", "default": 1.5},
        {"name": "data", "type": "file", "uri": "s3://bucket/old", "sha256": "0" * 64},
    ],
    "outputs": [{"name": "area", "type": "float"}],
}
A: Json = {"name": "a", "value": 3}


def resolved(**fields: Any) -> Json:
    found = resolve({**REF, **fields}, TEMPLATE)
    assert isinstance(found, dict), found
    return found


def refused(**fields: Any) -> list[tuple[str, str]]:
    found = resolve({**REF, **fields}, TEMPLATE)
    assert isinstance(found, tuple)
    return [(one.field, one.message) for one in found]


def of_input(name: str, **fields: Any) -> Json:
    inputs: list[Json] = resolved(**fields)["inputs"]
    return next(one for one in inputs if one["name"] == name)


def test_what_comes_out_is_the_spec_of_an_ordinary_task() -> None:
    found = resolved(inputs=[A])
    assert found == {**TEMPLATE, "inputs": [{**A, "type": "float"}, *TEMPLATE["inputs"][1:]]}
    assert parse_spec(found).image == "alpine:3.22"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("image", "alpine:edge"),
        ("env", [{"name": "LEVEL", "value": "debug"}]),
        ("retries", {"limit": 1}),
        ("podRetention", "Always"),
        ("queue", "team-a"),
        ("suspend", True),
    ],
)
def test_an_override_takes_the_place_of_the_template_s_field_whole(field: str, value: object) -> None:
    assert resolved(inputs=[A], **{field: value})[field] == value


def test_overrides_are_fields_of_a_task() -> None:
    assert {field.alias for field in ContainerTaskSpec.model_fields.values()} >= OVERRIDES


def test_a_null_is_a_field_left_out() -> None:
    assert resolved(inputs=[A], env=None, command=None) == resolved(inputs=[A])


NO_OVERRIDES = sorted(
    {str(one.alias) for one in ContainerTaskSpec.model_fields.values()} - OVERRIDES - {"inputs"}
)


@pytest.mark.parametrize("field", NO_OVERRIDES)
def test_what_else_stands_beside_the_reference_is_refused_by_name(field: str) -> None:
    text = "beside templateRef the template says it: leave it out, or change the template"
    assert refused(**{field: "something of its own"}) == [(f"spec.{field}", text)]


def test_what_the_api_server_fills_in_is_not_refused_and_does_not_count() -> None:
    filled = {
        "inputDir": "/var/inputs",
        "outputDir": "/var/outputs",
        "metadataFormat": "JSON",
        "start": "Auto",
    }
    template = {**TEMPLATE, "inputDir": "/in", "start": "Init"}
    found = resolve({**REF, **filled, "fileInputLayout": "Direct", "inputs": [A]}, template)
    assert isinstance(found, dict)
    assert (found["inputDir"], found["start"]) == ("/in", "Init")


@pytest.mark.parametrize(
    ("name", "given", "wanted"),
    [
        ("a", {"value": 3}, {"type": "float", "value": 3}),
        ("a", {"value": None}, {"type": "float", "value": None}),
        ("a", {"type": "float", "value": 3, "uri": None}, {"type": "float", "value": 3}),
        ("b", {}, {"type": "float", "default": 1.5}),
        ("b", {"value": 2}, {"type": "float", "default": 1.5, "value": 2}),
        ("b", {"uri": "s3://c/k"}, {"type": "float", "uri": "s3://c/k"}),
        ("data", {"uri": "s3://c/k"}, {"type": "file", "uri": "s3://c/k"}),
        ("data", {"sha256": "1" * 64}, {"type": "file", "uri": "s3://bucket/old", "sha256": "1" * 64}),
        (
            "data",
            {"valueFrom": {"taskOutputRef": {"name": "train", "output": "model"}}},
            {"type": "file", "valueFrom": {"taskOutputRef": {"name": "train", "output": "model"}}},
        ),
    ],
)
def test_a_value_is_given_to_an_input_of_the_template(name: str, given: Json, wanted: Json) -> None:
    assert of_input(name, inputs=[{"name": name, **given}]) == {"name": name, **wanted}


@pytest.mark.parametrize(
    ("inputs", "field", "says"),
    [
        ([{"name": "c", "value": 1}], "spec.inputs[c]", "no such input; it declares: a, b, data"),
        ([A, A], "spec.inputs[a].name", "there twice"),
        ([{**A, "type": "integer"}], "spec.inputs[a].type", "the template declares the type float"),
        ([{**A, "optional": True}], "spec.inputs[a].optional", "the template says it"),
        ([{"value": 1}], "spec.inputs[0]", "a name and a value"),
        ([7], "spec.inputs[0]", "a name and a value"),
        ({"a": 1}, "spec.inputs", "a list is wanted"),
    ],
)
def test_an_input_that_cannot_be_is_refused_by_name(inputs: object, field: str, says: str) -> None:
    [(where, message)] = refused(inputs=inputs)
    assert where == field
    assert says in message


def test_a_required_input_without_a_value_is_refused_as_that_of_any_task() -> None:
    with pytest.raises(SpecError, match=r"spec\.inputs\[a\]\.value: an input needs a value"):
        parse_spec(resolved())


def test_every_problem_is_told_at_once() -> None:
    fields = [field for field, _ in refused(command=["true"], outputs=[], inputs=[A, A])]
    assert fields == ["spec.command", "spec.outputs"]
    assert len(refused(inputs=[{"name": "x"}, {"name": "y"}])) == 2


def test_a_template_that_is_too_large_to_be_kept_is_told_with_its_size() -> None:
    (found,) = too_large({**TEMPLATE, "args": ["x" * MAX_TEMPLATE_BYTES]})
    assert found.field == "spec"
    assert f"at most {MAX_TEMPLATE_BYTES}" in found.message
    assert too_large(TEMPLATE) == ()


def test_neither_the_task_nor_the_template_is_changed() -> None:
    before = repr((A, TEMPLATE))
    resolved(inputs=[A])
    assert repr((A, TEMPLATE)) == before


def test_equal_specs_have_one_digest_whatever_their_order() -> None:
    assert digest(TEMPLATE) == digest(dict(reversed(TEMPLATE.items())))
    assert digest(TEMPLATE) != digest({**TEMPLATE, "image": "alpine:edge"})
    assert len(digest({"description": "\ud800"})) == 64


ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
)
ITEM = st.dictionaries(st.sampled_from(["name", "type", "value", "uri", "sha256", "valueFrom"]), ANY)
NAMED = ITEM.map(lambda one: {**one, "name": "a"})


@given(
    spec=st.fixed_dictionaries({}, optional={"inputs": ANY | st.lists(ITEM | NAMED), "image": ANY, "x": ANY})
)
def test_whatever_the_task_says_there_is_a_spec_or_a_problem(spec: Json) -> None:
    found = resolve(spec, TEMPLATE)
    assert isinstance(found, dict) or found
