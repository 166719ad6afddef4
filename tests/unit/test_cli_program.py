"""The program around its commands: what it loads, how long it takes, what it says of errors; completion."""

from __future__ import annotations

import importlib
import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from containertask.cli.completion import NAMED
from containertask.cli.main import main
from containertask.cli.parser import commands_of, parsed
from containertask.cli.place import flags_of
from containertask.cli.shown import Table, dumped, length, one_line
from support.cli import called
from support.manifests import HEAD

POSITIONALS = {
    "cp": ["a:b", "c"],
    "completion": ["bash"],
    "run": [],
    "get": [],
    "top": [],
    "doctor": [],
    "version": [],
}


@pytest.mark.parametrize("command", commands_of())
def test_each_command_has_a_module_that_does_it(command: str) -> None:
    given = parsed([command, *POSITIONALS.get(command, ["x"])])
    assert callable(importlib.import_module(f"containertask.cli.{given.module}").command)


def test_a_package_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "yaml", None)
    monkeypatch.delitem(sys.modules, "containertask.cli.lint", raising=False)
    monkeypatch.delitem(sys.modules, "containertask.manifests.documents", raising=False)
    found = called("lint", "F")
    assert (found.code, found.out) == (1, "")
    assert found.err == "ctask lint: the package yaml is missing: pip install 'containertask[cli]'\n"


def test_no_configuration_of_a_cluster_is_one_line(tmp_path: Path) -> None:
    found = called("get", "--kubeconfig", str(tmp_path / "gone"))
    assert found.code == 1
    assert found.err.startswith("ctask get: no cluster is configured: ")
    assert found.err.count("\n") == 1


def test_what_is_behind_two_dashes_is_the_command_of_a_run() -> None:
    assert parsed(["run", "--image", "a", "--", "x", "--wait", "--", "y"]).argv == ["x", "--wait", "--", "y"]
    assert parsed(["run", "F"]).argv is None
    assert parsed(["run", "--wait-timeout", "1h1m1s"]).wait_timeout == 3661


@pytest.mark.parametrize("name", ["", "../x", "a b", "A", "x" * 64, "a\n"])
def test_a_namespace_that_none_can_have_is_a_wrong_call(name: str) -> None:
    found = called("get", "-n", name)
    assert (found.code, found.out) == (2, "")
    assert found.err.startswith("ctask get: -n: write at most 63 small letters")


def test_an_attempt_is_counted_from_0() -> None:
    assert called("render", "F", "--attempt=-1").code == 2


def test_flags_that_are_told_can_be_pasted() -> None:
    told = flags_of(parsed(["get", "--kubeconfig", "my files/c; id", "-n", "a"]))
    assert shlex.split(told) == ["-n", "a", "--kubeconfig", "my files/c; id"]


@pytest.mark.parametrize("wrong", ["", "1", "-1s", "1m1h", "h", f"{'9' * 400}h"])
def test_a_time_to_wait_that_cannot_be_read_is_a_wrong_call(wrong: str) -> None:
    assert called("run", f"--wait-timeout={wrong}").code == 2


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-3, "0s"),
        (119, "119s"),
        (150, "2m30s"),
        (180, "3m"),
        (3600, "60m"),
        (4 * 3600, "4h"),
        (4 * 3600 + 60, "4h1m"),
        (30 * 3600, "30h"),
        (49 * 3600, "2d1h"),
        (9 * 86400, "9d"),
    ],
)
def test_ages_are_written_as_kubectl_writes_them(seconds: float, text: str) -> None:
    assert length(seconds) == text


def test_a_table_keeps_its_columns() -> None:
    table = Table(("NAME", "AGE"))
    assert table.add([("a", None), ("bcdef", 3)]) == "NAME    AGE\na       <none>\nbcdef   3\n"
    assert table.add([("g", 1)]) == "g       1\n"


def test_one_line_is_one_line() -> None:
    assert one_line("a\nb\x1b[31m", 20) == "a b [31m"
    assert one_line("x" * 30, 10) == "x" * 9 + "…"


