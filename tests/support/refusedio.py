"""Specs that are refused for an input, an output, or what stands between them."""

from __future__ import annotations

from support.refusals import Refusal
from support.specs import AREA, A, Json

INSIDE = "the path of an output must be inside outputDir, without `.` or `..`: only that folder is read back"
OWN_FILE = (
    "each output needs a file of its own, none inside another: choose another path (default: outputDir/name)"
)
ERROR_PATH = "_ERROR in outputDir is the file by which a command reports an error: choose another path"
NO_VALUE = "an input needs a value: set value, default, uri or valueFrom, or optional: true"
ONE_VALUE = (
    "an input has one value: keep one of value, uri and valueFrom; beside uri there is no default either"
)
A_KEY = {"configMapKeyRef": {"name": "settings", "key": "rate"}}
BY_REFERENCE = {"name": "f", "type": "file", "uri": "s3://b/k", "mode": "Reference"}
NAME = "write letters, digits, `_` and `-`, a letter or `_` first, such as radius_1"
OF_OUTPUTS = r"spec\.outputs: .*"


def inputs(*inputs: Json) -> Json:
    kept = [{name: value for name, value in one.items() if value is not ...} for one in inputs]
    return {"inputs": kept}


def outputs(*outputs: Json) -> Json:
    return {"outputs": list(outputs)}


