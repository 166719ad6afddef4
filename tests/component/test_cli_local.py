"""``ctask run --local``: the same call without a cluster."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from support.cli import called
from support.manifests import GOOD

HERE = ("run", "--local", "--runtime", "process")
COMMAND = ("--image", "any", "--out", "a:integer", "--out", "g:file", "--", "sh", "-euc")


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder of the test, in which it works; temporary folders are in it, too."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    (tmp_path / "in put").write_text("content\n" * 20_000)
    return tmp_path


def test_a_file_of_any_size_goes_in_and_the_outputs_come_to_stdout() -> None:
    script = 'cat "$1" | wc -l > /var/outputs/a; cp "$1" /var/outputs/g'
    found = called(*HERE, "--in", "f=@in put", *COMMAND, script, "-", "{{.inputs.f}}")
    assert found.code == 0, found.err
    first, second = found.out.splitlines()
    assert first == "a=20000"
    assert Path(second.removeprefix("g=")).read_text() == Path("in put").read_text()


@pytest.mark.parametrize(
    ("options", "out", "err"),
    [
        ([], ["a=1"], ["said"]),
        (["--no-logs"], ["a=1"], []),
        (["--follow"], ["said"], ["a=1"]),
    ],
)
def test_the_log_is_where_it_is_wanted(options: list[str], out: list[str], err: list[str]) -> None:
    command = ("--image", "any", "--out", "a:integer", "--", "sh", "-c", "echo said; echo 1 > /var/outputs/a")
    found = called(*HERE, *options, *command)
    assert found.code == 0
    assert found.out.splitlines() == out
    ours = [line for line in found.err.splitlines() if not line.startswith("no container: ")]
    assert ours == err


def test_a_folder_takes_the_outputs_and_nothing_else_is_left(here: Path) -> None:
    script = 'echo 3 > /var/outputs/a; cp "$1" /var/outputs/g'
    found = called(*HERE, "--in", "f=@in put", "--output-dir", "out", *COMMAND, script, "-", "{{.inputs.f}}")
    assert (found.code, found.out) == (0, "a=3\ng=out/g\n"), found.err
    assert json.loads(Path("out/outputs.json").read_text()) == {"a": 3, "g": "g"}
    assert Path("out/g").read_text() == Path("in put").read_text()
    assert {one.name for one in here.iterdir()} == {"in put", "out"}


@pytest.mark.parametrize("there", ["out", "out/g/", "out/outputs.json/"])
def test_a_folder_that_cannot_take_the_outputs_is_a_wrong_call_before_anything_runs(
    here: Path, there: str
) -> None:
    path = here / there
    path.mkdir(parents=True) if there.endswith("/") else path.write_text("mine")
    found = called(*HERE, "--output-dir", "out", *COMMAND, f"touch {here}/ran")
    assert (found.code, found.out) == (2, "")
    assert found.err.startswith(f"ctask run: --output-dir: {there.rstrip('/')}"), found.err
    assert not (here / "ran").exists()


def test_the_files_of_an_earlier_run_are_replaced_and_links_are_not_followed(here: Path) -> None:
    (here / "mine").write_text("mine")
    (here / "out").mkdir()
    for name in ("g", "outputs.json"):
        (here / "out" / name).symlink_to(here / "mine")
    for number in (1, 2):
        script = f"echo {number} | tee /var/outputs/a > /var/outputs/g"
        assert called(*HERE, "--output-dir", "out", *COMMAND, script).code == 0
    assert Path("out/g").read_text() == "2\n"
    assert json.loads(Path("out/outputs.json").read_text()) == {"a": 2, "g": "g"}
    assert (here / "mine").read_text() == "mine"
    assert {one.name for one in here.iterdir()} == {"in put", "out", "mine"}


def test_outputs_that_cannot_be_taken_stay_and_it_is_said_where(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("shutil.copy2", full)
    found = called(*HERE, "--output-dir", "out", *COMMAND, "echo 1 | tee /var/outputs/a > /var/outputs/g")
    assert found.code == 1
    told = found.err.splitlines()[-1]
    assert told.startswith("ctask run: --output-dir: out: no space left on device: the outputs are in ")
    assert (Path(told.rpartition(" ")[2]) / "outputs" / "g").read_text() == "1\n"


def test_the_exit_code_is_the_commands() -> None:
    found = called(*HERE, "--image", "any", "--", "sh", "-c", "exit 9")
    assert (found.code, found.out) == (9, "")
    assert "NonZeroExit: " in found.err.splitlines()[-1]


def started(*arguments: str, script: str) -> subprocess.Popen[str]:
    """Start a run whose command says `ready` first, as a program of its own; return it when it has."""
    command = [sys.executable, "-m", "containertask.cli", *HERE, *arguments]
    process = subprocess.Popen(
        [*command, "--follow", "--image", "any", "--", "sh", "-c", f"echo ready; {script}"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env={**os.environ, "TMPDIR": str(Path.cwd())},
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_leaves_neither_the_command_nor_a_folder(number: int, here: Path) -> None:
    process = started(script="echo $$ > pid; echo told; exec sleep 600")
    assert process.stdout is not None
    assert process.stdout.readline() == "told\n"
    process.send_signal(number)
    assert process.wait() == 128 + number
    process.stdout.close()
    assert not Path(f"/proc/{(here / 'pid').read_text().strip()}").exists()
    assert {one.name for one in here.iterdir()} == {"in put", "pid"}


def test_who_reads_the_log_no_further_ends_the_run(here: Path) -> None:
    process = started(script="exec yes")
    assert process.stdout is not None
    process.stdout.close()
    assert process.wait() == 141
    assert {one.name for one in here.iterdir()} == {"in put"}


def test_a_file_runs_as_on_a_cluster() -> None:
    Path("F").write_text(GOOD.replace("command: [sh]", "command: [sh, -c, exit 0]"))
    found = called(*HERE, "F")
    assert (found.code, found.out) == (0, ""), found.err


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["--local", "template/x"], 1, "template/x: what a template says only the cluster knows"),
        (["--local", "--image", "a", "--dry-run", "client"], 2, "--local runs one task to its end"),
        (["--image", "a", "--runtime", "docker"], 2, "--runtime is for --local"),
        (["--image", "a", "--no-logs"], 2, "--logs is for --local"),
        (["--local", "--image", "a", "--secrets", "gone"], 2, "--secrets: gone: no such folder"),
        (["--local", "--image", "a", "--config-maps", "in put"], 2, "--config-maps: in put: no such folder"),
        (["--local", "--image", "a", "--in", "f=@gone"], 2, "--in f: gone: no such file or directory"),
        (["--local", "--runtime", "process", "--image", "a"], 1, "spec.command: without a container"),
    ],
)
def test_what_cannot_be_done_here_is_said(arguments: list[str], code: int, says: str) -> None:
    found = called("run", *arguments)
    assert (found.code, found.out) == (code, "")
    assert found.err.startswith(f"ctask run: {says}"), found.err
