"""Compiled shim tasks, run as any task is: here, as processes, by the copilot's own code."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

import containertask as ct
from containertask.local.run import LocalOptions, LocalRun, Runtime, run_local
from support import shims

Json = dict[str, Any]
TESTS = Path(__file__).resolve().parents[1]


def run(task: shims.Task, folder: Path, **inputs: object) -> LocalRun:
    """Run it without its image: what would be its ENTRYPOINT's arguments are a command."""
    manifest = task.compile(**inputs).manifest
    spec = manifest["spec"]
    command = [sys.executable, "-m", "containertask.flyte.execute"]
    spec |= {
        "command": command,
        "args": spec["args"][1:],
        "env": [{"name": "PYTHONPATH", "value": str(TESTS)}],
    }
    return run_local(manifest, LocalOptions(runtime=Runtime.PROCESS, folder=folder))


def task(executor: Any, custom: Json | None = None, **types: Any) -> shims.Task:
    return shims.Task("shim", custom or {}, "image", executor, **types)


def test_its_outputs_are_those_of_the_task(tmp_path: Path) -> None:
    found = run(shims.greet, tmp_path, name="Ada")
    assert (found.phase, found.outputs) == ("Succeeded", {"text": "hello, Ada"})


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (int, 7),
        (float, 0.5),
        (bool, True),
        (bytes, b"\x00\xff"),
        (list[int], [1, 2]),
        (dict[str, float], {"a/b": 1.5}),
        (list[list[str]], [["x"], []]),
        (int | None, 3),
        (dict, {"k": [1, None]}),
    ],
    ids=str,
)
def test_a_value_of_each_kind_comes_back(tmp_path: Path, kind: Any, value: object) -> None:
    echo = task(shims.Echo, inputs={"a": kind}, outputs={"a_out": kind})
    found = run(echo, tmp_path, a=value)
    assert found.phase == "Succeeded", found.message
    assert echo(a=value).a_out == value, "as a call of it gives"
    wanted = "AP8=" if isinstance(value, bytes) else value
    assert found.outputs == {"a_out": wanted}


def test_files_and_folders_that_an_executor_made_or_was_given_are_outputs(tmp_path: Path) -> None:
    given = tmp_path / "given"
    given.write_text("given")
    writes = task(
        shims.Writes, inputs={"f": ct.File}, outputs={"file": ct.File, "folder": ct.Dir, "same": ct.File}
    )
    found = run(writes, tmp_path / "run", f=given)
    assert found.phase == "Succeeded", found.message
    places = {name: Path(one["uri"].removeprefix("file://")) for name, one in found.outputs.items()}
    assert places["file"].read_text() == "made"
    assert (places["folder"] / "below" / "x").read_text() == "x"
    assert places["same"].read_text() == "given"


@pytest.mark.parametrize(
    ("does", "said"),
    [
        ("raise", "SYSTEM: ZeroDivisionError: division by zero"),
        ("give up", "SYSTEM: the query is wrong"),
        ("tuple", "SYSTEM: TypeError: output x: a tuple where one value is wanted: return the value"),
    ],
)
def test_what_an_executor_raises_is_the_task_s_failure(tmp_path: Path, does: str, said: str) -> None:
    found = run(task(shims.Returns, {"does": does}, outputs={"x": int}), tmp_path)
    assert (found.phase, found.reason) == ("Failed", "UserError")
    assert found.exit_code == 0
    assert found.message == said
    assert "Traceback" in found.log


def test_a_file_in_a_store_is_no_output_and_that_is_said(tmp_path: Path) -> None:
    found = run(task(shims.Returns, {"does": "", "value": "s3://b/k"}, outputs={"x": ct.File}), tmp_path)
    assert found.reason == "UserError"
    assert "output x: it is at s3://, and only a file of this machine can be an output" in found.message


def test_a_task_without_inputs_and_outputs_runs_too(tmp_path: Path) -> None:
    assert run(task(shims.Echo), tmp_path).phase == "Succeeded"
