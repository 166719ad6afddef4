"""Runs of the SDK at their edges: names that mean nothing, other namespaces, long lines, other processes."""

from __future__ import annotations

import copy
import multiprocessing
import pickle
from pathlib import Path
from typing import Any

import pytest

import containertask as ct
from containertask.kube.resources import TASKS
from containertask.sdk.cluster import Cluster
from support import fakeapi
from support.fakeapi import Answer, FakeApi, with_api
from support.sdkcluster import cluster_of, output, say

MAKES = ct.ContainerTask("makes", "b", ["c"], outputs={"x": float})
TAKES = ct.ContainerTask("takes", "b", ["c"], inputs={"a": float})


@pytest.mark.parametrize("name", ["", None, 3])
@with_api
async def test_a_run_has_a_name(api: FakeApi, tmp_path: Path, name: object) -> None:
    with pytest.raises(TypeError, match=r"name is .*: write a str that is not empty"):
        await ct.Run.get_async(name, cluster_of(api, tmp_path))  # type: ignore[arg-type]
    assert not api.requests


@with_api
async def test_a_phase_that_is_none_finds_no_runs_by_mistake(api: FakeApi, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"phase: there is no failed: did you mean Failed\?"):
        await ct.runs_async(cluster_of(api, tmp_path), phase="failed")
    assert not api.requests


def test_a_cluster_is_a_cluster() -> None:
    with pytest.raises(TypeError, match="cluster is a str: write a Cluster"):
        ct.runs("prod")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="cluster is a str: write a Cluster"):
        ct.Run.get("x", "prod")  # type: ignore[arg-type]


@with_api
async def test_an_output_of_another_namespace_is_no_input(api: FakeApi, tmp_path: Path) -> None:
    """Its task would wait for ever for one of that name in its own."""
    cluster = cluster_of(api, tmp_path)
    elsewhere = ct.ContainerTask("makes", "b", ["c"], outputs={"x": float}, namespace="other")
    made = await elsewhere.prepare_async(cluster)
    with pytest.raises(
        ct.InvalidTaskError, match="is in the namespace other, and this task in team: outputs"
    ):
        await TAKES.submit_async(cluster, a=made["x"])
    takes = ct.ContainerTask("takes", "b", ["c"], inputs={"a": float}, namespace="other")
    run = await takes.prepare_async(cluster, a=made["x"])
    assert run.namespace == "other"
    assert not api.only_writes


@pytest.mark.parametrize("length", [3_000_000, 1 << 20, (1 << 20) - 1])
@with_api
async def test_a_line_without_an_end_comes_in_parts(api: FakeApi, tmp_path: Path, length: int) -> None:
    run = await MAKES.submit_async(cluster_of(api, tmp_path))
    say(api, run.name, phase="Running", podName="p")
    text = f"one\n{'x' * length}\n\nlast"
    api.faults.add("GET", "/api/v1/namespaces/team/pods/p/log", Answer(code=200, text=text))
    lines = [one async for one in run.logs_async()]
    assert (lines[0], lines[-1]) == ("one", "last")
    assert "".join(lines) == text.replace("\n", "")
    assert max(map(len, lines)) <= 2 << 20
    assert len(lines) >= 4


PATH = "/apis/containertask.dev/v1alpha1/namespaces/team/containertasks"


@pytest.mark.parametrize("seconds", [0, -1])
@with_api
async def test_no_time_to_wait_is_one_look(api: FakeApi, tmp_path: Path, seconds: int) -> None:
    run = await MAKES.submit_async(cluster_of(api, tmp_path))
    with pytest.raises(ct.WaitTimeoutError, match="has not ended after"):
        await run.wait_async(seconds)
    say(api, run.name, phase="Succeeded", outputs=[output("x", "float", 2.5)])
    assert (await run.wait_async(seconds)).x == 2.5


