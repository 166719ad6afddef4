"""What goes into a command and comes out of it: manifests, streams, defaults, sizes, templates.

In each mode; but streams, which only a launcher captures.
"""

from __future__ import annotations

import base64
import hashlib
import importlib
import json
from collections.abc import Callable
from typing import Any

import pytest
import yaml

from support.cluster import Json
from support.expansion import HOSTILE_VALUES
from support.follow import first
from support.modes import LAUNCHED, in_modes
from support.seen import assert_succeeded
from support.tasks import Tasks, shell, typed

EVERY: dict[str, tuple[str, object]] = {
    "i": ("integer", -9_223_372_036_854_775_808),
    "f": ("float", 0.1),
    "s": ("string", 'Zürich\n"quoted" \\ $(HOME) {{.inputs.i}}'),
    "b": ("boolean", False),
    "t": ("datetime", "2026-01-31T12:00:00.123456789Z"),
    "d": ("duration", "1h30m0s"),
    "j": ("struct", {"nested": {"list": [1, None, "x", 2.5]}, "ü": True}),
    "n": ("binary", "AAEC/w0KCg=="),
}
INPUTS = [{"name": name, "type": kind, "value": value} for name, (kind, value) in EVERY.items()]
VALUES = {name: value for name, (_, value) in EVERY.items()}


def stream(name: str, source: str, kind: str = "string") -> Json:
    return {"name": name, "type": kind, "source": source}


AWKWARD: Json = {
    "a key " * 200: "of more than 1024 letters",
    "beyond the BMP": "\U0001f642",
    "line breaks of Unicode": "\u0085\u2028\u2029",
    "not printable": "\u007f\u009f\ufeff\ufffe\u0001",
    "small and large": [1e-07, 1e300, -0.5, 2**63 - 1],
    "like other things": ["yes", "null", "1e3", "0o7", "2026-01-31", "~", "#", "- x", "'"],
}


@in_modes()
def test_values_that_are_awkward_to_write_reach_the_status_as_they_are(here: Tasks) -> None:
    inputs = [{"name": "a", "type": "struct", "value": AWKWARD}]
    task = here.run(
        "awkward", shell("cp /var/inputs/a /var/outputs/", inputs=inputs, outputs=typed(a="struct"))
    )
    assert_succeeded(task, a=AWKWARD)


def of_protobuf(text: str) -> Json:
    """Read a LiteralMap with Flyte's own classes, not with the codec that wrote it."""
    literals: Any = importlib.import_module("flyteidl.core.literals_pb2")
    found = literals.LiteralMap.FromString(base64.b64decode(text)).literals
    scalars = {name: found[name].scalar for name in EVERY}
    return {
        "i": scalars["i"].primitive.integer,
        "f": scalars["f"].primitive.float_value,
        "s": scalars["s"].primitive.string_value,
        "b": scalars["b"].primitive.boolean,
        "t": scalars["t"].primitive.datetime.ToJsonString(),
        "d": f"{scalars['d'].primitive.duration.seconds}s",
        "j": json.loads(
            importlib.import_module("google.protobuf.json_format").MessageToJson(scalars["j"].generic)
        ),
        "n": base64.b64encode(scalars["n"].binary.value).decode(),
    }


MANIFESTS: dict[str, tuple[str, Callable[[str], Json], Json]] = {
    "JSON": ("inputs.json", json.loads, VALUES),
    "YAML": ("inputs.yaml", yaml.safe_load, VALUES),
    "PROTO": ("inputs.pb", of_protobuf, {**VALUES, "d": "5400s"}),
}


@in_modes()
@pytest.mark.parametrize("kind", MANIFESTS)
def test_the_manifest_beside_the_inputs_has_them_all(here: Tasks, kind: str) -> None:
    file, read, expected = MANIFESTS[kind]
    script = '[ "$CT_INPUTS_FILE" = /in/' + file + ' ]; base64 "$CT_INPUTS_FILE" > /var/outputs/manifest'
    outputs = typed(manifest="string")
    name = f"manifest-{kind.lower()}"
    task = here.run(name, shell(script, inputs=INPUTS, outputs=outputs, metadataFormat=kind, inputDir="/in"))
    text = task.values["manifest"]
    assert_succeeded(task, manifest=text)
    found = read(text if kind == "PROTO" else base64.b64decode(text).decode())
    assert found == expected


@in_modes(*LAUNCHED)
def test_what_a_command_prints_and_its_exit_code_are_outputs_too(here: Tasks) -> None:
    outputs = [stream("out", "Stdout"), stream("err", "Stderr"), stream("code", "ExitCode", "integer")]
    task = here.run("streams", shell("echo to stdout; echo to stderr >&2", outputs=outputs))
    assert_succeeded(task, out="to stdout", err="to stderr", code=0)


