"""Runs of the SDK against an API server: what is asked of it, and what comes of each answer."""

from __future__ import annotations

import asyncio
from functools import partial
from pathlib import Path
from typing import Any

import pytest

import containertask as ct
from containertask.kube.resources import PODS, TASKS
from support.fakeapi import Answer, DropAfter, FakeApi, with_api
from support.sdkcluster import cluster_of, output, say, the_task

PATH = "/apis/containertask.dev/v1alpha1/namespaces/team/containertasks"


def area(**more: Any) -> ct.ContainerTask:
    return ct.ContainerTask(
        "area",
        "alpine:3.22",
        ["calc"],
        inputs={"a": float},
        outputs={"area": float, "note": str | None},
        **more,
    )


async def ending(api: FakeApi, **status: object) -> None:
    """End the task that comes next, as the operator would."""
    await api.until(lambda: api.items(TASKS, "team"))
    say(api, the_task(api)["metadata"]["name"], **status)


DONE = {"phase": "Succeeded", "reason": "Succeeded", "outputs": [output("area", "float", 2.5)]}


@with_api
async def test_a_run_is_created_once_and_waited_for_without_asking_again(
    api: FakeApi, tmp_path: Path
) -> None:
    run = await area().submit_async(cluster_of(api, tmp_path), a=1.5)
    (created,) = api.only_writes
    assert (created.method, created.path, created.query) == ("POST", PATH, {"fieldValidation": "Strict"})
    assert created.body == area().to_manifest(run.name, a=1.5)
    assert run.name.startswith("area-")
    assert len(run.name) == len("area-") + 5
    waiting = asyncio.create_task(run.wait_async(20))
    await api.until(lambda: api.watches.count(TASKS))
    await ending(api, **DONE)
    found = await waiting
    assert (found.area, found["note"], len(found)) == (2.5, None, 2)
    assert found == await run.wait_async()
    assert [one.verb for one in api.requests] == ["POST", "GET", "WATCH"]


@with_api
async def test_everything_works_without_await_too(api: FakeApi, tmp_path: Path) -> None:
    cluster = cluster_of(api, tmp_path)

    def work() -> object:
        with ct.use(cluster):
            run = area().submit(a=1.5)
            found = [one.phase for one in run.watch()]
            assert found[-1] == "Succeeded"
            assert [one.name for one in ct.runs()] == [run.name]
            assert ct.Run.get(run.name).status().succeeded
            return run.outputs.area

    working = asyncio.create_task(asyncio.to_thread(work))
    await ending(api, **DONE)
    assert await working == 2.5


@with_api
async def test_a_task_that_failed_says_so(api: FakeApi, tmp_path: Path) -> None:
    run = await area().submit_async(cluster_of(api, tmp_path), a=1.5)
    say(api, run.name, phase="Failed", reason="NonZeroExit", message="exit code 3", exitCode=3)
    with pytest.raises(ct.TaskFailedError, match=f"{run.name}: NonZeroExit: exit code 3") as caught:
        await run.wait_async()
    assert (caught.value.reason, caught.value.exit_code, caught.value.log) == ("NonZeroExit", 3, "")


@with_api
async def test_cancel_is_one_patch(api: FakeApi, tmp_path: Path) -> None:
    run = await area().submit_async(cluster_of(api, tmp_path), a=1.5)
    await run.cancel_async()
    patch = api.only_writes[-1]
    assert (patch.method, patch.path, patch.body) == (
        "PATCH",
        f"{PATH}/{run.name}",
        {"spec": {"cancel": True}},
    )
    say(api, run.name, phase="Cancelled", reason="Cancelled")
    with pytest.raises(ct.TaskCancelledError):
        await run.wait_async()


@with_api
async def test_the_time_to_wait_is_over_and_the_task_goes_on(api: FakeApi, tmp_path: Path) -> None:
    run = await area().submit_async(cluster_of(api, tmp_path), a=1.5)
    with pytest.raises(ct.WaitTimeoutError, match="it goes on"):
        await run.wait_async(0.05)
    assert len(api.only_writes) == 1


