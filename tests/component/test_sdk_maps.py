"""Maps of the SDK against an API server: nothing hangs, nothing is left behind."""

from __future__ import annotations

import asyncio
import signal
import sys
from pathlib import Path
from typing import Any

import pytest

import containertask as ct
from containertask.kube.resources import TASKS
from support.ctrlc import HEARS_CTRL_C
from support.fakeapi import DropAfter, FakeApi, Hold, with_api
from support.sdkcluster import cluster_of, say

PATH = "/apis/containertask.dev/v1alpha1/namespaces/team/containertasks"


def area(kind: object = float) -> ct.ContainerTask:
    task = ct.ContainerTask("area", "alpine:3.22", ["calc"], inputs={"a": kind}, outputs={"area": float})
    return task.override(local=False)


async def ended(api: FakeApi, wanted: int, **status: object) -> None:
    """End so many tasks as they come."""
    for _ in range(wanted):
        await api.until(lambda: running(api))
        say(api, running(api)[0], **status)


def running(api: FakeApi) -> list[str]:
    return [
        one["metadata"]["name"] for one in api.items(TASKS, "team") if "phase" not in one.get("status", {})
    ]


@with_api
async def test_more_runs_at_once_than_a_loop_has_threads_do_not_wait_for_each_other(
    api: FakeApi, tmp_path: Path
) -> None:
    large = tmp_path / "large"
    large.write_bytes(bytes(100_000))
    cluster = cluster_of(api, tmp_path)

    def work() -> object:
        with ct.use(cluster):
            return ct.map(area(ct.File), [ct.File(large)] * 64, concurrency=64)

    async with asyncio.timeout(60):
        with pytest.raises(ct.InvalidTaskError, match="there is no ArtifactStore default"):
            await asyncio.to_thread(work)


@with_api
async def test_an_item_that_cannot_be_meant_raises_what_a_call_would(api: FakeApi, tmp_path: Path) -> None:
    with ct.use(cluster_of(api, tmp_path)), pytest.raises(TypeError, match="input `a`: a str where a float"):
        await ct.map_async(area(), ["x", "y"])
    assert not api.only_writes


@with_api
async def test_a_run_that_was_given_up_while_it_was_sent_is_cancelled(api: FakeApi, tmp_path: Path) -> None:
    api.faults.add("POST", PATH, DropAfter(), times=1)
    cluster = cluster_of(api, tmp_path)

    async def give_up() -> None:
        await api.until(lambda: api.items(TASKS, "team"))
        mapping.cancel()

    with ct.use(cluster):
        mapping = asyncio.create_task(ct.map_async(area(), [1.0]))
    await give_up()
    with pytest.raises(asyncio.CancelledError):
        await mapping
    assert [one["spec"].get("cancel") for one in api.items(TASKS, "team")] == [True]


def test_a_ratio_is_what_is_written() -> None:
    class Some(ct.ContainerTask):
        async def call_async(self, /, **inputs: Any) -> ct.Outputs:
            if inputs["a"] >= 55:
                raise ct.TaskFailedError("some", "NonZeroExit", "")
            return ct.Outputs({})

    found = ct.map(Some("some", "b", inputs={"a": int}), range(100), min_success_ratio=0.55)
    assert sum(isinstance(one, ct.Outputs) for one in found) == 55


@with_api
async def test_an_empty_dict_is_a_value_of_an_input_that_is_a_dict(api: FakeApi, tmp_path: Path) -> None:
    done = {"phase": "Succeeded", "outputs": [{"name": "area", "type": "float", "value": 1.0}]}
    working = asyncio.create_task(ended(api, 2, **done))
    with ct.use(cluster_of(api, tmp_path)):
        await ct.map_async(area(dict[str, int]), [{}, {"b": 1}], concurrency=1)
    await working
    given = [one["spec"]["inputs"][0]["value"] for one in api.items(TASKS, "team")]
    assert sorted(given, key=len) == [{}, {"b": 1}]


@pytest.mark.parametrize(
    ("call", "says"),
    [
        ((3, []), "task is an int: write a ContainerTask"),
        ((area(), None), "items is None: write a list"),
        ((area(str), "abc"), "items is a str: write a list"),
        ((area(), {"a": [1.0]}), "items is a dict: write a list"),
        ((area(), [], 0), "concurrency: an int: write how many at a time, from 1"),
        ((area(), [], 1.5), "concurrency: a float"),
        ((area(), [], True), "concurrency: a bool"),
        ((area(), [], 1, "all"), "min_success_ratio: a str: write a number from 0 to 1"),
        ((area(), [], 1, float("nan")), "min_success_ratio: a float"),
    ],
    ids=str,
)
def test_a_map_that_cannot_be_meant_says_what_to_write(call: tuple[Any, ...], says: str) -> None:
    with pytest.raises((TypeError, ValueError), match=says):
        ct.map(*call)


def test_a_map_over_nothing_is_nothing() -> None:
    assert ct.map(area(), iter(())) == []


@with_api
async def test_inputs_that_are_given_for_the_cluster_are_refused(api: FakeApi, tmp_path: Path) -> None:
    with (
        ct.use(cluster_of(api, tmp_path)),
        pytest.raises(TypeError, match="cluster is a dict: write a Clust"),
    ):
        await area().submit_async({"a": 1.0})  # type: ignore[arg-type]


@with_api
async def test_a_prepared_run_has_what_pre_adds(api: FakeApi, tmp_path: Path) -> None:
    class Hooked(ct.ContainerTask):
        async def pre(self, *args: Any, **kwargs: Any) -> dict[str, Any]:  # noqa: ARG002
            return {"a": 2.0}

    task = Hooked("area", "alpine:3.22", ["calc"], inputs={"a": float})
    run = await task.prepare_async(cluster_of(api, tmp_path))
    assert run.manifest["spec"]["inputs"][0]["value"] == 2.0


MAPS = """
import sys
import containertask as ct

task = ct.ContainerTask("area", "b", ["c"], inputs={"a": float}).override(local=False)
with ct.use(ct.Cluster(kubeconfig=sys.argv[1])):
    ct.map(task, [1.0, 2.0, 3.0])
"""


@with_api
async def test_ctrl_c_cancels_what_a_map_has_sent(api: FakeApi, tmp_path: Path) -> None:
    cluster_of(api, tmp_path)
    command = (*HEARS_CTRL_C, sys.executable, "-c", MAPS, str(tmp_path / "kubeconfig"))
    process = await asyncio.create_subprocess_exec(*command, stderr=asyncio.subprocess.PIPE)
    await api.until(lambda: api.watches.count(TASKS) == 3)
    slow = Hold()
    api.faults.add("PATCH", PATH, slow, times=None)
    process.send_signal(signal.SIGINT)
    await slow.arrived.wait()
    ending = asyncio.create_task(process.communicate())
    with pytest.raises(TimeoutError):  # it does not leave them where they are
        await asyncio.wait_for(asyncio.shield(ending), 1)
    slow.released.set()
    said = (await ending)[1]
    assert said.splitlines()[-1] == b"KeyboardInterrupt", said
    assert [one["spec"].get("cancel") for one in api.items(TASKS, "team")] == [True] * 3
