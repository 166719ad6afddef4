"""The keeper of stores over HTTP: every request it makes, and what it says of each store."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from containertask.api.stores import ClusterArtifactStoreSpec
from containertask.kube.errors import ApiError, Unreachable
from containertask.kube.resources import ARTIFACT_STORES, CLUSTER_ARTIFACT_STORES, Resource
from containertask.runtime import keeper
from containertask.runtime.keeper import Keeper
from containertask.runtime.kept import STORES
from containertask.runtime.registry import Registry
from support.fakeapi import Answer, Change, DropBefore, FakeApi, with_api
from support.simulation_process import operating
from support.storespecs import LEAST, OF_CLUSTER, Json, a_store, s3

GROUP = "/apis/containertask.dev/v1alpha1"
IN_TEAM = f"{GROUP}/namespaces/team/artifactstores"
OF_ALL = f"{GROUP}/clusterartifactstores"
FORBIDDEN = Answer(code=403, reason="Forbidden", message="not yours")
KEY, CLUSTER_KEY = ("team", "default"), ("", "default")


class Shop:
    """A keeper that hears of every change at once, as from a watch."""

    def __init__(self, api: FakeApi, *namespaces: str) -> None:
        self.api = api
        self.registry = Registry(STORES)
        self.keeper = Keeper(api.client(), self.registry, namespaces or (None,), _now)
        api.store.listeners.append(self._changed)

    def _changed(self, change: Change) -> None:
        raw = change.after or change.before
        if raw is not None and change.resource in {ARTIFACT_STORES, CLUSTER_ARTIFACT_STORES}:
            self.keeper.see("DELETED" if change.after is None else "MODIFIED", raw)

    def put(self, spec: object, name: str = "default", namespace: str = "team") -> None:
        self.api.put(ARTIFACT_STORES, {"metadata": {"name": name, "namespace": namespace}, "spec": spec})

    def put_for_all(self, spec: object, name: str = "default") -> None:
        self.api.put(CLUSTER_ARTIFACT_STORES, {"metadata": {"name": name}, "spec": spec})

    async def work(self, *keys: tuple[str, str]) -> list[float | None]:
        return [await self.keeper.reconcile(key) for key in keys or (KEY,)]

    def asked(self) -> list[str]:
        """Return what was asked of the server since last time."""
        found = [f"{one.method} {one.path}" for one in self.api.requests]
        self.api.requests.clear()
        return found


def _now() -> int:
    return time.time_ns() // 1_000_000


def status(api: FakeApi, resource: Resource = ARTIFACT_STORES, namespace: str = "team") -> Json:
    found: Json = api.get(resource, namespace, "default").get("status", {})
    return found


def ready(found: Json) -> tuple[str, str]:
    (condition,) = found["conditions"]
    return condition["status"], condition["reason"]


@asynccontextmanager
async def running(shop: Shop) -> AsyncIterator[None]:
    work = asyncio.ensure_future(shop.keeper.run())
    yield
    await shop.keeper.close(5)
    work.cancel()
    await asyncio.gather(work, return_exceptions=True)


@with_api
async def test_a_store_has_one_write_for_each_change_and_none_without(api: FakeApi) -> None:
    shop = Shop(api)
    shop.put(LEAST)
    write = f"PUT {IN_TEAM}/default/status"
    await shop.work(KEY, KEY)
    assert shop.asked() == [write]
    assert ready(status(api)) == ("True", "Valid")
    assert (status(api)["type"], status(api)["location"]) == ("s3", "s3://results")
    api.patch(ARTIFACT_STORES, *KEY, {"metadata": {"labels": {"a": "b"}}})
    await shop.work()
    assert shop.asked() == []
    api.patch(ARTIFACT_STORES, *KEY, {"spec": s3(prefix="a")})
    await shop.work(KEY, KEY)
    assert shop.asked() == [write]
    assert (status(api)["location"], status(api)["observedGeneration"]) == ("s3://results/a", 2)


@with_api
async def test_an_invalid_store_is_told_so_and_recovers(api: FakeApi) -> None:
    shop = Shop(api)
    shop.put({**LEAST, "limits": {"maxObjectSize": 0}})
    await shop.work()
    assert ready(status(api)) == ("False", "InvalidSpec")
    assert "spec.limits.maxObjectSize" in status(api)["conditions"][0]["message"]
    assert "location" not in status(api)
    api.patch(ARTIFACT_STORES, *KEY, {"spec": {"limits": {"maxObjectSize": "1Gi"}}})
    await shop.work()
    assert ready(status(api)) == ("True", "Valid")


@with_api
async def test_what_is_written_names_the_store_and_its_version(api: FakeApi) -> None:
    shop = Shop(api)
    shop.put(LEAST)
    shop.put_for_all(OF_CLUSTER["prefixes for everybody"])
    versions = [
        api.get(resource, namespace, "default")["metadata"]
        for resource, namespace in ((ARTIFACT_STORES, "team"), (CLUSTER_ARTIFACT_STORES, ""))
    ]
    await shop.work(KEY, CLUSTER_KEY)
    bodies: list[Any] = [one.body for one in api.requests]
    assert [one["kind"] for one in bodies] == ["ArtifactStore", "ClusterArtifactStore"]
    for body, version in zip(bodies, versions, strict=True):
        wanted = {name: version[name] for name in ("name", "uid", "resourceVersion")}
        assert body["metadata"] == wanted | {
            name: version[name] for name in ("namespace",) if name in version
        }
    assert shop.asked() == [f"PUT {IN_TEAM}/default/status", f"PUT {OF_ALL}/default/status"]
    assert ready(status(api, CLUSTER_ARTIFACT_STORES, "")) == ("True", "Valid")


@with_api
async def test_the_parsed_specs_are_kept_by_namespace_and_name(api: FakeApi) -> None:
    shop = Shop(api)
    shop.put(LEAST)
    shop.put_for_all(s3(bucket="everybodys"))
    own, everybodys = shop.registry.view(KEY), shop.registry.view(CLUSTER_KEY)
    assert own is not None
    assert everybodys is not None
    assert isinstance(own.spec, ClusterArtifactStoreSpec)
    assert isinstance(everybodys.spec, ClusterArtifactStoreSpec)
    assert everybodys.spec.s3 is not None
    assert (own.of_cluster, everybodys.spec.s3.bucket) == (False, "everybodys")


@with_api
async def test_a_write_that_came_too_late_is_made_again_of_what_is_there_now(api: FakeApi) -> None:
    shop = Shop(api)
    shop.put(LEAST)
    api.store.listeners.clear()
    api.patch(ARTIFACT_STORES, *KEY, {"spec": s3(prefix="a")})
    assert await shop.work() == [keeper.CONFLICT_SECONDS]
    shop.keeper.see("MODIFIED", api.get(ARTIFACT_STORES, *KEY))
    assert await shop.work() == [None]
    assert status(api)["location"] == "s3://results/a"
    assert len(shop.asked()) == 2


@with_api
async def test_the_answer_to_a_write_is_news_enough(api: FakeApi) -> None:
    shop = Shop(api)
    shop.put(LEAST)
    api.store.listeners.clear()
    await shop.work(KEY, KEY)
    assert len(shop.asked()) == 1


def test_what_is_known_already_is_no_news_nor_is_what_is_older() -> None:
    registry = Registry(STORES)
    assert registry.apply(a_store(LEAST)) == KEY
    assert registry.apply(a_store(LEAST)) is None
    assert registry.apply(a_store({}, resourceVersion="6")) is None
    assert registry.apply(a_store({}, resourceVersion="10")) == KEY
    assert registry.apply(a_store(LEAST, namespace="")) == CLUSTER_KEY


@with_api
async def test_of_a_store_that_is_gone_nothing_is_asked_twice(api: FakeApi) -> None:
    shop = Shop(api)
    shop.put(LEAST)
    last = api.get(ARTIFACT_STORES, *KEY)
    api.store.listeners.clear()
    api.remove(ARTIFACT_STORES, *KEY)
    assert await shop.work(KEY, KEY) == [None, None]
    assert len(shop.asked()) == 1
    shop.keeper.see("MODIFIED", last)
    assert shop.registry.views() == ()


@with_api
async def test_another_store_of_that_name_is_not_forgotten_with_the_first(api: FakeApi) -> None:
    shop = Shop(api)
    shop.put(LEAST)
    first = api.get(ARTIFACT_STORES, *KEY)
    api.remove(ARTIFACT_STORES, *KEY)
    shop.put(s3(bucket="second"))
    shop.keeper.see("DELETED", first)
    await shop.work()
    assert status(api)["location"] == "s3://second"


@with_api
async def test_a_failed_write_is_the_queues_to_try_again(api: FakeApi) -> None:
    shop = Shop(api)
    shop.put(LEAST)
    api.faults.add("PUT", f"{IN_TEAM}/default/status", Answer(code=422, reason="Invalid", message="no"))
    with pytest.raises(ApiError):
        await shop.work()
    await shop.work()
    assert ready(status(api)) == ("True", "Valid")


@with_api
async def test_without_the_right_to_write_it_says_so_once(
    api: FakeApi, caplog: pytest.LogCaptureFixture
) -> None:
    shop = Shop(api)
    shop.put_for_all(LEAST)
    api.faults.add("PUT", f"{OF_ALL}/default/status", FORBIDDEN, times=2)
    assert await shop.work(CLUSTER_KEY, CLUSTER_KEY) == [keeper.LIST_SECONDS] * 2
    assert caplog.text.count("the status of stores cannot be written") == 1


@with_api
async def test_a_list_brings_what_is_there_and_takes_what_is_not(api: FakeApi) -> None:
    shop = Shop(api)
    api.store.listeners.clear()
    shop.put(LEAST)
    shop.put(LEAST, "gone")
    shop.put_for_all(LEAST)
    await shop.keeper.read()
    assert len(shop.registry.views()) == 3
    api.remove(ARTIFACT_STORES, "team", "gone")
    api.remove(CLUSTER_ARTIFACT_STORES, "", "default")
    await shop.keeper.read()
    assert [one.name for one in shop.registry.views()] == ["default"]
    assert shop.asked() == [f"GET {GROUP}/artifactstores", f"GET {OF_ALL}"] * 2


@with_api
async def test_only_the_stores_of_the_namespaces_that_are_served_are_read(api: FakeApi) -> None:
    shop = Shop(api, "team", "other")
    api.store.listeners.clear()
    for namespace in ("team", "other", "foreign"):
        shop.put(LEAST, namespace=namespace)
    await shop.keeper.read()
    assert {one.namespace for one in shop.registry.views()} == {"team", "other"}
    in_other = f"{GROUP}/namespaces/other/artifactstores"
    assert shop.asked() == [f"GET {one}" for one in (IN_TEAM, in_other, OF_ALL)]
    await shop.keeper.read()
    assert len(shop.registry.views()) == 2


@with_api
async def test_without_the_right_to_stores_of_the_cluster_there_are_none_and_the_cure_is_said_once(
    api: FakeApi, caplog: pytest.LogCaptureFixture
) -> None:
    shop = Shop(api)
    api.store.listeners.clear()
    shop.put(LEAST)
    shop.put_for_all(LEAST)
    api.faults.add("GET", OF_ALL, FORBIDDEN, times=2)
    for _ in range(2):
        await shop.keeper.read()
        assert not shop.keeper.sees_cluster
        assert [one.namespace for one in shop.registry.views()] == ["team"]
    assert caplog.text.count("rbac.clusterStores=true gives the right") == 1
    await shop.keeper.read()
    assert shop.keeper.sees_cluster
    assert len(shop.registry.views()) == 2


@with_api
async def test_a_list_that_fails_is_no_answer(api: FakeApi) -> None:
    shop = Shop(api)
    shop.put(LEAST)
    api.faults.add("GET", f"{GROUP}/artifactstores", DropBefore())
    with pytest.raises(Unreachable):
        await shop.keeper.read()
    assert len(shop.registry.views()) == 1


@with_api
async def test_while_it_runs_what_is_seen_is_written_and_lists_that_fail_end_nothing(
    api: FakeApi, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(keeper, "LIST_SECONDS", 0.02)
    shop = Shop(api)
    api.faults.add("GET", f"{GROUP}/artifactstores", Answer(code=500))
    async with running(shop):
        shop.put(LEAST)
        await api.until(lambda: "conditions" in status(api))
        api.store.listeners.clear()
        shop.put_for_all(LEAST)
        await api.until(lambda: "conditions" in status(api, CLUSTER_ARTIFACT_STORES, ""))
    assert "what was known of them stays" in caplog.text


@with_api
async def test_each_change_is_one_line_and_what_cannot_be_read_is_named(
    api: FakeApi, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, keeper.__name__)
    shop = Shop(api)
    shop.put({})
    await shop.work(KEY, KEY)
    uid = api.get(ARTIFACT_STORES, *KEY)["metadata"]["uid"]
    metadata = {"name": "odd", "namespace": "team", "uid": "u", "resourceVersion": "many"}
    shop.keeper.see("ADDED", {"metadata": metadata})
    lines = [one.getMessage() for one in caplog.records]
    assert lines[0] == f"store=team/default uid={uid} ready=False reason=InvalidSpec"
    assert lines[1].startswith("store=team/odd cannot be read: ")
    assert len(lines) == 2


@pytest.mark.parametrize("served", ["", "team"], ids=["everywhere", "in one namespace"])
@with_api
async def test_the_process_watches_both_kinds(api: FakeApi, tmp_path: Path, served: str) -> None:
    def watches(resource: Resource) -> int:
        return api.watches.count(resource)

    before = f"import os; os.environ['CONTAINERTASK_NAMESPACES'] = {served!r}"
    async with operating(api, tmp_path, before=before) as operator:
        await api.until(lambda: watches(ARTIFACT_STORES) and watches(CLUSTER_ARTIFACT_STORES))
        for namespace, resource in (("team", ARTIFACT_STORES), ("", CLUSTER_ARTIFACT_STORES)):
            where = {"namespace": namespace} if namespace else {}
            api.put(resource, {"metadata": {"name": "default", **where}, "spec": LEAST})
        await api.until(lambda: "conditions" in status(api))
        await api.until(lambda: "conditions" in status(api, CLUSTER_ARTIFACT_STORES, ""))
        assert operator.process.returncode is None
    assert "kopf" not in str(api.get(ARTIFACT_STORES, *KEY))


@with_api
async def test_the_process_does_without_the_right_to_stores_of_the_cluster(
    api: FakeApi, tmp_path: Path
) -> None:
    api.faults.add("GET", OF_ALL, FORBIDDEN, times=1000)
    api.faults.add("WATCH", OF_ALL, FORBIDDEN, times=1000)
    async with operating(api, tmp_path) as operator:
        await operator.answers("/readyz", 200)
        await api.until(lambda: api.watches.count(ARTIFACT_STORES))
        api.put(ARTIFACT_STORES, {"metadata": {"name": "default", "namespace": "team"}, "spec": LEAST})
        await api.until(lambda: "conditions" in status(api))
        await asyncio.sleep(1)
        code, _ = await operator.terminate()
    log = operator.log.read_text()
    assert code == 0, log
    assert log.count("clusterartifactstores") + log.count("ClusterArtifactStores") == 1, log
    assert len([one for one in api.requests if one.path == OF_ALL]) == 1
