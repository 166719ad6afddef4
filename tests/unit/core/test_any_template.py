"""Whatever stands in a template, or beside a reference to one: problems in words, or a task that runs."""

from __future__ import annotations

import copy
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from containertask.api.spec import ContainerTaskSpec
from containertask.core.accept import Accepted, Refused, accept
from containertask.core.blueprint import resolve
from containertask.core.task import task_view
from containertask.core.tasktemplates import new_status, template_view
from support.values import json_values

FIELDS = [field.alias or name for name, field in ContainerTaskSpec.model_fields.items()]
TEMPLATE: dict[str, Any] = {
    "image": "alpine",
    "command": ["calc", "{{.inputs.a}}"],
    "inputs": [{"name": "a", "type": "float"}, {"name": "b", "type": "file", "optional": True}],
    "outputs": [{"name": "o", "type": "integer"}],
    "resources": {"limits": {"memory": "1Gi"}},
    "retries": {"limit": 1, "rules": []},
    "timeout": {"run": "1h"},
}
TASK: dict[str, Any] = {
    "templateRef": {"kind": "ContainerTaskTemplate", "name": "t"},
    "inputs": [{"name": "a", "value": 1}],
    "retries": {"limit": 2},
    "timeout": {"run": "1h"},
    "podRetention": "Always",
    "suspend": True,
}
METADATA = {
    "name": "t",
    "namespace": "n",
    "uid": "00000000-0000-0000-0000-000000000001",
    "resourceVersion": "5",
    "creationTimestamp": "2026-01-01T00:00:00Z",
    "generation": 1,
}


@st.composite
def spoiled(draw: st.DrawFn, good: dict[str, Any]) -> dict[str, Any]:
    """Return a spec some of whose fields, at any depth, are any JSON."""
    found = copy.deepcopy(good)
    for _ in range(draw(st.integers(1, 3))):
        at: Any = found
        for _ in range(draw(st.integers(0, 3))):
            keys = at.keys() if isinstance(at, dict) else range(len(at))
            below = [at[key] for key in keys if isinstance(at[key], dict | list)]
            if not below:
                break
            at = draw(st.sampled_from(below))
        if isinstance(at, dict):
            at[draw(st.sampled_from([*FIELDS, *at, "name", "type", "value", "kind"]))] = draw(json_values)
        elif at:
            at[draw(st.integers(0, len(at) - 1))] = draw(json_values)
    return found


def task(spec: dict[str, Any], template: dict[str, Any] | None) -> dict[str, Any]:
    status = {}
    if template is not None:
        view = template_view({"metadata": METADATA, "spec": template})
        status = {"template": view.record.model_dump(by_alias=True, mode="json")}
    return {"metadata": METADATA, "spec": spec, "status": status}


@given(spoiled(TEMPLATE))
def test_any_template_is_refused_in_words_or_runs(spec: dict[str, Any]) -> None:
    view = template_view({"metadata": METADATA, "spec": spec})
    status = new_status(view, 0)
    assert status is not None
    assert status.conditions
    assert (status.conditions[0].status == "True") == (not view.problems)
    if view.problems:
        assert view.message.startswith("spec")
        return
    found = accept(task_view(task(TASK, spec)))
    assert isinstance(found, Accepted | Refused)


@given(spoiled(TASK), st.booleans())
def test_any_task_beside_a_template_is_refused_in_words_or_runs(spec: dict[str, Any], known: bool) -> None:  # noqa: FBT001 - drawn
    found = accept(task_view(task(spec, TEMPLATE if known else None)))
    if isinstance(found, Refused):
        assert found.message.startswith("spec")
    if isinstance(spec.get("templateRef"), dict):
        made = resolve(spec, TEMPLATE)
        assert isinstance(made, tuple) or "templateRef" not in made
