"""The CustomResourceDefinition: fresh on disk, small, documented, bounded; the models it comes from."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import ValidationError

from containertask.api import crd, crdstores, crdtemplates
from containertask.api.base import AT_FIRST, Duration
from containertask.api.fixed import AS_MANY, CANCEL, NOT_AS_MANY
from containertask.api.spec import ContainerTaskSpec
from containertask.api.specrules import MUTABLE
from containertask.api.structural import Schema

ROOT = Path(__file__).resolve().parents[2]
CRD_MAX_BYTES = 250_000
SPEC: dict[str, Any] = {"image": "alpine", "command": ["true"]}


def schema() -> Schema:
    found: Schema = crd.container_task()["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
    return found


def fields(of: Schema, where: str) -> Iterator[tuple[str, Schema]]:
    for name, field in of.get("properties", {}).items():
        path = f"{where}.{name}"
        yield path, field
        yield from fields(field, path)
        yield from fields(field.get("items", {}), f"{path}[]")
        if isinstance(field.get("additionalProperties"), dict):
            yield from fields({"properties": {"{}": field["additionalProperties"]}}, path)


DEFINITIONS = (
    crd.container_task(),
    crdstores.artifact_store(),
    crdstores.cluster_artifact_store(),
    crdtemplates.container_task_template(),
    crdtemplates.cluster_container_task_template(),
)
FILES = {f"{one['spec']['names']['plural']}.yaml": one for one in DEFINITIONS}


def every_field() -> Iterator[tuple[str, Schema]]:
    """Yield the fields of every kind; those of a task have no kind before their path."""
    for one in DEFINITIONS:
        kind, of = one["spec"]["names"]["kind"], one["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
        for part in ("spec", "status"):
            yield from fields(of["properties"][part], part if kind == "ContainerTask" else f"{kind}.{part}")


EVERY_FIELD = list(every_field())
NAMED_FIELDS = [(path, field) for path, field in EVERY_FIELD if not path.endswith("{}")]


def test_the_files_are_what_the_models_say() -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "hack/crds.py", "--check"], check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", FILES)
def test_the_file_is_the_definition(name: str) -> None:
    assert yaml.safe_load((ROOT / "crds" / name).read_text()) == FILES[name]


def test_there_is_no_other_file() -> None:
    assert {path.name for path in (ROOT / "crds").iterdir()} == FILES.keys()


@pytest.mark.parametrize("name", FILES)
def test_the_definition_is_small(name: str) -> None:
    assert (ROOT / "crds" / name).stat().st_size <= CRD_MAX_BYTES


@pytest.mark.parametrize(("path", "field"), NAMED_FIELDS, ids=[path for path, _ in NAMED_FIELDS])
def test_every_field_is_described_in_a_sentence(path: str, field: Schema) -> None:
    assert re.fullmatch(r"[A-Z`].*\.", field.get("description", ""), re.DOTALL), path


@pytest.mark.parametrize(
    "pattern", sorted({str(field["pattern"]) for _, field in EVERY_FIELD if "pattern" in field})
)
def test_every_pattern_is_anchored_and_without_look_around(pattern: str) -> None:
    assert pattern.startswith("^")
    assert pattern.endswith("$")
    assert "(?" not in pattern


def test_no_refusal_of_a_spec_is_a_bare_pattern_or_union() -> None:
    bare = {"pattern", "anyOf", "oneOf", "not"}
    assert [path for path, field in EVERY_FIELD if "status" not in path and bare & field.keys()] == []


def objects(of: Schema, where: str) -> Iterator[tuple[str, Schema]]:
    if "properties" in of:
        yield where, of
    for name, field in of.get("properties", {}).items():
        yield from objects(field, f"{where}.{name}")
    if "items" in of:
        yield from objects(of["items"], f"{where}[]")


RULES = "x-kubernetes-validations"
OBJECTS = dict(objects(schema(), ""))
SPEC_PROPERTIES = OBJECTS[".spec"]["properties"]


def test_every_field_of_spec_is_fixed_but_for_the_named_ones() -> None:
    compared = {
        name
        for name, field in SPEC_PROPERTIES.items()
        if "self == oldSelf" in [rule["rule"] for rule in field.get(RULES, [])]
    }
    assert compared == set(SPEC_PROPERTIES) - MUTABLE


def test_every_fixed_field_that_may_be_absent_is_watched_for_coming_and_going() -> None:
    watched = {
        rule["fieldPath"].removeprefix(".")
        for rule in OBJECTS[".spec"][RULES]
        if rule["rule"].startswith(AS_MANY)
    }
    always = {name for name, field in SPEC_PROPERTIES.items() if "default" in field}
    assert watched == set(SPEC_PROPERTIES) - MUTABLE - always


def test_a_write_of_the_status_names_next_to_no_field() -> None:
    """Each name costs the API server a copy of the schema of the object's fields, at every write."""
    guards = (AT_FIRST, AS_MANY, NOT_AS_MANY)
    rules = [rule["rule"] for of in OBJECTS.values() for rule in of.get(RULES, [])]
    naming = [rule for rule in rules if re.search(r"\b(self|oldSelf)\.", rule)]
    assert [rule for rule in naming if not rule.startswith(guards)] == [CANCEL.rule]


