"""Specs that contradict themselves: refused before any Pod exists, by a message that names field and cure."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from containertask.contract.manifest import Mode
from containertask.core.accept import Accepted, Refused, accept
from containertask.core.podspec import build_pod
from containertask.types.model import Type
from support.builders import CONFIG, TaskBuilder, a_task
from support.specs import ACCEPTED
from support.typedvalues import filed_types, stored_types, value_types


def an_input(kind: str, value: object, **fields: object) -> TaskBuilder:
    return a_task(inputs=[{"name": "a", "type": kind, "value": value, **fields}])


def nested(depth: int) -> dict[str, Any]:
    """Return objects in objects."""
    whole: dict[str, Any] = {}
    for _ in range(depth):
        whole = {"k": whole}
    return whole


FROM_A_CONFIG_MAP = {
    "name": "c",
    "type": "integer",
    "valueFrom": {"configMapKeyRef": {"name": "settings", "key": "n"}},
}
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
    "a type that is none": (
        a_task(inputs=[{"name": "a", "type": "list[intger]", "value": []}]),
        "spec.inputs[a].type: `list[intger]` is no type: at character 6, `intger` is none: did you mean inte",
    ),
    "an output's type that is none": (
        a_task(outputs=[{"name": "o", "type": "map[list[string]"}]),
        "spec.outputs[o].type: `map[list[string]` is no type: at character 17, `]` has to stand here",
    ),
    "an item of another type": (
        an_input("map[list[integer]]", {"k": [1, "x"]}),
        "spec.inputs[a]: type map[list[integer]]: `k`: item 1: `x` is not an integer",
    ),
    "a word that the enum does not have": (
        an_input('enum["a","b"]', "c"),
        "is none of the enum's values: a, b",
    ),
    "a key that is no file's name": (an_input("map[integer]", {"k" * 300: 1}), "too long for a file's name"),
    "more files than a task has": (
        a_task(inputs=[{"name": n, "type": "list[integer]", "value": [0] * 5_000} for n in ("a", "b")]),
        "they are 10002 files, at most 10000 do",
    ),
    "a URI that is to be fetched": (
        an_input("file", {"uri": "s3://b/k"}),
        "this version fetches nothing from a URI: set mode: Reference",
    ),
    "a URI of what has none": (
        a_task(inputs=[{"name": "a", "type": "struct", "uri": "s3://b/k", "mode": "Reference"}]),
        "uri is for file, directory and dataset",
    ),
    "a URI without a scheme": (
        a_task(inputs=[{"name": "a", "type": "file", "uri": "bucket/key", "mode": "Reference"}]),
        "`bucket/key` is no URI",
    ),
    "content by reference": (an_input("file", "AA==", mode="Reference"), "mode Reference hands over URIs"),
    "a file that nothing can keep": (
        a_task(outputs=[{"name": "o", "type": "optional[list[file]]"}]),
        "spec.outputs[o].type: file, directory and dataset outputs need a store",
    ),
    "the value of an input that only the Pod reads": (
        a_task(inputs=[FROM_A_CONFIG_MAP], args=["{{.inputs.c}}"]),
        "args[0]: {{.inputs.c}}: the value is read when the task runs: use .path",
    ),
    "the path of a stream": (
        a_task(outputs=[{"name": "o", "type": "string", "source": "Stdout"}], args=["{{.outputs.o.path}}"]),
        "args[0]: {{.outputs.o.path}}: the output has no path of its own",
    ),
    "the path of a pattern": (
        a_task(outputs=[{"name": "o", "type": "list[string]", "glob": "*"}], args=["{{.outputs.o.path}}"]),
        "args[0]: {{.outputs.o.path}}: the output has no path of its own",
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
        "spec.outputs: names, types and paths take",
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
    assert found.inputs["a"].value == value


types = st.one_of(value_types, filed_types, stored_types)


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
        assert build_pod(task, found, 999_999_999, Mode.GATED, CONFIG)["metadata"]["name"]


@given(
    spec=st.dictionaries(st.sampled_from(["image", "command", "inputs", "env", "timeout", "odd"]), hostile)
)
def test_any_json_as_a_spec_is_a_pod_or_a_message(spec: dict[str, Any]) -> None:
    found = accept(a_task().spec(**spec).view())
    assert isinstance(found, Accepted) or found.message.encode()
