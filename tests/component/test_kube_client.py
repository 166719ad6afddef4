"""Every method of the client, by the exact request that arrives at the server."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from containertask.kube.errors import AlreadyExists, Conflict, Gone, NotFound, Unreachable
from containertask.kube.resources import CONFIG_MAPS, EVENTS, LEASES, PODS, TASKS, Resource
from support.fakeapi import Answer, FakeApi, Hold, Request, with_api

TASK = {"apiVersion": "containertask.dev/v1alpha1", "kind": "ContainerTask", "metadata": {"name": "t"}}
POD = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p", "labels": {"a": "b"}}}
TASK_PATH = "/apis/containertask.dev/v1alpha1/namespaces/ns/containertasks/t"
POD_PATH = "/api/v1/namespaces/ns/pods/p"


def in_ns(body: dict[str, Any], **more: object) -> dict[str, Any]:
    return {**body, "metadata": {**body["metadata"], "namespace": "ns", **more}}


@pytest.mark.parametrize(
    ("resource", "collection"),
    [
        (TASKS, "/apis/containertask.dev/v1alpha1/namespaces/ns/containertasks"),
        (PODS, "/api/v1/namespaces/ns/pods"),
        (CONFIG_MAPS, "/api/v1/namespaces/ns/configmaps"),
        (EVENTS, "/api/v1/namespaces/ns/events"),
        (LEASES, "/apis/coordination.k8s.io/v1/namespaces/ns/leases"),
    ],
    ids=lambda value: value.plural if isinstance(value, Resource) else "",
)
def test_a_resource_knows_its_paths(resource: Resource, collection: str) -> None:
    assert resource.path("ns") == collection
    assert resource.path("ns", "a b/c") == f"{collection}/a%20b%2Fc"
    assert resource.path("ns", "n", "status") == f"{collection}/n/status"
    assert resource.path() == collection.replace("/namespaces/ns", "")


@pytest.mark.parametrize(("strict", "query"), [(False, {}), (True, {"fieldValidation": "Strict"})])
@with_api
async def test_create_posts_to_the_collection(api: FakeApi, strict: bool, query: dict[str, str]) -> None:  # noqa: FBT001 (a table's column)
    created = await api.client().create(PODS, "ns", POD, strict=strict)
    assert api.requests == [Request(method="POST", path="/api/v1/namespaces/ns/pods", query=query, body=POD)]
    assert api.requests[0].headers["Content-Type"] == "application/json"
    assert created == api.get(PODS, "ns", "p")
    assert created["metadata"]["uid"]


@with_api
async def test_every_request_says_who_asks(api: FakeApi) -> None:
    await api.client(credentials=api.credentials("Bearer abc")).served("v1")
    headers = api.requests[0].headers
    assert headers["User-Agent"] == "containertask-operator/0.1.0.dev0"
    assert headers["Authorization"] == "Bearer abc"
    assert headers["Accept"] == "application/json"


@with_api
async def test_get_reads_one_object(api: FakeApi) -> None:
    stored = api.put(TASKS, in_ns(TASK))
    assert await api.client().get(TASKS, "ns", "t") == stored
    assert api.requests == [Request(method="GET", path=TASK_PATH)]


@with_api
async def test_list_reads_all_pages_as_of_the_first(api: FakeApi) -> None:
    for number in range(1001):
        api.put(PODS, {"metadata": {"name": f"p{number:04}", "namespace": "ns", "labels": {"app": "x"}}})
    api.put(PODS, {"metadata": {"name": "other", "namespace": "ns"}})
    version = str(api.store.version)
    between = Hold()
    api.faults.add("GET", "/api/v1/namespaces/ns/pods", between, nth=2)
    listing = asyncio.create_task(api.client().list(PODS, "ns", label_selector="app=x"))
    await between.arrived.wait()
    api.put(PODS, {"metadata": {"name": "p9999", "namespace": "ns", "labels": {"app": "x"}}})
    between.released.set()
    found = await listing
    assert [item["metadata"]["name"] for item in found.items] == [f"p{number:04}" for number in range(1001)]
    assert found.resource_version == version
    first, second, third = (dict(request.query) for request in api.requests)
    assert first == {"limit": "500", "labelSelector": "app=x"}
    assert second == first | {"continue": second["continue"]}
    assert third == first | {"continue": third["continue"]}
    assert second["continue"] != third["continue"]


@with_api
async def test_list_of_all_namespaces_can_ask_for_metadata_only(api: FakeApi) -> None:
    api.put(PODS, in_ns(POD))
    api.put(PODS, {"metadata": {"name": "q", "namespace": "elsewhere"}, "spec": {"containers": []}})
    found = await api.client().list(PODS, metadata_only=True)
    assert api.requests == [Request(method="GET", path="/api/v1/pods", query={"limit": "500"})]
    accept = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"
    assert api.requests[0].headers["Accept"] == accept
    assert [item["metadata"]["name"] for item in found.items] == ["q", "p"]
    assert all(set(item) == {"apiVersion", "kind", "metadata"} for item in found.items)


@with_api
async def test_a_list_whose_pages_are_forgotten_is_gone(api: FakeApi) -> None:
    for number in range(501):
        api.put(PODS, {"metadata": {"name": f"p{number}", "namespace": "ns"}})
    between = Hold()
    api.faults.add("GET", "/api/v1/pods", between, nth=2)
    listing = asyncio.create_task(api.client().list(PODS))
    await between.arrived.wait()
    api.verbs.forget_pages()
    between.released.set()
    with pytest.raises(Gone):
        await listing


@with_api
async def test_an_object_that_is_no_list_is_not_an_empty_one(api: FakeApi) -> None:
    api.faults.add("GET", "/api/v1/pods", Answer(code=200, text='{"metadata": {"resourceVersion": "5"}}'))
    with pytest.raises(Unreachable, match="GET /api/v1/pods: the answer is no list"):
        await api.client().list(PODS)


@with_api
async def test_a_list_of_nothing_may_be_null(api: FakeApi) -> None:
    text = '{"items": null, "metadata": {"resourceVersion": "5"}}'
    api.faults.add("GET", "/api/v1/pods", Answer(code=200, text=text))
    assert (await api.client().list(PODS)).items == ()


@with_api
async def test_merge_patch_changes_the_fields_it_names(api: FakeApi) -> None:
    api.put(PODS, in_ns(POD) | {"spec": {"nodeName": "n", "x": 1}})
    patch = {"spec": {"activeDeadlineSeconds": 1, "x": None}}
    patched = await api.client().merge_patch(PODS, "ns", "p", patch)
    assert api.requests == [Request(method="PATCH", path=POD_PATH, body=patch)]
    assert api.requests[0].headers["Content-Type"] == "application/merge-patch+json"
    assert patched["spec"] == {"nodeName": "n", "activeDeadlineSeconds": 1}


@with_api
async def test_update_status_replaces_the_status_and_nothing_else(api: FakeApi) -> None:
    api.put(TASKS, in_ns(TASK) | {"spec": {"image": "i"}, "status": {"phase": "Pending", "reason": "Old"}})
    body = TASK | {"status": {"phase": "Running"}}
    updated = await api.client().update_status(TASKS, "ns", "t", body)
    assert api.requests == [Request(method="PUT", path=f"{TASK_PATH}/status", body=body)]
    assert api.requests[0].headers["Content-Type"] == "application/json"
    assert (updated["spec"], updated["status"]) == ({"image": "i"}, {"phase": "Running"})


@with_api
async def test_update_replaces_the_version_it_was_made_from(api: FakeApi) -> None:
    stored = api.put(LEASES, {"metadata": {"name": "l", "namespace": "ns"}, "spec": {"holderIdentity": "a"}})
    body = stored | {"spec": {"holderIdentity": "b"}}
    updated = await api.client().update(LEASES, "ns", "l", body)
    path = "/apis/coordination.k8s.io/v1/namespaces/ns/leases/l"
    assert api.requests == [Request(method="PUT", path=path, body=body)]
    assert updated["spec"] == {"holderIdentity": "b"}
    with pytest.raises(Conflict):
        await api.client().update(LEASES, "ns", "l", body)


@pytest.mark.parametrize(
    ("options", "body"),
    [
        ({}, None),
        ({"grace_seconds": 0}, {"gracePeriodSeconds": 0}),
        ({"uid": "THE-UID"}, {"preconditions": {"uid": "THE-UID"}}),
        (
            {"uid": "THE-UID", "grace_seconds": 5},
            {"preconditions": {"uid": "THE-UID"}, "gracePeriodSeconds": 5},
        ),
    ],
    ids=["plain", "grace", "uid", "both"],
)
@with_api
async def test_delete_says_which_and_how(
    api: FakeApi, options: dict[str, Any], body: dict[str, Any] | None
) -> None:
    api.faults.add("DELETE", "/", Answer(code=200, text='{"kind": "Status", "status": "Success"}'))
    await api.client().delete(PODS, "ns", "p", **options)
    head = {"kind": "DeleteOptions", "apiVersion": "v1"}
    sent = None if body is None else head | body
    assert api.requests == [Request(method="DELETE", path=POD_PATH, body=sent)]


@with_api
async def test_delete_spares_another_object_of_that_name_and_tells_of_none(api: FakeApi) -> None:
    uid = api.put(PODS, in_ns(POD))["metadata"]["uid"]
    client = api.client()
    with pytest.raises(Conflict):
        await client.delete(PODS, "ns", "p", uid="another")
    assert api.items(PODS)
    await client.delete(PODS, "ns", "p", uid=uid)
    assert not api.items(PODS)
    with pytest.raises(NotFound):
        await client.delete(PODS, "ns", "p")


@with_api
async def test_served_names_the_kinds_of_a_version_and_none_of_an_unknown_one(api: FakeApi) -> None:
    client = api.client()
    stores = {"artifactstores", "clusterartifactstores"}
    templates = {"containertasktemplates", "clustercontainertasktemplates"}
    assert await client.served("containertask.dev/v1alpha1") == {"containertasks", *stores, *templates}
    assert {"pods", "events", "configmaps"} <= await client.served("v1")
    assert await client.served("nobody.dev/v1") == frozenset()
    paths = ["/apis/containertask.dev/v1alpha1", "/api/v1", "/apis/nobody.dev/v1"]
    assert [request.path for request in api.requests] == paths


@with_api
async def test_a_second_create_finds_the_first(api: FakeApi) -> None:
    client = api.client()
    await client.create(PODS, "ns", POD)
    with pytest.raises(AlreadyExists):
        await client.create(PODS, "ns", POD)
