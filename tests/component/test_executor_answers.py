"""Every answer that a server can give to a write, and what is done then."""

from __future__ import annotations

import pytest

from containertask.kube.errors import Conflict, Unreachable
from containertask.kube.resources import PODS, TASKS
from containertask.runtime.executor import NothingKept
from support.fakeapi import Answer, DropAfter, FakeApi, with_api
from support.simulation_desk import KEY, LASTING, NAMESPACE, Desk, running

CREATE, STATUS, PATCH, DELETE, GET = (
    "POST pods",
    "PUT containertasks/status",
    "PATCH pods",
    "DELETE pods",
    "GET pods",
)
PODS_PATH = f"/api/v1/namespaces/{NAMESPACE}/pods"
TASKS_PATH = f"/apis/containertask.dev/v1alpha1/namespaces/{NAMESPACE}/containertasks"


@with_api
async def test_a_pod_that_is_there_after_a_lost_answer_is_adopted(api: FakeApi) -> None:
    desk = Desk(api)
    desk.create()
    api.store.listeners.clear()
    api.faults.add("POST", PODS_PATH, DropAfter())
    with pytest.raises(Unreachable):
        await desk.work()
    await desk.work()
    assert desk.asked() == [CREATE, CREATE, GET]
    assert [one.name for one in desk.store.pods()] == [desk.pod]


@with_api
async def test_somebody_elses_pod_of_our_name_ends_the_task_and_is_left_alone(api: FakeApi) -> None:
    desk = Desk(api)
    desk.create()
    theirs = api.put(PODS, {"metadata": {"name": desk.pod, "namespace": NAMESPACE}, "spec": {}})
    await desk.work()
    assert desk.asked() == [CREATE, GET, STATUS]
    assert desk.status["reason"] == "PodNameTaken"
    assert api.get(PODS, NAMESPACE, desk.pod) == theirs


@with_api
async def test_a_webhook_that_does_not_answer_is_waited_for_and_named(api: FakeApi) -> None:
    desk = Desk(api)
    desk.create()
    text = 'Internal error occurred: failed calling webhook "policy": connection refused'
    api.faults.add("POST", PODS_PATH, Answer(code=500, reason="InternalError", message=text))
    again = await desk.work()
    assert desk.asked() == [CREATE, STATUS]
    assert desk.status["waitingFor"] == {"reason": "PodCreationFailing", "message": text}
    assert again is not None
    desk.wait(again + 0.1)
    await desk.work()
    assert len(api.items(PODS)) == 1


@with_api
async def test_an_exhausted_quota_is_waited_for(api: FakeApi) -> None:
    desk = Desk(api)
    desk.create()
    text = "pods is forbidden: exceeded quota: q, requested: pods=1, used: pods=1, limited: pods=1"
    api.faults.add("POST", PODS_PATH, Answer(code=403, reason="Forbidden", message=text))
    again = await desk.work()
    assert desk.asked() == [CREATE, STATUS]
    assert desk.status["waitingFor"] == {"reason": "QuotaExceeded", "message": text}
    assert again is not None
    assert 0 < again <= 15
    await desk.work()
    assert desk.asked() == []
    desk.wait(again + 0.1)
    await desk.work()
    assert desk.asked()[0] == CREATE
    assert len(api.items(PODS)) == 1
    desk.wait(LASTING)
    await desk.work()
    assert "waitingFor" not in desk.status


@pytest.mark.parametrize(
    ("code", "text", "reason"),
    [
        (422, "spec.x: Invalid", "InvalidPodTemplate"),
        (403, 'violates PodSecurity "restricted"', "PodRefused"),
    ],
)
@with_api
async def test_a_refusal_for_good_ends_the_task(api: FakeApi, code: int, text: str, reason: str) -> None:
    desk = Desk(api)
    desk.create()
    api.faults.add("POST", PODS_PATH, Answer(code=code, message=text), times=None)
    await desk.work()
    assert desk.asked() == [CREATE, STATUS]
    assert (desk.status["reason"], desk.status["message"]) == (reason, text)


