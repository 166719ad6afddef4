"""Tasks that name templates: what wakes them, what it costs the API server, and that edits change nothing."""

from __future__ import annotations

from collections import Counter
from typing import Any

from containertask.kube.resources import (
    CLUSTER_CONTAINER_TASK_TEMPLATES,
    CONTAINER_TASK_TEMPLATES,
    PODS,
    TASKS,
)
from containertask.runtime.kept import TEMPLATES
from support.fakeapi import Answer, FakeApi, with_api
from support.simulation_desk import NAMESPACE
from support.simulation_many import Many
from support.templateviews import AREA

Json = dict[str, Any]

GIVEN = [{"name": "a", "value": 3}]
FORBIDDEN = Answer(code=403, reason="Forbidden", message="not yours")


def put(api: FakeApi, spec: Json = AREA, name: str = "area", *, cluster: bool = False) -> None:
    if cluster:
        api.put(CLUSTER_CONTAINER_TASK_TEMPLATES, {"metadata": {"name": name}, "spec": spec})
    else:
        metadata = {"name": name, "namespace": NAMESPACE}
        api.put(CONTAINER_TASK_TEMPLATES, {"metadata": metadata, "spec": spec})


def run(desk: Many, name: str, kind: str = "ContainerTaskTemplate", **fields: Any) -> None:
    spec = {"templateRef": {"kind": kind, "name": "area"}, "inputs": GIVEN, **fields}
    desk.api.put(TASKS, {"metadata": {"name": name, "namespace": NAMESPACE}, "spec": spec})


def image_of(api: FakeApi, name: str) -> str:
    pods = [pod for pod in api.items(PODS) if pod["metadata"]["ownerReferences"][0]["name"] == name]
    (main,) = (one for one in pods[-1]["spec"]["containers"] if one["name"] == "main")
    image: str = main["image"]
    return image


@with_api
async def test_a_task_whose_template_is_there_has_one_write_more_than_another(api: FakeApi) -> None:
    desk = Many(api)
    put(api)
    await desk.rest()
    desk.about()
    run(desk, "one")
    await desk.rest()
    assert desk.about()["one"] == Counter({"PUT containertasks/status": 1, "POST pods": 1})
    kept = api.get(TASKS, NAMESPACE, "one")["status"]["template"]
    assert (kept["kind"], kept["name"], kept["generation"]) == ("ContainerTaskTemplate", "area", 1)
    assert kept["spec"] == AREA


@with_api
async def test_a_task_begins_when_its_template_comes(api: FakeApi) -> None:
    desk = Many(api)
    run(desk, "one")
    run(desk, "two", kind="ClusterContainerTaskTemplate")
    await desk.rest()
    assert desk.reason("one") == desk.reason("two") == "Pending/TemplateNotFound"
    put(api)
    await desk.rest()
    assert desk.live() == ["one"]
    put(api, cluster=True)
    await desk.rest()
    assert sorted(desk.live()) == ["one", "two"]


@with_api
async def test_a_task_begins_when_its_template_is_mended(api: FakeApi) -> None:
    desk = Many(api)
    put(api, {**AREA, "image": 3})
    run(desk, "one")
    await desk.rest()
    assert desk.reason("one") == "Pending/TemplateInvalid"
    put(api)
    await desk.rest()
    assert desk.live() == ["one"]


@with_api
async def test_what_was_kept_runs_whatever_becomes_of_the_template(api: FakeApi) -> None:
    desk = Many(api)
    put(api)
    run(desk, "one", retries={"limit": 1})
    await desk.rest()
    put(api, {**AREA, "image": "alpine:edge"})
    desk = await desk.restarted()
    await desk.rest()
    assert image_of(api, "one") == "alpine:3.22"
    api.remove(CONTAINER_TASK_TEMPLATES, NAMESPACE, "area")
    await desk.rest()
    run(desk, "two")
    await desk.rest()
    assert desk.reason("two") == "Pending/TemplateNotFound"


@with_api
async def test_a_template_s_status_says_whether_it_is_valid(api: FakeApi) -> None:
    desk = Many(api)
    put(api, {**AREA, "args": ["{{.inputs.nothing}}"]})
    keeper = desk.keepers[1]
    await keeper.reconcile((NAMESPACE, "area"))
    status = api.get(CONTAINER_TASK_TEMPLATES, NAMESPACE, "area")["status"]
    (ready,) = status["conditions"]
    assert (ready["type"], ready["status"], ready["reason"]) == ("Ready", "False", "InvalidSpec")
    assert "spec.args[0]" in ready["message"]
    put(api)
    await keeper.reconcile((NAMESPACE, "area"))
    status = api.get(CONTAINER_TASK_TEMPLATES, NAMESPACE, "area")["status"]
    assert status["conditions"][0]["status"] == "True"
    assert len(status["digest"]) == 64


@with_api
async def test_without_the_right_to_those_of_the_cluster_namespaces_have_theirs(api: FakeApi) -> None:
    put(api)
    api.faults.add("GET", TEMPLATES.cluster_resource.path(), FORBIDDEN)
    desk = Many(api)
    await desk.keepers[1].read()
    assert not desk.keepers[1].sees_cluster
    run(desk, "one")
    await desk.rest()
    assert desk.live() == ["one"]
