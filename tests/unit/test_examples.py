"""Every task and every template in ``examples/`` holds together, and a task that names a template fits it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from containertask.core.accept import Accepted, accept
from containertask.core.task import task_view
from containertask.core.tasktemplates import template_view

FOLDER = Path(__file__).resolve().parents[2] / "examples"
OBJECTS: list[dict[str, Any]] = [
    one for file in sorted(FOLDER.glob("*.yaml")) for one in yaml.safe_load_all(file.read_text())
]
TEMPLATES = {one["metadata"]["name"]: one for one in OBJECTS if one["kind"] == "ContainerTaskTemplate"}
TASKS = [one for one in OBJECTS if one["kind"] == "ContainerTask"]
BORN = {
    "namespace": "default",
    "uid": "u",
    "resourceVersion": "1",
    "creationTimestamp": "2026-01-01T00:00:00Z",
}


def born(one: dict[str, Any]) -> dict[str, Any]:
    return {**one, "metadata": {**one["metadata"], **BORN}}


def test_there_is_no_other_kind() -> None:
    assert len(TASKS) + len(TEMPLATES) == len(OBJECTS)


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_holds_together(name: str) -> None:
    assert template_view(born(TEMPLATES[name])).problems == ()


@pytest.mark.parametrize("task", TASKS, ids=lambda one: str(one["metadata"]["name"]))
def test_it_is_accepted(task: dict[str, Any]) -> None:
    ref = task["spec"].get("templateRef")
    named = None if ref is None else template_view(born(TEMPLATES[ref["name"]])).record
    status = {} if named is None else {"template": named.model_dump(mode="json", by_alias=True)}
    found = accept(task_view({**born(task), "status": status}))
    assert isinstance(found, Accepted), found
