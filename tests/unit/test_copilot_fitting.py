"""What goes into a message when it is full: all outputs or none, or the smallest that fit."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from containertask.contract import MESSAGE_MAX
from containertask.contract.exitrecord import Cause
from containertask.contract.keptline import NO_FILES
from containertask.contract.outcome import Outcome
from containertask.contract.report import End, Figures, Kept, Report
from containertask.copilot.fitting import fit_all, fit_kept, fit_some, unstored
from containertask.copilot.outputs import TOO_LARGE, Found

END = End(cause=Cause.EXITED, exit_code=0)
FIGURES = Figures(uploaded_ms=1_700_000_000_000)
GOOD = Report(outcome=Outcome.UPLOADED, end=END, figures=FIGURES)
FAILED = Report(outcome=Outcome.MAIN_FAILED, end=END, figures=FIGURES)


def found(name: str, value: object) -> Found:
    size = len(json.dumps({name: value}, ensure_ascii=False, separators=(",", ":")).encode()) - 2
    return Found(name, value, size)


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=600)
lists = st.dictionaries(st.text("abcdef", min_size=1, max_size=8), texts, max_size=12).map(
    lambda values: [found(name, value) for name, value in values.items()]
)


@given(lists)
def test_all_outputs_fit_to_the_byte_or_the_report_says_that_they_do_not(outputs: list[Found]) -> None:
    values = {item.name: item.value for item in outputs}
    whole = len(Report(outcome=GOOD.outcome, end=END, figures=FIGURES, outputs=values).encode(10**9))
    assert fit_all(GOOD, outputs, whole).outputs == values
    if outputs:
        report = fit_all(GOOD, outputs, whole - 1)
        assert (report.outcome, report.outputs) == (Outcome.OUTPUT_TOO_LARGE, {})
        assert report.origin in values


@pytest.mark.parametrize("budget", [700, 2457, MESSAGE_MAX, 10**9])
def test_the_room_that_is_named_is_the_room_there_is(budget: int) -> None:
    report = fit_all(GOOD, [found("x", "a" * 5000)], budget)
    room = int((report.message or "").split("together have ")[1].split(":")[0])
    overhead = found("x", "").size
    assert fit_all(GOOD, [found("x", "a" * (room - overhead))], budget).outcome is Outcome.UPLOADED
    assert (
        fit_all(GOOD, [found("x", "a" * (room - overhead + 1))], budget).outcome is Outcome.OUTPUT_TOO_LARGE
    )


def test_the_largest_is_the_origin_even_where_its_value_was_not_kept() -> None:
    report = fit_all(GOOD, [found("a", 1), Found("b", TOO_LARGE, 10**6), found("c", 2)], MESSAGE_MAX)
    assert (report.outcome, report.origin) == (Outcome.OUTPUT_TOO_LARGE, "b")
    assert "output `b`: takes 1000000 bytes as JSON" in (report.message or "")


@given(lists, st.integers(1000, MESSAGE_MAX))
def test_of_a_failed_command_the_smallest_outputs_are_kept(outputs: list[Found], budget: int) -> None:
    report = fit_some(FAILED, outputs, budget)
    assert len(report.encode(budget)) <= budget
    kept = report.outputs or {}
    dropped = [item for item in outputs if item.name not in kept]
    assert all(item.name in (report.message or "") for item in dropped)
    assert not dropped or max([0, *(found(*pair).size for pair in kept.items())]) <= min(
        item.size for item in dropped
    )


@given(lists)
def test_nothing_is_dropped_without_need(outputs: list[Found]) -> None:
    report = fit_some(FAILED, outputs, 10**9)
    assert (report.outputs, report.message) == ({item.name: item.value for item in outputs}, None)


def test_what_the_launcher_said_comes_before_what_was_left_out() -> None:
    said = Report(outcome=Outcome.MAIN_FAILED, message="no such program", end=END)
    report = fit_some(said, [Found("b", TOO_LARGE, 10**6)], MESSAGE_MAX)
    assert report.message == "no such program; outputs left out, too large: `b`"


def test_the_order_of_declaration_is_kept() -> None:
    report = fit_some(FAILED, [found("z", "aa"), found("a", "b" * 5000), found("m", "")], MESSAGE_MAX)
    assert list(report.outputs or {}) == ["z", "m"]


def test_no_manifest_makes_a_message_longer_than_the_kubelet_keeps() -> None:
    outputs = [found("a", "x" * 3000), found("b", "x" * 1100)]
    assert fit_all(GOOD, outputs, 10**9).outcome is Outcome.OUTPUT_TOO_LARGE
    assert fit_some(FAILED, outputs, 10**9).outputs == {"b": "x" * 1100}


def documents(*names: str) -> dict[str, Kept]:
    return {name: Kept(f"outputs/{name}", 1, "0" * 64) for name in names}


@given(lists, st.integers(1000, MESSAGE_MAX))
def test_the_smallest_values_stay_and_the_others_are_kept(outputs: list[Found], budget: int) -> None:
    names = [item.name for item in outputs]
    report = fit_kept(GOOD, outputs, documents(*names), budget)
    if report is None:
        assert len(outputs) > 5
        return
    assert len(report.encode(budget)) <= budget
    inline = report.outputs or {}
    assert sorted([*inline, *report.kept]) == sorted(names)
    sizes = {item.name: item.size for item in outputs}
    largest = max([0, *(sizes[one] for one in inline)])
    assert all(largest <= sizes[one] for one in report.kept)


def test_no_value_is_kept_apart_without_need() -> None:
    outputs = [found("a", 1), found("b", "x" * 500)]
    report = fit_kept(GOOD, outputs, documents("a", "b"), MESSAGE_MAX)
    assert report is not None
    assert (report.outputs, report.kept) == ({"a": 1, "b": "x" * 500}, {})


def test_what_is_kept_already_stays_beside_the_values() -> None:
    already = replace(GOOD, kept=documents("z"))
    outputs = [found("a", 1), Found("b", TOO_LARGE, 10**6)]
    report = fit_kept(already, outputs, documents("b"), MESSAGE_MAX)
    assert report is not None
    assert (report.outputs, report.kept) == ({"a": 1}, documents("z", "b"))


def test_the_digests_of_files_go_before_anything_fails() -> None:
    names = [f"{n:02}{'n' * 40}" for n in range(32)]
    files = {one: Kept(f"outputs/{one}.csv", 123_456, "0" * 64) for one in names[:-1]}
    already = replace(GOOD, kept={**files, names[-1]: Kept(f"outputs/{names[-1]}/", 0, NO_FILES)})
    report = fit_kept(already, [found("a", 1)], documents("a"), 2457)
    assert report is not None
    assert report.outputs == {"a": 1}
    assert {name: one.sha256 for name, one in report.kept.items()} == {
        **dict.fromkeys(names[:-1], ""),
        names[-1]: NO_FILES,
    }
    assert Report.decode(report.encode(2457).decode()) == report


def test_more_than_a_report_can_name_is_none() -> None:
    already = replace(GOOD, kept=documents(*(f"output-{'n' * 40}{n}" for n in range(80))))
    assert fit_kept(already, [found("a", 1)], documents("a"), MESSAGE_MAX) is None


def test_that_outputs_could_not_be_stored_comes_behind_why_it_failed() -> None:
    said = Report(outcome=Outcome.MAIN_FAILED, message="no such program")
    assert unstored(said, "it was down").message == (
        "no such program; its outputs could not be stored: it was down"
    )
    assert unstored(FAILED, "it was down").message == "its outputs could not be stored: it was down"
