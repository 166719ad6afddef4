"""The fake API server keeps to what a real one does, where the operator depends on it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from containertask.kube.errors import ApiStatusError, Conflict, Invalid, NotFound, Unreachable
from containertask.kube.resources import CONFIG_MAPS, EVENTS, PODS, TASKS
from support.fakeapi import Answer, DropAfter, DropBefore, FakeApi, RefusalError, with_api
from support.fakeapi.selectors import matches
from support.fakeapi.verbs import merged

TASK: dict[str, Any] = {
    "apiVersion": "containertask.dev/v1alpha1",
    "kind": "ContainerTask",
    "metadata": {"name": "t"},
    "spec": {"image": "i"},
}


def owned_by(owner: dict[str, Any], name: str) -> dict[str, Any]:
    references = [{"uid": owner["metadata"]["uid"], "name": owner["metadata"]["name"], "controller": True}]
    return {"metadata": {"name": name, "namespace": "ns", "ownerReferences": references}}


@pytest.mark.parametrize(
    ("selector", "expected"),
    [
        ("", True),
        ("a=1", True),
        ("a==1", True),
        ("a=2", False),
        ("a", True),
        ("c", False),
        ("!c", True),
        ("!a", False),
        ("a!=2", True),
        ("c!=2", True),
        ("a!=1", False),
        ("a=1,b=2", True),
        ("a=1, b=3", False),
        ("a in (0, 1),b", True),
        ("a in (0)", False),
        ("a notin (0,2)", True),
        ("c in (1)", False),
    ],
)
def test_label_selectors(selector: str, *, expected: bool) -> None:
    assert matches(selector, {"metadata": {"labels": {"a": "1", "b": "2"}}}) is expected


@pytest.mark.parametrize(
    ("target", "patch", "result"),
    [
        ({"a": 1}, {"b": 2}, {"a": 1, "b": 2}),
        ({"a": {"b": 1, "c": 2}}, {"a": {"b": None}}, {"a": {"c": 2}}),
        ({"a": [1, 2]}, {"a": [3]}, {"a": [3]}),
        ({"a": 1}, {"a": {"b": None}}, {"a": {}}),
        ([1], {"a": 1}, {"a": 1}),
        ({"a": 1}, "x", "x"),
    ],
    ids=json.dumps,
)
def test_merge_patches_are_those_of_rfc_7396(target: Any, patch: Any, result: Any) -> None:
    assert merged(target, patch) == result


@with_api
async def test_each_write_counts_and_one_that_changes_nothing_does_not(api: FakeApi) -> None:
    client = api.client()
    first = await client.create(TASKS, "ns", TASK)
    same = await client.merge_patch(TASKS, "ns", "t", {"spec": {"image": "i"}})
    other = await client.merge_patch(TASKS, "ns", "t", {"metadata": {"labels": {"a": "b"}}})
    versions = [int(item["metadata"]["resourceVersion"]) for item in (first, same, other)]
    assert versions[0] == versions[1] < versions[2]


@with_api
async def test_a_change_of_a_tasks_spec_counts_a_generation_and_nothing_else_does(api: FakeApi) -> None:
    client = api.client()
    seen = [await client.create(TASKS, "ns", TASK | {"status": {"phase": "Forged"}})]
    seen.append(await client.merge_patch(TASKS, "ns", "t", {"metadata": {"labels": {"a": "b"}}}))
    status = {**TASK, "spec": {"image": "forged"}, "status": {"phase": "Running"}}
    seen.append(await client.update_status(TASKS, "ns", "t", status))
    seen.append(
        await client.merge_patch(TASKS, "ns", "t", {"spec": {"cancel": True}, "status": {"phase": "X"}})
    )
    assert [item["metadata"]["generation"] for item in seen] == [1, 1, 1, 2]
    assert [item.get("status") for item in seen] == [None, None, {"phase": "Running"}, {"phase": "Running"}]
    assert seen[-1]["spec"] == {"image": "i", "cancel": True}


@with_api
async def test_a_status_for_another_version_is_a_conflict(api: FakeApi) -> None:
    client = api.client()
    version = (await client.create(TASKS, "ns", TASK))["metadata"]["resourceVersion"]
    body = TASK | {"metadata": {"name": "t", "resourceVersion": "999"}, "status": {"phase": "Running"}}
    with pytest.raises(Conflict):
        await client.update_status(TASKS, "ns", "t", body)
    body = body | {"metadata": {"name": "t", "resourceVersion": version}}
    await client.update_status(TASKS, "ns", "t", body)
    with pytest.raises(NotFound):
        await client.update_status(TASKS, "ns", "absent", body)


@with_api
async def test_a_wrong_uid_is_treated_as_a_real_server_was_seen_to(api: FakeApi) -> None:
    client = api.client()
    await client.create(TASKS, "ns", TASK)
    await client.create(PODS, "ns", {"metadata": {"name": "p"}})
    other = {"metadata": {"name": "t", "uid": "other"}, "status": {"phase": "Running"}}
    with pytest.raises(Conflict):
        await client.update_status(TASKS, "ns", "t", TASK | other)
    with pytest.raises(Invalid):
        await client.merge_patch(TASKS, "ns", "t", other)
    with pytest.raises(Conflict):
        await client.update(TASKS, "ns", "t", TASK | other)


@pytest.mark.parametrize(
    "change",
    [{"kind": "Pod"}, {"apiVersion": "v1"}, {"metadata": {"name": "u"}}],
    ids=json.dumps,
)
@with_api
async def test_a_status_with_a_wrong_head_is_refused(api: FakeApi, change: dict[str, Any]) -> None:
    client = api.client()
    await client.create(TASKS, "ns", TASK)
    with pytest.raises(Invalid):
        await client.update_status(TASKS, "ns", "t", TASK | change)


@with_api
async def test_what_an_object_owns_goes_with_it_and_nothing_else(api: FakeApi) -> None:
    task = api.put(TASKS, TASK | {"metadata": {"name": "t", "namespace": "ns"}})
    pod = api.put(PODS, owned_by(task, "p"))
    api.put(CONFIG_MAPS, owned_by(pod, "c"))
    api.put(PODS, owned_by({"metadata": {"uid": "another", "name": "t"}}, "q"))
    await api.client().delete(TASKS, "ns", "t")
    assert [item["metadata"]["name"] for item in api.items(PODS) + api.items(CONFIG_MAPS)] == ["q"]


@with_api
async def test_a_pod_can_be_told_to_take_its_time(api: FakeApi) -> None:
    api.verbs.graceful_pods = True
    api.put(PODS, {"metadata": {"name": "p", "namespace": "ns"}})
    client = api.client()
    await client.delete(PODS, "ns", "p", grace_seconds=7)
    meta = api.get(PODS, "ns", "p")["metadata"]
    assert (meta["deletionGracePeriodSeconds"], "deletionTimestamp" in meta) == (7, True)
    await client.delete(PODS, "ns", "p", grace_seconds=0)
    assert api.items(PODS) == []


@with_api
async def test_names_are_made_where_asked_for(api: FakeApi) -> None:
    client = api.client()
    names = [
        (await client.create(EVENTS, "ns", {"metadata": {"generateName": "e-"}}))["metadata"]["name"]
        for _ in range(2)
    ]
    assert len(set(names)) == 2
    assert all(name.startswith("e-") for name in names)
    with pytest.raises(Invalid):
        await client.create(EVENTS, "ns", {"metadata": {}})
    with pytest.raises(Invalid):
        await client.create(EVENTS, "ns", {"metadata": {"name": "e", "namespace": "elsewhere"}})


@with_api
async def test_the_helpers_play_user_and_kubelet_and_hand_out_copies(api: FakeApi) -> None:
    api.put(PODS, {"metadata": {"name": "p", "namespace": "ns"}, "spec": {"x": 1}})
    running = api.set_status(PODS, "ns", "p", {"phase": "Running"})
    assert (running["spec"], running["status"]) == ({"x": 1}, {"phase": "Running"})
    running["status"]["phase"] = "Changed"
    patched = api.patch(PODS, "ns", "p", {"status": {"reason": "R"}})
    assert patched["status"] == {"phase": "Running", "reason": "R"}
    api.remove(PODS, "ns", "p")
    with pytest.raises(RefusalError):
        api.get(PODS, "ns", "p")
    assert api.requests == []


@pytest.mark.parametrize(
    ("fault", "error", "done"),
    [
        (Answer(code=500, message="down"), ApiStatusError, False),
        (DropBefore(), Unreachable, False),
        (DropAfter(), Unreachable, True),
    ],
    ids=["answer", "before", "after"],
)
@with_api
async def test_a_fault_strikes_the_request_it_is_for(
    api: FakeApi, fault: Answer | DropAfter | DropBefore, error: type[Exception], *, done: bool
) -> None:
    client = api.client()
    api.faults.add("POST", "/api/v1/namespaces/ns/pods", fault, nth=2)
    bodies = [{"metadata": {"name": name}} for name in ("a", "b", "c")]
    await client.create(PODS, "ns", bodies[0])
    with pytest.raises(error):
        await client.create(PODS, "ns", bodies[1])
    await client.create(PODS, "ns", bodies[2])
    assert [item["metadata"]["name"] for item in api.items(PODS)] == (["a", "b", "c"] if done else ["a", "c"])
    assert not api.faults.unused()


@with_api
async def test_writes_are_told_from_reads(api: FakeApi) -> None:
    client = api.client()
    await client.list(PODS)
    await client.create(PODS, "ns", {"metadata": {"name": "p"}})
    await client.get(PODS, "ns", "p")
    assert [request.method for request in api.only_writes] == ["POST"]
    assert len(api.requests) == 3


@with_api
async def test_a_condition_that_never_holds_fails(api: FakeApi) -> None:
    with pytest.raises(TimeoutError):
        await api.until(lambda: api.requests, within=0.05)
