"""The store: the newest version wins whatever the order of news, and nothing is kept of what is gone."""

from __future__ import annotations

from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from containertask.contract.manifest import Mode
from containertask.core.snapshot import Refusal
from containertask.runtime.store import Store

Json = dict[str, Any]
KEY: Final = ("team", "t")
EMPTY: Final = {"tasks": 0, "pods": 0, "notes": 0}


def task(version: int, uid: str = "u1", phase: str | None = None, **metadata: object) -> Json:
    head = {"namespace": "team", "name": "t", "uid": uid, "resourceVersion": str(version)}
    return {
        "metadata": {**head, "creationTimestamp": "2026-01-01T00:00:00Z", "generation": 1, **metadata},
        "spec": {"image": "alpine", "command": ["true"]},
        "status": {} if phase is None else {"phase": phase},
    }


def pod(version: int, uid: str = "p1", owner: str = "u1", *, node: str | None = None) -> Json:
    reference = {"uid": owner, "name": "t", "controller": True}
    return {
        "metadata": {
            "namespace": "team",
            "name": "t-u1-0",
            "uid": uid,
            "resourceVersion": str(version),
            "creationTimestamp": "2026-01-01T00:00:00Z",
            "ownerReferences": [reference],
        },
        "spec": {"nodeName": node} if node else {},
    }


def refusal() -> Refusal:
    return Refusal(attempt=0, mode=Mode.INIT, code=403, message="no", at=0)


@given(st.permutations(range(1, 6)))
def test_in_any_order_of_news_the_newest_version_stays(order: list[int]) -> None:
    store, newest = Store(), 0
    for version in order:
        news = store.apply_task(task(version))
        assert (news == KEY) is (version > newest)
        store.apply_pod(pod(version, node=f"node-{version}"))
        newest = max(newest, version)
    found = store.snapshot(KEY)
    assert found is not None
    assert found.task.resource_version == 5
    assert [one.node for one in found.pods] == ["node-5"]


def test_a_pod_is_news_only_if_its_view_changed() -> None:
    store = Store()
    store.apply_task(task(1))
    assert store.apply_pod(pod(1)) == KEY
    changed = pod(2)
    changed["metadata"]["labels"] = {"somebody": "x"}
    changed["metadata"]["managedFields"] = [{}]
    assert store.apply_pod(changed) is None
    assert store.apply_pod(pod(3, node="n")) == KEY


def test_a_deleted_task_does_not_come_back_by_a_late_answer() -> None:
    store = Store()
    store.apply_task(task(1))
    assert store.remove_task("team", "t", "u1") == KEY
    assert store.apply_task(task(9)) is None
    store.notes.refusal("u1", refusal())
    store.notes.missing("u1", "t-u1-0")
    assert store.snapshot(KEY) is None
    assert store.sizes() == EMPTY


def test_the_end_of_a_task_says_nothing_of_the_next_one_of_its_name() -> None:
    store = Store()
    store.apply_task(task(1))
    store.apply_task(task(5, uid="u2"))
    assert store.remove_task("team", "t", "u1") is None
    found = store.snapshot(KEY)
    assert found is not None
    assert found.task.uid == "u2"
    store.remove_task("team", "t", "u2")
    assert store.apply_task(task(4)) is None, "the first one was deleted, too"


def test_the_end_of_a_pod_says_nothing_of_the_next_one_of_its_name() -> None:
    store = Store()
    store.apply_task(task(1))
    store.apply_pod(pod(1))
    store.apply_pod(pod(7, uid="p2"))
    assert store.remove_pod(pod(6)) is None
    assert store.pod_is_gone("u1", "t-u1-0", "p1") is None
    assert [one.uid for one in store.pods()] == ["p2"]


def test_a_deleted_pod_stays_until_its_task_has_ended() -> None:
    store = Store()
    store.apply_task(task(1))
    store.apply_pod(pod(2))
    assert store.remove_pod(pod(3)) == KEY
    assert store.apply_pod(pod(2, node="late")) is None
    found = store.snapshot(KEY)
    assert found is not None
    assert [one.gone for one in found.pods] == [True]
    assert list(store.pods()) == []
    store.apply_task(task(4, phase="Failed"))
    assert store.sizes() == {**EMPTY, "tasks": 1}


@pytest.mark.parametrize("phase", [None, "Running", "Succeeded"])
def test_nothing_is_kept_of_a_deleted_task_and_its_pods(phase: str | None) -> None:
    store = Store()
    store.apply_task(task(1, phase=phase))
    store.apply_pod(pod(2))
    store.snapshot(KEY)
    store.notes.refusal("u1", refusal())
    store.notes.missing("u1", "t-u1-1")
    store.remove_task("team", "t", "u1")
    store.remove_pod(pod(3))
    assert store.sizes() == EMPTY


def test_what_was_said_of_an_unfinished_task_is_dropped_at_its_end() -> None:
    store = Store()
    store.apply_task(task(1))
    store.snapshot(KEY)
    store.notes.refusal("u1", refusal())
    assert store.sizes()["notes"] == 2
    store.apply_task(task(2, phase="Failed"))
    assert store.sizes()["notes"] == 0


def test_only_what_was_known_before_a_list_is_dropped_by_it() -> None:
    store = Store()
    store.apply_task(task(1))
    store.apply_pod(pod(1))
    before = list(store.pods())
    store.apply_pod({**pod(9, uid="p9"), "metadata": {**pod(9, uid="p9")["metadata"], "name": "t-u1-1"}})
    assert store.drop_unseen(before, frozenset()) == [KEY]
    assert [one.uid for one in store.pods()] == ["p9"]
    assert store.drop_unseen(before, frozenset()) == [], "it is known by now"


def test_a_pod_without_an_owner_is_none_of_ours() -> None:
    store, found = Store(), pod(1)
    found["metadata"]["ownerReferences"] = []
    assert store.apply_pod(found) is None
    assert store.sizes() == EMPTY


def test_a_task_that_cannot_be_read_leaves_what_is_known() -> None:
    store = Store()
    store.apply_task(task(1, phase="Running"))
    with pytest.raises(ValueError, match="phase"):
        store.apply_task(task(2, phase="Dreaming"))
    with pytest.raises(ValueError, match="phase"):
        store.apply_task(task(3, uid="u2", phase="Dreaming"))
    found = store.snapshot(KEY)
    assert found is not None
    assert (found.task.uid, found.task.resource_version) == ("u1", 1)


def test_a_spec_is_read_once_for_each_of_its_generations() -> None:
    store = Store()
    store.apply_task(task(1))
    first, again = store.snapshot(KEY), store.snapshot(KEY)
    store.apply_task(task(2, generation=2))
    other = store.snapshot(KEY)
    assert first is not None
    assert again is not None
    assert other is not None
    assert first.accepted is again.accepted
    assert first.accepted is not other.accepted


def test_keys_are_of_all_tasks_or_of_the_unfinished() -> None:
    store = Store()
    store.apply_task(task(1, phase="Succeeded"))
    assert (store.keys(), store.keys(live=True)) == ([KEY], [])
    assert store.uids() == {KEY: "u1"}