@with_api
async def test_a_watch_that_breaks_is_taken_up_again(api: FakeApi, tmp_path: Path) -> None:
    run = await area().submit_async(cluster_of(api, tmp_path), a=1.5)
    waiting = asyncio.create_task(run.wait_async(20))
    await api.until(lambda: api.watches.count(TASKS))
    api.watches.expire()
    await api.until(lambda: [one.verb for one in api.requests].count("WATCH") == 2)
    say(api, run.name, **DONE)
    assert (await waiting).area == 2.5


@with_api
async def test_a_task_that_is_deleted_is_gone(api: FakeApi, tmp_path: Path) -> None:
    run = await area().submit_async(cluster_of(api, tmp_path), a=1.5)
    waiting = asyncio.create_task(run.wait_async(20))
    await api.until(lambda: api.watches.count(TASKS))
    api.remove(TASKS, "team", run.name)
    with pytest.raises(ct.NotFoundError, match="was deleted"):
        await waiting


@with_api
async def test_an_answer_that_was_lost_makes_no_second_task(api: FakeApi, tmp_path: Path) -> None:
    api.faults.add("POST", PATH, DropAfter())
    run = await area().submit_async(cluster_of(api, tmp_path), a=1.5)
    assert [one["metadata"]["name"] for one in api.items(TASKS, "team")] == [run.name]


@with_api
async def test_an_output_of_a_run_makes_the_dependency_and_sends_the_run_before(
    api: FakeApi, tmp_path: Path
) -> None:
    cluster = cluster_of(api, tmp_path)
    first = area().prepare(cluster, a=1.5)
    second = area().prepare(cluster, a=first["area"])
    assert (api.requests, repr(first)) == ([], f"Run({first.name!r}, unsent)")
    await second.submit_async()
    assert repr(first) == f"Run({first.name!r})"
    assert [one.body["metadata"]["name"] for one in api.only_writes] == [first.name, second.name]
    assert api.only_writes[1].body["spec"]["inputs"] == [
        {
            "name": "a",
            "type": "float",
            "valueFrom": {"taskOutputRef": {"name": first.name, "output": "area"}},
        }
    ]
    with pytest.raises(KeyError, match="did you mean area"):
        first["aera"]


@with_api
async def test_what_is_not_sent_cannot_be_asked(api: FakeApi, tmp_path: Path) -> None:
    run = area().prepare(cluster_of(api, tmp_path), a=1.5)
    with pytest.raises(ct.InvalidTaskError, match="call submit"):
        await run.status_async()


@with_api
async def test_hooks_go_around_submission_and_wait(api: FakeApi, tmp_path: Path) -> None:
    class Hooked(ct.ContainerTask):
        async def pre(self, *args: Any, **kwargs: Any) -> dict[str, Any]:  # noqa: ARG002
            return {"a": kwargs["b"] * 2.0}

        async def post(self, return_vals: Any) -> Any:
            return return_vals.area * 10

    task = Hooked("area", "b", ["c"], inputs={"a": float, "b": float}, outputs={"area": float})
    run = await task.submit_async(cluster_of(api, tmp_path), b=1.5)
    assert [one["value"] for one in the_task(api)["spec"]["inputs"]] == [3.0, 1.5]
    say(api, run.name, **DONE)
    found: Any = await run.wait_async()
    assert found == 25.0


@pytest.mark.parametrize(
    ("code", "reason", "error"),
    [
        (401, "Unauthorized", ct.ForbiddenError),
        (403, "Forbidden", ct.ForbiddenError),
        (404, "NotFound", ct.NotFoundError),
        (409, "Conflict", ct.ConflictError),
        (422, "Invalid", ct.RefusedError),
        (503, "ServiceUnavailable", ct.UnreachableError),
    ],
)
@with_api
async def test_a_refusal_is_an_error_of_ours(
    api: FakeApi, tmp_path: Path, code: int, reason: str, error: type[ct.ClusterError]
) -> None:
    api.faults.add("POST", PATH, Answer(code=code, reason=reason), times=2)
    with pytest.raises(error):
        await area().submit_async(cluster_of(api, tmp_path), a=1.5)


