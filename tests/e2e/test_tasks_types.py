"""Every type in and out on the node, in each mode: through files, as JSON, by reference, by a pattern."""

from __future__ import annotations

import json
from typing import Final

import yaml

from support.cluster import REPOSITORY, Json
from support.everytype import VALUES
from support.modes import LAUNCHED, in_modes
from support.seen import Failure, assert_failed, assert_succeeded
from support.shapes import SHELL_IMAGE
from support.tasks import Tasks, shell, typed

INPUTS: Final = [{"name": name, "type": kind, "value": value} for name, (kind, value) in VALUES.items()]
OUTPUTS: Final = typed(**{name: kind for name, (kind, _) in VALUES.items()})
THERE: Final = {name: value for name, (_, value) in VALUES.items() if value is not None}
COPY: Final = "cp -R /var/inputs/* /var/outputs/; rm /var/outputs/inputs.json"


@in_modes()
def test_every_type_comes_out_as_it_went_in(here: Tasks) -> None:
    task = here.run("every-type", shell(COPY, inputs=INPUTS, outputs=OUTPUTS))
    assert_succeeded(task, **THERE)
    assert {one["name"]: one["type"] for one in task.status["outputs"]} == {
        name: VALUES[name][0] for name in THERE
    }


@in_modes()
def test_the_example_of_lists_and_maps_counts_words(here: Tasks) -> None:
    text = (REPOSITORY / "examples" / "word-count.yaml").read_text()
    task = here.run("word-count", {**yaml.safe_load(text)["spec"], "image": SHELL_IMAGE})
    assert_succeeded(task, counts={"blue": 1, "fish": 4, "one": 1, "red": 1, "two": 1}, found="fish")


@in_modes()
def test_a_list_or_a_map_may_be_written_as_json(here: Tasks) -> None:
    with_parts = [name for name, (_, value) in VALUES.items() if isinstance(value, list | dict)]
    inputs = [{"name": name, "type": "string", "value": json.dumps(VALUES[name][1])} for name in with_parts]
    outputs = [{"name": name, "type": VALUES[name][0]} for name in with_parts]
    task = here.run("as-json", shell(COPY, inputs=inputs, outputs=outputs))
    assert_succeeded(task, **{name: VALUES[name][1] for name in with_parts})


@in_modes(*LAUNCHED)
def test_what_a_command_prints_may_be_of_any_type(here: Tasks) -> None:
    outputs = [
        {"name": "out", "type": "map[list[integer]]", "source": "Stdout"},
        {"name": "err", "type": 'optional[enum["fine","bad"]]', "source": "Stderr"},
        {"name": "code", "type": "integer", "source": "ExitCode"},
    ]
    script = """echo '{"a": [1, "2"]}'; echo fine >&2"""
    assert_succeeded(
        here.run("printed", shell(script, outputs=outputs)), out={"a": [1, 2]}, err="fine", code=0
    )


@in_modes()
def test_a_small_file_is_given_by_its_content_and_found_by_its_path(here: Tasks) -> None:
    inputs = [
        {"name": "direct", "type": "file", "value": "AAH/Cg=="},
        {"name": "named", "type": "file", "value": "AAH/Cg==", "layout": "NamedDir"},
        {"name": "several", "type": "list[file]", "value": ["YQ==", "Yg=="]},
    ]
    script = (
        'cat "$1" "$2" > /var/outputs/both; cat "$3"/* > /var/outputs/all; echo "$4" > /var/outputs/paths'
    )
    args = ["sh", *(f"{{{{.inputs.{name}}}}}" for name in ("direct", "named"))]
    args += ["{{.inputs.several.path}}", "{{.inputs.several}}"]
    outputs = typed(both="binary", all="string", paths="list[string]")
    task = here.run("files", shell(script, args=args, inputs=inputs, outputs=outputs))
    paths = [f"/var/inputs/several/{number}" for number in range(2)]
    assert_succeeded(task, both="AAH/CgAB/wo=", all="ab", paths=paths)


@in_modes()
def test_what_is_given_by_reference_is_its_uri(here: Tasks) -> None:
    uri = "s3://bucket/some%20key?versionId=3"
    inputs = [
        {"name": "d", "type": "directory", "uri": uri, "mode": "Reference"},
        {"name": "l", "type": "list[file]", "value": [{"uri": uri}], "mode": "Reference"},
    ]
    script = (
        'echo "$0" > /var/outputs/rendered; cp /var/inputs/d /var/outputs/file;'
        "cp -R /var/inputs/l /var/outputs/; cp /var/inputs/inputs.json /var/outputs/manifest"
    )
    outputs = typed(rendered="string", file="string", l="list[string]", manifest="struct")
    spec = shell(script, args=["{{.inputs.d.uri}}"], inputs=inputs, outputs=outputs)
    manifest = {"d": {"uri": uri}, "l": [{"uri": uri}]}
    assert_succeeded(here.run("reference", spec), rendered=uri, file=uri, l=[uri], manifest=manifest)


@in_modes()
def test_a_pattern_finds_any_number_of_files(here: Tasks) -> None:
    outputs: list[Json] = [
        {"name": "counts", "type": "list[integer]", "glob": "parts/*.txt"},
        {"name": "deep", "type": "list[string]", "glob": "**/*.log"},
        {"name": "nothing", "type": "list[string]", "glob": "no/such/*", "optional": True},
    ]
    script = (
        "cd /var/outputs; mkdir -p parts/x; echo 2 > parts/b.txt; echo 1 > parts/a.txt; echo no > parts/c;"
        "echo top > z.log; echo within > parts/x/a.log"
    )
    task = here.run("globs", shell(script, outputs=outputs))
    assert_succeeded(task, counts=[1, 2], deep=["within", "top"], nothing=[])


@in_modes()
def test_a_pattern_that_finds_nothing_is_a_missing_output(here: Tasks) -> None:
    outputs = [{"name": "counts", "type": "list[integer]", "glob": "parts/*.txt"}]
    task = here.run("no-match", shell("echo 1 > /var/outputs/part.txt", outputs=outputs))
    says = ("output `counts`", "parts/*.txt", "`part.txt`")
    failure = Failure(
        reason="OutputMissing", kind="User", says=says, origin="counts", container="uploader", exit_code=0
    )
    assert_failed(task, failure)


@in_modes()
def test_an_item_of_another_type_is_named_by_its_place(here: Tasks) -> None:
    script = "mkdir -p /var/outputs/l/k; echo 1 > /var/outputs/l/k/0; echo one > /var/outputs/l/k/1"
    task = here.run("misfit", shell(script, outputs=typed(l="map[list[integer]]")))
    says = ("output `l`", "`k`: item 1: `one` is not an integer")
    failure = Failure(
        reason="OutputInvalid", kind="User", says=says, origin="l", container="uploader", exit_code=0
    )
    assert_failed(task, failure)


@in_modes()
def test_what_only_a_store_can_keep_waits_for_one_without_a_pod(here: Tasks) -> None:
    here.create("no-store", shell("true", outputs=typed(f="list[file]")))
    waiting = here.waiting_for("no-store", "StoreNotFound")
    text = "output `f` of type list[file] needs a store, and there is none: create an ArtifactStore"
    assert waiting.waiting_for["message"] == f"{text} named default"
    here.no_pods("no-store")
    here.patch("no-store", cancel=True)
    assert here.ended("no-store").phase == "Cancelled"
