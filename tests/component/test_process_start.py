"""The operator's start while the API server is not well."""

from __future__ import annotations

from pathlib import Path

import pytest

from containertask.kube.resources import PODS, TASKS
from support.fakeapi import Answer, DropBefore, FakeApi, with_api
from support.fakeapi.faults import Fault
from support.simulation_process import operating

QUICK = "operator._RETRY_SECONDS = 0.1"


@pytest.mark.parametrize(
    "fault",
    [Answer(code=403, reason="Forbidden"), Answer(code=410, reason="Expired"), DropBefore()],
    ids=["rights come late", "a list is forgotten", "a connection breaks"],
)
@with_api
async def test_what_passes_does_not_end_the_start(api: FakeApi, tmp_path: Path, fault: Fault) -> None:
    for path in ("/apis/containertask.dev/v1alpha1", "/api/v1/pods"):
        api.faults.add("GET", path, fault, times=2)
    task = {"metadata": {"name": "t"}, "spec": {"image": "alpine", "command": ["true"]}}
    api.put(TASKS, task)
    async with operating(api, tmp_path, before=QUICK) as operator:
        await operator.answers("/readyz", 200)
        await api.until(lambda: api.items(PODS))
    assert not api.faults.unused()


@with_api
async def test_a_mistake_in_the_settings_is_told_apart_from_a_failure(api: FakeApi, tmp_path: Path) -> None:
    async with operating(
        api, tmp_path, before="import os; del os.environ['CONTAINERTASK_IMAGE']"
    ) as operator:
        assert await operator.ended() == 2
    assert operator.log.read_text() == "CONTAINERTASK_IMAGE is not set\n"
    assert api.requests == []
