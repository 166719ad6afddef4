"""Specs that contradict themselves, and the words by which each is refused before any Pod exists."""

from __future__ import annotations

from typing import Any

from support.builders import TaskBuilder, a_task
from support.cases.contradictoryfiles import OF_FILES, an_input


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
WIDE = f"list[union[{','.join(f'enum[{chr(34)}{n}{chr(34)}]' for n in range(80))},string]]"
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
        "spec.inputs: they are more than 10000 files",
    ),
    "a URI of a scheme that is none": (
        an_input("file", {"uri": "ftp://b/k"}),
        "the URI cannot be fetched from: its scheme is none of s3://, gs://, az://, pvc://, http://",
    ),
    **OF_FILES,
    "the value of an input that only the Pod reads": (
        a_task(inputs=[FROM_A_CONFIG_MAP], args=["{{.inputs.c}}"]),
        "args[0]: {{.inputs.c}}: the value is read when the task runs: use .path",
    ),
    "content and its URI from one ConfigMap": (
        a_task(inputs=[{**FROM_A_CONFIG_MAP, "type": "file", "mode": "Reference"}]),
        "a ConfigMap has the content, and nothing lies at a URI",
    ),
    "a directory from a ConfigMap": (
        a_task(inputs=[{**FROM_A_CONFIG_MAP, "type": "list[directory]"}]),
        "a ConfigMap gives values, and the content of one file",
    ),
    "a bad default beside a good value": (an_input("integer", 1, default="x"), "`x` is not an integer"),
    "one URI for a list": (
        a_task(inputs=[{"name": "a", "type": "list[file]", "uri": "s3://b/k", "mode": "Reference"}]),
        "an object is not a list[file]",
    ),
    "an argument that is six times as long as JSON": (
        an_input("string", "\x01" * 80_000).spec(args=["{{.inputs.a}}"] * 9),
        "spec.args: command, args and env take",
    ),
    "letters that JSON writes at length": (
        an_input("string", "я" * 52_400).spec(args=["{{.inputs.a}}"] * 9),
        "spec.args: command, args and env take",
    ),
    "names of ConfigMaps that no Pod takes": (
        a_task(
            inputs=[
                {
                    "name": f"i{n}",
                    "type": "integer",
                    "valueFrom": {"configMapKeyRef": {"name": "c" * 250, "key": "k" * 250}},
                }
                for n in range(500)
            ]
        ),
        "spec.inputs: the names of ConfigMaps and keys take",
    ),
    "types that no ConfigMap takes": (
        a_task(
            inputs=[{"name": f"i{n}", "type": f'enum["x","{"y" * 990}"]', "value": "x"} for n in range(1000)]
        ),
        "spec.inputs: names, types and values take",
    ),
    "many values of one of many types": (
        an_input(WIDE, [""] * 5_000),
        "spec.inputs: they are too many values that may each be of many types",
    ),
    "a default that is as long": (
        an_input("list[integer]", [1], default=[0] * 20_000),
        "spec.inputs: they are more than 10000 files",
    ),
    "many inputs of one of many types": (
        a_task(inputs=[{"name": f"i{n}", "type": WIDE, "value": [""] * 100} for n in range(10)]),
        "spec.inputs: they are too many values that may each be of many types",
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