@pytest.mark.parametrize("seconds", ["3", True])
@with_api
async def test_a_time_is_a_number(api: FakeApi, tmp_path: Path, seconds: object) -> None:
    run = await MAKES.submit_async(cluster_of(api, tmp_path))
    with pytest.raises(TypeError, match=r"timeout is a .*: write a number of seconds"):
        await run.wait_async(seconds)  # type: ignore[arg-type]


@pytest.mark.parametrize("code", [429, 503])
@with_api
async def test_an_api_server_that_asks_to_wait_is_asked_again(
    api: FakeApi, tmp_path: Path, code: int
) -> None:
    cluster, busy = cluster_of(api, tmp_path), fakeapi.Answer(code=code, headers={"Retry-After": "0.01"})
    if code == 429:
        api.faults.add("POST", PATH, busy, times=3)
    run = await MAKES.submit_async(cluster)
    api.faults.add("GET", f"{PATH}/{run.name}", busy, times=5)
    assert (await run.status_async()).phase == ""
    api.faults.add("GET", f"{PATH}/{run.name}", busy, times=6)
    with pytest.raises(ct.UnreachableError, match=f"the API server is in trouble: {code}"):
        await run.status_async()
    assert len(api.items(TASKS, "team")) == 1


@with_api
async def test_what_changes_something_is_not_done_again_where_it_may_be_done(
    api: FakeApi, tmp_path: Path
) -> None:
    run = await MAKES.submit_async(cluster_of(api, tmp_path))
    api.faults.add(
        "PATCH", f"{PATH}/{run.name}", fakeapi.Answer(code=503, headers={"Retry-After": "0.01"}), times=1
    )
    with pytest.raises(ct.UnreachableError, match="503"):
        await run.cancel_async()
    assert [one.method for one in api.only_writes] == ["POST", "PATCH"]


class Hooked(ct.ContainerTask):
    """A task with whatever hooks."""

    given: object = None

    async def pre(self, /, *_: object, **__: object) -> Any:
        return self.given


class Sync(ct.ContainerTask):
    def pre(self, /, *_: object, **__: object) -> Any:
        return {}


class SyncPost(ct.ContainerTask):
    def post(self, return_vals: Any) -> Any:
        return return_vals


@with_api
async def test_hooks_that_cannot_be_meant_are_said(api: FakeApi, tmp_path: Path) -> None:
    cluster, made = cluster_of(api, tmp_path), Hooked("t", "b", ["c"])
    await made.submit_async(cluster)  # it returns nothing, and adds nothing
    made.given = [1]
    with pytest.raises(TypeError, match="pre gave a list: return a dict of inputs by name, or nothing"):
        await made.submit_async(cluster)
    with pytest.raises(TypeError, match="pre is no coroutine function: write `async def pre`"):
        await Sync("t", "b", ["c"]).submit_async(cluster)
    run = await SyncPost("t", "b", ["c"]).submit_async(cluster)
    say(api, run.name, phase="Succeeded")
    with pytest.raises(TypeError, match="post is no coroutine function: write `async def post`"):
        await run.wait_async()


@with_api
async def test_outputs_go_to_other_processes(api: FakeApi, tmp_path: Path) -> None:
    cluster = cluster_of(api, tmp_path)
    run = await MAKES.submit_async(cluster)
    stored = {"name": "f", "type": "file", "uri": "https://example.org/f", "sha256": "0" * 64}
    say(api, run.name, phase="Succeeded", outputs=[output("x", "float", 2.5), stored])
    found = await (await ct.Run.get_async(run.name, cluster)).wait_async()
    for one in (pickle.loads(pickle.dumps(found)), copy.deepcopy(found)):  # noqa: S301 - made here
        assert one == found
        assert one.f.sha256 == "0" * 64
    assert b"abc" not in pickle.dumps(found)  # the token of the kubeconfig


def test_a_cluster_goes_to_other_processes() -> None:
    cluster = Cluster(context="a", namespace="b")
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        assert repr(pool.apply(copy.copy, (cluster,))) == repr(cluster)
