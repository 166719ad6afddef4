"""The requests of a task that names a PodTemplate."""

from __future__ import annotations

from typing import Any

from containertask.kube.resources import POD_TEMPLATES
from support.fakeapi import Answer, FakeApi, with_api
from support.simulation_desk import LASTING, NAMESPACE, Desk

CREATE, STATUS, READ = "POST pods", "PUT containertasks/status", "GET podtemplates"
PATH = f"/api/v1/namespaces/{NAMESPACE}/podtemplates/gpu"
TASK: dict[str, Any] = {"podTemplate": {"name": "gpu"}}


def put_template(api: FakeApi, **spec: object) -> None:
    metadata = {"name": "gpu", "namespace": NAMESPACE}
    api.put(POD_TEMPLATES, {"metadata": metadata, "template": {"spec": spec}})


@with_api
async def test_one_that_is_there_costs_one_request(api: FakeApi) -> None:
    put_template(api, nodeSelector={"gpu": "yes"})
    desk = Desk(api)
    desk.create(**TASK)
    await desk.work()
    assert desk.asked() == [READ, CREATE]
    assert desk.last("POST")["spec"]["nodeSelector"] == {"gpu": "yes"}


@with_api
async def test_one_that_comes_later_is_found_within_five_seconds(api: FakeApi) -> None:
    desk = Desk(api)
    desk.create(**TASK)
    again = await desk.work()
    assert desk.asked() == [READ, STATUS]
    assert desk.status["waitingFor"]["reason"] == "PodTemplateNotFound"
    assert again is not None
    assert again <= 5
    desk.wait(5)
    await desk.work()
    assert desk.asked() == [READ], "what is already told is not told again"
    put_template(api)
    desk.wait(5)
    await desk.work()
    assert desk.asked() == [READ, CREATE]


@with_api
async def test_a_right_that_is_missing_is_told_and_asked_for_again(api: FakeApi) -> None:
    put_template(api)
    desk = Desk(api)
    api.faults.add("GET", PATH, Answer(code=403, reason="Forbidden", message="podtemplates is forbidden"))
    desk.create(**TASK)
    await desk.work()
    assert desk.status["reason"] == "OperatorForbidden"
    desk.wait(5)
    await desk.work()
    assert desk.asked()[-2:] == [READ, CREATE]


@with_api
async def test_each_attempt_reads_it_anew(api: FakeApi) -> None:
    put_template(api, nodeSelector={"gpu": "old"})
    desk = Desk(api)
    desk.create(retries={"limit": 1}, **TASK)
    await desk.work()
    put_template(api, nodeSelector={"gpu": "new"})
    desk.node.bind()
    desk.node.start()
    desk.wait(LASTING)
    await desk.work()
    desk.node.fail(exit_code=3)
    await desk.work()
    desk.wait(60)
    desk.asked()
    await desk.work()
    assert desk.asked()[:2] == [READ, CREATE]
    assert desk.last("POST")["spec"]["nodeSelector"] == {"gpu": "new"}
