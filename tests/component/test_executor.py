"""From what is known to the requests that are sent: the usual lives."""

from __future__ import annotations

import pytest

from containertask.kube.errors import Unreachable
from containertask.kube.resources import CONFIG_MAPS, PODS, TASKS
from support.fakeapi import DropBefore, FakeApi, with_api
from support.simulation_desk import KEY, LASTING, NAMESPACE, Desk, running

CREATE, STATUS, PATCH, DELETE, GET = (
    "POST pods",
    "PUT containertasks/status",
    "PATCH pods",
    "DELETE pods",
    "GET pods",
)
PODS_PATH = f"/api/v1/namespaces/{NAMESPACE}/pods"


@with_api
async def test_a_success_is_one_pod_and_three_statuses(api: FakeApi) -> None:
    desk = Desk(api)
    desk.create(outputs=[{"name": "area", "type": "float"}])
    await desk.work()
    assert desk.asked() == [CREATE]
    assert api.requests[-1].query == {"fieldValidation": "Strict"}
    assert desk.last("POST")["metadata"]["name"] == desk.pod
    desk.node.bind()
    desk.wait(LASTING)
    await desk.work()
    desk.node.start()
    desk.wait(LASTING)
    await desk.work()
    desk.node.end_main()
    await desk.work()
    desk.node.succeed({"area": 2.5})
    before = api.get(TASKS, *KEY)["metadata"]
    await desk.work()
    assert desk.asked() == [STATUS] * 3
    sent = desk.last("PUT")
    assert {name: sent["metadata"][name] for name in ("uid", "resourceVersion")} == {
        name: before[name] for name in ("uid", "resourceVersion")
    }
    assert sent["status"]["phase"] == "Succeeded"
    assert desk.status["outputs"][0]["value"] == 2.5
    assert await desk.told() == ["PodCreated", "Succeeded"]


@with_api
async def test_a_success_that_is_over_before_anything_lasts_is_one_pod_and_one_status(api: FakeApi) -> None:
    desk = Desk(api)
    desk.create(outputs=[{"name": "area", "type": "float"}])
    await desk.work()
    desk.node.bind()
    assert await desk.work() == pytest.approx(2, abs=1), "it looks again when the state has lasted"
    desk.node.start()
    assert await desk.work() == pytest.approx(2, abs=1)
    desk.node.succeed({"area": 2.5})
    await desk.work()
    assert desk.asked() == [CREATE, STATUS]
    assert desk.status["outputs"][0]["value"] == 2.5
    assert set(desk.status["timeline"]) >= {"created", "podCreated", "started", "finished", "completed"}
    assert await desk.told() == ["PodCreated", "Succeeded"]


@with_api
async def test_a_failure_says_so_and_keeps_its_pod(api: FakeApi) -> None:
    desk = await running(api)
    desk.node.fail(3)
    await desk.work()
    assert desk.asked() == [STATUS]
    assert (desk.status["reason"], desk.status["exitCode"]) == ("NonZeroExit", 3)
    assert len(api.items(PODS)) == 1


@with_api
async def test_large_values_are_created_before_the_pod_and_found_again_after_a_lost_answer(
    api: FakeApi,
) -> None:
    desk = Desk(api)
    desk.create(inputs=[{"name": "text", "type": "string", "value": "x" * 40_000}])
    api.faults.add("POST", PODS_PATH, DropBefore())
    with pytest.raises(Unreachable):
        await desk.work()
    await desk.work()
    assert desk.asked() == ["POST configmaps", CREATE] * 2
    (values,) = api.items(CONFIG_MAPS)
    volumes = api.items(PODS)[0]["spec"]["volumes"]
    assert {"name": "values", "configMap": {"name": values["metadata"]["name"]}} in volumes


@with_api
async def test_a_suspension_stops_the_pod_and_a_resumption_makes_the_next(api: FakeApi) -> None:
    desk = await running(api)
    desk.change(suspend=True)
    await desk.work()
    assert desk.asked() == [PATCH]
    patch = desk.last("PATCH")
    assert patch["spec"] == {"activeDeadlineSeconds": 1}
    assert '"Suspended"' in patch["metadata"]["annotations"]["containertask.dev/stop"]
    desk.node.obey()
    await desk.work()
    assert desk.asked() == [STATUS]
    assert (desk.status["reason"], desk.status["attempt"]) == ("Suspended", 1)
    desk.change(suspend=False)
    await desk.work()
    assert desk.asked() == [CREATE]
    assert desk.last("POST")["metadata"]["name"] == desk.pod[:-1] + "1"
    assert [reason for reason in await desk.told() if reason == "PodCreated"] == ["PodCreated"] * 2


@with_api
async def test_a_cancelled_task_is_stopped_in_one_patch_that_says_why(api: FakeApi) -> None:
    desk = await running(api)
    desk.change(cancel=True)
    await desk.work()
    assert desk.asked() == [PATCH]
    assert '"Cancelled"' in desk.last("PATCH")["metadata"]["annotations"]["containertask.dev/stop"]
    desk.node.obey()
    await desk.work()
    assert (desk.asked(), desk.status["phase"]) == ([STATUS], "Cancelled")


@with_api
async def test_a_finished_task_is_deleted_once_when_its_time_has_come(api: FakeApi) -> None:
    desk = await running(api, ttlSecondsAfterFinished=60)
    desk.node.succeed()
    again = await desk.work()
    assert again is not None
    assert 58 < again <= 60
    desk.asked()
    desk.wait(61)
    assert await desk.work() is None
    assert desk.asked() == ["DELETE containertasks"]
    assert set(desk.last("DELETE")["preconditions"]) == {"uid"}
    assert desk.store.sizes() == {"tasks": 0, "pods": 0, "notes": 0}


@pytest.mark.parametrize("graceful", [True, False], ids=["gracefully", "at once"])
@with_api
async def test_a_pod_that_is_not_kept_is_deleted_once(api: FakeApi, *, graceful: bool) -> None:
    desk = await running(api, podRetention="Never")
    api.verbs.graceful_pods = graceful
    desk.node.succeed()
    await desk.work()
    assert desk.asked() == [STATUS, DELETE]
