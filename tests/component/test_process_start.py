"""The operator's start while the API server is not well."""

from __future__ import annotations

from pathlib import Path

import pytest

from containertask.contract.manifest import Mode
from containertask.core.podview import mode_in
from containertask.kube.resources import NODES, PODS, TASKS
from support.fakeapi import Answer, DropBefore, FakeApi, with_api
from support.fakeapi.faults import Fault
from support.simulation_process import operating

QUICK = "operator._RETRY_SECONDS = 0.1"
TASK = {"metadata": {"name": "t"}, "spec": {"image": "alpine", "command": ["true"]}}


@pytest.mark.parametrize(
    "fault",
    [Answer(code=403, reason="Forbidden"), Answer(code=410, reason="Expired"), DropBefore()],
    ids=["rights come late", "a list is forgotten", "a connection breaks"],
)
@with_api
async def test_what_passes_does_not_end_the_start(api: FakeApi, tmp_path: Path, fault: Fault) -> None:
    for path in ("/apis/containertask.dev/v1alpha1", "/api/v1/pods"):
        api.faults.add("GET", path, fault, times=2)
    api.put(TASKS, TASK)
    async with operating(api, tmp_path, before=QUICK) as operator:
        await operator.answers("/readyz", 200)
        await api.until(lambda: api.items(PODS))
    assert not api.faults.unused()


@pytest.mark.parametrize(("kubelet", "mode"), [("v1.36.3", Mode.GATED), ("v1.35.1", Mode.INIT)])
@with_api
async def test_the_first_task_starts_as_the_nodes_allow(
    api: FakeApi, tmp_path: Path, kubelet: str, mode: Mode
) -> None:
    info = {"kubeletVersion": kubelet, "containerRuntimeVersion": "containerd://2.3.4"}
    status = {"conditions": [{"type": "Ready", "status": "True"}], "nodeInfo": info}
    api.put(NODES, {"metadata": {"name": "node-1"}, "status": status})
    api.put(TASKS, TASK)
    async with operating(api, tmp_path):
        await api.until(lambda: api.items(PODS))
    assert [mode_in(pod["spec"]) for pod in api.items(PODS)] == [mode]


@with_api
async def test_a_mistake_in_the_settings_is_told_apart_from_a_failure(api: FakeApi, tmp_path: Path) -> None:
    async with operating(
        api, tmp_path, before="import os; del os.environ['CONTAINERTASK_IMAGE']"
    ) as operator:
        assert await operator.ended() == 2
    assert operator.log.read_text() == "CONTAINERTASK_IMAGE is not set\n"
    assert api.requests == []
