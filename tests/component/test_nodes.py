"""The look at the nodes: what it tells, what it logs once, and how little it reads at a time."""

from __future__ import annotations

import asyncio
import logging

import pytest

from containertask.kube.resources import NODES
from containertask.runtime import nodes
from containertask.runtime.nodes import NodeCheck
from support import looptime
from support.fakeapi import Answer, DropBefore, FakeApi, with_api

PATH = "/api/v1/nodes"
FORBIDDEN = Answer(code=403, reason="Forbidden", message="nodes is forbidden")
RUNTIME = "containerd://2.3.4"


class Told:
    """A check of the server's nodes, and what it told so far."""

    def __init__(self, api: FakeApi, caplog: pytest.LogCaptureFixture) -> None:
        self.all: list[bool] = []
        self.check = NodeCheck(api.client(), self.all.append)
        self._caplog = caplog
        caplog.set_level(logging.INFO, nodes.__name__)

    async def read(self) -> bool | None:
        """Read once; return what was told of it, None if nothing."""
        before = len(self.all)
        await self.check.read()
        assert len(self.all) <= before + 1
        return self.all[-1] if len(self.all) > before else None

    @property
    def lines(self) -> list[str]:
        return [one.getMessage() for one in self._caplog.records if one.name == nodes.__name__]


def put_node(api: FakeApi, name: str, kubelet: str = "v1.36.3", ready: str = "True") -> None:
    info = {"kubeletVersion": kubelet, "containerRuntimeVersion": RUNTIME, "operatingSystem": "linux"}
    status = {"conditions": [{"type": "Ready", "status": ready}], "nodeInfo": info}
    api.put(NODES, {"metadata": {"name": name}, "status": status})


@with_api
async def test_each_read_tells_and_only_a_change_is_logged(
    api: FakeApi, caplog: pytest.LogCaptureFixture
) -> None:
    told = Told(api, caplog)
    put_node(api, "a")
    assert [await told.read(), await told.read()] == [True, True]
    assert told.lines == [nodes.GATED]
    put_node(api, "b", kubelet="v1.35.1")
    assert [await told.read(), await told.read()] == [False, False]
    put_node(api, "b", kubelet="v1.35.1", ready="Unknown")
    assert await told.read() is True
    said = "tasks start in Init mode: node b: kubelet v1.35.1 is older than 1.36"
    assert told.lines == [nodes.GATED, said, nodes.GATED]


@with_api
async def test_without_a_node_tasks_start_in_init_mode(
    api: FakeApi, caplog: pytest.LogCaptureFixture
) -> None:
    told = Told(api, caplog)
    assert await told.read() is False
    assert told.lines == ["tasks start in Init mode: no node is Ready"]


@with_api
async def test_without_the_right_tasks_start_in_init_mode_and_the_cure_is_said_once(
    api: FakeApi, caplog: pytest.LogCaptureFixture
) -> None:
    told = Told(api, caplog)
    put_node(api, "a")
    assert await told.read() is True
    api.faults.add("GET", PATH, FORBIDDEN, times=2)
    assert [await told.read(), await told.read()] == [False, False]
    (line,) = told.lines[1:]
    assert "rbac.nodes=true" in line
    assert caplog.records[-1].levelno == logging.WARNING
    assert await told.read() is True
    assert told.lines[2:] == [nodes.GATED]


@pytest.mark.parametrize("fault", [Answer(code=500), Answer(code=410, reason="Expired"), DropBefore()])
@pytest.mark.parametrize("page", [1, 2])
@with_api
async def test_a_list_that_fails_leaves_what_was_known(
    api: FakeApi, fault: Answer | DropBefore, page: int, caplog: pytest.LogCaptureFixture
) -> None:
    told = Told(api, caplog)
    for number in range(nodes.PAGE_SIZE + 1):
        put_node(api, f"n{number:04}")
    assert await told.read() is True
    api.faults.add("GET", PATH, fault, nth=page)
    assert await told.read() is None
    assert not api.faults.unused()
    assert "what was known of them stays" in told.lines[-1]
    assert await told.read() is True
    assert told.lines.count(nodes.GATED) == 1


@with_api
async def test_many_nodes_are_read_a_small_page_at_a_time(
    api: FakeApi, caplog: pytest.LogCaptureFixture
) -> None:
    told = Told(api, caplog)
    for number in range(350):
        put_node(api, f"n{number:04}")
    assert await told.read() is True
    assert [one.path for one in api.requests] == [PATH] * 4
    assert {one.query["limit"] for one in api.requests} == {"100"}


@with_api
async def test_the_last_of_many_nodes_counts_and_beyond_one_that_cannot_none_is_read(
    api: FakeApi, caplog: pytest.LogCaptureFixture
) -> None:
    told = Told(api, caplog)
    for number in range(350):
        put_node(api, f"n{number:04}", kubelet="v1.35.0" if number == 349 else "v1.36.0")
    assert await told.read() is False
    assert "node n0349: " in told.lines[-1]
    put_node(api, "n0120", kubelet="v1.35.0")
    api.requests.clear()
    assert await told.read() is False
    assert "node n0120: " in told.lines[-1]
    assert len(api.requests) == 2


def test_it_is_done_every_ten_minutes_for_ever_and_again_soon_when_it_failed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    times: list[float] = []

    async def read(_: NodeCheck) -> float:
        times.append(asyncio.get_running_loop().time())
        return nodes.RETRY_SECONDS if len(times) == 1 else nodes.NODE_SECONDS

    async def main() -> None:
        monkeypatch.setattr(NodeCheck, "read", read)
        running = asyncio.ensure_future(NodeCheck(FakeApi().client(), lambda _: None).run(nodes.NODE_SECONDS))
        await asyncio.sleep(1900)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    looptime.run(main())
    assert [round(one) for one in times] == [600, 630, 1230, 1830]
