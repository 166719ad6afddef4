"""Specs that are refused by a rule between fields, or by one on inputs, outputs, folders and clocks."""

from __future__ import annotations

from support.refusals import SHAPES, Refusal
from support.specs import AREA, A, Json

ABSOLUTE = "write an absolute path without a slash at its end: /var/data"
CHOOSE = "may not be in /ct, /proc, /sys or /dev: choose a folder such as /var/data"
QUANTITY = "write a quantity as Kubernetes does, not negative, such as 2, 500m or 1.5Gi"
INSIDE = "the path of an output must be inside outputDir, without `.` or `..`: only that folder is read back"
OWN_FILE = (
    "each output needs a file of its own, none inside another: choose another path (default: outputDir/name)"
)
ERROR_PATH = "_ERROR in outputDir is the file by which a command reports an error: choose another path"
DURATION = "write a duration in hours, minutes and seconds, such as 30s, 5m or 1h30m"
BOUNDS = "a duration is at least 1s and at most ten years (87600h)"
NO_VALUE = "an input needs a value: set value, default, uri or valueFrom, or optional: true"
ONE_VALUE = (
    "an input has one value: keep one of value, uri and valueFrom; beside uri there is no default either"
)
A_KEY = {"configMapKeyRef": {"name": "settings", "key": "rate"}}
BY_REFERENCE = {"name": "f", "type": "file", "uri": "s3://b/k", "mode": "Reference"}
NAME = "write letters, digits, `_` and `-`, a letter or `_` first, such as radius_1"
APART = "inputDir and outputDir must be apart: neither may be inside the other"
OF_OUTPUTS = r"spec\.outputs: .*"


def inputs(*inputs: Json) -> Json:
    kept = [{name: value for name, value in one.items() if value is not ...} for one in inputs]
    return {"inputs": kept}


def outputs(*outputs: Json) -> Json:
    return {"outputs": list(outputs)}


def timeout(**clocks: str) -> Json:
    return {"timeout": clocks}


def limits(**quantities: object) -> Json:
    return {"resources": {"limits": quantities}}


RULES: dict[str, Refusal] = {
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
    "a URI that is to be fetched": Refusal(
        inputs({"name": "f", "type": "file", "uri": "s3://b/k"}),
        "spec.inputs[f].mode",
        "this version fetches nothing from a URI: set mode: Reference",
    ),
    "an input from nowhere": Refusal(
        inputs({"name": "a", "type": "float", "valueFrom": {}}),
        "spec.inputs[a].valueFrom.configMapKeyRef",
        "is missing",
        r"spec\.inputs\[0\]\.valueFrom\.configMapKeyRef: Required value",
    ),
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
        "a glob stays below outputDir",
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
    "a relative inputDir": Refusal({"inputDir": "inputs"}, "spec.inputDir", ABSOLUTE),
    "the root as inputDir": Refusal({"inputDir": "/"}, "spec.inputDir", ABSOLUTE),
    "an inputDir with a slash at its end": Refusal({"inputDir": "/data/"}, "spec.inputDir", ABSOLUTE),
    "an inputDir that climbs": Refusal(
        {"inputDir": "/a/../b"}, "spec.inputDir", "inputDir must be normalised: no `.` or `..` in it"
    ),
    "an outputDir with a dot": Refusal(
        {"outputDir": "/a/./b"}, "spec.outputDir", "outputDir must be normalised: no `.` or `..` in it"
    ),
    "an inputDir that is ours": Refusal({"inputDir": "/ct/x"}, "spec.inputDir", f"inputDir {CHOOSE}"),
    "an outputDir in /proc": Refusal({"outputDir": "/proc/x"}, "spec.outputDir", f"outputDir {CHOOSE}"),
    "outputDir inside inputDir": Refusal(
        {"inputDir": "/data", "outputDir": "/data/out"}, "spec.outputDir", APART
    ),
    "inputDir inside outputDir": Refusal(
        {"inputDir": "/data/in", "outputDir": "/data"}, "spec.outputDir", APART
    ),
    "one folder for both": Refusal({"inputDir": "/d", "outputDir": "/d"}, "spec.outputDir", APART),
    "a variable that is ours": Refusal(
        {"env": [{"name": "CT_NAME", "value": "x"}]},
        "spec.env[CT_NAME].name",
        "names that start with CT_ belong to containertask: choose another name",
    ),
    "a variable with two sources": Refusal(
        {"env": [{"name": "X", "value": "x", "valueFrom": {}}]},
        "spec.env[X].valueFrom",
        "value and valueFrom exclude each other: keep one",
    ),
    "a variable's name with a blank": Refusal(
        {"env": [{"name": "A B", "value": "x"}]},
        "spec.env[A B].name",
        "write letters, digits, `_`, `-`, `.`; a letter or `_` first, such as MODE",
    ),
    "a duration without a unit": Refusal(timeout(execution="30"), "spec.timeout.execution", DURATION),
    "an empty duration": Refusal(timeout(upload=""), "spec.timeout.upload", DURATION),
    "a duration in the wrong order": Refusal(timeout(queued="1m1h"), "spec.timeout.queued", DURATION),
    "a duration of nothing": Refusal(timeout(total="0s"), "spec.timeout.total", BOUNDS),
    "a duration of a thousand years": Refusal(timeout(total="9999999h"), "spec.timeout.total", BOUNDS),
    "a quantity with a suffix that is none": Refusal(
        limits(memory="1K"), "spec.resources.limits[memory]", QUANTITY
    ),
    "a negative quantity": Refusal(limits(cpu=-1), "spec.resources.limits[cpu]", QUANTITY),
    "a negative quantity as a string": Refusal(limits(cpu="-1"), "spec.resources.limits[cpu]", QUANTITY),
    "a quantity that is none": Refusal(limits(memory="lots"), "spec.resources.limits[memory]", QUANTITY),
    "a quantity that is too long": Refusal(
        limits(memory="1" * 33),
        "spec.resources.limits[memory]",
        QUANTITY,
        r"spec\.resources\.limits\.memory: Too long",
    ),
    "a quantity with a fraction that is no string": Refusal(
        {"copilotResources": {"requests": {"cpu": 0.5}}},
        "spec.copilotResources.requests[cpu]",
        f"a number with a fraction where a number or a string is wanted: {QUANTITY}",
        r"spec\.copilotResources\.requests\.cpu: .*integer,string",
    ),
}

REFUSED = {**SHAPES, **RULES}
