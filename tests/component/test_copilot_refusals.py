"""A downloader that cannot do its work, or is stopped at it: what it says, and that nothing runs."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from dataclasses import replace

import pytest

from containertask import contract
from containertask.contract.items import InputItem
from containertask.contract.manifest import Values, digest
from containertask.contract.outcome import Outcome
from support.copilot import MANIFEST, Pod, gate, temporary_pod


@pytest.fixture
def pod() -> Iterator[Pod]:
    with temporary_pod() as made:
        yield made


def test_somebody_elses_values_are_refused(pod: Pod) -> None:
    pod.rewrite(replace(MANIFEST, values=None, values_sha256=digest("other")))
    pod.path("values").write_text(Values().encode())
    told = pod.download()
    assert (told.exit_code, told.report.outcome) == (1, Outcome.COPILOT_FAILED)
    assert told.report.message is not None
    assert "somebody else's ConfigMap has the name of ours" in told.report.message
    assert gate(pod) == contract.GATE_ABORT


@pytest.mark.parametrize(
    ("kind", "value", "message"),
    [
        ("integer", "abc", "`abc` is not an integer"),
        ("boolean", "yes", "a string is not a boolean"),
        ("struct", [], "a list is not a struct"),
        ("string", None, "null is not a string"),
    ],
)
def test_an_input_that_does_not_parse_is_named(pod: Pod, kind: str, value: object, message: str) -> None:
    pod.rewrite(replace(MANIFEST, values=Values((InputItem("x", kind),), {"x": value})))
    told = pod.download()
    report = told.report
    assert (told.exit_code, report.outcome, report.origin) == (1, Outcome.INVALID_INPUT, "x")
    assert (report.message or "").startswith(f"input `x` of type {kind}: {message}")
    assert [path.name for path in pod.path("control").iterdir()] == [contract.GATE_FILE]
    assert gate(pod) == contract.GATE_ABORT
    assert "abc" not in told.log


@pytest.mark.parametrize(
    ("arrange", "message"),
    [
        (
            lambda pod: pod.path("manifest").unlink(),
            "could not read the manifest: no such file or directory (ENOENT)",
        ),
        (lambda pod: pod.path("manifest").write_text("{"), "manifest: not JSON (JSONDecodeError)"),
        (lambda pod: pod.path("manifest").write_bytes(b"\xff"), "is not UTF-8"),
        (
            lambda pod: pod.rewrite(replace(MANIFEST, metadata_format="XML")),
            "metadataFormat XML is not known",
        ),
        (lambda pod: pod.rewrite(replace(MANIFEST, metadata_format="PROTO")), "pb is missing"),
        (
            lambda pod: pod.rewrite(replace(MANIFEST, metadata_format="PROTO", values=Values(pb="=x"))),
            "pb is not base64",
        ),
        (
            lambda pod: pod.rewrite(replace(MANIFEST, values=Values((InputItem("x", "tensor"),)))),
            "input `x`: type tensor is not known to this version of the copilot",
        ),
        (lambda pod: pod.path("control").rmdir(), "could not make the exit FIFO: no such file or"),
        (lambda pod: (pod.path("control") / "exit").touch(), "`exit` in the control volume is not a FIFO"),
        (
            lambda pod: (pod.path("control") / "gate").mkdir(),
            "could not open the gate: is a directory (EISDIR)",
        ),
    ],
    ids=[
        "no manifest",
        "half a manifest",
        "binary manifest",
        "format",
        "no pb",
        "bad pb",
        "type",
        "no volume",
        "FIFO",
        "gate",
    ],
)
def test_what_cannot_be_done_is_said_in_one_sentence(pod: Pod, arrange: object, message: str) -> None:
    assert callable(arrange)
    arrange(pod)
    told = pod.download()
    assert (told.exit_code, told.report.outcome) == (1, Outcome.COPILOT_FAILED)
    assert message in (told.report.message or "")
    assert "Traceback" not in told.message + told.log


def test_without_a_launcher_the_gate_stays_shut(pod: Pod) -> None:
    told = pod.download(launcher="/no/such/launcher")
    assert told.report.message == "could not copy the launcher: no such file or directory (ENOENT)"
    assert gate(pod) == contract.GATE_ABORT


@pytest.mark.parametrize("name", ["ENOSPC", "EDQUOT"])
def test_a_full_disk_is_called_so(pod: Pod, name: str) -> None:
    pod.rewrite(replace(MANIFEST, values=Values((InputItem("x", "integer"),), {"x": 1})))
    full = f"import os, errno\nwrite = os.write\ndef full(*_): raise OSError(errno.{name}, 'x')\n"
    only_files = "os.write = lambda fd, data: write(fd, data) if fd == 2 or data[:1] == b'{' else full()"
    told = pod.download(before=full + only_files)
    assert told.report.message == f"could not write input `x`: the disk is full ({name})"
    assert told.exit_code == 1
    assert list(pod.path("inputs").iterdir()) == []


def test_a_bug_of_ours_is_traced_in_the_log_without_values(pod: Pod) -> None:
    bug = "def bug(*_): raise KeyError('secret value')\ndownload.load_values = bug"
    told = pod.download(before=bug)
    assert told.report.message == (
        "could not read the manifest: a fault of the downloader (KeyError); its log shows where"
    )
    assert "in _download" in told.log
    assert "secret value" not in told.log.replace("raise KeyError('secret value')", "")


def test_without_a_message_file_the_log_says_what_happened(pod: Pod) -> None:
    pod.path("message").unlink()
    process = pod.spawn("download").process
    _, log = process.communicate(timeout=30)
    assert process.returncode == 1
    assert b"could not write the termination message: no such file or directory (ENOENT)" in log


@pytest.fixture
def held(pod: Pod) -> Pod:
    """Hold the downloader before its first input: its values come from a FIFO that nobody writes."""
    pod.rewrite(replace(MANIFEST, values=None, values_sha256="0", download_seconds=1))
    os.mkfifo(pod.path("values"))
    return pod


def test_the_download_clock_ends_it(held: Pod) -> None:
    told = held.download()
    assert (told.exit_code, told.report.outcome) == (1, Outcome.DOWNLOAD_TIMEOUT)
    assert told.report.message == "the inputs were not there after 1 s: raise timeout.download"
    assert [path.name for path in held.path("control").iterdir()] == [contract.GATE_FILE]
    assert gate(held) == contract.GATE_ABORT


def test_a_clock_does_not_expire_after_the_last_word(pod: Pod) -> None:
    pod.rewrite(replace(MANIFEST, download_seconds=1))
    longer = "import time\nend = time.monotonic() + 1.2\nwhile time.monotonic() < end: pass"
    told = pod.download(after=longer)
    assert (told.exit_code, told.report.outcome) == (0, Outcome.DOWNLOADED)


@pytest.mark.parametrize("asking", [signal.SIGTERM, signal.SIGINT])
def test_a_stop_ends_it_at_once(held: Pod, asking: signal.Signals) -> None:
    part = held.spawn("download")
    assert part.process.stderr is not None
    part.process.stderr.readline()  # the manifest is read
    part.process.send_signal(asking)
    told = part.told()
    assert (told.exit_code, told.message) == (contract.EXIT_SIGNAL_BASE + asking, "")
    assert list(held.path("control").iterdir()) == list(held.path("inputs").iterdir()) == []
