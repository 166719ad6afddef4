"""A downloader that fails in Gated mode: the gate says abort before its message is there; nothing runs."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

import pytest

from containertask import contract
from containertask.contract.items import InputItem
from containertask.contract.manifest import Manifest, Values, digest
from containertask.contract.outcome import Outcome
from support.copilot import Pod, gate, message
from support.copilotcode import UNPRIVILEGED
from support.trio import DOWNLOADER, LAUNCHER, TASK, UPLOADER, Trio, trio

_ORDERED = """
from containertask.copilot.journal import Journal
say = Journal.say
def after_the_gate(self, path, report):
    with open({gate!r}) as gate:
        self.note("the gate says " + gate.read().strip())
    say(self, path, report)
Journal.say = after_the_gate
"""
"""Code: no termination message without a gate that is decided; the log has the word."""

_FULL = """
import errno, os
write = os.write
def full(fd, data):
    if fd == 2 or bytes(data) == b"abort\\n" or bytes(data[:1]) == b"{": return write(fd, data)
    raise OSError(errno.ENOSPC, "x")
os.write = full
"""
"""Code: the disk is full, but for a message, the log and the gate's last word."""


@dataclass(frozen=True, slots=True)
class Case:
    """One way to fail: the task, what is arranged, what the downloader runs with, what it says."""

    name: str
    text: str
    outcome: Outcome = Outcome.COPILOT_FAILED
    task: Manifest = TASK
    found: bytes | None = None
    """What the downloader finds for a manifest, where that is not the task's."""
    arrange: Callable[[Pod], object] = lambda _: None
    code: dict[str, str] = field(default_factory=dict)


def changed(**fields: object) -> bytes:
    return json.dumps(json.loads(TASK.encode()) | fields).encode()


def values_file(text: str) -> Callable[[Pod], object]:
    return lambda pod: pod.path("values").write_text(text)


def from_file(text: str) -> Manifest:
    return replace(TASK, values=None, values_sha256=digest(text))


def of_type(kind: str) -> Manifest:
    return replace(TASK, values=Values((InputItem("a", kind),), {"a": "x"}))


def endless(pod: Pod) -> None:
    """Have the values come from a FIFO that nobody writes."""
    os.mkfifo(pod.path("values"))


def raising(error: str) -> dict[str, str]:
    return {"before": f"def fail(*_): raise {error}\ndownload.load_values = fail"}


CASES = [
    Case("no manifest", "could not read the manifest: no such file", code={"manifest": "/no/such/manifest"}),
    Case("half a manifest", "manifest: not JSON (JSONDecodeError)", found=b"{"),
    Case("binary manifest", "is not UTF-8", found=b"\xff"),
    Case("other version", "manifest: version 2, 1 is known", found=changed(version=2)),
    Case("other mode", "manifest: 'Sidecar' is no mode", found=changed(mode="Sidecar")),
    Case("no mode", "manifest: mode is missing", found=changed(mode=None)),
    Case("bad value", "input `a` of type integer: `x` is", Outcome.INVALID_INPUT, of_type("integer")),
    Case("unknown type", "input `a`: type tensor is not known", task=of_type("tensor")),
    Case("no values", "could not read the values of the inputs: no such file", task=from_file("")),
    Case(
        "values of another",
        "somebody else's ConfigMap has the name of ours",
        task=from_file("ours"),
        arrange=values_file("theirs"),
    ),
    Case("values of no form", "values: items is missing", task=from_file("{}"), arrange=values_file("{}")),
    Case("other format", "metadataFormat XML is not known", task=replace(TASK, metadata_format="XML")),
    Case("no pb", "pb is missing, metadataFormat is PROTO", task=replace(TASK, metadata_format="PROTO")),
    Case(
        "no inputs folder",
        "could not open the folder of the inputs: no such file or directory (ENOENT)",
        code={"inputs": "/no/such/folder"},
    ),
    Case(
        "a file for a folder",
        "could not open the folder of the inputs: not a directory (ENOTDIR)",
        code={"inputs": "/dev/null"},
    ),
    Case(
        "inputs for nobody",
        "could not write input `a`: permission denied (EACCES)",
        arrange=lambda pod: pod.path("inputs").chmod(0o555),
        code={"before": UNPRIVILEGED},
    ),
    Case("disk full", "could not write input `a`: the disk is full (ENOSPC)", code={"before": _FULL}),
    Case("out of memory", "out of memory: raise copilotResources", code=raising("MemoryError")),
    Case("a bug", "a fault of the downloader (KeyError); its log shows where", code=raising("KeyError")),
    Case(
        "clock",
        "the inputs were not there after 1 s: raise timeout.download",
        Outcome.DOWNLOAD_TIMEOUT,
        replace(from_file(""), download_seconds=1),
        arrange=endless,
    ),
]


@pytest.fixture
def pod() -> Iterator[Trio]:
    with trio() as made:
        yield made


def arrange(pod: Trio, case: Case) -> None:
    pod.pod.rewrite(case.task)
    case.arrange(pod.pod)


def fails(pod: Trio, case: Case) -> None:
    """Run the downloader into its failure; the gate has to be decided before it says so."""
    found = pod.pod.root / "found"
    found.write_bytes(case.task.encode().encode() if case.found is None else case.found)
    ordered = _ORDERED.format(gate=str(pod.pod.path("control") / contract.GATE_FILE))
    before = "\n".join([case.code.get("before", ""), ordered])
    pod.start(DOWNLOADER, **{"manifest": str(found)} | case.code | {"before": before})
    told = pod.told(DOWNLOADER)
    assert (told.exit_code, told.report.outcome) == (1, case.outcome)
    assert case.text in message(told)
    assert told.log.count("the gate says abort") == 1
    assert gate(pod.pod) == contract.GATE_ABORT


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_a_launcher_that_waits_is_told_and_runs_nothing(pod: Trio, case: Case) -> None:
    arrange(pod, case)
    for who in (UPLOADER, LAUNCHER):
        pod.start(who)
        pod.comes_to_rest(who)
    fails(pod, case)
    pod.ends_aborted()


@pytest.mark.parametrize("case", CASES[2:8:5], ids=[case.name for case in CASES[2:8:5]])
def test_a_launcher_that_comes_later_is_told_too(pod: Trio, case: Case) -> None:
    arrange(pod, case)
    fails(pod, case)
    pod.start(LAUNCHER)
    pod.comes_to_rest(LAUNCHER)
    pod.start(UPLOADER)
    pod.ends_aborted()
