"""Reading exit records: what the launcher writes, and anything that ``main`` may put in its place."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from containertask.contract import RECORD_MAX_BYTES
from containertask.contract.exitrecord import Cause, ExitRecord, RecordError, Stop, Stream

LEAST: dict[str, Any] = {"version": 1, "cause": "Exited", "exitCode": 0, "finishedMs": 1}


def parse(**changes: object) -> ExitRecord:
    raw = {name: value for name, value in {**LEAST, **changes}.items() if value is not ...}
    return ExitRecord.parse(json.dumps(raw).encode())


def test_a_record_with_only_what_is_always_there() -> None:
    assert parse() == ExitRecord(cause=Cause.EXITED, exit_code=0, finished_ms=1)


def test_a_record_with_everything() -> None:
    record = parse(
        cause="Signaled",
        exitCode=137,
        signal=9,
        stop="ExecutionTimeout",
        killed=True,
        message="no more",
        gateOpenedMs=1,
        startedMs=2,
        finishedMs=3,
        cpuMilliseconds=4,
        memoryPeakBytes=5,
        oomKills=6,
        stdout={"bytes": 7},
        stderr={"bytes": 8, "error": "disk full"},
        unreadableOutputs=9,
        outputsError="x: not permitted",
    )
    assert record == ExitRecord(
        cause=Cause.SIGNALED,
        exit_code=137,
        signal=9,
        stop=Stop.EXECUTION_TIMEOUT,
        killed=True,
        message="no more",
        gate_opened_ms=1,
        started_ms=2,
        finished_ms=3,
        cpu_milliseconds=4,
        memory_peak_bytes=5,
        oom_kills=6,
        stdout=Stream(bytes=7),
        stderr=Stream(bytes=8, error="disk full"),
        unreadable_outputs=9,
        outputs_error="x: not permitted",
    )


def test_a_field_that_a_later_launcher_adds_is_no_error() -> None:
    assert parse(novelty=[1, 2]).exit_code == 0


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"version": 2}, "exit record: version 2, 1 is known"),
        ({"version": ...}, "exit record: version is missing"),
        ({"version": True}, "exit record: version is a bool, int is wanted"),
        ({"cause": "Bored"}, "exit record: 'Bored' is no cause"),
        ({"cause": ...}, "exit record: cause is missing"),
        ({"exitCode": True}, "exit record: exitCode is a bool, int is wanted"),
        ({"exitCode": 0.5}, "exit record: exitCode is a float, int is wanted"),
        ({"finishedMs": None}, "exit record: finishedMs is missing"),
        ({"stop": "Whim"}, "exit record: 'Whim' is no stop"),
        ({"stop": []}, "exit record: stop is a list, str is wanted"),
        ({"stdout": 3}, "exit record: stdout is a int, dict is wanted"),
        ({"stdout": {}}, "exit record: bytes is missing"),
    ],
)
def test_what_differs_is_named(changes: dict[str, object], message: str) -> None:
    with pytest.raises(RecordError) as caught:
        parse(**changes)
    assert str(caught.value) == message


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b"null", b"\xff\xfe", b"[" * 4000, b"1" * 4096])
def test_what_is_no_object_is_refused(data: bytes) -> None:
    with pytest.raises(RecordError):
        ExitRecord.parse(data)


def test_a_record_that_does_not_fit_a_pipe_in_one_piece_is_refused() -> None:
    data = json.dumps({**LEAST, "message": "x" * RECORD_MAX_BYTES}).encode()
    with pytest.raises(RecordError, match=f"{len(data)} bytes, at most {RECORD_MAX_BYTES} are valid"):
        ExitRecord.parse(data)


def test_half_a_surrogate_pair_becomes_a_question_mark() -> None:
    record = parse(message="a\ud800b", stdout={"bytes": 0, "error": "\udfff"}, outputsError="\ud800")
    assert record.message == "a?b"
    assert (record.stdout, record.outputs_error) == (Stream(bytes=0, error="?"), "?")


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(exclude_categories=[])),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
field_names = st.sampled_from(
    [
        "version",
        "cause",
        "exitCode",
        "signal",
        "stop",
        "killed",
        "message",
        "finishedMs",
        "stdout",
        "oomKills",
    ]
)


@given(st.binary(max_size=RECORD_MAX_BYTES + 10))
def test_arbitrary_bytes_raise_nothing_but_a_record_error(data: bytes) -> None:
    with pytest.raises(RecordError):
        ExitRecord.parse(data)


@given(st.dictionaries(field_names, json_values))
def test_arbitrary_fields_raise_nothing_but_a_record_error(changes: dict[str, object]) -> None:
    try:
        record = ExitRecord.parse(json.dumps({**LEAST, **changes}).encode())
    except RecordError:
        return
    assert (record.message or "").encode().decode() == (record.message or "")
