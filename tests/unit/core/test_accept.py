"""Specs that contradict themselves: refused before any Pod exists, by a message that names field and cure."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from containertask.contract.manifest import Mode
from containertask.core.accept import Accepted, Refused, accept
from containertask.core.attempt import Attempt
from containertask.core.podspec import build_pod
from containertask.types.model import Type
from support.builders import CONFIG, TaskBuilder, a_task
from support.cases.contradictions import FROM_A_CONFIG_MAP, REFUSED
from support.cases.contradictoryfiles import an_input
from support.specs import ACCEPTED
from support.typedvalues import filed_types, stored_types, value_types


@pytest.mark.parametrize(("task", "says"), REFUSED.values(), ids=REFUSED.keys())
def test_each_contradiction_is_named(task: TaskBuilder, says: str) -> None:
    found = accept(task.view())
    assert isinstance(found, Refused), found
    assert says in found.message
    assert found.message.startswith("spec")
    assert len(found.message) < 1024


def test_every_contradiction_is_named_at_once() -> None:
    found = accept(a_task().with_input("a", "integer", "x").with_input("b", "boolean", 1).view())
    assert isinstance(found, Refused)
    assert [one.field for one in found.problems] == ["spec.inputs[a]", "spec.inputs[b]"]


def test_no_value_is_in_a_message_at_length() -> None:
    found = accept(an_input("integer", "secret " * 1000 + "\x1b[31m").view())
    assert isinstance(found, Refused)
    assert len(found.message) < 300
    assert found.message.isprintable()


@pytest.mark.parametrize("change", ACCEPTED.values(), ids=ACCEPTED.keys())
def test_what_the_crd_takes_is_taken_unless_its_values_are_wrong(change: dict[str, Any]) -> None:
    found = accept(a_task(**change).view())
    if isinstance(found, Refused):
        assert all("type struct: " in one.message for one in found.problems), found.message


@pytest.mark.parametrize(
    ("fields", "value"),
    [
        ({"value": 3}, 3),
        ({"default": 4}, 4),
        ({"value": 3, "default": 4}, 3),
        ({"value": None, "default": 4}, 4),
        ({"optional": True}, None),
        ({"value": 0, "default": 4}, 0),
    ],
    ids=["value", "default", "value before default", "null is absent", "absent", "zero is a value"],
)
def test_the_value_comes_before_the_default(fields: dict[str, object], value: object) -> None:
    found = accept(a_task(inputs=[{"name": "a", "type": "integer", **fields}]).view())
    assert isinstance(found, Accepted)
    assert found.inputs["a"].value == value


types = st.one_of(value_types, filed_types, stored_types)


def test_values_are_measured_without_names_types_and_inputs_pb() -> None:
    many = [{"name": f"i{n}", "type": "string", "value": "x" * 300} for n in range(1000)]
    found = [accept(a_task(inputs=many, metadataFormat=written).view()) for written in ("JSON", "PROTO")]
    assert all(isinstance(one, Accepted) for one in found), found


def test_values_make_room_for_outputs_with_long_paths() -> None:
    outputs = [{"name": f"o{n}", "type": "string", "path": f"/var/outputs/{n}{'x' * 250}"} for n in range(32)]
    found = [
        accept(an_input("string", "x" * 23_000).spec(outputs=some).view()) for some in (outputs, outputs[:9])
    ]
    assert [isinstance(one, Accepted) and one.document.sha256 is not None for one in found] == [True, False]


@pytest.mark.parametrize("kind", ["file", "optional[file]"])
@pytest.mark.parametrize("given", [{"value": "AA=="}, {"valueFrom": FROM_A_CONFIG_MAP["valueFrom"]}])
def test_the_path_of_a_file_is_known_whoever_has_its_content(kind: str, given: dict[str, Any]) -> None:
    one = {"name": "a", "type": kind, "layout": "NamedDir", **given}
    task = a_task(inputs=[one], args=["{{.inputs.a.path}}"]).view()
    found = accept(task)
    assert isinstance(found, Accepted), found
    assert found.rendered(task, 0).args == ("/var/inputs/a/a",)


hostile = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=30),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(st.characters(), max_size=9), inner),
    max_leaves=6,
)


@given(kind=types, value=hostile, template=st.text(st.characters(), max_size=20))
def test_any_value_and_any_template_is_a_pod_or_a_message(kind: Type, value: object, template: str) -> None:
    task = an_input(str(kind), value).spec(args=[template, "{{.inputs.a}}"]).view()
    found = accept(task)
    if isinstance(found, Refused):
        assert found.message.encode()
    else:
        assert build_pod(task, found, Attempt(number=999_999_999, mode=Mode.GATED), CONFIG)["metadata"][
            "name"
        ]


@given(
    spec=st.dictionaries(st.sampled_from(["image", "command", "inputs", "env", "timeout", "odd"]), hostile)
)
def test_any_json_as_a_spec_is_a_pod_or_a_message(spec: dict[str, Any]) -> None:
    found = accept(a_task().spec(**spec).view())
    assert isinstance(found, Accepted) or found.message.encode()
