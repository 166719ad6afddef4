"""Commands that do not end well, and ends that nobody tells: what the uploader makes of them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace

import pytest

from containertask import contract
from containertask.contract.exitrecord import Cause, Stop
from containertask.contract.items import OutputItem, Source
from containertask.contract.outcome import Outcome
from containertask.contract.report import MAX_FIRST_LINE
from support.copilot import MANIFEST, Pod, declare, fault, message, record, shell, temporary_pod

X = OutputItem(name="x", type="string", path="x")


@pytest.fixture
def pod() -> Iterator[Pod]:
    with temporary_pod(replace(MANIFEST, outputs=(X,))) as made:
        yield made


@pytest.mark.parametrize(
    ("script", "text"),
    [
        ("echo ' no GPU  ' > _ERROR", "no GPU"),
        ("echo no GPU > _ERROR; exit 3", "no GPU"),
        ("touch _ERROR", "the command reported an error without a text"),
        ("printf 'a\\377b' > _ERROR", "a\ufffdb"),
        ("mkdir _ERROR", "the command reported an error, but _ERROR cannot be read: `_ERROR` is a folder"),
        ("ln -s /etc/passwd _ERROR", "but _ERROR cannot be read: `_ERROR` is a link"),
    ],
)
def test_an_error_in_words_of_the_command(pod: Pod, script: str, text: str) -> None:
    told = shell(pod, f"printf 1 > x; {script}")
    assert fault(told) == (0, Outcome.USER_ERROR, None)
    assert text in message(told)
    assert told.report.end is not None


def test_an_endless_error_text_is_cut_to_the_first_line(pod: Pod) -> None:
    told = shell(pod, "head -c 100000000 /dev/zero | tr '\\0' '\"' > _ERROR")
    assert told.report.outcome is Outcome.USER_ERROR
    assert len(told.message.split("\n")[0].encode()) <= MAX_FIRST_LINE


def test_a_failed_command_leaves_what_it_wrote(pod: Pod) -> None:
    declare(
        pod,
        X,
        OutputItem(name="gone", type="integer", path="gone"),
        OutputItem(name="bad", type="integer", path="x"),
        OutputItem(name="code", type="integer", source=Source.EXIT_CODE),
    )
    told = shell(pod, "printf half > x; exit 7")
    assert fault(told) == (0, Outcome.MAIN_FAILED, None)
    assert told.report.outputs == {"x": "half", "code": 7}
    assert told.report.message is None
    assert told.report.end is not None
    assert told.report.end.exit_code == 7


def test_a_command_that_is_not_there_is_told_in_the_launchers_words(pod: Pod) -> None:
    told = pod.run("no-such-program")
    assert told.report.outcome is Outcome.MAIN_FAILED
    assert "no-such-program" in message(told)
    assert told.report.end is not None
    assert told.report.end.cause is Cause.COMMAND_NOT_FOUND


def test_after_a_stop_a_good_exit_code_and_an_error_file_are_no_matter(pod: Pod) -> None:
    script = "trap 'exit 0' TERM; touch _ERROR; printf 1 > x; while :; do sleep 0.01; done"
    told = pod.run("sh", "-c", script, flags=("--execution-timeout", "200ms"))
    assert fault(told) == (0, Outcome.MAIN_FAILED, None)
    assert told.report.end is not None
    assert (told.report.end.exit_code, told.report.end.stop) == (0, Stop.EXECUTION_TIMEOUT)
    assert told.report.outputs == {"x": "1"}


def test_of_a_failed_command_the_largest_outputs_are_left_out(pod: Pod) -> None:
    sizes = {"a": 1000, "b": 1_000_000, "c": 1200, "d": 10}
    declare(pod, *(OutputItem(name=name, type="string", path=name) for name in sizes))
    writes = "; ".join(f"head -c {size} /dev/zero | tr '\\0' a > {name}" for name, size in sizes.items())
    told = shell(pod, f"{writes}; exit 1")
    assert fault(told) == (0, Outcome.MAIN_FAILED, None)
    assert told.report.outputs == {"a": "a" * 1000, "d": "a" * 10}
    assert told.report.message == "outputs left out, too large: `b`, `c`"


@pytest.mark.parametrize(
    ("sent", "problem"),
    [
        (b"", "the command's container ended without an exit record"),
        (b"garbage", "exit record: not JSON"),
        (record() + record(), "exit record: not JSON"),
        (record(message="m" * 5000), f"exit record: {contract.RECORD_MAX_BYTES + 1} bytes, at most"),
        (record(exitCode=10**3000), "exit record: exitCode does not fit 64 bits"),
    ],
    ids=["nothing", "garbage", "two", "too long", "a number without end"],
)
def test_without_a_good_record_the_command_counts_as_failed(pod: Pod, sent: bytes, problem: str) -> None:
    told = pod.upload_after(sent)
    assert fault(told) == (0, Outcome.MAIN_FAILED, None)
    assert told.report.end is None
    assert problem in message(told)


def test_a_record_that_did_not_come_through_the_fifo_lies_in_its_file(pod: Pod) -> None:
    (pod.path("main") / contract.RECORD_FILE).write_bytes(record(exitCode=3))
    told = pod.upload_after(b"")
    assert told.report.end is not None
    assert told.report.end.exit_code == 3


@pytest.mark.parametrize("plant", ["link", "fifo"])
def test_a_record_file_that_is_none_is_not_opened(pod: Pod, plant: str) -> None:
    path = pod.path("main") / contract.RECORD_FILE
    if plant == "link":
        (pod.root / "elsewhere").write_bytes(record())
        path.symlink_to(pod.root / "elsewhere")
    else:
        os.mkfifo(path)
    told = pod.upload_after(b"")
    assert told.report.end is None
    assert f"`{contract.RECORD_FILE}` is a {plant}".lower() in message(told).lower()


def test_a_manifest_that_cannot_be_read_ends_it_before_it_waits(pod: Pod) -> None:
    pod.path("manifest").unlink()
    told = pod.spawn("upload").told()
    assert fault(told) == (1, Outcome.COPILOT_FAILED, None)
    assert message(told) == "could not read the manifest: no such file or directory (ENOENT)"


def test_without_an_output_folder_the_end_is_still_told(pod: Pod) -> None:
    pod.path("outputs").rmdir()
    told = pod.upload_after(record(exitCode=5))
    assert fault(told) == (1, Outcome.COPILOT_FAILED, None)
    assert told.report.end is not None
    assert told.report.end.exit_code == 5
