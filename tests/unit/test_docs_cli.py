"""``docs/cli.md`` has each command with all its options."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from containertask.cli.main import main
from containertask.cli.parser import commands_of
from containertask.cli.shown import now
from containertask.cli.whyscreen import Known, screen
from support.cli import task

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "cli.md").read_text()

OF_CLUSTER = {"--namespace", "--context", "--kubeconfig"}


def table(command: str) -> str:
    """Return the lines of a command's table of options."""
    return "\n".join(line for line in section(command).splitlines() if line.startswith("| `"))


def help_of(capsys: pytest.CaptureFixture[str], *command: str) -> str:
    with pytest.raises(SystemExit):
        main([*command, "--help"])
    return capsys.readouterr().out


def section(name: str) -> str:
    return PAGE.partition(f"\n## {name}\n")[2].partition("\n## ")[0]


def test_each_command_has_a_section() -> None:
    sections = re.findall(r"^## (\w+)$", PAGE.partition("\n# Commands\n")[2], re.MULTILINE)
    assert list(commands_of()) == sections


@pytest.mark.parametrize("command", commands_of())
def test_each_option_is_there_and_no_other(command: str) -> None:
    known = {one for one in commands_of()[command] if one.startswith("--")} - {"--help"}
    said = set(re.findall(r"`(?:-\w`, `)?(--[\w-]+)", table(command)))
    assert known - OF_CLUSTER == said


def test_options_of_the_cluster_are_there_once() -> None:
    first = PAGE.partition("## Exit codes")[0]
    assert all(f"`{one} " in first for one in OF_CLUSTER)


def test_each_command_has_a_row_of_rights() -> None:
    rows = re.findall(r"^\| ([\w, ]+) \|", section("Rights"), re.MULTILINE)
    assert {name for row in rows for name in row.split(", ")} == {*commands_of(), "command"}


@pytest.mark.parametrize("command", commands_of())
def test_help_is_there_for_each_command(capsys: pytest.CaptureFixture[str], command: str) -> None:
    assert f"ctask {command}" in help_of(capsys, command)


def test_the_screen_of_why_is_one_that_it_prints() -> None:
    text = "the command used more memory than resources.limits.memory"
    error = {"code": "OOMKilled", "kind": "User", "container": "main", "message": text}
    train = task("train", phase="Failed", reason="OOMKilled", exitCode=137, duration="14s", error=error)
    assert "\n".join(screen(Known(task=train), now())) in section("why")


def test_the_example_says_what_the_page_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("task.yaml").write_text(
        "apiVersion: containertask.dev/v1alpha1\nkind: ContainerTask\nmetadata: {name: demo}\nspec:\n"
        "  image: alpine\n  comand: [sh]\n"
    )
    assert main(["lint", "task.yaml"]) == 1
    assert capsys.readouterr().out.splitlines()[0] in PAGE
