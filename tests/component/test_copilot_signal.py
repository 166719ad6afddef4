"""Signal mode: the uploader sleeps in our launcher's wait until the end of a command unseen."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from containertask.contract.items import InputItem, OutputItem
from containertask.contract.manifest import Mode, Values
from containertask.contract.outcome import Outcome
from support.copilot import SIGNAL, Pod, declare, fault, message, temporary_pod
from support.copilotcode import ASKING
from support.launcher import BINARY, LIMIT_SECONDS

KINDS = {
    "integer": (b"-9007199254740993", -9007199254740993),
    "float": (b"0.1", 0.1),
    "string": (b"h\xc3\xa9 'x'\n", "hé 'x'"),
    "boolean": (b"false", False),
    "datetime": (b"2026-01-31T11:00:00.5Z", "2026-01-31T11:00:00.5Z"),
    "duration": (b"1h30m", "1h30m0s"),
    "struct": (b'{"a":[1,{"b":null}]}', {"a": [1, {"b": None}]}),
}
HOLDING = """
read = upload.read_output
def held(*args):
    open({go!r}).read()
    return read(*args)
upload.read_output = held
"""
"""Code: hold the uploader at its first output until the writer of a FIFO has gone."""


@pytest.fixture
def pod() -> Iterator[Pod]:
    outputs = (OutputItem(name="x", type="integer", path="x"),)
    with temporary_pod(replace(SIGNAL, outputs=outputs)) as made:
        (made.path("outputs") / "x").write_text("42\n")
        yield made


def declares(pod: Pod, *names: str, **kinds: str) -> None:
    """Have the task declare outputs by name, integers unless another type is given."""
    found = [OutputItem(name=name, type=kinds.get(name, "integer"), path=name) for name in [*names, *kinds]]
    declare(pod, *found, manifest=SIGNAL)


@pytest.mark.parametrize("asking", ASKING, ids=["SIGTERM", "SIGINT", "SIGRTMIN+3"])
def test_it_sleeps_until_it_is_told_and_then_reads_the_outputs(pod: Pod, asking: int) -> None:
    part = pod.sidecar()
    assert Path(f"/proc/{part.process.pid}/exe").samefile(BINARY)
    assert pod.path("message").read_text() == ""
    part.process.send_signal(asking)
    told = part.told()
    assert fault(told) == (0, Outcome.UPLOADED, None)
    assert (told.report.outputs, told.report.end, told.report.message) == ({"x": 42}, None, None)
    figures = told.report.figures
    assert figures.uploaded_ms is not None
    assert [figures.inputs_ready_ms, figures.started_ms, figures.finished_ms] == [None, None, None]


def test_there_is_neither_a_control_nor_a_main_volume(pod: Pod) -> None:
    pod.woken()
    assert sorted(path.name for path in pod.root.iterdir()) == ["inputs", "manifest", "message", "outputs"]


@pytest.mark.parametrize("kind", KINDS)
def test_each_type_is_read(pod: Pod, kind: str) -> None:
    declares(pod, x=kind)
    written, value = KINDS[kind]
    (pod.path("outputs") / "x").write_bytes(written)
    told = pod.woken()
    assert fault(told) == (0, Outcome.UPLOADED, None)
    assert told.report.outputs == {"x": value}


def test_a_command_that_declares_nothing_and_writes_nothing_is_uploaded(pod: Pod) -> None:
    declares(pod)
    (pod.path("outputs") / "x").unlink()
    told = pod.woken()
    assert fault(told) == (0, Outcome.UPLOADED, None)
    assert told.report.outputs == {}


@pytest.mark.parametrize("again", [signal.SIGTERM, signal.SIGINT])
def test_told_a_second_time_while_it_reads_it_goes_on(pod: Pod, again: signal.Signals) -> None:
    go = pod.root / "go"
    os.mkfifo(go)
    part = pod.sidecar(before=HOLDING.format(go=str(go)))
    part.process.terminate()
    with go.open("w"):
        for _ in range(3):
            part.process.send_signal(again)
    told = part.told()
    assert fault(told) == (0, Outcome.UPLOADED, None)
    assert told.report.outputs == {"x": 42}


def test_the_upload_clock_ends_it(pod: Pod) -> None:
    outputs = (OutputItem(name="x", type="integer", path="x"),)
    pod.rewrite(replace(SIGNAL, outputs=outputs, upload_seconds=1))
    go = pod.root / "go"
    os.mkfifo(go)
    part = pod.sidecar(before=HOLDING.format(go=str(go)))
    part.process.terminate()
    with go.open("w"):
        assert part.process.wait(LIMIT_SECONDS) == 1
    told = part.told()
    assert fault(told) == (1, Outcome.UPLOAD_TIMEOUT, None)
    assert message(told) == "the outputs were not read after 1 s: raise timeout.upload"
    assert told.report.figures.uploaded_ms is not None


def test_the_upload_clock_does_not_run_while_it_sleeps(pod: Pod) -> None:
    """What sleeps is our launcher, which has not read the manifest."""
    pod.path("manifest").unlink()
    part = pod.sidecar()
    pod.rewrite(replace(SIGNAL, upload_seconds=1))
    part.process.terminate()
    assert fault(part.told()) == (0, Outcome.UPLOADED, None)


def test_a_manifest_that_cannot_be_read_is_said(pod: Pod) -> None:
    pod.path("manifest").write_text("{")
    told = pod.woken()
    assert fault(told) == (1, Outcome.COPILOT_FAILED, None)
    assert message(told) == "manifest: not JSON (JSONDecodeError)"


def test_the_downloader_needs_neither_control_volume_nor_launcher(pod: Pod) -> None:
    task = replace(SIGNAL, values=Values((InputItem("a", "integer"),), {"a": 1}))
    assert task.mode is Mode.SIGNAL
    pod.rewrite(task)
    told = pod.download(launcher="/no/such/launcher")
    assert (told.exit_code, told.report.outcome) == (0, Outcome.DOWNLOADED)
    assert told.report.figures.inputs_ready_ms is not None
    assert sorted(path.name for path in pod.path("inputs").iterdir()) == ["a", "inputs.json"]
    assert not pod.path("control").exists()


def test_a_downloader_that_fails_says_why(pod: Pod) -> None:
    pod.rewrite(replace(SIGNAL, values=Values((InputItem("a", "integer"),), {"a": "x"})))
    told = pod.download()
    assert fault(told) == (1, Outcome.INVALID_INPUT, "a")
    assert not pod.path("control").exists()
