"""Other tasks, read for one that needs them: what an answer says, and what it says nothing of."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from containertask.kube.errors import ApiError, NotFound, Unreachable
from containertask.kube.resources import TASKS
from containertask.runtime.reader import Reader
from containertask.runtime.store import Store
from support.builders import a_task
from support.builders.tasks import TaskBuilder
from support.fakeapi import Answer, FakeApi, with_api
from support.looptime import run
from support.simulation_desk import NAMESPACE
from support.simulation_many import Many

Json = dict[str, Any]

KEY = ("lab", "one")
NEEDS = a_task().needing("one").having("metadata", {"uid": "u-demo"})


class Client:
    """Answers with a task or an error; something else may happen while the answer is on its way."""

    def __init__(
        self, store: Store, answer: TaskBuilder | ApiError, meanwhile: TaskBuilder | None = None
    ) -> None:
        self._store, self._answer, self._meanwhile = store, answer, meanwhile

    async def get(self, *_: object) -> Json:
        if self._meanwhile is not None:
            self._store.apply_task(self._meanwhile.raw)
        if isinstance(self._answer, ApiError):
            raise self._answer
        return copy.deepcopy(self._answer.raw)


def other(uid: str, version: int, phase: str = "Succeeded") -> TaskBuilder:
    task = a_task("one", outputs=[{"name": "y", "type": "integer"}]).status(None, phase=phase)
    return task.having("metadata", {"uid": uid, "resourceVersion": str(version)})


def read(store: Store, client: Client, needs: TaskBuilder = NEEDS) -> None:
    store.apply_task(needs.raw)
    store.snapshot(("lab", "demo"))
    run(Reader(client, store, lambda: 0).read_tasks(needs.view(), ("one",)))  # type: ignore[arg-type]


GONE = NotFound("no", code=404, reason="NotFound")


def test_what_is_not_there_is_forgotten() -> None:
    store = Store()
    store.apply_task(other("u1", 5).raw)
    read(store, Client(store, GONE))
    assert store.uid(KEY) is None


def test_what_comes_while_the_answer_is_on_its_way_stays() -> None:
    """That nothing was there says nothing of what came after, and which would never be looked at again."""
    store = Store()
    store.apply_task(other("u1", 5).raw)
    read(store, Client(store, GONE, meanwhile=other("u2", 9, "Running")))
    assert store.uid(KEY) == "u2"
    store.apply_task(other("u2", 10).raw)
    found = store.snapshot(KEY)
    assert found is not None
    assert found.task.finished


def test_what_has_begun_anew_is_known_before_the_watch_tells() -> None:
    """Else the next pass would read it again, and the next."""
    store = Store()
    store.apply_task(other("u1", 5).raw)
    read(store, Client(store, other("u2", 9)))
    assert store.uid(KEY) == "u2"


def test_who_was_seen_and_is_no_more_is_gone_and_nobody_else() -> None:
    store, needs = Store(), NEEDS.status(dependencies=[{"name": "one", "uid": "u1"}])
    read(store, Client(store, other("u2", 9)), needs)
    found = store.snapshot(("lab", "demo"))
    assert found is not None
    assert found.sources.gone == {"u1"}
    assert found.sources.tasks["one"].uid == "u2"
    store.apply_task(a_task("innocent").having("metadata", {"uid": "u1"}).raw)
    assert store.uid(("lab", "innocent")) == "u1", "whatever a status says, no other task is forgotten for it"


def test_an_error_is_one_that_the_queue_knows() -> None:
    store = Store()
    with pytest.raises(Unreachable):
        read(store, Client(store, Unreachable("no")))


@with_api
async def test_many_errors_are_one(api: FakeApi) -> None:
    desk = Many(api)
    for name in ("one", "two", "three"):
        desk.after(name)
    await desk.rest()
    for number in range(3):
        desk.node.run({"y": number})
    await desk.rest()
    for name in ("one", "two", "three"):
        path = f"/apis/containertask.dev/v1alpha1/namespaces/{NAMESPACE}/containertasks/{name}"
        api.faults.add("GET", path, Answer(code=503, reason="ServiceUnavailable"))
    desk.after("all", "one", "two", "three")
    with pytest.raises(ApiError):
        await desk.rest()
    desk.marks.mark((NAMESPACE, "all"))
    await desk.rest()
    assert desk.live() == ["all"]


@with_api
async def test_who_waits_hears_of_a_deletion_that_only_a_list_has_found(api: FakeApi) -> None:
    desk = Many(api)
    desk.after("one")
    desk.after("two", "one")
    await desk.rest()
    api.store.listeners.clear()
    api.remove(TASKS, NAMESPACE, "one")
    await desk.resync.compare_tasks()
    assert desk.marks.keys == {(NAMESPACE, "two")}


@with_api
async def test_who_needs_one_that_has_begun_with_another_of_its_own_name_is_in_no_circle(
    api: FakeApi,
) -> None:
    desk = Many(api)
    desk.after("one")
    desk.after("two", "one")
    await desk.rest()
    desk.node.run({"y": 1})
    await desk.rest()
    desk.remove("one")
    desk.after("one", "two")
    await desk.rest()
    assert desk.reason("one") == "Pending/TaskNotDone"
    desk.node.run({"y": 2})
    await desk.rest()
    assert desk.live() == ["one"]