@pytest.mark.parametrize("hostile", ["\x1b]0;x\a", "\x9b31m", "\u202e", "\b\b", "\x7f"])
def test_nothing_that_a_terminal_obeys_gets_out_of_names_values_and_errors(
    hostile: str, tmp_path: Path
) -> None:
    name = f"{HEAD.replace('demo', json.dumps(f'a{hostile}b'))}spec: {{{json.dumps(hostile)}: 1}}\n"
    (tmp_path / "F").write_text(name)
    (tmp_path / "G").write_text(f"{json.dumps(hostile)}: 1\n" * 2)
    found = [called("lint", str(tmp_path / one)) for one in ("F", "G", f"none{hostile}")]
    found += [called("run", "--image", "a:1", f"--in=a={hostile}", "--dry-run=client", "-o=json")]
    texts = [Table(("A",)).add([(hostile,)]), one_line(hostile), dumped(hostile), dumped({hostile: 1}, 2)]
    texts += [one.out + one.err for one in found]
    assert all(texts)
    assert [one for one in texts if not one.replace("\n", "").isprintable()] == []


def test_json_says_the_same_with_and_without_what_a_terminal_obeys() -> None:
    value = {"é\x9b": ["\u202e", "\x1b", "ü\n", "\U0001f600", "\U000e0041"]}
    assert json.loads(dumped(value)) == json.loads(dumped(value, 4)) == value
    assert "ü" in dumped(value)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_script_names_all_commands_and_options(shell: str) -> None:
    script = called("completion", shell).out
    for command, options in commands_of().items():
        assert command in script
        assert all(one.removeprefix("--") in script for one in options if one.startswith("--"))


def test_the_commands_that_take_a_name_are_those_of_the_parser() -> None:
    taking = [
        name for name in commands_of() if "NAME" in usage(name).partition("--kubeconfig")[2] or name == "get"
    ]
    assert set(NAMED) == {*taking} - {"run", "top", "doctor"}


def usage(command: str) -> str:
    return called(command, "--help").out.partition("\n\n")[0]


def test_fish_offers_files_to_commands_that_take_some_and_to_no_other() -> None:
    script = called("completion", "fish").out
    without = {
        command
        for line in script.splitlines()
        if " -f" in line and (found := re.search(r"subcommand_from ([^']+)'", line))
        for command in found[1].split()
    }
    assert without == commands_of().keys() - {"run", "lint", "render"}
    assert "subcommand_from get' -s w\n" in script


def test_bash_completes_commands_options_and_names(tmp_path: Path) -> None:
    (tmp_path / "ctask").write_text("#!/bin/sh\necho containertask.containertask.dev/demo\n")
    (tmp_path / "ctask").chmod(0o755)
    assert completed(tmp_path, "ctask", "desc") == ["describe"]
    assert completed(tmp_path, "ctask", "logs", "--ta") == ["--tail"]
    assert completed(tmp_path, "ctask", "why", "") == ["demo"]
    assert completed(tmp_path, "ctask", "completion", "f") == ["fish"]


def completed(folder: Path, *words: str) -> list[str]:
    script = called("completion", "bash").out
    ask = f"COMP_WORDS=({' '.join(repr(one) for one in words)}); COMP_CWORD={len(words) - 1}; _ctask"
    program = f'{script}\n{ask}\nprintf "%s\\n" "${{COMPREPLY[@]}}"'
    environment = {**os.environ, "PATH": f"{folder}:{os.environ['PATH']}"}
    done = subprocess.run(
        ["bash", "-euc", program], capture_output=True, text=True, check=True, env=environment
    )
    return done.stdout.split()


@pytest.mark.parametrize("arguments", [["run", "--help"], ["why", "--help"], ["completion", "bash"]])
def test_help_loads_nothing_slow(arguments: list[str]) -> None:
    slow = {
        "pydantic",
        "yaml",
        "kubernetes",
        "asyncio",
        "aiohttp",
        "rich",
        "containertask.sdk",
        "containertask.api",
    }
    code = (
        "import sys; from containertask.cli.main import main\n"
        "try: main(sys.argv[1:])\n"
        "except SystemExit: pass\n"
        f"sys.exit(repr(found) if (found := {slow!r} & set(sys.modules)) else 0)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_a_terminal_without_a_letter_gets_its_number() -> None:
    command = [sys.executable, "-m", "containertask.cli", "lint", "…"]
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert (done.returncode, done.stderr) == (2, "ctask lint: \\u2026: no such file or directory\n")


def test_an_interrupt_ends_a_command_quietly(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_: object) -> int:
        raise KeyboardInterrupt

    for place in ("containertask.cli.version.command", "containertask.cli.main.parsed"):
        monkeypatch.setattr(place, interrupted)
        assert main(["version"]) == 130


@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-"])
def test_a_stream_that_the_caller_has_closed_is_no_reason_to_fail(closed: str) -> None:
    command = f"{sys.executable} -m containertask.cli version {closed}"
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
