"""What the operator learns of image volumes from Pods and refusals, and what it makes of it for all tasks."""

from __future__ import annotations

from typing import Final

import pytest

from containertask.contract.manifest import Mode
from containertask.core.podview import mode_in
from containertask.kube.resources import PODS
from support.fakeapi import Answer, FakeApi, with_api
from support.simulation_desk import LASTING, NAMESPACE, Desk

CREATE, STATUS, PATCH = "POST pods", "PUT containertasks/status", "PATCH pods"
PODS_PATH: Final = f"/api/v1/namespaces/{NAMESPACE}/pods"
REFUSALS: Final = {
    "unknown": Answer(code=400, message='strict decoding error: unknown field "spec.volumes[5].image"'),
    "forbidden": Answer(code=403, reason="Forbidden", message="image volumes are not allowed here"),
    "invalid": Answer(code=422, reason="Invalid", message="spec.volumes[5]: Required value"),
}


def able(api: FakeApi) -> Desk:
    """Return the desk of an operator whose nodes all mount image volumes, as far as they say."""
    desk = Desk(api)
    desk.store.cluster.nodes_gate(all_of_them=True)
    return desk


def made(desk: Desk) -> tuple[str, Mode]:
    """Return attempt and mode of the Pod that was asked for last."""
    pod = next(one for one in reversed(desk.api.requests) if one.path == PODS_PATH and one.method == "POST")
    return str(pod.body["metadata"]["name"]).rpartition("-")[2], mode_in(pod.body["spec"])


async def mode_of_another(desk: Desk, name: str = "another") -> Mode:
    desk.create(name)
    await desk.work(name)
    return made(desk)[1]


async def without_a_launcher(desk: Desk) -> None:
    """Let the first attempt of the task find its image volume empty, and the operator stop it."""
    desk.create()
    await desk.work()
    desk.node.bind()
    desk.node.lack_the_launcher()
    await desk.work()


@with_api
async def test_a_gated_success_is_one_pod_and_three_statuses(api: FakeApi) -> None:
    desk = able(api)
    desk.create(outputs=[{"name": "area", "type": "float"}])
    await desk.work()
    assert made(desk) == ("0", Mode.GATED)
    desk.node.bind()
    desk.wait(LASTING)
    await desk.work()
    desk.node.start()
    desk.wait(LASTING)
    await desk.work()
    desk.node.succeed({"area": 2.5})
    await desk.work()
    assert desk.asked() == [CREATE, *[STATUS] * 3]
    assert desk.status["phase"] == "Succeeded"
    assert await desk.told() == ["PodCreated", "Succeeded"]


@pytest.mark.parametrize("answer", REFUSALS.values(), ids=REFUSALS.keys())
@with_api
async def test_a_refused_volume_makes_every_task_start_in_init_mode_for_an_hour(
    api: FakeApi, answer: Answer
) -> None:
    desk = able(api)
    desk.create()
    api.faults.add("POST", PODS_PATH, answer)
    await desk.work()
    assert desk.asked() == [CREATE, CREATE]
    assert made(desk) == ("1", Mode.INIT)
    assert await mode_of_another(desk) is Mode.INIT
    desk.wait(3_590)
    assert await mode_of_another(desk, "within-the-hour") is Mode.INIT
    desk.wait(20)
    assert await mode_of_another(desk, "after-the-hour") is Mode.GATED


@with_api
async def test_a_refusal_that_speaks_of_nothing_is_this_tasks_alone(api: FakeApi) -> None:
    desk = able(api)
    desk.create()
    text = 'admission webhook "p" denied the request: no'
    api.faults.add("POST", PODS_PATH, Answer(code=403, reason="Forbidden", message=text))
    await desk.work()
    assert desk.asked() == [CREATE, CREATE]
    assert made(desk) == ("1", Mode.INIT)
    assert await mode_of_another(desk) is Mode.GATED


@with_api
async def test_a_refusal_of_both_modes_ends_the_task_after_two_requests(api: FakeApi) -> None:
    desk = able(api)
    desk.create()
    text = 'admission webhook "p" denied the request: no'
    api.faults.add("POST", PODS_PATH, Answer(code=403, reason="Forbidden", message=text), times=None)
    await desk.work()
    assert desk.asked() == [CREATE, CREATE, STATUS]
    assert (desk.status["reason"], desk.status["message"]) == ("PodRefused", text)


@with_api
async def test_a_pod_without_its_launcher_is_replaced_by_one_patch_and_one_pod(api: FakeApi) -> None:
    desk = able(api)
    await without_a_launcher(desk)
    assert desk.asked() == [CREATE, PATCH]
    assert '"ImageVolumeUnusable"' in desk.last("PATCH")["metadata"]["annotations"]["containertask.dev/stop"]
    desk.node.obey()
    await desk.work()
    assert desk.asked() == [CREATE]
    assert made(desk) == ("1", Mode.INIT)
    desk.node.bind()
    desk.node.start()
    desk.node.succeed()
    await desk.work()
    assert (desk.asked(), desk.status["attempt"], desk.status["phase"]) == ([STATUS], 1, "Succeeded")
    assert await desk.told() == ["PodCreated", "ImageVolumeUnusable", "PodCreated", "Succeeded"]
    assert await mode_of_another(desk) is Mode.INIT


@with_api
async def test_a_restarted_operator_learns_of_the_failure_from_the_pods_it_lists(api: FakeApi) -> None:
    await without_a_launcher(able(api))
    later = able(api)
    await later.pods.read()
    assert await mode_of_another(later) is Mode.INIT
    later.wait(3_610)
    assert await mode_of_another(later, "after-the-hour") is Mode.GATED


@with_api
async def test_without_that_pod_a_restarted_operator_begins_anew(api: FakeApi) -> None:
    desk = able(api)
    await without_a_launcher(desk)
    api.remove(PODS, NAMESPACE, desk.pod)
    later = able(api)
    await later.pods.read()
    assert await mode_of_another(later) is Mode.GATED


@with_api
async def test_a_task_that_asks_for_gated_gets_it_whatever_the_nodes_say(api: FakeApi) -> None:
    desk = Desk(api)
    desk.create(start="Gated")
    await desk.work()
    assert made(desk) == ("0", Mode.GATED)
    assert await mode_of_another(desk) is Mode.INIT


@pytest.mark.parametrize("proven", [False, True], ids=["a new node", "a node that has shown one"])
@with_api
async def test_a_sandbox_that_does_not_come_counts_on_a_node_that_has_never_shown_one(
    api: FakeApi, *, proven: bool
) -> None:
    desk = able(api)
    if proven:
        desk.create("first")
        await desk.work("first")
        desk.node.bind()
        desk.node.start()
        desk.node.succeed()
    desk.create()
    await desk.work()
    desk.node.bind()
    desk.node.lack_a_sandbox()
    desk.asked()
    desk.wait(18)
    again = await desk.work()
    assert PATCH not in desk.asked()
    assert (again is not None and 0 < again <= 2) is not proven
    desk.wait(4)
    await desk.work()
    assert (PATCH in desk.asked()) is not proven