@with_api
async def test_after_a_conflict_the_task_is_read_again_and_the_status_written(api: FakeApi) -> None:
    desk = await running(api)
    api.store.listeners.clear()
    desk.change(ttlSecondsAfterFinished=7)
    desk.node.succeed()
    desk.intake.see_pod("MODIFIED", api.items(PODS)[0])
    await desk.work()
    assert desk.asked() == [STATUS, "GET containertasks", STATUS]
    assert desk.status["phase"] == "Succeeded"


@pytest.mark.parametrize("moment", ["before the status", "after a conflict"])
@with_api
async def test_a_task_deleted_meanwhile_is_forgotten(api: FakeApi, moment: str) -> None:
    desk = await running(api)
    desk.node.succeed()
    api.store.listeners.clear()
    if moment == "after a conflict":
        api.faults.add("PUT", TASKS_PATH, Answer(code=409, reason="Conflict"))
    api.remove(TASKS, *KEY)
    assert await desk.work() is None
    assert desk.store.snapshot(KEY) is None
    assert desk.asked()[0] == STATUS


@with_api
async def test_a_vanished_pod_is_asked_for_once_and_then_lost(api: FakeApi) -> None:
    await running(api, retries={"systemLimit": 0})
    later = Desk(api)
    later.asked()
    api.store.listeners.clear()
    api.remove(PODS, NAMESPACE, later.pod)
    await later.pods.read()
    await later.resync.read_tasks()
    later.asked()
    await later.work()
    assert later.asked() == [GET, STATUS]
    assert later.status["reason"] == "PodDeleted"


@with_api
async def test_a_vanished_pod_whose_name_somebody_else_took_is_lost_too(api: FakeApi) -> None:
    await running(api, retries={"systemLimit": 0})
    later = Desk(api)
    api.store.listeners.clear()
    api.remove(PODS, NAMESPACE, later.pod)
    api.put(PODS, {"metadata": {"name": later.pod, "namespace": NAMESPACE}, "spec": {}})
    await later.resync.read_tasks()
    later.asked()
    await later.work()
    assert later.asked() == [GET, STATUS]
    assert later.status["reason"] == "PodDeleted"


@with_api
async def test_a_pod_that_only_the_store_missed_is_found(api: FakeApi) -> None:
    await running(api)
    later = Desk(api)
    await later.resync.read_tasks()
    later.asked()
    await later.work()
    assert later.asked() == [GET]
    assert later.status["phase"] == "Running"


@pytest.mark.parametrize("verb", ["cancel", "remove"])
@with_api
async def test_a_pod_that_is_gone_when_it_is_written_is_judged_as_gone(api: FakeApi, verb: str) -> None:
    desk = await running(api, **({"podRetention": "Never"} if verb == "remove" else {}))
    if verb == "remove":
        desk.node.succeed()
    api.store.listeners.clear()
    pod = api.items(PODS)[0]
    api.remove(PODS, NAMESPACE, pod["metadata"]["name"])
    if verb == "cancel":
        desk.change(cancel=True)
        desk.intake.see_task("MODIFIED", api.get(TASKS, *KEY))
    await desk.work()
    assert desk.asked() == ([PATCH, STATUS] if verb == "cancel" else [STATUS, DELETE])
    assert desk.status["phase"] == ("Cancelled" if verb == "cancel" else "Succeeded")


@with_api
async def test_a_status_of_which_nothing_is_kept_is_an_error_and_no_endless_loop(api: FakeApi) -> None:
    desk = await running(api)
    await desk.work()
    task = api.get(TASKS, *KEY)
    stale = {**task, "status": {**task["status"], "phase": "Initializing", "reason": "Starting"}}
    desk.store.remove_task(*KEY, "another")
    fresh = Desk(api)
    fresh.intake.see_pod(None, api.items(PODS)[0])
    fresh.intake.see_task(None, stale)
    fresh.wait(2 * LASTING)
    with pytest.raises(NothingKept):
        await fresh.work()


@with_api
async def test_a_precondition_that_does_not_hold_is_left_to_the_next_pass(api: FakeApi) -> None:
    desk = await running(api, ttlSecondsAfterFinished=1)
    desk.node.succeed()
    await desk.work()
    api.store.listeners.clear()
    api.remove(TASKS, *KEY)
    desk.create()
    desk.wait(10)
    with pytest.raises(Conflict):
        await desk.work()
    await desk.resync.read_tasks()
    await desk.work()
    assert len(api.items(PODS)) == 1
