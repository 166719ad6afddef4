"""Patterns of files: the same files as the standard library finds, without links, and within bounds."""

from __future__ import annotations

import os
from collections.abc import Iterator
from glob import glob
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from containertask.contract.outcome import Outcome
from containertask.copilot import globs
from containertask.copilot.globs import Pattern, matching
from containertask.copilot.outputtree import MAX_FOLDERS
from containertask.copilot.untrusted import Fault, FaultError

FILES = [
    "a",
    "b.json",
    "d/a",
    "d/b.json",
    "d/.h/a",
    "d/e/a",
    "d/e/f/b.json",
    "d-e",
    ".h",
    ".d/a",
    ".d/.h",
    "e/d/e/d",
    "[a]",
    "é\n",
]


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("files")
    write(made, *FILES)
    return made


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[int]:
    fd = os.open(tmp_path, os.O_RDONLY | os.O_DIRECTORY)
    yield fd
    os.close(fd)


def write(root: Path, *paths: str) -> None:
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).touch()


def refused(folder: int, pattern: str) -> Fault:
    with pytest.raises(FaultError) as caught:
        matching(folder, Pattern(pattern))
    return caught.value.fault


components = st.sampled_from(
    [
        "**",
        "*",
        "?",
        "a",
        "d",
        "e",
        ".*",
        ".d",
        "[ad]",
        "[!a]",
        "[[]a]",
        "*.json",
        "d*",
        ".h",
        "é*",
        "*a*",
        "[a",
    ]
)


@given(st.lists(components, min_size=1, max_size=5).map("/".join))
def test_the_files_are_those_that_the_standard_library_finds(root: Path, pattern: str) -> None:
    found = set(glob(pattern, root_dir=root, recursive=True))  # noqa: PTH207 - pathlib takes hidden files
    # Of a file `a` it says that `a/` fits `a/**`.
    files = [path for path in found if (root / path).is_file() and not path.endswith("/")]
    wanted = sorted(files, key=str.encode)
    fd = os.open(root, os.O_RDONLY)
    try:
        assert matching(fd, Pattern(pattern)) == wanted
    finally:
        os.close(fd)
    assert [path for path in sorted(FILES, key=str.encode) if Pattern(pattern).fits(path)] == wanted


def test_the_order_is_that_of_the_paths_as_bytes(folder: int, tmp_path: Path) -> None:
    write(tmp_path, "b", "a/z", "a-b", "B", "é", "10", "9", "\U0001f600", "\uffee")
    assert matching(folder, Pattern("**")) == ["10", "9", "B", "a-b", "a/z", "b", "é", "\uffee", "\U0001f600"]


def test_a_pattern_of_many_stars_takes_no_longer(folder: int, tmp_path: Path) -> None:
    write(tmp_path, "a" * 250, "/".join(["a" * 50] * 20))
    assert matching(folder, Pattern("*a" * 120 + "b")) == []
    assert matching(folder, Pattern("/".join(["**", "*a*a*a*"] * 15) + "/b")) == []


def test_links_and_hidden_folders_are_not_gone_into(folder: int, tmp_path: Path) -> None:
    write(tmp_path, "d/a", ".h/a")
    (tmp_path / "up").symlink_to("..")
    (tmp_path / ".h/up").symlink_to("/")
    assert matching(folder, Pattern("**/a")) == ["d/a"]
    assert refused(folder, "*/a").text == "`up` is a link: have the command write a folder"
    assert refused(folder, ".h/*").text == "`.h/up` is a link: have the command write a file"


def test_folders_may_be_so_deep_and_no_deeper(folder: int, tmp_path: Path) -> None:
    deepest = "/".join(["d"] * (MAX_FOLDERS - 1))
    write(tmp_path, f"{deepest}/f")
    assert matching(folder, Pattern("**/f")) == [f"{deepest}/f"]
    write(tmp_path, f"{deepest}/d/f")
    assert refused(folder, "**/f").outcome is Outcome.OUTPUT_INVALID
    assert "is deeper than 64 folders" in refused(folder, "**/f").text


@pytest.mark.parametrize(
    ("limit", "text"),
    [
        (
            "MAX_ENTRIES",
            "more than 5 files, or 4194304 bytes of paths, fit the pattern: write all as JSON",
        ),
        ("MAX_PATHS", "more than 10000 files, or 5 bytes of paths, fit the pattern: write all as JSON"),
        ("MAX_LOOKED_AT", "more than 5 files and folders to look through: have the command write fewer"),
    ],
)
def test_there_may_be_so_many_and_no_more(
    folder: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str, text: str
) -> None:
    monkeypatch.setattr(globs, limit, 5)
    write(tmp_path, *"abcde")
    assert len(matching(folder, Pattern("*"))) == 5
    write(tmp_path, "f")
    found = refused(folder, "*")
    assert (found.outcome, found.text[: len(text)]) == (Outcome.OUTPUT_TOO_LARGE, text)
