"""Tasks that wait for stores and for other tasks: what wakes them, and what that costs the API server."""

from __future__ import annotations

from collections import Counter

import pytest

from containertask.kube.errors import ServerError
from containertask.kube.resources import TASKS
from support.fakeapi import Answer, FakeApi, with_api
from support.simulation_desk import NAMESPACE
from support.simulation_many import Many
from support.storeviews import bucket

FILE = [{"name": "f", "type": "file"}]
MANY = 200


@with_api
async def test_a_task_has_its_pod_when_its_store_comes(api: FakeApi) -> None:
    desk = Many(api)
    desk.create("wants", outputs=FILE)
    desk.create("other")
    await desk.rest()
    assert desk.reason("wants") == "Pending/StoreNotFound"
    desk.about()
    desk.put_store("default", bucket())
    await desk.rest()
    assert desk.about() == {"wants": Counter({"POST pods": 1})}
    assert sorted(desk.live()) == ["other", "wants"]


@with_api
async def test_a_task_has_its_pod_when_its_store_is_mended(api: FakeApi) -> None:
    desk = Many(api)
    desk.put_store("default", {"s3": {"bucket": "/"}})
    desk.create("wants")
    await desk.rest()
    assert desk.reason("wants") == "Pending/StoreInvalid"
    desk.put_store("default", bucket())
    await desk.rest()
    assert desk.live() == ["wants"]


@with_api
async def test_a_store_of_another_name_or_another_namespace_is_none(api: FakeApi) -> None:
    desk = Many(api)
    desk.create("wants", outputs=FILE)
    await desk.rest()
    desk.about()
    desk.put_store("another", bucket())
    await desk.rest()
    assert (desk.about(), desk.live()) == ({}, [])


@with_api
async def test_a_later_attempt_has_its_pod_when_the_store_comes_back(api: FakeApi) -> None:
    """The Pod of the attempt before is still there: it is over, and nothing else wakes the task."""
    desk = Many(api)
    desk.put_store("default", bucket())
    desk.create("wants", outputs=FILE, retries={"limit": 1}, podRetention="Always")
    await desk.rest()
    desk.node.bind()
    desk.node.start()
    desk.node.fail(3)
    await desk.rest()
    desk.remove_store("default")
    desk.wait(600)
    desk.marks.mark((NAMESPACE, "wants"))
    await desk.rest()
    assert desk.reason("wants") == "Pending/StoreNotFound"
    desk.put_store("default", bucket("back"))
    await desk.rest()
    assert desk.live() == ["wants"]


@with_api
async def test_a_task_has_its_pod_when_another_one_succeeds(api: FakeApi) -> None:
    desk = Many(api)
    desk.after("one")
    desk.after("two", "one")
    await desk.rest()
    assert desk.live() == ["one"]
    assert desk.reason("two") == "Pending/TaskNotDone"
    desk.about()
    desk.node.run({"y": 7})
    await desk.rest()
    assert desk.about() == {
        "one": Counter({"PUT containertasks/status": 1, "GET containertasks": 1}),
        "two": Counter({"POST pods": 1}),
    }
    assert desk.last("POST")["metadata"]["name"].startswith("two-")
    assert '"i0":7' in str(desk.last("POST")["metadata"]["annotations"])


@with_api
async def test_in_the_other_order_too(api: FakeApi) -> None:
    desk = Many(api)
    desk.after("two", "one")
    await desk.rest()
    assert desk.reason("two") == "Pending/TaskNotFound"
    desk.after("one")
    await desk.rest()
    assert desk.reason("two") == "Pending/TaskNotDone"
    desk.node.run({"y": 7})
    await desk.rest()
    assert desk.live() == ["two"]
    desk.node.run({"y": 8})
    await desk.rest()
    assert desk.reason("two") == "Succeeded/Succeeded"


@with_api
async def test_what_another_one_came_to_is_what_comes_of_it(api: FakeApi) -> None:
    desk = Many(api)
    for name in ("failed", "cancelled", "deleted"):
        desk.after(name)
        desk.after(f"after-{name}", name)
        desk.after(f"later-{name}", f"after-{name}")
    await desk.rest()
    desk.api.patch(TASKS, NAMESPACE, "cancelled", {"spec": {"cancel": True}})
    desk.remove("deleted")
    await desk.rest()
    desk.node.bind()
    desk.node.start()
    desk.node.fail(3)
    await desk.rest()
    assert {name: desk.reason(f"after-{name}") for name in ("failed", "cancelled", "deleted")} == {
        "failed": "Failed/DependencyFailed",
        "cancelled": "Failed/DependencyFailed",
        "deleted": "Failed/DependencyDeleted",
    }
    assert desk.reason("later-deleted") == "Failed/DependencyFailed"


@with_api
async def test_a_circle_ends_all_that_are_in_it(api: FakeApi) -> None:
    desk = Many(api)
    for name, needs in {"one": "three", "two": "one", "three": "two", "beside": "one"}.items():
        desk.after(name, needs)
    await desk.rest()
    found = {desk.reason(name) for name in ("one", "two", "three")}
    assert found <= {"Failed/InvalidSpec", "Failed/DependencyFailed"}
    assert "Failed/InvalidSpec" in found
    assert desk.reason("beside") == "Failed/DependencyFailed"
    assert desk.live() == []


def cost(counted: dict[str, Counter[str]], name: str) -> tuple[int, int, int]:
    """Return the Pods, the writes of a status and the reads of one task."""
    each = counted[name]
    return each["POST pods"], each["PUT containertasks/status"], each["GET containertasks"]


