"""``docs/tasktemplates.md``: its example runs, and it names each field that may be beside ``templateRef``."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Final

import yaml

from containertask.api.spec import ContainerTaskSpec
from containertask.api.templates import OVERRIDES, ContainerTaskTemplateSpec
from containertask.core.accept import Accepted, accept
from containertask.core.blueprint import MAX_TEMPLATE_BYTES
from containertask.core.task import task_view
from containertask.core.tasktemplates import template_view

PAGE: Final = (Path(__file__).resolve().parents[2] / "docs/tasktemplates.md").read_text()
BORN: Final = {
    "namespace": "lab",
    "name": "demo",
    "uid": "u",
    "resourceVersion": "1",
    "creationTimestamp": "2026-01-01T00:00:00Z",
}


def test_the_example_holds_together_and_its_task_fits_its_template() -> None:
    (block,) = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    template, task = yaml.safe_load_all(block)
    view = template_view({**template, "metadata": BORN | template["metadata"]})
    assert not view.problems
    assert task["spec"]["templateRef"]["name"] == view.name
    status: dict[str, Any] = {"template": view.record.model_dump(mode="json", by_alias=True)}
    found = accept(task_view({**task, "metadata": BORN, "status": status}))
    assert isinstance(found, Accepted), found


def test_the_fields_beside_the_reference_are_all_named() -> None:
    (said,) = re.findall(r"each in place of the template's, whole\*\*: (.*?)\.\n", PAGE, re.DOTALL)
    assert set(re.findall(r"`(\w+)`", said)) == OVERRIDES


def test_what_a_template_may_not_say_is_named() -> None:
    (said,) = re.findall(r"All that a task may, but for (.*?)\. ", PAGE)
    fields = {one.alias for one in ContainerTaskSpec.model_fields.values()}
    of_templates = {one.alias for one in ContainerTaskTemplateSpec.model_fields.values()}
    assert set(re.findall(r"`(\w+)`", said)) == {*(fields - of_templates), "templateRef"}


def test_the_largest_template_is_as_the_code_has_it() -> None:
    assert f"at most {MAX_TEMPLATE_BYTES // 1024} KiB as JSON" in PAGE
