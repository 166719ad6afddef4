"""Termination messages: round trips, how line 1 always arrives, and messages that are none."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from containertask.contract import MESSAGE_MAX, MESSAGE_POOL
from containertask.contract.exitrecord import Cause, ExitRecord, Stop
from containertask.contract.outcome import Outcome
from containertask.contract.report import (
    MAX_FIRST_LINE,
    End,
    Figures,
    Report,
    ReportError,
    ReportTooLargeError,
    message_budget,
)

PLENTY = 10**9

short = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
anything = st.text(st.characters(exclude_categories=[]))
numbers = st.none() | st.integers(-(2**63), 2**63 - 1)
ends = st.builds(
    End,
    cause=st.sampled_from(Cause),
    exit_code=st.integers(0, 255),
    signal=numbers,
    stop=st.none() | st.sampled_from(Stop),
    oom_kills=numbers,
)
figures = st.builds(
    Figures,
    inputs_ready_ms=numbers,
    started_ms=numbers,
    finished_ms=numbers,
    uploaded_ms=numbers,
    cpu_milliseconds=numbers,
    memory_peak_bytes=numbers,
)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | short,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(short, inner, max_size=3),
    max_leaves=5,
)
reports = st.builds(
    Report,
    outcome=st.sampled_from(Outcome),
    message=st.none() | short.filter(str.isprintable),
    origin=st.none() | st.text("abc_-", max_size=63),
    end=st.none() | ends,
    outputs=st.dictionaries(short, json_values, max_size=4),
    figures=figures,
)
long_messages = st.builds(
    lambda piece, times, tail: piece * times + tail,
    st.text(st.characters(exclude_categories=[]), min_size=1, max_size=8),
    st.integers(0, 2000),
    anything,
)


@given(reports)
def test_what_was_encoded_is_decoded(report: Report) -> None:
    assert Report.decode(report.encode(PLENTY).decode()) == report


@given(
    long_messages | st.sampled_from(['"' * 900, "\x00" * 900, "😀" * 900, "\\" * 701, "\ud800" * 900]), ends
)
def test_line_1_stays_within_its_bound_for_any_message(message: str, end: End) -> None:
    report = Report(outcome=Outcome.OUTPUT_UNREADABLE, message=message, origin="x" * 63, end=end)
    first, second, rest = report.encode(MESSAGE_MAX).split(b"\n")
    assert len(first) <= MAX_FIRST_LINE
    assert json.loads(second) == {"outputs": {}}
    assert rest == b""
    got = Report.decode(first.decode())
    assert (got.outcome, got.origin, got.end) == (report.outcome, report.origin, end)
    layout = "\n\t\xa0\u3000"
    message = message.replace("\r\n", "\n")
    whole = "".join(one if one.isprintable() or one in layout else "?" for one in message)
    assert got.message == whole or (got.message or "").endswith("…")
    assert whole.startswith((got.message or "").removesuffix("…"))


@pytest.mark.parametrize(
    "letter", ["a", '"', "\x00", "é", "😀"], ids=["letter", "quote", "control", "accent", "emoji"]
)
def test_of_a_long_message_line_1_holds_most_of_what_fits(letter: str) -> None:
    line = Report(outcome=Outcome.USER_ERROR, message=letter * 10_000).encode(MESSAGE_MAX).split(b"\n")[0]
    assert MAX_FIRST_LINE - 130 <= len(line) <= MAX_FIRST_LINE


def test_a_message_that_just_fits_is_not_cut() -> None:
    bare = len(Report(outcome=Outcome.USER_ERROR, message="").encode(MESSAGE_MAX).split(b"\n")[0])
    message = "m" * (MAX_FIRST_LINE - bare)
    fits, longer = (
        Report.decode(Report(outcome=Outcome.USER_ERROR, message=text).encode(MESSAGE_MAX).decode())
        for text in (message, message + "m")
    )
    assert fits.message == message
    assert longer.message is not None
    assert longer.message.endswith("m…")


@given(reports)
def test_the_budget_is_exact(report: Report) -> None:
    size = len(report.encode(PLENTY))
    assert len(report.encode(size)) == size
    with pytest.raises(ReportTooLargeError) as caught:
        report.encode(size - 1)
    assert caught.value.excess == 1


@given(reports, st.data())
def test_a_line_2_that_is_cut_leaves_the_outputs_unknown(report: Report, data: st.DataObject) -> None:
    whole = report.encode(PLENTY)
    first = whole.index(b"\n")
    cut = whole[: data.draw(st.integers(first, len(whole) - 2))].decode(errors="replace")
    got = Report.decode(cut)
    assert (got.outcome, got.message, got.origin, got.end) == (
        report.outcome,
        report.message,
        report.origin,
        report.end,
    )
    assert got.outputs is None
    assert got.figures == Figures()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "not JSON"),
        ("panic: runtime error", "not JSON"),
        ("[]", "a JSON list, an object is wanted"),
        ("[" * 100_000, "not JSON (RecursionError)"),
        ('{"outcome":"Uploaded"}', "version is missing"),
        ('{"version":2,"outcome":"Uploaded"}', "version 2, 1 is known"),
        ('{"version":1}', "outcome is missing"),
        ('{"version":1,"outcome":"Lost"}', "'Lost' is no outcome"),
        ('{"version":1,"outcome":[]}', "outcome is a list, str is wanted"),
        ('{"version":1,"outcome":"Uploaded","end":3}', "end is a int, dict is wanted"),
        ('{"version":1,"outcome":"Uploaded","end":{"exitCode":0}}', "cause is missing"),
        ('{"version":1,"outcome":"Uploaded","end":{"cause":"Exited"}}', "exitCode is missing"),
        ('{"version":1,"outcome":"Uploaded","message":3}', "message is a int, str is wanted"),
    ],
)
def test_what_is_no_report_is_named(text: str, message: str) -> None:
    with pytest.raises(ReportError) as caught:
        Report.decode(text)
    assert str(caught.value).startswith(f"termination message: {message}")


@given(anything | anything.map(lambda text: f'{{"version":1,"outcome":"Uploaded"}}\n{text}'))
def test_arbitrary_text_raises_nothing_but_a_report_error(text: str) -> None:
    try:
        report = Report.decode(text)
    except ReportError:
        return
    assert report.outcome is Outcome.UPLOADED


@given(st.dictionaries(st.sampled_from(["version", "outcome", "message", "origin", "end"]), json_values))
def test_arbitrary_fields_raise_nothing_but_a_report_error(changes: dict[str, object]) -> None:
    try:
        report = Report.decode(json.dumps({"version": 1, "outcome": "Uploaded"} | changes))
    except ReportError:
        return
    assert report.encode(PLENTY)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[2Jdone\x07\x00", "?[2Jdone??"),
        ("a\u202ecba\u2066", "a?cba?"),
        ("line 1\r\n\tline 2\rover", "line 1\n\tline 2?over"),
        ("10\xa0% \u3000 é 😀", "10\xa0% \u3000 é 😀"),
    ],
    ids=["escapes", "directions", "lines", "blanks and letters"],
)
def test_a_message_of_the_command_cannot_steer_a_terminal(text: str, shown: str) -> None:
    said = Report(outcome=Outcome.USER_ERROR, message=text).encode(MESSAGE_MAX).decode()
    assert json.loads(said.split("\n")[0])["message"] == shown
    raw = json.dumps({"version": 1, "outcome": "UserError", "message": text})
    assert Report.decode(raw).message == shown


def test_half_a_surrogate_pair_becomes_a_question_mark() -> None:
    report = Report.decode('{"version":1,"outcome":"UserError","message":"a\\ud800b","origin":"\\udfff"}')
    assert (report.message, report.origin) == ("a?b", "?")


def test_the_end_is_what_decides_of_a_record() -> None:
    record = ExitRecord(
        cause=Cause.SIGNALED, exit_code=143, signal=15, stop=Stop.SIGNAL, oom_kills=2, finished_ms=1
    )
    assert End.of(record) == End(
        cause=Cause.SIGNALED, exit_code=143, signal=15, stop=Stop.SIGNAL, oom_kills=2
    )


@pytest.mark.parametrize(("containers", "budget"), [(1, 4096), (2, 3072), (3, 2457), (12, 877)])
def test_two_more_containers_than_ours_still_leave_the_message_whole(containers: int, budget: int) -> None:
    assert message_budget(containers) == budget
    assert budget <= min(MESSAGE_MAX, MESSAGE_POOL // (containers + 2))