@with_api
async def test_a_chain_of_two_hundred(api: FakeApi) -> None:
    desk = Many(api)
    desk.after("t0")
    for number in range(1, MANY):
        desk.after(f"t{number}", f"t{number - 1}")
    await desk.rest()
    for number in range(MANY):
        assert desk.live() == [f"t{number}"]
        desk.node.run({"y": number})
        await desk.rest()
    counted = desk.about()
    assert cost(counted, "t0") == (1, 1, 1)
    assert {cost(counted, f"t{number}") for number in range(1, MANY - 1)} == {(1, 2, 1)}
    assert cost(counted, f"t{MANY - 1}") == (1, 2, 0)


@pytest.mark.parametrize("first", ["the sources", "who needs them"])
def test_a_fan_in_of_two_hundred(first: str) -> None:
    @with_api
    async def main(api: FakeApi) -> None:
        desk, names = Many(api), [f"t{number}" for number in range(MANY)]
        if first == "who needs them":
            desk.after("all", *names)
            await desk.rest()
        for name in names:
            desk.after(name)
            await desk.rest()
        if first == "the sources":
            desk.after("all", *names)
            await desk.rest()
        assert desk.reason("all") == "Pending/TaskNotDone"
        for number in range(MANY):
            assert "all" not in desk.live()
            desk.node.run({"y": number})
            await desk.rest()
        assert desk.live() == ["all"]
        desk.node.run({"y": 1})
        await desk.rest()
        counted = desk.about()
        assert {cost(counted, name) for name in names} == {(1, 1, 1)}
        assert cost(counted, "all") == (1, 2 if first == "the sources" else 3, 0)
        assert len(desk.of("all")["dependencies"]) == MANY
        assert desk.store.sizes()["notes"] == 0

    main()


@with_api
async def test_a_restart_in_the_middle_of_a_chain(api: FakeApi) -> None:
    desk = Many(api)
    desk.after("t0")
    for number in range(1, 6):
        desk.after(f"t{number}", f"t{number - 1}")
    await desk.rest()
    for number in range(6):
        desk = await desk.restarted()
        await desk.rest()
        assert desk.live() == [f"t{number}"]
        desk.node.run({"y": number})
        if number % 2:
            desk = await desk.restarted()
        await desk.rest()
    assert desk.reason("t5") == "Succeeded/Succeeded"


@with_api
async def test_a_source_that_was_deleted_while_no_operator_was_there(api: FakeApi) -> None:
    desk = Many(api)
    desk.after("one")
    desk.after("two", "one")
    await desk.rest()
    desk.api.store.listeners.remove(desk._changed)  # noqa: SLF001 - nobody is there
    desk.remove("one")
    desk.api.store.listeners.append(desk._changed)  # noqa: SLF001
    desk = await desk.restarted()
    desk.about()
    await desk.rest()
    assert desk.reason("two") == "Failed/DependencyDeleted"
    assert desk.about()["one"] == Counter({"GET containertasks": 1})


@with_api
async def test_a_later_attempt_needs_no_source_any_more(api: FakeApi) -> None:
    desk = Many(api)
    desk.after("one")
    desk.after("two", "one", retries={"limit": 1})
    await desk.rest()
    desk.node.run({"y": 7})
    await desk.rest()
    desk.remove("one")
    desk.node.bind()
    desk.node.start()
    desk.node.fail(3)
    await desk.rest()
    assert desk.reason("two") == "Pending/Retrying"
    desk.about()
    desk.wait(600)
    desk.marks.mark((NAMESPACE, "two"))
    await desk.rest()
    assert desk.live() == ["two"]
    assert '"i0":7' in str(desk.last("POST")["metadata"]["annotations"])
    assert "one" not in desk.about()


@with_api
async def test_a_later_attempt_after_a_restart_needs_its_source(api: FakeApi) -> None:
    """What was read is in the operator's memory alone."""
    desk = Many(api)
    for name in ("one", "gone"):
        desk.after(name)
        desk.after(f"after-{name}", name, retries={"limit": 1})
    await desk.rest()
    desk.node.run({"y": 7})
    desk.node.run({"y": 7})
    await desk.rest()
    desk.remove("gone")
    for _ in range(2):
        desk.node.bind()
        desk.node.start()
        desk.node.fail(3)
    await desk.rest()
    desk = await desk.restarted()
    desk.wait(600)
    await desk.rest()
    assert desk.live() == ["after-one"]
    assert desk.reason("after-gone") == "Failed/DependencyDeleted"


@with_api
async def test_what_cannot_be_read_now_is_read_later_and_the_rest_is_kept(api: FakeApi) -> None:
    desk = Many(api)
    desk.after("one")
    desk.after("two")
    await desk.rest()
    desk.node.run({"y": 1})
    desk.node.run({"y": 2})
    await desk.rest()
    desk.about()
    path = f"/apis/containertask.dev/v1alpha1/namespaces/{NAMESPACE}/containertasks/two"
    api.faults.add("GET", path, Answer(code=503, reason="ServiceUnavailable"))
    desk.after("both", "one", "two")
    with pytest.raises(ServerError):
        await desk.rest()
    desk.marks.mark((NAMESPACE, "both"))
    await desk.rest()
    assert desk.live() == ["both"]
    counted = desk.about()
    assert (counted["one"]["GET containertasks"], counted["two"]["GET containertasks"]) == (1, 2)
