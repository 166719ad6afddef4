"""``runtime.specs``: tasks of one template hold it once, and never another one."""

from __future__ import annotations

import json
from typing import Any

import pytest

from containertask.core.tasktemplates import template_view
from containertask.runtime import specs
from containertask.runtime.specs import ReadSpecs

METADATA = {
    "name": "t",
    "namespace": "n",
    "uid": "00000000-0000-0000-0000-000000000001",
    "resourceVersion": "5",
    "creationTimestamp": "2026-01-01T00:00:00Z",
}


def task(**spec: Any) -> dict[str, Any]:
    """Return a task of a template, as it comes from the wire: nothing in it is shared."""
    record = template_view({"metadata": METADATA, "spec": {"image": "a", **spec}}).record
    raw = {"metadata": METADATA, "spec": {"templateRef": {"name": "t"}}, "status": {"template": record}}
    found: dict[str, Any] = json.loads(
        json.dumps(raw, default=lambda one: one.model_dump(by_alias=True, mode="json"))
    )
    return found


def test_tasks_of_one_template_hold_it_once() -> None:
    read = ReadSpecs()
    first, second = read.view(task(command=["true"])), read.view(task(command=["true"]))
    assert first.spec == second.spec == {"image": "a", "command": ["true"]}
    assert first.spec["command"] is second.spec["command"]


def test_another_spec_under_the_same_digest_is_another_one() -> None:
    read, other = ReadSpecs(), task(command=["false"])
    first = read.view(one := task(command=["true"]))
    other["status"]["template"]["digest"] = one["status"]["template"]["digest"]
    assert read.view(other).spec["command"] == ["false"]
    assert first.spec["command"] == ["true"]


def test_what_is_read_is_not_changed() -> None:
    read = ReadSpecs()
    read.view(task(command=["true"]))
    raw = task(command=["true"])
    before = json.dumps(raw)
    read.view(raw)
    assert json.dumps(raw) == before


def test_old_versions_are_not_held_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(specs, "_TEMPLATES", 3)
    read = ReadSpecs()
    kept = [read.view(task(command=[str(number)])) for number in range(5)]
    again = {number: read.view(task(command=[str(number)])) for number in (4, 3, 0)}
    shared = [one.spec["command"] is kept[number].spec["command"] for number, one in again.items()]
    assert shared == [True, True, False]


def test_a_task_without_a_record_is_read_as_ever() -> None:
    assert ReadSpecs().view({**task(), "status": {}}).unresolved


@pytest.mark.parametrize("record", [{"digest": 3, "spec": {}}, {"digest": "a"}, []])
def test_a_record_that_is_none_is_refused_as_ever(record: object) -> None:
    with pytest.raises(ValueError, match="template"):
        ReadSpecs().view({**task(), "status": {"template": record}})
