"""``ctask retry`` against a server: the new task, and its memory."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from containertask.kube.resources import TASKS
from support.cli import NAMESPACE, Shell, put
from support.fakeapi import FakeApi, with_api
from support.templateviews import AREA

PATH = f"/apis/containertask.dev/v1alpha1/namespaces/{NAMESPACE}/containertasks"
RETRIED: dict[str, Any] = {
    "inputs": [{"name": "a", "type": "integer", "value": 1}],
    "env": [{"name": "A", "value": "b"}],
}


@with_api
async def test_a_retry_is_a_new_task_with_the_same_spec(api: FakeApi, tmp_path: Path) -> None:
    applied = {"kubectl.kubernetes.io/last-applied-configuration": "{}", "mine": "x"}
    old = put(api, spec={**RETRIED, "cancel": True, "suspend": True}, phase="Cancelled")
    api.patch(TASKS, NAMESPACE, "demo", {"metadata": {"annotations": applied, "labels": {"l": "m"}}})
    found = await Shell(api, tmp_path)("retry", "demo")
    assert (found.code, found.out) == (0, "containertask.containertask.dev/demo-r1 created\n")
    (sent,) = api.only_writes
    assert (sent.path, sent.query) == (PATH, {"fieldValidation": "Strict"})
    assert sent.body == {
        "apiVersion": "containertask.dev/v1alpha1",
        "kind": "ContainerTask",
        "metadata": {"name": "demo-r1", "annotations": {"mine": "x"}, "labels": {"l": "m"}},
        "spec": {"image": old["spec"]["image"], "command": old["spec"]["command"], **RETRIED},
    }


@with_api
async def test_a_retry_takes_the_next_name_that_is_free(api: FakeApi, tmp_path: Path) -> None:
    for name in ("demo", "demo-r1", "demo-r2"):
        put(api, name, phase="Failed")
    shell = Shell(api, tmp_path)
    assert (await shell("retry", "demo")).out == "containertask.containertask.dev/demo-r3 created\n"
    again = await shell("retry", "demo-r1", "-o", "name")
    assert again.out == "containertask.containertask.dev/demo-r4\n"


@with_api
async def test_a_long_name_leaves_room_for_its_number(api: FakeApi, tmp_path: Path) -> None:
    put(api, "d" * 52, phase="Failed")
    made = (await Shell(api, tmp_path)("retry", "d" * 52, "-o", "name")).out.strip().rpartition("/")[2]
    assert len(made) <= 52
    assert made.endswith("-r1")


MEMORY = {
    "a factor": (
        {"limits": {"memory": "1Gi"}},
        (),
        "2x",
        {"limits": {"memory": "2Gi"}, "requests": {"memory": "2Gi"}},
    ),
    "part of a factor": (
        {"limits": {"memory": "1Gi", "cpu": 1}, "requests": {"memory": "512Mi", "cpu": 1}},
        (),
        "1.5x",
        {"limits": {"memory": "1536Mi", "cpu": 1}, "requests": {"memory": "768Mi", "cpu": 1}},
    ),
    "an amount": ({}, (), "4Gi", {"limits": {"memory": "4Gi"}, "requests": {"memory": "4Gi"}}),
    "what onOOM has raised": (
        {"limits": {"memory": "1Gi"}, "requests": {"memory": "1Gi"}},
        ("1Gi", "2Gi"),
        "2x",
        {"limits": {"memory": "4Gi"}, "requests": {"memory": "2Gi"}},
    ),
}


@pytest.mark.parametrize("case", MEMORY.values(), ids=MEMORY)
@with_api
async def test_more_memory_is_more_than_it_had(api: FakeApi, tmp_path: Path, case: tuple[Any, ...]) -> None:
    had, told, more, gets = case
    attempts = [{"attempt": number, "memoryLimit": one} for number, one in enumerate(told)]
    put(api, spec={"resources": had}, phase="Failed", attempts=attempts)
    found = await Shell(api, tmp_path)("retry", "demo", "--more-memory", more)
    assert found.err == ""
    assert api.only_writes[0].body["spec"]["resources"] == gets


OF_TEMPLATE: dict[str, Any] = {"templateRef": {"name": "area"}}


@with_api
async def test_a_retry_names_the_template_again_with_more_memory_than_that_has(
    api: FakeApi, tmp_path: Path
) -> None:
    kept = {**AREA, "resources": {"limits": {"memory": "1Gi", "cpu": 2}}}
    record = {"kind": "ContainerTaskTemplate", "name": "area", "generation": 1, "digest": "0" * 64}
    given = OF_TEMPLATE | {"inputs": [{"name": "a", "value": 3}]}
    metadata = {"name": "demo", "namespace": NAMESPACE}
    status = {"phase": "Failed", "template": {**record, "spec": kept}}
    api.put(TASKS, {"metadata": metadata, "spec": given, "status": status})
    found = await Shell(api, tmp_path)("retry", "demo", "--more-memory", "2x")
    assert found.err == ""
    resources = {"limits": {"memory": "2Gi", "cpu": 2}, "requests": {"memory": "2Gi"}}
    assert api.only_writes[0].body["spec"] == {**given, "resources": resources}


@with_api
async def test_more_memory_keeps_what_else_an_unknown_template_may_give(api: FakeApi, tmp_path: Path) -> None:
    metadata = {"name": "demo", "namespace": NAMESPACE}
    api.put(TASKS, {"metadata": metadata, "spec": OF_TEMPLATE, "status": {"phase": "Cancelled"}})
    found = await Shell(api, tmp_path)("retry", "demo", "--more-memory", "4Gi")
    assert (found.code, api.only_writes) == (1, [])
    assert found.err.startswith("ctask retry: --more-memory: it never ran, so what its template gives it is")
    resources = {"limits": {"memory": "1Gi"}}
    api.patch(TASKS, NAMESPACE, "demo", {"spec": {"resources": resources}})
    assert (await Shell(api, tmp_path)("retry", "demo", "--more-memory", "4Gi")).err == ""
    sent = api.only_writes[0].body["spec"]
    assert sent == OF_TEMPLATE | {"resources": {"limits": {"memory": "4Gi"}, "requests": {"memory": "4Gi"}}}


LIMITED = {"resources": {"limits": {"memory": "2Gi"}}}
REFUSED = {
    "it runs": ({}, "Running", "2x", 1, "demo has not ended: it is Running"),
    "twice nothing": ({}, "Failed", "2x", 1, "--more-memory: it has no limits.memory: write an amount"),
    "no amount": ({}, "Failed", "much", 2, "--more-memory: write a factor or an amount"),
    "less": (LIMITED, "Failed", "1Gi", 1, "--more-memory: that is no more than the 2Gi"),
    "as much": (LIMITED, "Failed", "1x", 1, "--more-memory: that is no more than the 2Gi"),
}


@pytest.mark.parametrize("case", REFUSED.values(), ids=REFUSED)
@with_api
async def test_a_retry_that_cannot_be_is_refused(api: FakeApi, tmp_path: Path, case: tuple[Any, ...]) -> None:
    spec, phase, more, code, says = case
    put(api, spec=spec, phase=phase)
    found = await Shell(api, tmp_path)("retry", "demo", "--more-memory", more)
    assert (found.code, api.only_writes) == (code, [])
    assert found.err.startswith(f"ctask retry: {says}")
