"""The requests about a Pod that its node cannot get ready."""

from __future__ import annotations

from containertask.kube.resources import EVENTS, PODS
from support.fakeapi import Answer, FakeApi, with_api
from support.simulation_desk import NAMESPACE, Desk

READ, STATUS = "GET events", "PUT containertasks/status"
PATH = f"/api/v1/namespaces/{NAMESPACE}/events"


async def mounting(api: FakeApi) -> Desk:
    """Return the desk of a task whose Pod has had no sandbox for five seconds."""
    desk = Desk(api)
    desk.create()
    await desk.work()
    desk.node.bind()
    desk.node.lack_a_sandbox()
    desk.wait(6)
    desk.asked()
    return desk


def tell(api: FakeApi, uid: str, message: str) -> None:
    event = {"reason": "FailedMount", "message": message, "lastTimestamp": "2026-01-01T00:00:10Z"}
    head = {"name": f"e-{uid}", "namespace": NAMESPACE}
    about = {"kind": "Pod", "namespace": NAMESPACE, "name": "any", "uid": uid}
    api.put(EVENTS, {"metadata": head, "involvedObject": about, **event})


@with_api
async def test_its_events_are_read_once_and_what_they_say_is_told(api: FakeApi) -> None:
    desk = await mounting(api)
    (pod,) = api.items(PODS)
    tell(api, pod["metadata"]["uid"], 'MountVolume.SetUp failed: secret "absent" not found')
    tell(api, "another", "of another Pod")
    await desk.work()
    assert desk.asked() == [READ, STATUS]
    waiting = desk.status["waitingFor"]
    assert waiting["reason"] == "ContainerConfig"
    assert 'secret "absent" not found' in waiting["message"]
    assert waiting["since"]


@with_api
async def test_without_the_right_to_read_them_the_task_goes_on_without(api: FakeApi) -> None:
    desk = await mounting(api)
    api.faults.add("GET", PATH, Answer(code=403, reason="Forbidden", message="events is forbidden"))
    await desk.work()
    assert desk.asked() == [READ, STATUS]
    assert desk.status["phase"] == "Initializing"