@in_modes()
def test_a_default_is_used_and_an_absent_optional_is_no_file_and_an_empty_string(here: Tasks) -> None:
    inputs = [
        {"name": "default", "type": "integer", "default": 3},
        {"name": "both", "type": "integer", "default": 3, "value": 4},
        {"name": "absent", "type": "string", "optional": True},
    ]
    script = (
        "cp /var/inputs/default /var/inputs/both /var/outputs/; [ ! -e /var/inputs/absent ]; "
        'echo "[$0][$1]" > /var/outputs/args'
    )
    args = ["{{.inputs.absent}}", "{{.inputs.default}}"]
    outputs = typed(default="integer", both="integer", args="string")
    outputs.append({"name": "left-out", "type": "float", "optional": True})
    task = here.run("defaults", shell(script, args=args, inputs=inputs, outputs=outputs))
    assert_succeeded(task, default=3, both=4, args="[][3]")


@in_modes()
def test_values_too_large_for_the_pod_travel_in_a_config_map_that_goes_with_the_task(here: Tasks) -> None:
    text = "0123456789abcde\n" * 6_000
    script = (
        "sha256sum < /var/inputs/text | cut -c 1-64 > /var/outputs/sha; "
        "wc -c < /var/inputs/text > /var/outputs/size"
    )
    inputs = [{"name": "text", "type": "string", "value": text}]
    outputs = typed(sha="string", size="integer")
    task = here.run("large", shell(script, inputs=inputs, outputs=outputs))
    assert_succeeded(task, sha=hashlib.sha256(text.encode()).hexdigest(), size=len(text))
    maps = here.core.list_namespaced_config_map
    assert len(first(here.owned("large", maps), bool, "the ConfigMap of the values")) == 1
    here.delete("large")
    first(here.owned("large", maps), lambda left: not left, "the end of the ConfigMap")


@in_modes()
def test_hostile_values_arrive_exactly_in_arguments_environment_and_scripts(here: Tasks) -> None:
    names = [f"v{number}" for number in range(len(HOSTILE_VALUES))]
    values = dict(zip(names, HOSTILE_VALUES.values(), strict=True))
    inputs = [{"name": name, "type": "string", "value": value} for name, value in values.items()]
    env = [{"name": name.upper(), "value": f"{{{{.inputs.{name}}}}}"} for name in names]
    quoted = " ".join(f"{{{{.inputs.{name} | sh}}}}" for name in names)
    script = (
        'sum() { printf %s "$1" | sha256sum | cut -c 1-12; };'
        f"for n in {' '.join(names)}; do"
        ' echo "$n $(sum "$1") $(eval "sum \\"\\$V${n#v}\\"")"; shift; done > /var/outputs/given;'
        f' for v in {quoted}; do sum "$v"; done > /var/outputs/in-script'
    )
    args = ["sh", *(f"{{{{.inputs.{name}}}}}" for name in names)]
    outputs = [{"name": "given", "type": "string"}, {"name": "in-script", "type": "string"}]
    sums = {name: hashlib.sha256(value.encode()).hexdigest()[:12] for name, value in values.items()}
    given = "\n".join(f"{name} {found} {found}" for name, found in sums.items())
    task = here.run("hostile", shell(script, args=args, env=env, inputs=inputs, outputs=outputs))
    assert_succeeded(task, given=given, **{"in-script": "\n".join(sums.values())})


@in_modes()
def test_the_longest_argument_arrives_and_a_longer_one_is_refused_before_a_pod_exists(here: Tasks) -> None:
    inputs = [{"name": "v", "type": "string", "value": "$" * 131_071}]
    spec = shell(
        "echo ${#0} > /var/outputs/size", args=["{{.inputs.v}}"], inputs=inputs, outputs=typed(size="integer")
    )
    assert_succeeded(here.run("longest", spec), size=131_071)
    longer = here.run("longer", {**spec, "args": ["{{.inputs.v}}x"]})
    assert (longer.phase, longer.reason) == ("Failed", "InvalidSpec")
    assert "spec.args[0]: " in longer.message
    assert "more than 131071 bytes" in longer.message
    here.no_pods("longer")


@in_modes()
def test_the_command_runs_in_its_working_directory_and_knows_its_task(here: Tasks) -> None:
    variables = "$PWD $CT_NAME $CT_NAMESPACE $CT_ATTEMPT $CT_INPUT_DIR $CT_OUTPUT_DIR $MODE"
    script = f'echo "{variables}" > /var/outputs/says'
    env = [{"name": "MODE", "value": "{{.name}}/{{.attempt}}"}]
    spec = shell(script, workingDir="/var/inputs", env=env, outputs=typed(says="string"))
    task = here.run("where", spec)
    expected = f"/var/inputs where {here.namespace} 0 /var/inputs /var/outputs where/0"
    assert_succeeded(task, says=expected)
