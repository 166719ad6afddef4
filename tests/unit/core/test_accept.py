"""Specs that contradict themselves: refused before any Pod exists, by a message that names field and cure."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from containertask.contract.manifest import Mode
from containertask.core.accept import Accepted, Refused, accept
from containertask.core.podspec import build_pod
from containertask.types.leaves import SimpleType
from support.builders import CONFIG, TaskBuilder, a_task
from support.specs import ACCEPTED


def an_input(kind: str, value: object, **fields: object) -> TaskBuilder:
    return a_task(inputs=[{"name": "a", "type": kind, "value": value, **fields}])


def nested(depth: int) -> dict[str, Any]:
    """Return objects in objects."""
    whole: dict[str, Any] = {}
    for _ in range(depth):
        whole = {"k": whole}
    return whole


REFUSED: dict[str, tuple[TaskBuilder, str]] = {
    "a word for an integer": (an_input("integer", "many"), "spec.inputs[a]: type integer: "),
    "a fraction for an integer": (an_input("integer", 2.5), "spec.inputs[a]: type integer: "),
    "an integer beyond 64 bits": (an_input("integer", 2**63), "spec.inputs[a]: type integer: "),
    "a number for a string": (an_input("string", 3), "put it in quotes"),
    "a string for a boolean": (an_input("boolean", "true"), "without quotes"),
    "no date": (an_input("datetime", "yesterday"), "spec.inputs[a]: type datetime: "),
    "no duration": (an_input("duration", "long"), "spec.inputs[a]: type duration: "),
    "a list for a struct": (an_input("struct", [1]), "a list is not a struct"),
    "null for what is not optional": (an_input("string", None), "null is no value of it"),
    "a struct nested too deep": (an_input("struct", nested(40)), "nested deeper than 32 levels"),
    "a struct nested as deep as Python allows": (an_input("struct", nested(800)), "nested deeper than 32"),
    "a string over 1 MiB": (an_input("string", "x" * (2**20 + 1)), "bytes"),
    "values over 512 KiB together": (
        a_task(inputs=[{"name": f"i{n}", "type": "string", "value": "x" * 300_000} for n in range(2)]),
        "the values take",
    ),
    "an unknown token": (a_task(args=["{{.inputs.b}}"]), "args[0]: {{.inputs.b}}: there is no input `b`"),
    "a token that needs a store": (a_task(args=["{{.outputPrefix}}"]), "needs a store"),
    "an argument that no process can get": (
        an_input("string", "x" * 131_072).spec(args=["{{.inputs.a}}"]),
        "more than 131071 bytes",
    ),
    "an argument that a late attempt makes too long": (
        a_task("n" * 52, args=["x" * 131_011 + "{{.perRetryUniqueKey}}"]),
        "more than 131071 bytes",
    ),
    "a NUL in an argument": (an_input("string", "\0").spec(args=["{{.inputs.a}}"]), "NUL"),
    "a bad default": (
        a_task(inputs=[{"name": "a", "type": "integer", "default": "x"}]),
        "spec.inputs[a]: type integer",
    ),
    "no command": (a_task(command=[]), "spec.command: an empty list"),
    "a field that is none": (a_task(comand=["x"]), "did you mean command?"),
    "a folder that no file system takes": (a_task(inputDir="/" + "é" * 128), "spec.inputDir: at most"),
    "a file that no file system takes": (
        a_task(outputs=[{"name": "o", "type": "string", "path": f"/var/outputs/{'x' * 256}"}]),
        "spec.outputs[o].path: at most 1024 bytes, and 255 between two slashes",
    ),
    "a working directory that no system call takes": (
        a_task(workingDir="/" + "é/" * 500),
        "spec.workingDir: at most",
    ),
    "names and paths that no annotation takes": (
        a_task(
            outputs=[
                {"name": f"o{n}", "type": "string", "path": f"/var/outputs/{n}{('/' + 'x' * 200) * 5}"}
                for n in range(32)
            ]
        ),
        "names and paths take",
    ),
}


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
    assert found.values == {"a": value}


hostile = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=30),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(st.characters(), max_size=9), inner),
    max_leaves=6,
)


@given(kind=st.sampled_from(SimpleType), value=hostile, template=st.text(st.characters(), max_size=20))
def test_any_value_and_any_template_is_a_pod_or_a_message(
    kind: SimpleType, value: object, template: str
) -> None:
    task = an_input(kind.value, value).spec(args=[template, "{{.inputs.a}}"]).view()
    found = accept(task)
    if isinstance(found, Refused):
        assert found.message.encode()
    else:
        assert build_pod(task, found, 999_999_999, Mode.GATED, CONFIG)["metadata"]["name"]


@given(
    spec=st.dictionaries(st.sampled_from(["image", "command", "inputs", "env", "timeout", "odd"]), hostile)
)
def test_any_json_as_a_spec_is_a_pod_or_a_message(spec: dict[str, Any]) -> None:
    found = accept(a_task().spec(**spec).view())
    assert isinstance(found, Accepted) or found.message.encode()
