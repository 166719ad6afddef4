"""``docs/cli.md`` has each command with all its options."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from containertask.cli.main import main

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "cli.md").read_text()


def help_of(capsys: pytest.CaptureFixture[str], *command: str) -> str:
    with pytest.raises(SystemExit):
        main([*command, "--help"])
    return capsys.readouterr().out


def test_each_command_has_a_section(capsys: pytest.CaptureFixture[str]) -> None:
    commands = re.findall(r"^    (\w+) ", help_of(capsys), re.MULTILINE)
    assert commands == re.findall(r"^## (\w+)$", PAGE, re.MULTILINE)


@pytest.mark.parametrize("command", ["lint", "render", "version"])
def test_each_option_is_there(capsys: pytest.CaptureFixture[str], command: str) -> None:
    options = set(re.findall(r"--\w+", help_of(capsys, command))) - {"--help"}
    section = PAGE.partition(f"## {command}\n")[2].partition("\n## ")[0]
    assert options == set(re.findall(r"`(--\w+)", section))


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