def test_without_a_cluster_the_error_says_so(tmp_path: Path) -> None:
    with pytest.raises(ct.UnreachableError, match="no cluster is configured"):
        area().submit(ct.Cluster(kubeconfig=str(tmp_path / "none")), a=1.5)


@with_api
async def test_a_map_runs_some_at_a_time_and_keeps_the_order(api: FakeApi, tmp_path: Path) -> None:
    cluster = cluster_of(api, tmp_path)
    most = 0

    async def operator() -> None:
        nonlocal most

        def running() -> list[Any]:
            return [one for one in api.items(TASKS, "team") if "phase" not in one.get("status", {})]

        for wanted in (2, 2, 2, 2, 2, 1):
            await api.until(partial(lambda least: len(running()) >= least, wanted))
            waiting = running()
            most = max(most, len(waiting))
            value = waiting[0]["spec"]["inputs"][0]["value"]
            bad = {"phase": "Failed", "reason": "NonZeroExit"}
            good = {**DONE, "outputs": [output("area", "float", value * 2)]}
            say(api, waiting[0]["metadata"]["name"], **(bad if value == 3.0 else good))

    working = asyncio.create_task(operator())
    with ct.use(cluster):
        found = await ct.map_async(
            area().override(local=False),
            [float(one) for one in range(6)],
            concurrency=2,
            min_success_ratio=0.8,
        )
    await working
    assert most == 2
    assert [one.area if isinstance(one, ct.Outputs) else one.reason for one in found] == [
        0.0,
        2.0,
        4.0,
        "NonZeroExit",
        8.0,
        10.0,
    ]


@with_api
async def test_a_map_that_cannot_succeed_any_more_cancels_what_runs(api: FakeApi, tmp_path: Path) -> None:
    async def operator() -> None:
        await api.until(lambda: len(api.items(TASKS, "team")) == 2 and api.watches.count(TASKS) == 2)
        say(api, api.items(TASKS, "team")[0]["metadata"]["name"], phase="Failed", reason="OOMKilled")

    working = asyncio.create_task(operator())
    with ct.use(cluster_of(api, tmp_path)), pytest.raises(ct.TaskFailedError, match="OOMKilled"):
        await ct.map_async(area().override(local=False), [1.0, 2.0], concurrency=2)
    await working
    assert [one["spec"].get("cancel") for one in api.items(TASKS, "team")] == [None, True]


@with_api
async def test_runs_are_listed_by_phase(api: FakeApi, tmp_path: Path) -> None:
    cluster = cluster_of(api, tmp_path)
    runs = [await area().submit_async(cluster, a=1.5) for _ in range(2)]
    say(api, runs[0].name, **DONE)
    assert [one.name for one in await ct.runs_async(cluster, phase="Succeeded")] == [runs[0].name]
    assert {one.name for one in await ct.runs_async(cluster)} == {one.name for one in runs}


@with_api
async def test_outputs_of_a_run_of_somebody_else_have_the_types_of_its_status(
    api: FakeApi, tmp_path: Path
) -> None:
    cluster = cluster_of(api, tmp_path)
    run = await area().submit_async(cluster, a=1.5)
    say(
        api,
        run.name,
        phase="Succeeded",
        outputs=[{"name": "f", "type": "file", "uri": "s3://b/k", "size": 3}],
    )
    found = await (await ct.Run.get_async(run.name, cluster)).wait_async()
    assert found.f == ct.File(uri="s3://b/k")


@with_api
async def test_a_log_is_read_line_by_line(api: FakeApi, tmp_path: Path) -> None:
    run = await area().submit_async(cluster_of(api, tmp_path), a=1.5)
    with pytest.raises(ct.NotFoundError, match="no Pod"):
        assert [one async for one in run.logs_async()]
    say(api, run.name, phase="Running", podName="p")
    api.put(PODS, {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p", "namespace": "team"}})
    log = Answer(code=200, text="one\ntwo\nth")
    api.faults.add("GET", "/api/v1/namespaces/team/pods/p/log", log)
    assert [one async for one in run.logs_async()] == ["one", "two", "th"]
