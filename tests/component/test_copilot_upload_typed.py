"""Outputs with parts: files, folders and streams that are lists, maps, one of several, or nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from containertask.contract.items import OutputItem, Source
from containertask.contract.outcome import Outcome
from support.copilot import SIGNAL, Pod, declare, fault, message, record, shell, temporary_pod


@pytest.fixture
def pod() -> Iterator[Pod]:
    with temporary_pod() as made:
        yield made


def one(pod: Pod, kind: str, *, optional: bool = False, source: Source = Source.FILE) -> None:
    """Have the task declare one output."""
    path = "x" if source is Source.FILE else None
    declare(pod, OutputItem(name="x", type=kind, path=path, source=source, optional=optional))


@pytest.mark.parametrize(
    ("kind", "script", "value"),
    [
        ("list[integer]", "echo '[1, 2]' > x", [1, 2]),
        ("list[integer]", "mkdir x; for n in 2 10 0 1 3 4 5 6 7 8 9; do echo $n > x/$n; done", [*range(11)]),
        ("list[string]", "mkdir x", []),
        ("list[list[float]]", "mkdir -p x/1; echo nan > x/1/0; echo '[1]' > x/0", [[1.0], ["NaN"]]),
        ("list[optional[string]]", "mkdir x; touch x/0%none; echo a > x/1", [None, "a"]),
        ("map[boolean]", "echo '{\"a/b\": true}' > x", {"a/b": True}),
        ("map[duration]", "mkdir x; echo 90s > x/a%2Fb; echo PT1H > x/é", {"a/b": "1m30s", "é": "1h0m0s"}),
        (
            "map[map[struct]]",
            "mkdir -p x/a x/b; echo '{\"k\": []}' > x/a/c",
            {"a": {"c": {"k": []}}, "b": {}},
        ),
        ("map[binary]", "mkdir x; printf '\\000\\377' > x/k", {"k": "AP8="}),
        ('enum["a","b"]', "echo b > x", "b"),
        ("optional[datetime]", "echo 2026-01-31T00:00:00 > x", "2026-01-31T00:00:00Z"),
        ("union[integer,list[string],string]", "echo 5 > x", 5),
        ("union[integer,list[string],string]", "mkdir x; echo 5 > x/0", ["5"]),
        ("union[integer,list[string],string]", "echo five > x", "five"),
        (" integer", "echo 5 > x", 5),
    ],
)
def test_a_value_with_parts(pod: Pod, kind: str, script: str, value: object) -> None:
    one(pod, kind)
    told = shell(pod, script)
    assert fault(told) == (0, Outcome.UPLOADED, None)
    assert json.dumps(told.report.outputs) == json.dumps({"x": value})


@pytest.mark.parametrize(
    ("kind", "script", "optional"),
    [
        ("optional[list[integer]]", "true", False),
        ("optional[integer]", "true", False),
        ("none", "true", False),
        ("none", "echo null > x", False),
        ("list[integer]", "true", True),
    ],
)
def test_what_is_absent_is_not_there(pod: Pod, kind: str, script: str, optional: bool) -> None:  # noqa: FBT001
    one(pod, kind, optional=optional)
    told = shell(pod, script)
    assert (fault(told), told.report.outputs) == ((0, Outcome.UPLOADED, None), {})


@pytest.mark.parametrize(
    ("kind", "script", "outcome", "text"),
    [
        (
            "list[integer]",
            "touch y",
            Outcome.OUTPUT_MISSING,
            "no `x` in the output folder; no output declares `y`",
        ),
        (
            "list[integer]",
            "echo 1 > x",
            Outcome.OUTPUT_INVALID,
            "not of type list[integer]: an integer is not a",
        ),
        ("list[integer]", "echo [x] > x", Outcome.OUTPUT_INVALID, "not JSON"),
        ("list[integer]", "mkdir x; touch x/a", Outcome.OUTPUT_INVALID, "`a` in a list's directory"),
        ("list[integer]", "mkdir x; touch x/0", Outcome.OUTPUT_INVALID, "item 0: `` is not an integer"),
        ("map[integer]", "mkdir -p x/k", Outcome.OUTPUT_INVALID, "`k`: a directory where a file is wanted"),
        ("optional[integer]", "echo x > x", Outcome.OUTPUT_INVALID, "`x` is not an integer"),
        (
            "optional[integer]",
            "ln -s y x",
            Outcome.OUTPUT_UNREADABLE,
            "`x` is a link: have the command write a",
        ),
        ("none", "echo 0 > x", Outcome.OUTPUT_INVALID, "neither empty nor `null`"),
        ('enum["a"]', "echo b > x", Outcome.OUTPUT_INVALID, "`b` is none of the enum's values"),
        (
            "list[string]",
            "head -c 1048577 /dev/zero > x",
            Outcome.OUTPUT_TOO_LARGE,
            "has 1048577 bytes or more",
        ),
        (
            "list[string]",
            "mkdir x; for n in 0 1 2; do head -c 400000 /dev/zero > x/$n; done",
            Outcome.OUTPUT_TOO_LARGE,
            "output `x`: has 1200000 bytes or more, a value has at most 1048576: write less",
        ),
    ],
)
def test_files_that_are_no_value_of_their_type(
    pod: Pod, kind: str, script: str, outcome: Outcome, text: str
) -> None:
    one(pod, kind)
    told = shell(pod, script)
    assert fault(told) == (1, outcome, "x")
    assert text in message(told)
    assert told.report.outputs == {}


def test_a_type_too_long_for_a_message_does_not_hide_what_is_wrong(pod: Pod) -> None:
    one(pod, f"list[enum[{','.join(json.dumps('v' * at) for at in range(1, 40))}]]")
    assert "…: item 0: `w` is none of" in message(shell(pod, "echo '[\"w\"]' > x"))


@pytest.mark.parametrize("source", [Source.STDOUT, Source.STDERR])
def test_a_stream_may_be_json(pod: Pod, source: Source) -> None:
    one(pod, "map[list[integer]]", source=source)
    told = shell(pod, "echo '{\"a\": [1]}'; echo '{\"a\": [1]}' >&2")
    assert told.report.outputs == {"x": {"a": [1]}}


def test_a_stream_that_is_none_of_its_type_is_invalid_and_one_too_long_too_large(pod: Pod) -> None:
    one(pod, "list[integer]", source=Source.STDOUT)
    told = shell(pod, "echo one")
    assert (fault(told), "not JSON" in message(told)) == ((1, Outcome.OUTPUT_INVALID, "x"), True)
    (pod.path("control") / "exit").unlink()
    told = pod.upload_after(record(stdout={"bytes": 2**40}))
    assert fault(told) == (1, Outcome.OUTPUT_TOO_LARGE, "x")


def test_without_our_launcher_a_stream_is_missing_and_an_optional_one_absent() -> None:
    kinds = {"x": "optional[list[string]]", "y": "list[string]"}
    outputs = [OutputItem(name=name, type=kind, source=Source.STDOUT) for name, kind in kinds.items()]
    with temporary_pod(SIGNAL) as pod:
        declare(pod, *outputs, manifest=SIGNAL)
        told = pod.woken()
    assert fault(told) == (1, Outcome.OUTPUT_MISSING, "y")
    assert "nothing is captured without our launcher" in message(told)


def test_the_parts_of_an_output_are_declared_with_it(pod: Pod) -> None:
    declare(pod, *(OutputItem(name=name, type="map[string]", path=f"d/{name}") for name in "xy"))
    told = shell(pod, "mkdir -p d/x; touch d/x/k d/z; echo '{}' > d/y")
    assert told.report.outputs == {"x": {"k": ""}, "y": {}}
    assert told.log.splitlines()[-1] == "uploader: no output declares `d/z`"


def test_a_list_that_does_not_fit_the_message_comes_with_its_size_and_the_cure(pod: Pod) -> None:
    one(pod, "list[integer]")
    told = shell(pod, "(echo '[0'; seq 3000 | sed s/^/,/; echo ']') > x")
    assert fault(told) == (1, Outcome.OUTPUT_TOO_LARGE, "x")
    assert message(told).startswith("output `x`: takes 13900 bytes as JSON, and all outputs together have 2")
    assert message(told).endswith(": write less, or split the task")


def test_an_output_that_only_a_store_can_keep_is_refused(pod: Pod) -> None:
    one(pod, "list[file]")
    told = shell(pod, "mkdir x; touch x/0")
    assert fault(told) == (1, Outcome.COPILOT_FAILED, "x")
    assert message(told) == "output `x`: a list[file] needs a store, and no task of this version has one"
