"""Outputs that lie in a store: how a status shows them, and where what an attempt leaves is."""

from __future__ import annotations

from typing import Any, Final

import pytest

from containertask.api.status import ContainerTaskStatus
from containertask.contract.exitrecord import Cause
from containertask.contract.manifest import Mode
from containertask.contract.outcome import Outcome
from containertask.contract.report import End, Kept, Report
from containertask.core.names import RESULTS_ANNOTATION, UPLOADER
from containertask.core.plan import plan
from support.builders import CONFIG, NOW, a_pod, a_task, seen
from support.builders.pods import PodBuilder
from support.builders.reports import said
from support.builders.tasks import TaskBuilder
from support.crdschema import faults_of_status

Json = dict[str, Any]

FOLDER: Final = "s3://results/lab/demo-0a1b2c3d/a0/"
DIGEST: Final = "a" * 64


def in_folder(task: TaskBuilder, mode: Mode = Mode.INIT, folder: str | None = FOLDER) -> PodBuilder:
    """Return a Pod whose attempt has a folder in a store."""
    pod = a_pod(task=task, mode=mode)
    annotations = dict(pod.raw["metadata"]["annotations"])
    if folder is not None:
        annotations[RESULTS_ANNOTATION] = folder
    return pod.having("metadata", annotations=annotations).at_work()


def report(kept: dict[str, Kept] | None = None, outputs: Json | None = None, exit_code: int = 0) -> str:
    outcome = Outcome.MAIN_FAILED if exit_code else Outcome.UPLOADED
    end = End(cause=Cause.EXITED, exit_code=exit_code)
    return said(Report(outcome=outcome, end=end, outputs=outputs or {}, kept=kept or {}))


def ended(
    task: TaskBuilder, text: str, exit_code: int = 0, pod: PodBuilder | None = None
) -> ContainerTaskStatus:
    pod = (pod or in_folder(task)).main_ended(exit_code).uploader_ended(text)
    status = plan(seen(task, pod), NOW, CONFIG).status
    assert status is not None
    assert faults_of_status(status) == []
    return status


def shown(status: ContainerTaskStatus) -> list[Json]:
    return [one.model_dump(exclude_none=True) for one in status.outputs or ()]


def a_kept(key: str) -> Kept:
    return Kept(key, 7, DIGEST)


@pytest.mark.parametrize("kind", ["file", "directory", "list[file]", "string", "union[file,string]"])
def test_what_lies_in_a_store_is_shown_by_its_uri(kind: str) -> None:
    status = ended(a_task().with_output("y", kind), report({"y": a_kept("outputs/y")}))
    assert status.phase == "Succeeded"
    uri = f"{FOLDER}outputs/y"
    assert shown(status) == [{"name": "y", "type": kind, "uri": uri, "size": 7, "sha256": DIGEST}]


def test_what_has_a_destination_is_shown_there() -> None:
    task = a_task().with_output("y", "file", destination="s3://elsewhere/y")
    (output,) = shown(ended(task, report({"y": a_kept("s3://elsewhere/y")})))
    assert output["uri"] == "s3://elsewhere/y"


def test_a_key_that_looks_like_a_uri_is_below_the_folder_where_there_is_no_destination() -> None:
    task = a_task().with_output("y", "file")
    (output,) = shown(ended(task, report({"y": a_kept("s3://b/y")})))
    assert output["uri"] == f"{FOLDER}s3://b/y"


def test_values_and_what_is_kept_stand_side_by_side_in_the_order_of_the_spec() -> None:
    task = a_task().with_output("b", "string").with_output("a", "file").with_output("c", "integer")
    status = ended(task, report({"a": a_kept("outputs/a"), "b": a_kept("outputs/b")}, {"c": 3}))
    assert [one["name"] for one in shown(status)] == ["b", "a", "c"]
    assert [one.get("value") for one in shown(status)] == [None, None, 3]


def test_what_is_kept_without_a_folder_is_not_there() -> None:
    """An annotation that somebody has taken away makes no URI of nothing."""
    task = a_task().with_output("y", "file")
    status = ended(task, report({"y": a_kept("outputs/y")}), pod=in_folder(task, folder=None))
    assert (status.reason, shown(status)) == ("MessageUnreadable", [])


def test_what_was_not_declared_is_not_shown() -> None:
    assert shown(ended(a_task(), report({"y": a_kept("outputs/y")}))) == []


def test_what_is_missing_beside_what_is_kept_fails_the_task() -> None:
    task = a_task().with_output("y", "file").with_output("z", "file")
    status = ended(task, report({"y": a_kept("outputs/y")}))
    assert (status.reason, "for z" in (status.message or "")) == ("MessageUnreadable", True)
    assert [one["name"] for one in shown(status)] == ["y"]


def test_what_a_failed_command_left_is_shown_too() -> None:
    task = a_task().with_output("y", "file")
    status = ended(task, report({"y": a_kept("outputs/y")}, exit_code=3), 3)
    assert (status.reason, [one["uri"] for one in shown(status)]) == ("NonZeroExit", [f"{FOLDER}outputs/y"])


@pytest.mark.parametrize(
    ("kind", "output"),
    [
        ("file", {"uri": "s3://b/y"}),
        ("optional[directory]", {"uri": "s3://b/y"}),
        ("union[file,string]", {"value": {"uri": "s3://b/y"}}),
    ],
)
def test_a_uri_alone_is_the_file_itself_and_of_a_union_a_value(kind: str, output: Json) -> None:
    """``uri`` of any other type is where a document lies that holds the value."""
    (found,) = shown(ended(a_task().with_output("y", kind), report(outputs={"y": {"uri": "s3://b/y"}})))
    assert {name: found.get(name) for name in ("uri", "value")} == {"uri": None, "value": None, **output}


@pytest.mark.parametrize(
    ("mode", "logs"),
    [(Mode.INIT, f"{FOLDER}logs/"), (Mode.GATED, f"{FOLDER}logs/"), (Mode.SIGNAL, None)],
)
def test_the_folders_are_told_while_it_runs_and_at_the_end(mode: Mode, logs: str | None) -> None:
    task = a_task(command=None) if mode is Mode.SIGNAL else a_task()
    pod = in_folder(task, mode)
    running = plan(seen(task, pod), NOW, CONFIG).status
    assert running is not None
    done = ended(task.status(running), report(), pod=pod)
    assert {(one.outputs_uri, one.logs_uri) for one in (running, done)} == {(FOLDER, logs)}


def test_without_a_store_there_are_no_folders() -> None:
    task = a_task()
    status = ended(task, report(), pod=in_folder(task, folder=None))
    assert (status.outputs_uri, status.logs_uri) == (None, None)


def test_between_two_attempts_the_folder_is_that_of_the_first() -> None:
    task = a_task(retries={"limit": 1}).with_output("y", "file")
    status = ended(task, report({"y": a_kept("outputs/y")}, exit_code=3), 3)
    assert (status.phase, status.outputs_uri) == ("Pending", FOLDER)
    assert [one["uri"] for one in shown(status)] == [f"{FOLDER}outputs/y"]


def test_a_container_that_says_nothing_keeps_nothing() -> None:
    task = a_task().with_output("y", "file")
    pod = in_folder(task).main_ended().ends(UPLOADER, 1, after=10)
    status = plan(seen(task, pod), NOW, CONFIG).status
    assert status is not None
    assert (status.reason, status.outputs, status.outputs_uri) == ("CopilotFailed", None, FOLDER)
