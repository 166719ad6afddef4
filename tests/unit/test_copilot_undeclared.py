"""Naming files that no output declares: bounded, printable, and inside the folder."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from containertask.copilot.undeclared import listed, undeclared


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[int]:
    fd = os.open(tmp_path, os.O_RDONLY | os.O_DIRECTORY)
    yield fd
    os.close(fd)


def nothing(_path: str) -> bool:
    return False


def test_declared_files_folders_and_the_error_file_are_not_named(folder: int, tmp_path: Path) -> None:
    (tmp_path / "deep/er").mkdir(parents=True)
    for name in ("x", "deep/er/y", "deep/er/z", "_ERROR", "deep/_ERROR", "a\x1b[31m\n"):
        (tmp_path / name).touch()
    assert undeclared(folder, {"x", "deep/er/y"}.__contains__) == ["a?[31m?", "deep/_ERROR", "deep/er/z"]


def test_a_link_is_named_and_not_followed(folder: int, tmp_path: Path) -> None:
    (tmp_path / "root").symlink_to("/")
    (tmp_path / "self").symlink_to(".")
    assert undeclared(folder, nothing) == ["root", "self"]


def test_of_a_large_tree_a_thousand_entries_are_looked_at(folder: int, tmp_path: Path) -> None:
    for number in range(1500):
        (tmp_path / f"{number}").touch()
    assert len(undeclared(folder, nothing)) == 1000


def test_a_deep_tree_is_left_at_its_thirty_second_folder(folder: int, tmp_path: Path) -> None:
    path = tmp_path
    for _ in range(40):
        path /= "d"
        path.mkdir()
        (path / "f").touch()
    assert len(undeclared(folder, nothing)) == 32


@pytest.mark.parametrize(
    ("paths", "text"), [([], ""), (["a", "b"], "`a`, `b`"), (["a", "b", "c", "d"], "`a`, `b` and 2 more")]
)
def test_a_list_ends_in_how_many_there_are_besides(paths: list[str], text: str) -> None:
    assert listed(paths, 2) == text


def test_a_path_that_would_fill_the_log_is_named_by_its_ends(folder: int, tmp_path: Path) -> None:
    path = tmp_path / "/".join(["a" * 200] * 9)
    path.mkdir(parents=True)
    (path / "end").touch()
    assert undeclared(folder, nothing) == [f"{'a' * 60}…{'a' * 56}/end"]
