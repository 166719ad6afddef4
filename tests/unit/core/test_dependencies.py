"""Other tasks' outputs as inputs: what is waited for, what goes wrong, what is taken."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from containertask.api.status import MAX_DEPENDENCIES, ContainerTaskStatus, Dependency
from containertask.contract.items import InputMode
from containertask.core.accept import Accepted, Refused, accept
from containertask.core.actions import CreatePod, Plan, ReadTasks
from containertask.core.dependencies import Source, Sources, names_of, source_of
from containertask.core.names import MANIFEST_ANNOTATION
from containertask.core.plan import plan
from support.builders import CONFIG, NOW, a_pod, a_task, seen
from support.builders.pods import PodBuilder
from support.builders.tasks import TaskBuilder
from support.crdschema import faults_of_status
from support.storeviews import bucket, claim, of_cluster, own, web

Json = dict[str, Any]

ALL = own("all", bucket("bkt"))
DIGEST = "0" * 64
NEEDS = a_task().needing("one")


def other(name: str, uid: str | None = None, **status: str) -> TaskBuilder:
    """Return a task that is needed."""
    return a_task(name).having("metadata", {"uid": uid or f"u-{name}"}).status(None, **status)


def source(
    output: Json | None = None, *, kind: str = "integer", uid: str = "u-one", **outputs: str
) -> Source:
    """Return what was read of a task with the output `y`; ``output`` is what its status has of it."""
    values = [] if output is None else [{"name": "y", "type": kind, **output}]
    declared = [{"name": name, "type": each} for name, each in {"y": kind, **outputs}.items()]
    raw = {
        "metadata": {"uid": uid},
        "spec": {"outputs": declared},
        "status": {"phase": "Succeeded", "outputs": values},
    }
    found = source_of(raw)
    assert found is not None
    return found


def sources(*tasks: TaskBuilder, read: Source | None = None, **more: Any) -> Sources:
    return Sources(
        tasks={one.view().name: one.view() for one in tasks}, read={"one": read} if read else {}, **more
    )


def planned(task: TaskBuilder, known: Sources, *pods: PodBuilder) -> Plan:
    return plan(seen(task, *pods, sources=known, stores=(ALL,)), NOW, CONFIG)


def status_of(found: Plan) -> ContainerTaskStatus:
    assert found.status is not None
    assert faults_of_status(found.status) == []
    return found.status


def manifest_of(found: Plan) -> Json:
    assert isinstance(found.action, CreatePod), found
    manifest: Json = json.loads(found.action.pod["metadata"]["annotations"][MANIFEST_ANNOTATION])
    return manifest


TWO = NEEDS.needing("two")
DONE, RUNS = other("one").finished(), other("two", phase="Running")


@dataclass(frozen=True)
class Row:
    """Other tasks as they are known, and what the status says: ``Phase/Reason``, part of the message."""

    known: Sources
    outcome: str
    says: str
    task: TaskBuilder = NEEDS
    recorded: Mapping[str, str] = field(default_factory=lambda: {"one": "u-one"})


ROWS = {
    "it is not there": Row(sources(), "Pending/TaskNotFound", "there is no task one", recorded={}),
    "it has just come": Row(sources(other("one")), "Pending/TaskNotDone", "task one has not ended"),
    "it runs": Row(sources(other("one", phase="Running")), "Pending/TaskNotDone", "not ended (Running)"),
    "it failed": Row(sources(other("one").finished("Failed")), "Failed/DependencyFailed", "ended as Failed"),
    "it was cancelled": Row(
        sources(other("one").finished("Cancelled")), "Failed/DependencyFailed", "ended as Cancelled"
    ),
    "it was deleted": Row(
        sources(gone=frozenset({"u-one"})),
        "Failed/DependencyDeleted",
        "task one was deleted",
        NEEDS.status(dependencies=[{"name": "one", "uid": "u-one"}]),
    ),
    "it was deleted, and another one has its name": Row(
        sources(other("one", "u-new").finished(), gone=frozenset({"u-one"})),
        "Failed/DependencyDeleted",
        "another one has its name",
        NEEDS.status(dependencies=[{"name": "one", "uid": "u-one"}]),
    ),
    "one has succeeded and the other runs": Row(
        sources(DONE, RUNS),
        "Pending/TaskNotDone",
        "task two has not ended",
        TWO,
        {"one": "u-one", "two": "u-two"},
    ),
    "one runs and the other is not there": Row(
        sources(other("one", phase="Running")),
        "Pending/TaskNotFound",
        "there is no task two",
        TWO,
    ),
    "one runs and the other failed": Row(
        sources(other("one", phase="Running"), other("two").finished("Failed")),
        "Failed/DependencyFailed",
        "task two, whose output is an input, ended as Failed",
        TWO,
        {"one": "u-one", "two": "u-two"},
    ),
    "one is not there and the other failed": Row(
        sources(other("two").finished("Failed")), "Failed/DependencyFailed", "two", TWO, {"two": "u-two"}
    ),
    "it has no such output": Row(
        sources(DONE, read=source({"value": 1}, z="float")),
        "Failed/DependencyFailed",
        "task one has no output `x`: it declares `y`, `z`",
        a_task().needing("one", "x"),
    ),
    "its output is of another type": Row(
        sources(DONE, read=source({"value": 1}, kind="float")),
        "Failed/DependencyFailed",
        "of type float, and the input has integer: write the same type",
    ),
    "its output may be absent and the input not": Row(
        sources(DONE, read=source({"value": 1}, kind="optional[integer]")),
        "Failed/DependencyFailed",
        "of type optional[integer], and the input has integer",
    ),
    "it left its output out": Row(
        sources(DONE, read=source()), "Failed/DependencyFailed", "make input `one_y` optional, or give it a"
    ),
    "it needs itself": Row(
        sources(other("demo"), circle=("demo", "demo")),
        "Failed/InvalidSpec",
        "never begin: demo needs demo",
        a_task().needing("demo"),
        {"demo": "u-demo"},
    ),
    "two need each other": Row(
        sources(other("one"), circle=("demo", "one", "demo")),
        "Failed/InvalidSpec",
        "demo needs one needs demo",
    ),
    "three need each other": Row(
        sources(other("one"), circle=("demo", "one", "two", "demo")),
        "Failed/InvalidSpec",
        "demo needs one needs two needs demo",
    ),
    "a value that is too large for the command": Row(
        sources(DONE, read=source({"value": "x" * 200_000}, kind="string")),
        "Failed/InvalidSpec",
        "spec.args",
        a_task(args=["{{.inputs.one_y}}"] * 11).needing("one", kind="string"),
    ),
    "a value that lies in a store is wanted in the command": Row(
        sources(DONE, read=source({"uri": "s3://bkt/v", "sha256": DIGEST}, kind="string")),
        "Failed/InvalidSpec",
        "one_y",
        a_task(args=["{{.inputs.one_y}}"]).needing("one", kind="string"),
    ),
    "a URI that is none": Row(
        sources(DONE, read=source({"uri": "s3://bkt/../v"}, kind="string")),
        "Failed/InvalidInput",
        "lead elsewhere",
        a_task().needing("one", kind="string"),
    ),
    "a file at a URI that is none": Row(
        sources(DONE, read=source({"uri": "ftp://bkt/v"}, kind="file")),
        "Failed/InvalidSpec",
        "scheme is none of",
        a_task().needing("one", kind="file"),
    ),
    "a file in a claim that no store is": Row(
        sources(DONE, read=source({"uri": "pvc://claim/v"}, kind="file")),
        "Pending/StoreNotFound",
        "no store is the claim claim",
        a_task().needing("one", kind="file"),
    ),
}


@pytest.mark.parametrize("name", ROWS)
def test_what_is_needed_and_not_to_be_had_is_told(name: str) -> None:
    row = ROWS[name]
    status = status_of(planned(row.task, row.known))
    assert f"{status.phase}/{status.reason}" == row.outcome
    assert row.says in (status.message or "")
    assert {one.name: one.uid for one in status.dependencies or ()} == row.recorded


@dataclass(frozen=True)
class Taken:
    """An output as its status has it, and the input: its fields, its item in the manifest, its value."""

    output: Json | None
    kind: str
    item: Json
    value: object = None
    declared: Json = field(default_factory=dict)


TAKEN = {
    "a value": Taken({"value": 7}, "integer", {}, 7),
    "a value with parts": Taken({"value": [1, 2]}, "list[integer]", {}, [1, 2]),
    "a value before the input's default": Taken({"value": 7}, "integer", {}, 7, {"default": 1}),
    "the default where there is none": Taken(None, "integer", {}, 1, {"default": 1}),
    "nothing for an input that may be absent": Taken(
        None, "integer", {"optional": True}, None, {"optional": True}
    ),
    "nothing for a type that may be absent": Taken(None, "optional[integer]", {"optional": True}),
    "a value that is kept in a store": Taken(
        {"uri": "s3://bkt/v", "sha256": DIGEST}, "string", {"document": "s3://bkt/v", "sha256": DIGEST}
    ),
    "a list of files": Taken(
        {"uri": "s3://bkt/v", "sha256": DIGEST}, "list[file]", {"document": "s3://bkt/v", "sha256": DIGEST}
    ),
    "what is a file or a text": Taken(
        {"value": {"uri": "s3://bkt/v"}}, "union[file,string]", {}, {"uri": "s3://bkt/v"}
    ),
    "a file": Taken(
        {"uri": "s3://bkt/v", "sha256": DIGEST}, "file", {"sha256": DIGEST}, {"uri": "s3://bkt/v"}
    ),
    "a file that may be absent": Taken(
        {"uri": "s3://bkt/v", "sha256": DIGEST},
        "optional[file]",
        {"sha256": DIGEST, "optional": True},
        {"uri": "s3://bkt/v"},
    ),
    "a directory, whose digest is that of a list": Taken(
        {"uri": "s3://bkt/v/", "sha256": DIGEST}, "directory", {}, {"uri": "s3://bkt/v/"}
    ),
    "a file by its URI alone": Taken(
        {"uri": "s3://bkt/v", "sha256": DIGEST},
        "file",
        {"mode": "Reference", "sha256": DIGEST},
        {"uri": "s3://bkt/v"},
        {"mode": "Reference"},
    ),
}


@pytest.mark.parametrize("name", TAKEN)
def test_what_another_task_gave_is_in_the_manifest(name: str) -> None:
    row = TAKEN[name]
    task = a_task().needing("one", kind=row.kind, **row.declared)
    found = planned(task, sources(DONE, read=source(row.output, kind=row.kind)))
    manifest = manifest_of(found)
    (item,) = manifest["values"]["items"]
    assert item == {"name": "one_y", "type": row.kind, **row.item}
    assert manifest["values"]["inputs"].get("one_y") == row.value
    reads = bool(row.output and "uri" in json.dumps(row.output)) and row.item.get("mode") != "Reference"
    assert [one["serves"] for one in manifest.get("stores", [])] == ([["s3://bkt"]] if reads else [])


def test_the_value_is_in_the_command() -> None:
    task = a_task(args=["{{.inputs.one_y}}"]).needing("one")
    found = planned(task, sources(DONE, read=source({"value": 7})))
    assert isinstance(found.action, CreatePod)
    assert "7" in json.dumps(found.action.pod["spec"])


def test_what_has_succeeded_is_read_once() -> None:
    assert planned(NEEDS, sources(DONE)).action == ReadTasks(("one",))
    found = planned(TWO, sources(DONE, other("two").finished(), read=source({"value": 1})))
    assert found.action == ReadTasks(("two",))


def test_what_was_read_of_another_one_of_that_name_does_not_count() -> None:
    task = NEEDS.status(dependencies=[{"name": "one", "uid": "u-one"}])
    assert planned(task, sources(DONE, read=source({"value": 1}, uid="u-old"))).action == ReadTasks(("one",))


def test_one_that_was_there_and_is_not_known_is_asked_for_before_it_counts_as_deleted() -> None:
    """The operator may have begun a moment ago: only the API server knows what is deleted."""
    task = NEEDS.status(dependencies=[{"name": "one", "uid": "u-one"}])
    assert planned(task, sources()).action == ReadTasks(("one",))
    assert planned(task, sources(other("one", "u-new"))).action == ReadTasks(("one",))


def test_what_was_read_is_recorded_and_no_other_of_that_name() -> None:
    known = sources(other("one", "u-new").finished(), read=source({"value": 7}))
    assert manifest_of(planned(NEEDS, known))["values"]["inputs"] == {"one_y": 7}


@pytest.mark.parametrize(
    "known",
    [
        sources(DONE),
        sources(gone=frozenset({"u-one"})),
        sources(other("one", "u-new", phase="Running"), gone=frozenset({"u-one"})),
        sources(other("one", "u-new").finished("Failed"), gone=frozenset({"u-one"})),
    ],
    ids=["it is there", "it is deleted", "another one runs", "another one failed"],
)
def test_a_later_attempt_takes_what_the_first_one_took(known: Sources) -> None:
    task = NEEDS.spec(retries={"limit": 1}).status(
        phase="Pending",
        attempt=1,
        userFailures=1,
        dependencies=[{"name": "one", "uid": "u-one"}],
        attempts=[{"attempt": 0, "reason": "NonZeroExit"}],
    )
    found = planned(task, replace(known, read={"one": source({"value": 7})}))
    assert manifest_of(found)["attempt"] == 1
    assert manifest_of(found)["values"]["inputs"] == {"one_y": 7}


def test_who_is_needed_stands_in_the_status_from_the_first_write_to_the_end() -> None:
    pod = a_pod(task=a_task()).at_work()
    known = sources(DONE, read=source({"value": 7}))
    status = status_of(planned(NEEDS, known, pod))
    assert status.dependencies == [Dependency(name="one", uid="u-one")]
    done = planned(NEEDS.status(status), sources(), a_pod(task=a_task()).done())
    assert status_of(done).dependencies == status.dependencies


def test_with_a_pod_nobody_asks_what_became_of_who_was_needed() -> None:
    task = NEEDS.status(dependencies=[{"name": "one", "uid": "u-one"}])
    found = planned(task, sources(gone=frozenset({"u-one"})), a_pod(task=a_task()).at_work())
    assert found.action is None
    assert status_of(found).phase == "Running"


def test_a_source_that_comes_is_no_write_of_its_own_but_the_last_one_is() -> None:
    task = a_task()
    for number in range(20):
        task = task.needing(f"t{number}")
    there, writes = [], 0
    for number in range(20):
        there.append(other(f"t{number}", phase="Running"))
        found = planned(task, sources(*there))
        if found.status is not None:
            writes += 1
            task = task.status(found.status)
    assert writes == 2
    assert len(task.view().status.dependencies or ()) == 20


def test_who_of_many_succeeds_first_is_no_write() -> None:
    task = a_task().needing("one").needing("two").needing("three")
    first = status_of(planned(task, sources(other("one"), RUNS)))
    assert first.reason == "TaskNotFound"
    task = task.status(first)
    assert planned(task, sources(DONE, RUNS)).status is None
    assert planned(task, sources(DONE, other("two").finished())).status is None


def test_as_many_tasks_as_a_status_has_room_for_and_no_more() -> None:
    def needing(count: int) -> Accepted | Refused:
        inputs = [
            {
                "name": f"i{n}",
                "type": "integer",
                "valueFrom": {"taskOutputRef": {"name": f"t{n}", "output": "y"}},
            }
            for n in range(count)
        ]
        return accept(a_task(inputs=inputs).view())

    found = needing(MAX_DEPENDENCIES)
    assert isinstance(found, Accepted)
    assert len(list(names_of(found))) == MAX_DEPENDENCIES
    refused = needing(MAX_DEPENDENCIES + 1)
    assert isinstance(refused, Refused)
    assert "they need 201 other tasks, at most 200 do" in refused.message


def test_a_status_with_all_of_them_is_taken() -> None:
    task = a_task()
    for number in range(MAX_DEPENDENCIES):
        task = task.needing(f"{'t' * 49}{number}")
    there = [other(f"{'t' * 49}{number}", DIGEST[:36], phase="Running") for number in range(MAX_DEPENDENCIES)]
    status = status_of(planned(task, sources(*there)))
    assert len(status.dependencies or ()) == MAX_DEPENDENCIES
    assert "and 195 more" in (status.message or "")
    assert len(status.model_dump_json(by_alias=True, exclude_none=True)) < 32 * 1024


def test_one_that_has_not_succeeded_gives_nothing() -> None:
    assert source_of({"metadata": {"uid": "u"}}) is None
    assert source_of({"metadata": {"uid": "u"}, "status": {"phase": "Failed"}}) is None


def test_files_that_lie_apart_from_their_list_have_their_store_too() -> None:
    found = source_of(
        {
            "metadata": {"uid": "u-one"},
            "spec": {"outputs": [{"name": "y", "type": "list[file]", "destination": "s3://apart/y/"}]},
            "status": {
                "phase": "Succeeded",
                "outputs": [{"name": "y", "type": "list[file]", "uri": "s3://bkt/v.json", "sha256": DIGEST}],
            },
        }
    )
    for more, stores in (({}, [["s3://bkt"], ["s3://apart"]]), ({"mode": "Reference"}, [["s3://bkt"]])):
        task = a_task().needing("one", kind="list[file]", **more)
        manifest = manifest_of(planned(task, sources(DONE, read=found)))
        assert [one["serves"] for one in manifest["stores"]] == stores


URIS = st.text(max_size=12) | st.from_regex(r"(s3|gs|az|pvc|https?)://[^\x00]{0,12}", fullmatch=True)
STORES = (
    ALL,
    own("default", web("h.org", "*.h.org")),
    own("c", claim()),
    own("broken", {}),
    of_cluster("shared", bucket("bkt", "p")),
)


@given(
    URIS,
    st.sampled_from(["string", "file", "list[file]", "union[file,string]"]),
    st.sampled_from([*InputMode]),
)
def test_whatever_another_task_says_that_it_gave_there_is_an_answer(
    uri: str, kind: str, mode: InputMode
) -> None:
    task = a_task().needing("one", kind=kind, mode=mode.value).with_output("z", "file")
    known = sources(DONE, read=source({"uri": uri}, kind=kind))
    found = plan(seen(task, sources=known, stores=STORES), NOW, CONFIG)
    assert found.action or found.status
    if found.status is not None:
        assert faults_of_status(found.status) == []
