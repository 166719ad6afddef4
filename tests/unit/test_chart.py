"""What is shipped, file against file: the chart's values, schema, README and CRDs, and the image's lock."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

import chart

ROOT = Path(__file__).resolve().parents[2]
CHART = ROOT / "charts/containertask-operator"
VALUES: dict[str, Any] = yaml.safe_load((CHART / "values.yaml").read_text())
EVERYTHING: dict[str, Any] = yaml.safe_load((CHART / "ci/everything-values.yaml").read_text())
SCHEMA: dict[str, Any] = json.loads((CHART / "values.schema.json").read_text())
PINNED = re.compile(r"^([a-z0-9][a-z0-9._-]*)==(\S+)", re.MULTILINE)

# Helm's own; and what excludes something else that "everything" shows.
ONLY_IN_SCHEMA = {"global"}
NOT_IN_EVERYTHING = {"namespaces", "image.tag"}


def resolved(schema: dict[str, Any]) -> dict[str, Any]:
    """Follow a schema's reference."""
    found: dict[str, Any] = (
        SCHEMA["definitions"][schema["$ref"].split("/")[-1]] if "$ref" in schema else schema
    )
    return found


def schemas(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield schema
    for inner in schema.values():
        for one in inner if isinstance(inner, list) else [inner]:
            if isinstance(one, dict):
                yield from schemas(one)


def schema_paths(schema: dict[str, Any], where: str = "") -> Iterator[str]:
    """Yield the path of every value that the schema names; a free-form one is a leaf."""
    named = resolved(schema).get("properties")
    if named is None:
        yield where
        return
    for name, inner in named.items():
        yield from schema_paths(inner, f"{where}.{name}".lstrip("."))


def value_paths(values: dict[str, Any], leaves: set[str], where: str = "") -> Iterator[str]:
    """Yield the path of every value, as deep as the schema names them."""
    for name, value in values.items():
        path = f"{where}.{name}".lstrip(".")
        if path in leaves or not isinstance(value, dict):
            yield path
        else:
            yield from value_paths(value, leaves, path)


LEAVES = set(schema_paths(SCHEMA))


def test_the_charts_crds_are_the_repositorys() -> None:
    assert (CHART / "crds-files").resolve() == ROOT / "crds"
    assert (CHART / "crds-files").readlink() == Path("../../crds")


def test_nothing_lies_in_the_folder_that_helm_never_upgrades() -> None:
    assert not (CHART / "crds").exists()


def test_the_schema_names_every_value_and_no_other() -> None:
    assert set(value_paths(VALUES, LEAVES)) == LEAVES - ONLY_IN_SCHEMA


def test_the_schema_refuses_unknown_names_wherever_it_names_some() -> None:
    assert all(one.get("additionalProperties") is False for one in schemas(SCHEMA) if "properties" in one)


def test_the_file_with_every_option_sets_every_value() -> None:
    assert set(value_paths(EVERYTHING, LEAVES)) == LEAVES - ONLY_IN_SCHEMA - NOT_IN_EVERYTHING


def test_the_file_with_every_option_switches_everything_on() -> None:
    def switches(values: dict[str, Any]) -> Iterator[object]:
        for value in values.values():
            if isinstance(value, dict):
                yield from switches(value)
            elif isinstance(value, bool):
                yield value

    found = list(switches(EVERYTHING))
    assert len(found) == len(list(switches(VALUES)))
    assert all(found)


def test_the_readmes_table_is_what_the_values_say() -> None:
    readme = (CHART / "README.md").read_text()
    assert chart.renewed(readme, (CHART / "values.yaml").read_text()) == readme


def test_a_table_has_a_row_for_each_description_with_the_default() -> None:
    assert chart.table("a:\n  # -- What b is.\n  b: 5m\n# -- All of c.\nc:\n  d: 1\n").splitlines()[2:] == [
        '| `a.b` | `"5m"` | What b is. |',
        '| `c` | `{"d": 1}` | All of c. |',
    ]


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ("a: 1\n", "a"),
        ("# -- A.\na: 1\nb: {}\n", "b"),
        ("a:\n  # -- B.\n  b: 1\n  c: 2\n", "a.c"),
        ("# no description\na: 1\n", "a"),
    ],
    ids=["alone", "an empty map", "inside", "another comment"],
)
def test_a_value_without_a_description_is_named(values: str, named: str) -> None:
    with pytest.raises(ValueError, match=rf"no `# --` comment above {re.escape(named)}$"):
        chart.table(values)


def test_a_readme_without_the_marks_is_refused() -> None:
    with pytest.raises(ValueError, match=r"the marks .* are missing"):
        chart.renewed("# nothing\n", "# -- A.\na: 1\n")


def test_the_charts_versions_are_the_projects() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    described = yaml.safe_load((CHART / "Chart.yaml").read_text())
    assert described["appVersion"] == project["version"]
    assert described["version"] == re.sub(r"\.dev(\d+)$", r"-dev.\1", project["version"])
    assert described["annotations"]["artifacthub.io/license"] == project["license"]


def test_the_notes_name_every_crd_that_has_to_be_removed_by_hand() -> None:
    notes = (CHART / "templates/NOTES.txt").read_text()
    removed = re.search(r"^kubectl delete crd (.+)$", notes, re.MULTILINE)
    assert removed
    kinds = {yaml.safe_load(path.read_text())["metadata"]["name"] for path in (ROOT / "crds").glob("*.yaml")}
    assert set(removed[1].split()) == kinds


def test_the_image_installs_versions_that_are_tested() -> None:
    tested = dict(PINNED.findall((ROOT / "requirements.lock").read_text()))
    shipped = dict(PINNED.findall((ROOT / "requirements.image.lock").read_text()))
    assert {"kopf", "aiohttp", "obstore", "flyteidl"} <= shipped.keys()
    assert shipped.items() <= tested.items()
    assert not {"pytest", "ruff", "hatchling"} & shipped.keys()


def test_the_locks_name_no_index_host() -> None:
    for name in ("requirements.lock", "requirements.image.lock"):
        assert not re.search(r"://|--(extra-)?index", (ROOT / name).read_text())


def test_the_dockerfile_finds_its_build_back_end_in_the_lock() -> None:
    names = re.search(r"wanted = /\^\(([a-z|-]+)\)==/", (ROOT / "Dockerfile").read_text())
    assert names
    assert set(names[1].split("|")) <= dict(PINNED.findall((ROOT / "requirements.lock").read_text())).keys()


@pytest.mark.parametrize(
    "path", ["requirements.image.lock", "requirements.lock", "pyproject.toml", "LICENSE"]
)
def test_the_build_context_has_what_the_dockerfile_copies(path: str) -> None:
    assert re.search(rf"^COPY (.+ )?{re.escape(path)} ", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    assert f"!{path}" in (ROOT / ".dockerignore").read_text().splitlines()
