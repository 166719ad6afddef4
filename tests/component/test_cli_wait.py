"""``ctask run --wait`` against a server: what it says of the way and the end, and its exit code."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

import pytest

from containertask.cli.results import write_folder
from containertask.kube.resources import TASKS
from containertask.sdk.status import RunStatus
from support.cli import NAMESPACE, Shell, put_pod
from support.ctrlc import HEARS_CTRL_C
from support.fakeapi import FakeApi, with_api
from support.manifests import GOOD


async def ended(api: FakeApi, tmp_path: Path, *options: str, log: str | None = None, **status: Any) -> Any:
    """Run a task that ends like this as soon as it is watched; return what the call did."""
    (tmp_path / "F").write_text(GOOD)
    call = asyncio.ensure_future(Shell(api, tmp_path)("run", str(tmp_path / "F"), *options))
    await api.until(lambda: any(one.verb == "WATCH" and "containertasks" in one.path for one in api.requests))
    api.set_status(TASKS, NAMESPACE, "demo", {"phase": "Running", "reason": "MainRunning"})
    if log is not None:
        terminated = [{"name": "main", "state": {"terminated": {"exitCode": 0}}}]
        put_pod(api, api.get(TASKS, NAMESPACE, "demo"), log=log, containerStatuses=terminated)
    before = api.get(TASKS, NAMESPACE, "demo")["status"]
    api.set_status(TASKS, NAMESPACE, "demo", {**before, **status})
    return await call


OUTPUTS = [
    {"name": "area", "type": "float", "value": 5.5},
    {"name": "s", "type": "string", "value": "a\nb"},
    {"name": "t", "type": "string", "value": "plain"},
]


@with_api
async def test_waiting_tells_each_state_on_stderr_and_the_outputs_on_stdout(
    api: FakeApi, tmp_path: Path
) -> None:
    found = await ended(api, tmp_path, "--wait", phase="Succeeded", reason="Succeeded", outputs=OUTPUTS)
    assert found.code == 0
    assert found.out == 'area=5.5\ns="a\\nb"\nt=plain\n'
    assert found.err.splitlines()[-2:] == ["demo: Running: MainRunning", "demo: Succeeded"]


@with_api
async def test_waiting_with_json_prints_the_outputs_as_json(api: FakeApi, tmp_path: Path) -> None:
    found = await ended(api, tmp_path, "--wait", "-o", "json", phase="Succeeded", outputs=OUTPUTS)
    assert json.loads(found.out) == {"area": 5.5, "s": "a\nb", "t": "plain"}


@pytest.mark.parametrize(
    ("status", "code"),
    [
        ({"phase": "Failed", "reason": "NonZeroExit", "exitCode": 7}, 7),
        ({"phase": "Failed", "reason": "OutputMissing", "exitCode": 0}, 1),
        ({"phase": "Failed", "reason": "InvalidSpec"}, 1),
        ({"phase": "Cancelled", "reason": "Cancelled", "exitCode": 143}, 1),
    ],
)
@with_api
async def test_the_exit_code_is_the_commands_where_it_failed_with_one(
    api: FakeApi, tmp_path: Path, status: dict[str, Any], code: int
) -> None:
    found = await ended(api, tmp_path, "--wait", message="as it is", **status)
    assert found.code == code
    why, see = found.err.splitlines()[-2:]
    assert why == f"ctask run: demo: {status['reason']}: as it is"
    assert see.startswith("see: ctask why demo --kubeconfig ")


@with_api
async def test_following_has_the_log_on_stdout_and_all_else_on_stderr(api: FakeApi, tmp_path: Path) -> None:
    found = await ended(api, tmp_path, "--follow", log="one\ntwo\n", phase="Succeeded", outputs=OUTPUTS[:1])
    assert (found.code, found.out) == (0, "one\ntwo\n")
    assert found.err.splitlines()[-1] == "area=5.5"


@with_api
async def test_outputs_are_left_in_a_folder(api: FakeApi, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    found = await ended(api, tmp_path, "--output-dir", str(folder), phase="Succeeded", outputs=OUTPUTS)
    assert found.code == 0
    assert json.loads((folder / "outputs.json").read_text()) == {"area": 5.5, "s": "a\nb", "t": "plain"}


@with_api
async def test_a_wait_that_is_over_leaves_the_task_alone(api: FakeApi, tmp_path: Path) -> None:
    (tmp_path / "F").write_text(GOOD)
    found = await Shell(api, tmp_path)("run", str(tmp_path / "F"), "--wait-timeout", "1s")
    assert found.code == 124
    assert found.err.splitlines()[-1] == "ctask run: demo has not ended within --wait-timeout, and goes on"
    assert len(api.only_writes) == 1


@with_api
async def test_ctrl_c_ends_the_wait_and_says_how_to_end_the_task(api: FakeApi, tmp_path: Path) -> None:
    (tmp_path / "F").write_text(GOOD)
    kubeconfig = Shell(api, tmp_path).kubeconfig()
    program = [*HEARS_CTRL_C, sys.executable, "-m", "containertask.cli"]
    command = [*program, "run", f"--kubeconfig={kubeconfig}", str(tmp_path / "F"), "--wait"]
    process = await asyncio.create_subprocess_exec(*command, stderr=asyncio.subprocess.PIPE)
    await api.until(lambda: any(one.verb == "WATCH" for one in api.requests))
    process.send_signal(signal.SIGINT)
    _, err = await process.communicate()
    assert process.returncode == 130
    assert (
        err.decode().splitlines()[-1]
        == f"demo goes on: `ctask cancel demo --kubeconfig {kubeconfig}` ends it"
    )
    assert len(api.only_writes) == 1


@pytest.mark.parametrize("before", ["", "import sys; sys.modules['rich.console'] = None; "])
@with_api
async def test_on_a_terminal_one_line_changes_where_rich_is_there(
    api: FakeApi, tmp_path: Path, before: str
) -> None:
    (tmp_path / "F").write_text(GOOD)
    program = f"{before}from containertask.cli.main import main; raise SystemExit(main())"
    terminal, its_end = os.openpty()
    arguments = ["run", f"--kubeconfig={Shell(api, tmp_path).kubeconfig()}", str(tmp_path / "F"), "--wait"]
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        program,
        *arguments,
        stderr=its_end,
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "TERM": "xterm", "COLUMNS": "100"},
    )
    os.close(its_end)
    await api.until(lambda: any(one.verb == "WATCH" for one in api.requests))
    api.set_status(TASKS, NAMESPACE, "demo", {"phase": "Succeeded", "outputs": OUTPUTS[:1]})
    out, _ = await process.communicate()
    shown = await asyncio.to_thread(_read, terminal)
    assert (process.returncode, out) == (0, b"area=5.5\n"), shown
    assert b"demo: Succeeded" in shown
    assert (b"\x1b[" in shown) is not bool(before)


def _read(terminal: int) -> bytes:
    """Return what was written to a terminal whose other end is closed."""
    found = b""
    with os.fdopen(terminal, "rb", buffering=0) as file:
        while True:
            try:
                piece = file.read(65_536)
            except OSError:  # as Linux says the end of a terminal
                return found
            if not piece:
                return found
            found += piece


def test_an_output_that_is_stored_is_a_file_of_the_folder(tmp_path: Path) -> None:
    outputs = [*OUTPUTS[:1], {"name": "model", "type": "file", "uri": "s3://b/model"}]
    outputs += [{"name": "large", "type": "struct", "uri": "s3://b/large"}]

    def fetch(uri: str, to: Path) -> Path:
        to.write_text(json.dumps({"at": uri}))
        return to

    write_folder(RunStatus.of({"status": {"outputs": outputs}}), tmp_path / "out", fetch)
    found = json.loads((tmp_path / "out" / "outputs.json").read_text())
    assert found == {"area": 5.5, "model": "model", "large": {"at": "s3://b/large"}}
    assert (tmp_path / "out" / "model").read_text() == '{"at": "s3://b/model"}'
