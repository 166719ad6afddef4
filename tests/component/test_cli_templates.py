"""``ctask`` shows tasks that name a template: before that is known, and with what it gives."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from containertask.cli.asking import POD_METRICS
from containertask.core.task import API_VERSION
from containertask.kube.resources import CONTAINER_TASK_TEMPLATES, TASKS
from support.cli import NAMESPACE, Shell
from support.fakeapi import Answer, FakeApi, with_api
from support.templateviews import AREA

Json = dict[str, Any]

GIVEN: Json = {"templateRef": {"name": "area"}, "inputs": [{"name": "a", "value": 3}]}
RECORD: Json = {
    "kind": "ContainerTaskTemplate",
    "name": "area",
    "generation": 2,
    "digest": "0123456789abcdef" * 4,
    "spec": AREA | {"resources": {"limits": {"memory": "1Gi"}}},
}
WAITS: Json = {
    "phase": "Pending",
    "waitingFor": {"reason": "TemplateNotFound", "message": "there is no ContainerTaskTemplate area"},
}


def put(api: FakeApi, status: Json) -> None:
    api.put(TASKS, {"metadata": {"name": "demo", "namespace": NAMESPACE}, "spec": GIVEN, "status": status})


@with_api
async def test_a_task_whose_template_is_not_there_is_shown_as_it_is_written(
    api: FakeApi, tmp_path: Path
) -> None:
    put(api, WAITS)
    shell = Shell(api, tmp_path)
    described = await shell("describe", "demo")
    assert (described.code, described.err) == (0, "")
    lines = [" ".join(line.split()) for line in described.out.splitlines()]
    assert 'TemplateRef: {"name": "area"}' in lines
    assert "a <none> 3" in lines
    assert not any(line.startswith(("Template:", "Image:")) for line in lines)
    why = await shell("why", "demo")
    assert (why.code, why.err) == (0, "")
    assert why.out.startswith("Task demo waits: TemplateNotFound (")
    assert "there is no ContainerTaskTemplate area" in why.out
    assert (await shell("get", "demo", "-o", "wide")).code == 0


@with_api
async def test_a_task_is_described_with_what_its_template_gives(api: FakeApi, tmp_path: Path) -> None:
    put(api, {"phase": "Running", "template": RECORD})
    described = await Shell(api, tmp_path)("describe", "demo")
    lines = [" ".join(line.split()) for line in described.out.splitlines()]
    assert "Template: ContainerTaskTemplate/area generation 2, 0123456789ab" in lines
    assert "Image: alpine:3.22" in lines
    assert "a float 3" in lines


@with_api
async def test_top_has_the_limits_of_the_template(api: FakeApi, tmp_path: Path) -> None:
    put(api, {"phase": "Running", "podName": "demo-0", "template": RECORD})
    nothing = Answer(code=200, text=json.dumps({"items": []}))
    api.faults.add("GET", POD_METRICS.path(NAMESPACE), nothing, times=None)
    found = await Shell(api, tmp_path)("top")
    assert (found.code, found.err) == (0, "")
    assert "memory=1Gi" in found.out


@with_api
async def test_the_template_of_a_manifest_is_one_of_its_namespace(api: FakeApi, tmp_path: Path) -> None:
    template = {"metadata": {"name": "area", "namespace": "other"}, "spec": AREA}
    api.put(CONTAINER_TASK_TEMPLATES, template)
    task = {
        "apiVersion": API_VERSION,
        "kind": "ContainerTask",
        "metadata": {"name": "demo", "namespace": "other"},
        "spec": {"templateRef": GIVEN["templateRef"]},
    }
    (tmp_path / "task.yaml").write_text(json.dumps(task))
    found = await Shell(api, tmp_path)("run", str(tmp_path / "task.yaml"), "--in", "a=3")
    assert found.code == 0, found.err
    (made,) = api.items(TASKS, "other")
    assert made["spec"]["inputs"] == GIVEN["inputs"]


@with_api
async def test_a_template_whose_inputs_cannot_be_read_is_said(api: FakeApi, tmp_path: Path) -> None:
    spec = AREA | {"inputs": [{"name": "a", "type": "number"}]}
    api.put(CONTAINER_TASK_TEMPLATES, {"metadata": {"name": "area", "namespace": NAMESPACE}, "spec": spec})
    found = await Shell(api, tmp_path)("run", "template/area", "--in", "a=3")
    assert (found.code, api.only_writes) == (1, [])
    assert found.err.startswith(
        "ctask run: the inputs of the template area cannot be read: `kubectl describe"
    )


@with_api
async def test_no_cluster_is_asked_for_the_template_of_a_local_run(api: FakeApi, tmp_path: Path) -> None:
    task = {"apiVersion": API_VERSION, "kind": "ContainerTask", "metadata": {"name": "demo"}, "spec": GIVEN}
    (tmp_path / "task.yaml").write_text(json.dumps(task))
    found = await Shell(api, tmp_path)("run", str(tmp_path / "task.yaml"), "--local", "--in", "a=3")
    assert (found.code, api.requests) == (1, [])
    assert "spec.templateRef: what a template says only the cluster knows" in found.err
