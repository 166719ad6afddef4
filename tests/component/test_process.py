"""The operator as a whole process, kopf included: its start, its requests, its ends."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import pytest

from containertask.kube.resources import LEASES, PODS, TASKS
from support.fakeapi import KINDS, FakeApi, Hold, with_api
from support.simulation import Node
from support.simulation_process import Operator, operating, shapes

Json = dict[str, Any]
LEASE: Final = "containertask-operator"
PODS_PATH: Final = "/api/v1/pods"
QUICK: Final = "operator._RETRY_SECONDS = 0.1; operator.START_SECONDS = 1.0"


def node(api: FakeApi) -> Node:
    return Node(api.store, lambda: datetime.now(UTC))


def a_task(name: str = "t", **spec: object) -> Json:
    return {"metadata": {"name": name}, "spec": {"image": "alpine", "command": ["true"], **spec}}


def phase(api: FakeApi, name: str = "t") -> str | None:
    found: str | None = api.get(TASKS, "default", name).get("status", {}).get("phase")
    return found


def created(api: FakeApi) -> list[str]:
    return [one.path for one in api.only_writes if one.method == "POST" and one.path.endswith("/pods")]


def living(api: FakeApi) -> list[Json]:
    return [pod for pod in api.items(PODS) if "deletionTimestamp" not in pod["metadata"]]


async def watching(api: FakeApi) -> None:
    await api.until(lambda: api.watches.count(TASKS) and api.watches.count(PODS))


async def leads(api: FakeApi, name: str) -> None:
    def holder() -> bool:
        found = api.store.find(LEASES, "default", LEASE)
        return found is not None and found["spec"]["holderIdentity"] == f"{name}_u"

    await api.until(holder)


@with_api
async def test_a_task_lives_by_few_requests_and_nothing_of_kopfs_is_left_on_it(
    api: FakeApi, tmp_path: Path
) -> None:
    api.put(TASKS, a_task("before"))
    async with operating(api, tmp_path) as operator:
        await operator.answers("/readyz", 200)
        await api.until(lambda: api.items(PODS))
        node(api).bind()
        node(api).start()
        await api.until(lambda: phase(api, "before") == "Running")
        node(api).succeed()
        await api.until(lambda: phase(api, "before") == "Succeeded")
        code, seconds = await operator.terminate()
    assert code == 0, operator.log.read_text()
    assert seconds < 4.5
    assert api.get(LEASES, "default", LEASE)["spec"]["holderIdentity"] == ""
    for resource in (TASKS, PODS):
        for item in api.items(resource):
            assert "kopf" not in str(item)
            assert "finalizers" not in item["metadata"]
    assert shapes(api.requests) == {
        "GET /api",
        "GET /apis",
        "GET /api/v1",
        "GET /apis/containertask.dev/v1alpha1",
        "GET /apis/apiextensions.k8s.io/v1",
        "GET pods",
        "GET containertasks",
        "GET artifactstores",
        "GET clusterartifactstores",
        "GET containertasktemplates",
        "GET clustercontainertasktemplates",
        "GET nodes",
        "WATCH pods",
        "WATCH containertasks",
        "WATCH artifactstores",
        "WATCH clusterartifactstores",
        "WATCH containertasktemplates",
        "WATCH clustercontainertasktemplates",
        "GET leases",
        "POST leases",
        "PUT leases",
        "POST pods",
        "POST events",
        "PUT containertasks/status",
    }
    lists = [request.path for request in api.requests if request.verb == "GET" and "limit" in request.query]
    templates = ("containertasktemplates", "clustercontainertasktemplates")
    kinds = ("artifactstores", "clusterartifactstores", *templates, "containertasks")
    assert lists[:6] == [PODS_PATH, *(f"/apis/containertask.dev/v1alpha1/{kind}" for kind in kinds)]
    assert lists.count(PODS_PATH) == 1
    creates = [request for request in api.only_writes if request.method == "POST" and "pods" in request.path]
    assert len(creates) == 1


@with_api
async def test_irrelevant_changes_of_a_pod_cause_no_pass_and_requests_are_counted(
    api: FakeApi, tmp_path: Path
) -> None:
    async with operating(api, tmp_path) as operator:
        await leads(api, "operator-0")
        await watching(api)
        api.put(TASKS, a_task())
        await api.until(lambda: api.items(PODS))
        node(api).bind()
        node(api).start()
        await api.until(lambda: phase(api) == "Running")
        await settled(operator)
        passes = await operator.figure('containertask_passes_total{result="done"}')
        name = api.items(PODS)[0]["metadata"]["name"]
        for count in range(20):
            api.patch(PODS, "default", name, {"metadata": {"annotations": {"somebody": str(count)}}})
        last = api.patch(PODS, "default", name, {"metadata": {"labels": {"x": "y"}}})
        assert last["metadata"]["labels"]["x"] == "y"
        api.put(TASKS, a_task("later", suspend=True))
        await api.until(lambda: phase(api, "later") == "Queued")
        await settled(operator)
        done = await operator.figure('containertask_passes_total{result="done"}')
        assert done - passes == 2
        created = 'containertask_api_requests_total{code="201",resource="pods",verb="create"}'
        assert await operator.figure(created) == 1
        assert await operator.figure('containertask_watch_event_age_seconds{kind="pods"}') < 30


async def passed(operator: Operator) -> None:
    async with asyncio.timeout(10):
        while 'containertask_passes_total{result="done"}' not in (await operator.asked("/metrics"))[1]:
            pass


async def settled(operator: Operator) -> None:
    names = ("depth", "in_flight", "delayed")
    async with asyncio.timeout(10):
        while sum([await operator.figure(f"containertask_queue_{name}") for name in names]):
            pass


@with_api
async def test_without_the_kinds_it_is_not_ready_and_gives_up(api: FakeApi, tmp_path: Path) -> None:
    del api
    bare = FakeApi([kind for kind in KINDS if kind.resource != TASKS])
    async with bare, operating(bare, tmp_path, before=QUICK) as operator:
        assert await operator.answers("/readyz", 503) == "caches are not filled yet"
        assert await operator.answers("/healthz", 200) == "ok"
        assert await operator.ended() == 1
    assert "install the CRDs" in operator.log.read_text()
    assert "Unclosed" not in operator.log.read_text()


@with_api
async def test_kinds_that_come_late_are_noticed_and_worked_on(api: FakeApi, tmp_path: Path) -> None:
    hold = Hold()
    api.faults.add("GET", "/apis/containertask.dev/v1alpha1", hold)
    async with operating(api, tmp_path) as operator:
        await hold.arrived.wait()
        assert (await operator.asked("/readyz"))[0] == 503
        hold.released.set()
        await leads(api, "operator-0")
        await watching(api)
        api.put(TASKS, a_task())
        await api.until(lambda: api.items(PODS))


@with_api
async def test_a_second_process_is_ready_waits_for_the_lease_and_takes_over(
    api: FakeApi, tmp_path: Path
) -> None:
    async with operating(api, tmp_path, "first") as first:
        await leads(api, "first")
        async with operating(api, tmp_path, "second") as second:
            await second.answers("/readyz", 200)
            assert await second.figure("containertask_leader") == 0
            assert await first.figure("containertask_leader") == 1
            code, seconds = await first.terminate()
            assert (code, seconds < 4.5) == (0, True), seconds
            await leads(api, "second")
            api.put(TASKS, a_task())
            await api.until(lambda: api.items(PODS))
            assert len([one for one in api.only_writes if one.path.endswith("/default/pods")]) == 1


async def draining(operator: Operator) -> None:
    while "ending, with 1 passes under way" not in operator.log.read_text():  # noqa: ASYNC110 (another process)
        await asyncio.sleep(0.01)


@with_api
async def test_a_second_process_that_heard_nothing_reads_all_again_before_it_works(
    api: FakeApi, tmp_path: Path
) -> None:
    create, silence = Hold(), (Hold(), Hold())
    api.faults.add("POST", "/api/v1/namespaces/default/pods", create)
    api.put(TASKS, a_task(podRetention="Never"))
    async with operating(api, tmp_path) as first:
        await watching(api)
        await create.arrived.wait()
        api.faults.add("WATCH", PODS_PATH, silence[0])
        api.faults.add("WATCH", "/apis/containertask.dev/v1alpha1/containertasks", silence[1])
        async with operating(api, tmp_path, "operator-1") as second:
            await second.answers("/readyz", 200)
            await asyncio.gather(*(one.arrived.wait() for one in silence))
            create.released.set()
            await api.until(lambda: api.items(PODS))
            node(api).bind()
            node(api).start()
            node(api).succeed()
            await api.until(lambda: phase(api) == "Succeeded" and not living(api))
            for pod in api.items(PODS):
                api.remove(PODS, "default", pod["metadata"]["name"])
            made = len(created(api))
            await first.terminate()
            await leads(api, "operator-1")
            await passed(second)
            assert len(created(api)) == made
            for one in silence:
                one.released.set()


@with_api
async def test_told_to_end_it_finishes_the_pass_under_way(api: FakeApi, tmp_path: Path) -> None:
    hold = Hold()
    async with operating(api, tmp_path) as operator:
        await leads(api, "operator-0")
        await watching(api)
        api.faults.add("POST", "/api/v1/namespaces/default/pods", hold)
        api.put(TASKS, a_task())
        await hold.arrived.wait()
        ending = asyncio.ensure_future(operator.terminate())
        await asyncio.wait_for(draining(operator), 10)
        hold.released.set()
        code, seconds = await ending
    assert (code, seconds < 5) == (0, True), seconds
    assert len(api.items(PODS)) == 1
    assert api.get(LEASES, "default", LEASE)["spec"]["holderIdentity"] == ""


@with_api
async def test_a_lost_lease_ends_the_process(api: FakeApi, tmp_path: Path) -> None:
    async with operating(api, tmp_path) as operator:
        await leads(api, "operator-0")
        api.patch(LEASES, "default", LEASE, {"spec": {"holderIdentity": "somebody"}})
        assert await operator.ended() == 1
    assert "another holds the lease: somebody" in operator.log.read_text()


@pytest.mark.parametrize(("owner", "name"), [("podwatch.PodWatch", "_watch"), ("resync.Resync", "mark_live")])
@with_api
async def test_a_crash_of_the_work_ends_the_process(
    api: FakeApi, tmp_path: Path, owner: str, name: str
) -> None:
    broken = f"resync.MARK_SECONDS = 0.1; del {owner}.{name}"
    async with operating(api, tmp_path, before=broken) as operator:
        assert await operator.ended() == 1
    assert "the work ends" in operator.log.read_text()
    assert name in operator.log.read_text()


@with_api
async def test_a_pod_deleted_while_nobody_watched_is_noticed(api: FakeApi, tmp_path: Path) -> None:
    async with operating(api, tmp_path, before=QUICK):
        await leads(api, "operator-0")
        await watching(api)
        api.put(TASKS, a_task(retries={"systemLimit": 0}))
        await api.until(lambda: api.items(PODS))
        node(api).bind()
        node(api).start()
        await api.until(lambda: phase(api) == "Running")
        hold = Hold()
        api.faults.add("WATCH", PODS_PATH, hold)
        api.watches.end()
        await hold.arrived.wait()
        api.remove(PODS, "default", api.items(PODS)[0]["metadata"]["name"])
        api.store.forget()
        hold.released.set()
        await api.until(lambda: phase(api) == "Failed")
        assert api.get(TASKS, "default", "t")["status"]["reason"] == "PodDeleted"


@with_api
async def test_a_task_that_cannot_be_read_is_named_and_stops_nobody(api: FakeApi, tmp_path: Path) -> None:
    api.put(TASKS, a_task("broken"))
    api.set_status(TASKS, "default", "broken", {"phase": "Dreaming"})
    async with operating(api, tmp_path) as operator:
        await leads(api, "operator-0")
        await watching(api)
        api.patch(TASKS, "default", "broken", {"status": {"phase": "Snoring"}})
        api.put(TASKS, a_task())
        await api.until(lambda: api.items(PODS))
        assert operator.process.returncode is None
    log = operator.log.read_text()
    assert log.count("task=default/broken cannot be read") >= 2
    assert "Traceback" not in log
