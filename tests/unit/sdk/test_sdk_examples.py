"""The examples in Python are those in YAML: the same object to the last field."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Any, Final

import pytest
import yaml

import containertask as ct

FOLDER: Final = Path(__file__).resolve().parents[3] / "examples"
TASKS: Final[dict[str, dict[str, Any]]] = {
    one["metadata"]["name"]: one
    for file in sorted(FOLDER.glob("*.yaml"))
    for one in yaml.safe_load_all(file.read_text())
    if one["kind"] == "ContainerTask" and "templateRef" not in one["spec"]
}
TEMPLATE, OF_TEMPLATE = yaml.safe_load_all((FOLDER / "template.yaml").read_text())
SCRIPTS: Final = sorted(path.stem for path in (FOLDER / "python").glob("*.py"))
ALIKE: Final = (
    "ellipse_area",
    "variants",
    "frames",
    "gpu",
    "python_script",
    "sql",
    "static",
    "archive",
    "r_regression",
)


def module(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"example_{name}", FOLDER / "python" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    found = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(found)
    return found


def test_there_are_a_dozen() -> None:
    assert len(TASKS) >= 12
    assert set(SCRIPTS) == {*ALIKE, "chain", "growth", "many"}


@pytest.mark.parametrize("name", ALIKE)
def test_a_task_in_python_is_the_one_in_yaml(name: str) -> None:
    found = module(name)
    assert found.task.to_manifest(**found.inputs) == plain(TASKS[found.task.name])


def test_the_chain_in_python_is_the_one_in_yaml() -> None:
    found = module("chain")
    assert found.throws.to_manifest(seed=7) == plain(TASKS["throws"])
    highest = found.highest.to_manifest(throws=ct.OutputRef("throws", "throws"))
    assert highest == plain(TASKS["highest"])


def test_the_template_and_its_task_in_python_are_those_in_yaml() -> None:
    task = module("growth").task
    assert task.to_template() == TEMPLATE
    run = task.override(ref=True, timeout={"total": "10m"}).to_manifest(start=100, years=20)
    assert run["spec"] == OF_TEMPLATE["spec"]


@pytest.mark.parametrize("name", TASKS)
def test_every_task_in_yaml_is_loaded_and_written_again(name: str) -> None:
    loaded = ct.load(TASKS[name])
    given = {one["name"] for one in TASKS[name]["spec"].get("inputs", ()) if "valueFrom" in one}
    found = loaded.to_manifest(**{one: ct.OutputRef("x", "y") for one in given})
    assert parts(found) == parts(TASKS[name])


def plain(document: dict[str, Any]) -> dict[str, Any]:
    """Numbers that YAML has as integers are floats in Python."""
    inputs = [
        {**one, "value": [float(part) for part in one["value"]]}
        if one["type"] == "list[float]" and "value" in one
        else {**one, "value": float(one["value"])}
        if one["type"] == "float" and "value" in one
        else one
        for one in document["spec"].get("inputs", ())
    ]
    return {**document, "spec": {**document["spec"], **({"inputs": inputs} if inputs else {})}}


def parts(document: dict[str, Any]) -> dict[str, Any]:
    """What is said of a task but for the source of its inputs' values: a value loaded is a default."""
    spec = dict(document["spec"])
    inputs = [{name: one[name] for name in ("name", "type")} for one in spec.pop("inputs", ())]
    return {"name": document["metadata"]["name"], "inputs": inputs, **spec}
