"""The downloader as a process: what is on disk when it has ended, and what it says."""

from __future__ import annotations

import json
import stat
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from containertask import contract
from containertask.contract.items import InputItem
from containertask.contract.manifest import Values, digest
from containertask.contract.outcome import Outcome
from support.copilot import MANIFEST, Pod, temporary_pod
from support.launcher import BINARY

SAMPLES = [
    ("integer", 9007199254740993, b"9007199254740993", 9007199254740993),
    ("float", 1e21, b"1" + b"0" * 21, 1e21),
    ("float", "NaN", b"NaN", "NaN"),
    ("string", "h\u00e9 'x'\n$HOME\u2028", "h\u00e9 'x'\n$HOME\u2028".encode(), "h\u00e9 'x'\n$HOME\u2028"),
    ("string", "", b"", ""),
    ("boolean", True, b"true", True),
    ("datetime", "2026-01-31T12:00:00.5+01:00", b"2026-01-31T11:00:00.5Z", "2026-01-31T11:00:00.5Z"),
    ("duration", "PT90M", b"1h30m0s", "1h30m0s"),
    (
        "struct",
        {"b": [1, None], "a": "\u00e9"},
        '{"a":"\u00e9","b":[1,null]}'.encode(),
        {"a": "\u00e9", "b": [1, None]},
    ),
]
ALL = tuple(InputItem(f"in-{number}", kind) for number, (kind, _, _, _) in enumerate(SAMPLES))
ABSENT = InputItem("absent", "string")
VALUES = {f"in-{number}": value for number, (_, value, _, _) in enumerate(SAMPLES)}
EVERY_TYPE = replace(MANIFEST, values=Values((*ALL, ABSENT), VALUES))


@pytest.fixture
def pod() -> Iterator[Pod]:
    with temporary_pod() as made:
        yield made


def tree(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_each_type_has_its_file_and_its_place_in_inputs_json(pod: Pod) -> None:
    pod.rewrite(EVERY_TYPE)
    told = pod.download()
    assert (told.exit_code, told.report.outcome) == (0, Outcome.DOWNLOADED)
    files = tree(pod.path("inputs"))
    manifest = json.loads(files.pop("inputs.json"))
    assert files == {f"in-{number}": content for number, (_, _, content, _) in enumerate(SAMPLES)}
    assert manifest == {f"in-{n}": raw for n, (_, _, _, raw) in enumerate(SAMPLES)} | {"absent": None}


def test_inputs_yaml_has_the_absent_one_as_null(pod: Pod) -> None:
    pod.rewrite(replace(EVERY_TYPE, metadata_format="YAML"))
    assert pod.download().exit_code == 0
    manifest = yaml.safe_load((pod.path("inputs") / "inputs.yaml").read_bytes())
    assert manifest["absent"] is None
    assert manifest["in-2"] != manifest["in-2"]  # a NaN stays one
    assert manifest["in-3"] == SAMPLES[3][3]
    assert not (pod.path("inputs") / "inputs.json").exists()


def test_inputs_pb_has_the_operators_bytes(pod: Pod) -> None:
    pb = bytes(range(256))
    pod.rewrite(replace(MANIFEST, metadata_format="PROTO", values=Values(pb=b64encode(pb).decode())))
    assert pod.download().exit_code == 0
    assert tree(pod.path("inputs")) == {"inputs.pb": pb}


@pytest.mark.parametrize("umask", [0, 0o077, 0o777], ids=oct)
def test_modes_are_the_same_whatever_the_umask(pod: Pod, umask: int) -> None:
    pod.path("inputs").rmdir()
    pod.rewrite(replace(MANIFEST, values=Values((InputItem("x", "integer"),), {"x": 1})))
    assert pod.download(before=f"import os; os.umask({umask})").exit_code == 0
    inputs, control = pod.path("inputs"), pod.path("control")
    assert [mode(path) for path in (inputs, inputs / "x", inputs / "inputs.json")] == [0o755, 0o644, 0o644]
    assert mode(control / contract.EXIT_FIFO) == 0o622
    assert mode(control / contract.LAUNCHER_NAME) == 0o755
    assert mode(control / contract.GATE_FILE) == 0o644


def test_the_control_volume_has_what_the_launcher_needs_and_nothing_else(pod: Pod) -> None:
    told = pod.download()
    control = pod.path("control")
    assert told.report.figures.inputs_ready_ms is not None
    assert sorted(path.name for path in control.iterdir()) == ["exit", "gate", "launcher"]
    assert (control / contract.EXIT_FIFO).is_fifo()
    assert (control / contract.GATE_FILE).read_text() == contract.GATE_OPEN
    assert (control / contract.LAUNCHER_NAME).read_bytes() == BINARY.read_bytes()


def test_a_second_downloader_finds_what_is_there(pod: Pod) -> None:
    pod.rewrite(EVERY_TYPE)
    assert pod.download().exit_code == 0
    before = tree(pod.path("inputs"))
    fifo = (pod.path("control") / contract.EXIT_FIFO).stat().st_ino
    (pod.path("inputs") / ".in-0.partial").write_text("half")
    assert pod.download().exit_code == 0
    assert tree(pod.path("inputs")) == before
    assert (pod.path("control") / contract.EXIT_FIFO).stat().st_ino == fifo


def test_values_of_512_kib_come_from_their_own_file(pod: Pod) -> None:
    large = "é" * (256 * 1024 - 50)
    text = Values((InputItem("x", "string"),), {"x": large}).encode()
    assert 512 * 1024 - 100 < len(text.encode()) <= 512 * 1024
    pod.rewrite(replace(MANIFEST, values=None, values_sha256=digest(text)))
    pod.path("values").write_text(text)
    told = pod.download()
    assert told.exit_code == 0
    assert (pod.path("inputs") / "x").read_text() == large
    assert large[:10] not in told.log