def test_mutable_fields_are_fields() -> None:
    assert set(schema()["properties"]["spec"]["properties"]) > MUTABLE


@pytest.mark.parametrize("text", ["30s", "5m", "1h", "1h30m", "90m15s"])
def test_durations_that_are_taken(text: str) -> None:
    assert re.fullmatch(duration_pattern(), text)


@pytest.mark.parametrize("text", ["30", "s", "1m1h", "1.5h", "-1s", "1d", " 1s"])
def test_durations_that_are_refused(text: str) -> None:
    assert not re.fullmatch(duration_pattern(), text)


def duration_pattern() -> str:
    metadata: Any = getattr(Duration, "__metadata__")[0]  # noqa: B009 - Annotated's own attribute
    return next(str(part.pattern) for part in metadata.metadata if hasattr(part, "pattern"))


def test_a_spec_is_read_with_the_names_of_its_yaml_and_defaults_filled_in() -> None:
    spec = ContainerTaskSpec.model_validate({**SPEC, "inputs": [{"name": "a", "type": "float", "value": 1}]})
    assert (spec.input_dir, spec.output_dir, spec.metadata_format) == ("/var/inputs", "/var/outputs", "JSON")
    assert spec.inputs is not None
    assert spec.inputs[0].value == 1


def test_an_input_tells_a_null_from_an_absent_value() -> None:
    spec = ContainerTaskSpec.model_validate(
        {
            **SPEC,
            "inputs": [
                {"name": "a", "type": "struct", "value": None},
                {"name": "b", "type": "struct", "default": 1},
            ],
        }
    )
    assert spec.inputs is not None
    assert [("value" in one.model_fields_set) for one in spec.inputs] == [True, False]


@pytest.mark.parametrize(
    "change",
    [
        {"suspend": "yes"},
        {"ttlSecondsAfterFinished": "5"},
        {"resources": {"limits": {"cpu": True}}},
        {"command": "true"},
        {"displayName": 5},
        {"metadataFormat": "XML"},
    ],
    ids=str,
)
def test_nothing_is_guessed(change: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match=next(iter(change))):
        ContainerTaskSpec.model_validate({**SPEC, **change})


def test_enums_are_written_as_strings() -> None:
    spec = ContainerTaskSpec.model_validate(
        {
            **SPEC,
            "imagePullPolicy": "Never",
            "start": "Init",
            "outputs": [{"name": "o", "type": "string", "source": "Stdout"}],
        }
    )
    assert (spec.image_pull_policy, spec.start) == ("Never", "Init")


def test_a_field_that_this_version_does_not_know_is_named() -> None:
    with pytest.raises(ValidationError, match="comand"):
        ContainerTaskSpec.model_validate({**SPEC, "comand": ["x"]})
