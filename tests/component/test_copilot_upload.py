"""Downloader, the real launcher and uploader in a row: what the message says of a command's outputs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from containertask import contract
from containertask.contract.exitrecord import Cause
from containertask.contract.items import InputItem, OutputItem, Source
from containertask.contract.manifest import Values
from containertask.contract.outcome import Outcome
from support.copilot import MANIFEST, Pod, declare, fault, message, record, shell, temporary_pod
from support.copilotcode import UNPRIVILEGED

X = OutputItem(name="x", type="string", path="x")


@pytest.fixture
def pod() -> Iterator[Pod]:
    with temporary_pod(replace(MANIFEST, outputs=(X,))) as made:
        yield made


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("integer", -9007199254740993),
        ("float", 0.1),
        ("float", "-Infinity"),
        ("string", "hé 'x'\n\n$HOME"),
        ("boolean", False),
        ("datetime", "2026-01-31T11:00:00.5Z"),
        ("duration", "-1h30m0.5s"),
        ("struct", {"a": [1, {"b": None}], "é": 0.5}),
    ],
)
def test_each_type_goes_in_and_comes_out_the_same(pod: Pod, kind: str, value: object) -> None:
    pod.rewrite(
        replace(
            MANIFEST,
            values=Values((InputItem("in", kind),), {"in": value}),
            outputs=(OutputItem(name="x", type=kind, path="deep/er/x"),),
        )
    )
    told = shell(pod, 'mkdir -p deep/er && cp "$INPUTS/in" deep/er/x')
    assert (told.exit_code, told.report.outcome) == (0, Outcome.UPLOADED)
    assert told.report.outputs == {"x": value}
    assert type((told.report.outputs or {})["x"]) is type(value)


def test_streams_and_exit_code_are_outputs_too(pod: Pod) -> None:
    sources = {"out": Source.STDOUT, "err": Source.STDERR, "code": Source.EXIT_CODE}
    declare(pod, *(OutputItem(name=name, type="integer", source=source) for name, source in sources.items()))
    assert shell(pod, "echo 41; echo 42 >&2").report.outputs == {"out": 41, "err": 42, "code": 0}


def test_a_silent_stream_is_an_empty_string(pod: Pod) -> None:
    declare(pod, OutputItem(name="x", type="string", source=Source.STDOUT))
    assert shell(pod, "true").report.outputs == {"x": ""}


def test_segments_are_joined_in_the_order_of_their_numbers(pod: Pod) -> None:
    declare(pod, OutputItem(name="x", type="string", source=Source.STDOUT))
    told = pod.run("seq", "100", flags=("--capture-bytes", "240"))
    assert fault(told) == (0, Outcome.UPLOADED, None)
    assert told.report.outputs == {"x": "\n".join(map(str, range(1, 101)))}
    declare(pod, OutputItem(name="x", type="string", source=Source.STDOUT))
    for number in range(11):
        (pod.path("main") / f"stdout.{number}").write_text(chr(ord("a") + number))
    pod.path("control").joinpath(contract.EXIT_FIFO).unlink()
    assert pod.upload_after(record(stdout={"bytes": 11})).report.outputs == {"x": "abcdefghijk"}


def test_of_a_stream_only_the_end_was_kept(pod: Pod) -> None:
    declare(pod, OutputItem(name="x", type="string", source=Source.STDOUT))
    told = pod.run("seq", "1000", flags=("--capture-bytes", "100"))
    assert fault(told) == (1, Outcome.OUTPUT_TOO_LARGE, "x")
    assert "of the 3893 bytes of stdout only the end was kept" in message(told)


@pytest.mark.parametrize(
    ("stream", "outcome", "text"),
    [
        (
            {"bytes": 3, "error": "disk full"},
            Outcome.OUTPUT_UNREADABLE,
            "stdout could not be kept: disk full",
        ),
        ({"bytes": 3}, Outcome.OUTPUT_UNREADABLE, "stdout is not kept as the launcher keeps it"),
        ({"bytes": -1}, Outcome.OUTPUT_UNREADABLE, "stdout is not kept as the launcher keeps it"),
        ({"bytes": 2**40}, Outcome.OUTPUT_TOO_LARGE, "has 1099511627776 bytes"),
        (None, Outcome.OUTPUT_UNREADABLE, "the exit record says nothing of stdout"),
    ],
)
def test_a_stream_that_is_not_as_the_record_says(
    pod: Pod, stream: object, outcome: Outcome, text: str
) -> None:
    declare(pod, OutputItem(name="x", type="string", source=Source.STDOUT))
    told = pod.upload_after(record(stdout=stream))
    assert fault(told) == (1, outcome, "x")
    assert text in message(told)


def test_the_figures_are_the_launchers(pod: Pod) -> None:
    told = shell(pod, "printf 1 > x")
    figures = told.report.figures
    times = [figures.inputs_ready_ms, figures.started_ms, figures.finished_ms, figures.uploaded_ms]
    known = [time for time in times if time is not None]
    assert len(known) == len(times)
    assert known == sorted(known)
    assert told.report.end is not None
    assert (told.report.end.cause, told.report.end.exit_code) == (Cause.EXITED, 0)


def test_an_optional_output_may_be_absent(pod: Pod) -> None:
    declare(pod, X, OutputItem(name="y", type="integer", path="y", optional=True))
    assert shell(pod, "printf 1 > x").report.outputs == {"x": "1"}


@pytest.mark.parametrize(
    ("script", "outcome", "text"),
    [
        ("true", Outcome.OUTPUT_MISSING, "there is no `x` in the output folder"),
        ("touch X x.txt", Outcome.OUTPUT_MISSING, "output folder; no output declares `X`, `x.txt`"),
        ("mkdir x.d; touch $(seq 7) x.d/y", Outcome.OUTPUT_MISSING, "`1`, `2`, `3`, `4`, `5` and 3 more"),
        ("printf '\\377' > x", Outcome.OUTPUT_INVALID, "1 bytes that are not of type string: byte 0"),
        ("head -c 1048577 /dev/zero > x", Outcome.OUTPUT_TOO_LARGE, "has 1048577 bytes, a value has at most"),
        ("truncate -s 1T x", Outcome.OUTPUT_TOO_LARGE, "has 1099511627776 bytes"),
        ("ln -s /etc/passwd x", Outcome.OUTPUT_UNREADABLE, "`x` is a link: have the command write a file"),
        ("ln -s nowhere x", Outcome.OUTPUT_UNREADABLE, "`x` is a link"),
        ("mkfifo x", Outcome.OUTPUT_UNREADABLE, "`x` is a FIFO"),
        ("mkdir x", Outcome.OUTPUT_UNREADABLE, "`x` is a folder"),
    ],
)
def test_an_output_that_is_no_value(pod: Pod, script: str, outcome: Outcome, text: str) -> None:
    told = shell(pod, script)
    assert fault(told) == (1, outcome, "x")
    assert message(told).startswith("output `x`: ")
    assert text in message(told)
    assert told.report.outputs == {}


@pytest.mark.parametrize(
    ("script", "kind"), [("ln -s /etc sub", "a link"), ("touch sub", "a file"), ("mkfifo sub", "a FIFO")]
)
def test_a_parent_folder_that_is_none(pod: Pod, script: str, kind: str) -> None:
    declare(pod, OutputItem(name="x", type="string", path="sub/passwd"))
    told = shell(pod, script)
    assert fault(told) == (1, Outcome.OUTPUT_UNREADABLE, "x")
    assert f"`sub` is {kind}: have the command write a folder" in message(told)
    assert "root:" not in told.message + told.log


@pytest.mark.parametrize("path", ["../manifest", "/etc/passwd", "a/../../manifest", "", "./x"])
def test_a_path_that_leads_out_is_not_opened(pod: Pod, path: str) -> None:
    declare(pod, OutputItem(name="..", type="string", path=path))
    told = shell(pod, "true")
    assert fault(told) == (1, Outcome.COPILOT_FAILED, "..")


def test_a_file_that_nobody_may_read_comes_with_the_cure(pod: Pod) -> None:
    (pod.path("outputs") / "x").write_text("1")
    (pod.path("outputs") / "x").chmod(0)
    told = replace(pod, user=UNPRIVILEGED).upload_after(record())
    assert fault(told) == (1, Outcome.OUTPUT_UNREADABLE, "x")
    assert "permission denied (EACCES): have the command make it readable for everyone" in message(told)


def test_what_a_strict_umask_hides_the_launcher_opens_up(pod: Pod) -> None:
    declare(pod, OutputItem(name="x", type="string", path="d/x"))
    told = shell(replace(pod, user=UNPRIVILEGED), "umask 077; mkdir d; printf 1 > d/x")
    assert told.report.outputs == {"x": "1"}


def test_a_second_name_of_a_file_is_as_good_as_the_first(pod: Pod) -> None:
    assert shell(pod, "printf 1 > y; ln y x").report.outputs == {"x": "1"}


def test_the_first_wrong_output_is_the_origin_and_the_others_are_named(pod: Pod) -> None:
    declare(pod, *(OutputItem(name=name, type="integer", path=name) for name in "abcdef"))
    told = shell(pod, "echo 1 > a; echo x > b; mkdir d; echo 6 > f")
    assert fault(told) == (1, Outcome.OUTPUT_INVALID, "b")
    assert message(told).endswith("; also wrong: `c`, `d`, `e`")


def test_outputs_that_do_not_fit_are_too_large(pod: Pod) -> None:
    declare(pod, X, OutputItem(name="y", type="string", path="y"))
    told = shell(pod, "printf 1 > x; head -c 3000 /dev/zero | tr '\\0' a > y")
    assert fault(told) == (1, Outcome.OUTPUT_TOO_LARGE, "y")
    assert message(told).startswith("output `y`: takes 3006 bytes as JSON, and all outputs together have 2")
    assert message(told).endswith("write less, or split the task")
    assert len(told.message) < MANIFEST.message_bytes


def test_undeclared_files_are_named_in_the_log(pod: Pod) -> None:
    script = (
        "printf 1 > x; touch \"$(printf 'new\\nline')\"; mkdir -p d; touch d/$(seq -s ' d/' 30); ln -s / root"
    )
    told = shell(pod, script)
    assert told.report.outcome is Outcome.UPLOADED
    last = told.log.splitlines()[-1]
    assert last.startswith("uploader: no output declares `d/1`, `d/10`, ")
    assert last.endswith(" and 12 more")
    declare(pod)
    (pod.path("control") / contract.EXIT_FIFO).unlink()
    told = pod.upload_after(record())
    assert told.report.outcome is Outcome.UPLOADED


def test_the_log_has_no_value(pod: Pod) -> None:
    told = shell(pod, "echo sesame > x; echo sesame")
    assert told.report.outputs == {"x": "sesame"}
    assert "sesame" not in told.log
