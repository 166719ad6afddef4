"""Specs that are refused by a rule on folders, variables, clocks and quantities; and all that are refused."""

from __future__ import annotations

from support.refusals import SHAPES, Refusal
from support.refusedio import INPUTS_AND_OUTPUTS
from support.refusedplaces import PLACES
from support.refusedretries import RETRIES
from support.specs import Json

ABSOLUTE = "write an absolute path without a slash at its end: /var/data"
CHOOSE = "may not be in /ct, /proc, /sys or /dev: choose a folder such as /var/data"
QUANTITY = "write a quantity as Kubernetes does, not negative, such as 2, 500m or 1.5Gi"
DURATION = "write a duration in hours, minutes and seconds, such as 30s, 5m or 1h30m"
BOUNDS = "a duration is at least 1s and at most ten years (87600h)"
APART = "inputDir and outputDir must be apart: neither may be inside the other"


def timeout(**clocks: str) -> Json:
    return {"timeout": clocks}


def limits(**quantities: object) -> Json:
    return {"resources": {"limits": quantities}}


RULES: dict[str, Refusal] = {
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

REFUSED = {**SHAPES, **INPUTS_AND_OUTPUTS, **RULES, **PLACES, **RETRIES}