INPUTS_AND_OUTPUTS: dict[str, Refusal] = {
    "an unknown type": Refusal(
        inputs({**A, "type": "number"}),
        "spec.inputs[a].type",
        "write a type, one of integer, float, string",
    ),
    "an unknown type of an output": Refusal(
        outputs({**AREA, "type": ""}),
        "spec.outputs[area].type",
        "write a type, one of integer, float, string",
    ),
    "an input with two values": Refusal(inputs({**A, "valueFrom": A_KEY}), "spec.inputs[a].value", ONE_VALUE),
    "an input with a value and a URI": Refusal(
        inputs({**BY_REFERENCE, "value": "AA=="}), "spec.inputs[f].value", ONE_VALUE
    ),
    "an input with a default beside a URI": Refusal(
        inputs({**BY_REFERENCE, "default": "AA=="}), "spec.inputs[f].value", ONE_VALUE
    ),
    "an input from nowhere": Refusal(
        inputs({"name": "a", "type": "float", "valueFrom": {}}),
        "spec.inputs[a].valueFrom",
        "a value comes from one place: set configMapKeyRef or taskOutputRef",
    ),
    "a digest of what is nowhere": Refusal(
        inputs({**A, "sha256": "0" * 64}),
        "spec.inputs[a].sha256",
        "sha256 is that of the one file at uri",
    ),
    "a digest that is none": Refusal(
        inputs({"name": "f", "type": "file", "uri": "s3://b/k", "sha256": "ABC"}),
        "spec.inputs[f].sha256",
        "write 64 hexadecimal digits in small letters",
    ),
    "a task whose name no task has": Refusal(
        inputs({**A, "value": ..., "valueFrom": {"taskOutputRef": {"name": "A", "output": "a"}}}),
        "spec.inputs[a].valueFrom.taskOutputRef.name",
        "write a task's name in small letters, digits and `-`, such as train",
    ),
    "a destination that is no store": Refusal(
        outputs({"name": "o", "type": "file", "destination": "https://a/b"}),
        "spec.outputs[o].destination",
        "write a URI that begins with s3://, gs://, az:// or pvc://",
    ),
    "a store whose name no store has": Refusal(
        {"storeRef": {"name": "A"}},
        "spec.storeRef.name",
        "write an object's name in small letters",
    ),
    "a prefix that climbs": Refusal(
        {"storePrefix": "a/../b"},
        "spec.storePrefix",
        "write names with one slash between them",
    ),
    "a prefix of many bytes": Refusal({"storePrefix": "é" * 300}, "spec.storePrefix", "at most 512 bytes"),
    "a key that no ConfigMap has": Refusal(
        inputs({**A, "value": ..., "valueFrom": {"configMapKeyRef": {"name": "c", "key": "a/b"}}}),
        "spec.inputs[a].valueFrom.configMapKeyRef.key",
        "write a key of a ConfigMap, such as rates.json",
    ),
    "an unknown layout": Refusal(
        inputs({**A, "layout": "Flat"}),
        "spec.inputs[a].layout",
        "`Flat` is none of Direct, NamedDir",
        r"spec\.inputs\[0\]\.layout: Unsupported value",
    ),
    "a glob beside a path": Refusal(
        outputs({"name": "o", "type": "list[string]", "glob": "*", "path": "/var/outputs/o"}),
        "spec.outputs[o].glob",
        "glob names files in outputDir: remove path",
    ),
    "a glob of a stream": Refusal(
        outputs({"name": "o", "type": "list[string]", "glob": "*", "source": "Stdout"}),
        "spec.outputs[o].glob",
        "glob names files in outputDir: remove path",
    ),
    "a glob that climbs": Refusal(
        outputs({"name": "o", "type": "list[string]", "glob": "../*"}),
        "spec.outputs[o].glob",
        "a glob stays below outputDir, without",
    ),
    "a glob with a slash at its end": Refusal(
        outputs({"name": "o", "type": "list[string]", "glob": "parts/"}),
        "spec.outputs[o].glob",
        "write a pattern of paths below outputDir, such as parts/*.json",
    ),
    "a glob that is no list": Refusal(
        outputs({"name": "o", "type": "map[string]", "glob": "*"}),
        "spec.outputs[o].type",
        "a glob finds any number of files: its type is a list",
    ),
    "a name with a slash": Refusal(inputs({**A, "name": "a/b"}), "spec.inputs[a/b].name", NAME),
    "two inputs of one name": Refusal(
        inputs(A, A),
        "spec.inputs[a].name",
        "this name is there twice",
        r"spec\.inputs\[1\]: Duplicate value",
    ),
    "two outputs of one name": Refusal(
        outputs(AREA, AREA),
        "spec.outputs[area].name",
        "this name is there twice",
        r"spec\.outputs\[1\]: Duplicate value",
    ),
    "two variables of one name": Refusal(
        {"env": [{"name": "X", "value": "1"}, {"name": "X", "value": "2"}]},
        "spec.env[X].name",
        "this name is there twice",
        r"spec\.env\[1\]: Duplicate value",
    ),
    "an input with no value": Refusal(
        inputs({"name": "a", "type": "float"}), "spec.inputs[a].value", NO_VALUE
    ),
    "an input that is not optional and has no value": Refusal(
        inputs({"name": "a", "type": "float", "optional": False}), "spec.inputs[a].value", NO_VALUE
    ),
    "too many outputs": Refusal(
        outputs(*({**AREA, "name": f"o{number}"} for number in range(33))),
        "spec.outputs",
        "33 items: at most 32",
        r"spec\.outputs: Too many: 33: must have at most 32 items",
    ),
    "an output named as the error file": Refusal(
        outputs({**AREA, "name": "_ERROR"}),
        "spec.outputs[_ERROR].name",
        "_ERROR is the file by which a command reports an error: choose another name",
    ),
    "the error file as a path": Refusal(
        outputs({**AREA, "path": "/var/outputs/_ERROR"}),
        "spec.outputs[area].path",
        ERROR_PATH,
        OF_OUTPUTS + ERROR_PATH,
    ),
    "a path beside source Stdout": Refusal(
        outputs({"name": "o", "type": "string", "source": "Stdout", "path": "/var/outputs/o"}),
        "spec.outputs[o].path",
        "path is only for source File: remove path, or set source to File",
    ),
    "an exit code that is no integer": Refusal(
        outputs({"name": "o", "type": "string", "source": "ExitCode"}),
        "spec.outputs[o].type",
        "an output with source ExitCode has type integer",
    ),
    **{
        f"an output {what}": Refusal(
            outputs({**AREA, "path": path}),
            "spec.outputs[area].path",
            INSIDE,
            OF_OUTPUTS + "inside outputDir",
        )
        for what, path in {
            "outside of outputDir": "/etc/passwd",
            "that climbs out of outputDir": "/var/outputs/../../etc/passwd",
            "that is outputDir itself": "/var/outputs",
            "with a dot in its path": "/var/outputs/./x",
        }.items()
    },
    **{
        f"an output whose path is {what}": Refusal(
            outputs(AREA, {"name": "o", "type": "float", "path": path}),
            "spec.outputs[o].path",
            OWN_FILE,
            OF_OUTPUTS + "each output needs a file of its own",
        )
        for what, path in {
            "another's default": "/var/outputs/area",
            "inside another's": "/var/outputs/area/x/y",
        }.items()
    },
    "two outputs of one path, the later one outside": Refusal(
        outputs({**AREA, "path": "/var/outputs/x/y"}, {"name": "x", "type": "float"}),
        "spec.outputs[x].path",
        OWN_FILE,
        OF_OUTPUTS + "each output needs a file of its own",
    ),
    **{
        f"start {start} without a command": Refusal(
            {"command": ..., "start": start},
            "spec.start",
            "start: Gated and Init run the command under our launcher",
        )
        for start in ("Gated", "Init")
    },
    **{
        f"source {source} {what}": Refusal(
            {**without, **outputs({"name": "x", "type": "integer", "source": source})},
            "spec.outputs",
            "source Stdout, Stderr and ExitCode need our launcher: set command",
        )
        for source in ("Stdout", "Stderr", "ExitCode")
        for what, without in (
            ("without a command", {"command": ...}),
            ("in Signal mode", {"start": "Signal"}),
        )
    },
}
