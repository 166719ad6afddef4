"""Inputs that take their values from a ConfigMap: mounts, and what is said while it is missing."""

from __future__ import annotations

from typing import Any

import pytest

from containertask.api.reasons import Reason
from containertask.api.spec import ContainerTaskSpec
from containertask.contract.manifest import Mode
from containertask.core.accept import Accepted, accept
from containertask.core.actions import Plan, StopPod
from containertask.core.mode import Cluster, mode_of
from containertask.core.plan import plan
from containertask.core.podview import ended
from support.builders import CONFIG, a_pod, a_task, at, quiet, seen
from support.builders.pods import PodBuilder

RATE: dict[str, Any] = {
    "name": "rate",
    "type": "float",
    "valueFrom": {"configMapKeyRef": {"name": "settings", "key": "r"}},
}
TASK = a_task(inputs=[RATE, {"name": "n", "type": "integer", "value": 1}], timeout={"queued": "60s"})
SAYS = "node node-1 has not mounted the Pod's volumes yet; is there ConfigMap settings with the key r?"


def mounting(mode: Mode = Mode.GATED) -> PodBuilder:
    return a_pod(task=TASK, mode=mode).scheduled().sandbox(ready=False)


def planned(pod: PodBuilder, now: float) -> Plan:
    return plan(seen(TASK, pod, cluster=Cluster(gates=True), trouble=quiet(pod, at(now))), at(now), CONFIG)


def spec_of(pod: PodBuilder) -> dict[str, Any]:
    spec: dict[str, Any] = pod.raw["spec"]
    return spec


def accepted_spec() -> ContainerTaskSpec:
    found = accept(TASK.view())
    assert isinstance(found, Accepted)
    return found.spec


def mounts_of(pod: PodBuilder, container: str) -> dict[str, str]:
    spec = spec_of(pod)
    every = [*spec.get("initContainers", []), *spec["containers"]]
    found = next(one for one in every if one["name"] == container)
    return {one["name"]: one["mountPath"] for one in found["volumeMounts"]}


@pytest.mark.parametrize("mode", Mode)
def test_only_the_downloader_sees_the_config_map(mode: Mode) -> None:
    pod = a_pod(task=TASK, mode=mode)
    volume = next(one for one in spec_of(pod)["volumes"] if one["name"] == "sources")
    source = {"configMap": {"name": "settings", "items": [{"key": "r", "path": "rate"}]}}
    assert volume == {"name": "sources", "projected": {"sources": [source]}}
    assert mounts_of(pod, "downloader")["sources"] == "/ct/sources"
    assert "sources" not in mounts_of(pod, "main")
    assert "sources" not in mounts_of(pod, "uploader")


@pytest.mark.parametrize(
    "change",
    [{"optional": True}, {"default": 0.5}, {"type": "optional[float]"}],
    ids=["optional", "default", "type"],
)
def test_what_need_not_be_there_keeps_no_pod_from_starting(change: dict[str, object]) -> None:
    pod = a_pod(task=a_task(inputs=[{**RATE, **change}]))
    volume = next(one for one in spec_of(pod)["volumes"] if one["name"] == "sources")
    assert volume["projected"]["sources"][0]["configMap"]["optional"] is True
    assert pod.view().sources == ()


def test_a_task_without_such_inputs_has_no_such_volume() -> None:
    assert all(one["name"] != "sources" for one in spec_of(a_pod())["volumes"])


def test_what_may_be_missing_is_said_after_five_seconds() -> None:
    soon, later = planned(mounting(), 6), planned(mounting(), 7)
    assert soon.status is None
    assert soon.again_in == 1_000
    assert later.status is not None
    assert later.status.waiting_for is not None
    assert (later.status.waiting_for.reason, later.status.waiting_for.message) == ("ContainerConfig", SAYS)


def test_a_missing_config_map_is_not_blamed_on_the_image_volume() -> None:
    assert planned(mounting(), 50).action is None


def test_it_has_an_image_volume_by_auto_only_where_one_has_worked() -> None:
    proven = Cluster(gates=True, proven=frozenset({"node-1"}))
    spec = accepted_spec()
    assert [mode_of(spec, cluster, 0) for cluster in (Cluster(gates=True), proven)] == [Mode.INIT, Mode.GATED]


def test_an_ended_pod_needs_nothing_any_more() -> None:
    assert mounting().view().sources == ("ConfigMap settings with the key r",)
    assert ended(mounting().view()).sources == ()


def test_the_queued_clock_ends_the_wait() -> None:
    found = planned(mounting(), 61)
    assert isinstance(found.action, StopPod)
    assert found.action.stop.reason is Reason.CONFIG_MAP_NOT_FOUND
    assert found.action.stop.message == SAYS


def test_a_pod_that_has_its_volumes_waits_for_nothing_of_this() -> None:
    found = planned(a_pod(task=TASK, mode=Mode.GATED).scheduled().sandbox(), 61)
    assert found.action is None
