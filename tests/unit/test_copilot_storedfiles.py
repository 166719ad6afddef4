"""The parts of outputs that need a store: the shapes of their types, and what changes while it is read."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from containertask.contract.outcome import Outcome
from containertask.copilot import storedfiles
from containertask.copilot.outputtree import MAX_FOLDERS
from containertask.copilot.storedfiles import parts
from containertask.copilot.untrusted import Fault, FaultError
from containertask.types.grammar import parse_type


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[int]:
    fd = os.open(tmp_path, os.O_RDONLY | os.O_DIRECTORY)
    yield fd
    os.close(fd)


def write(root: Path, *paths: str) -> None:
    """Make files that hold their own paths, and folders where a path ends in a slash."""
    for path in paths:
        place = root / path
        if path.endswith("/"):
            place.mkdir(parents=True)
        else:
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(path)


def read(kind: str, folder: int, path: str = "x") -> dict[str, bytes | None]:
    """Return what is there by path; None for a folder."""
    return {
        "/".join(part.path): None if part.fd is None else b"".join(part.pieces())
        for part in parts(parse_type(kind), folder, path)
    }


def refused(kind: str, folder: int) -> Fault:
    with pytest.raises(FaultError) as caught:
        read(kind, folder)
    return caught.value.fault


@pytest.mark.parametrize(
    ("kind", "files", "found"),
    [
        ("file", ["x"], {"": "x"}),
        ("optional[file]", ["x"], {"": "x"}),
        ("dataset[parquet]", ["x"], {"": "x"}),
        ("dataset[parquet]", ["x/a", "x/b/c"], {"a": "x/a", "b/c": "x/b/c"}),
        ("directory", ["x/a", "x/b/c", "x/d/e/", "x/.f"], {"a": 0, "b/c": 0, "d/e": None, ".f": 0}),
        ("directory", ["x/"], {"": None}),
        ("list[file]", ["x/1", "x/0"], {"0": "x/0", "1": "x/1"}),
        ("list[file]", ["x/"], {"": None}),
        ("list[optional[file]]", ["x/0%none", "x/1"], {"1": "x/1"}),
        ("list[directory]", ["x/0/a", "x/1/"], {"0/a": "x/0/a", "1": None}),
        ("map[file]", ["x/a%2Fb", "x/é"], {"a%2Fb": 0, "é": 0}),
        ("map[list[file]]", ["x/k/0", "x/l/"], {"k/0": "x/k/0", "l": None}),
        ("union[file,directory]", ["x"], {"": "x"}),
        ("union[file,directory]", ["x/a"], {"a": "x/a"}),
        ("union[map[file],directory]", ["x/a"], {"a": "x/a"}),
    ],
)
def test_the_parts_of_each_shape(
    folder: int, tmp_path: Path, kind: str, files: list[str], found: dict[str, object]
) -> None:
    write(tmp_path, *files)
    seen = read(kind, folder)
    assert seen.keys() == found.keys()
    for path, content in seen.items():
        assert content == (None if found[path] is None else f"x/{path}".rstrip("/").encode())


def test_an_output_may_lie_deeper(folder: int, tmp_path: Path) -> None:
    write(tmp_path, "a/b/c")
    assert read("file", folder, "a/b/c") == {"": b"a/b/c"}


MISSING, UNREADABLE, INVALID = Outcome.OUTPUT_MISSING, Outcome.OUTPUT_UNREADABLE, Outcome.OUTPUT_INVALID


@pytest.mark.parametrize(
    ("kind", "files", "fault"),
    [
        ("file", [], (MISSING, "there is no `x`")),
        ("file", ["x/a"], (UNREADABLE, "`x` is a folder: have the command write a file")),
        ("directory", ["x"], (UNREADABLE, "`x` is a file: have the command write a folder")),
        ("list[file]", ["x"], (UNREADABLE, "`x` is a file: have the command write a folder")),
        ("list[file]", ["x/0", "x/2"], (INVALID, "`x`: item 1 is missing")),
        ("list[file]", ["x/0%none"], (INVALID, "`x`: item 0: there is no file of it")),
        ("list[file]", ["x/0/a"], (UNREADABLE, "`x/0` is a folder: have the command write a file")),
        ("map[list[file]]", ["x/k/a"], (INVALID, "`x/k`: `a` in a list's directory")),
        ("map[file]", ["x/a", "x/%61"], (INVALID, "`x`: the key `a` is there twice")),
        ("directory", ["x/a\x85b"], (INVALID, "the name of `x/a?b` has a control character")),
        ("map[file]", ["x/a\nb"], (INVALID, "the name of `x/a?b` has a control character")),
        ("union[file,list[file]]", ["x/a"], (INVALID, "`a` in a list's directory")),
    ],
)
def test_what_is_not_of_its_shape(
    folder: int, tmp_path: Path, kind: str, files: list[str], fault: tuple[Outcome, str]
) -> None:
    write(tmp_path, *files)
    found = refused(kind, folder)
    assert (found.outcome, fault[1] in found.text) == (fault[0], True), found.text


def test_folders_may_be_so_deep_and_no_deeper(folder: int, tmp_path: Path) -> None:
    deepest = "/".join(["d"] * (MAX_FOLDERS - 1))
    write(tmp_path, f"x/{deepest}/f")
    assert list(read("directory", folder)) == [f"{deepest}/f"]
    write(tmp_path, f"x/{deepest}/d/f")
    assert "is deeper than 64 folders: have the command write fewer" in refused("directory", folder).text


def test_a_list_has_so_many_items_and_no_more(
    folder: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(storedfiles, "MAX_ENTRIES", 2)
    write(tmp_path, "x/0", "x/1")
    assert len(read("list[file]", folder)) == 2
    write(tmp_path, "x/2")
    assert refused("list[file]", folder) == Fault(
        Outcome.OUTPUT_TOO_LARGE, "`x` has more than 2 items: have the command write fewer"
    )


@pytest.mark.parametrize(
    "change",
    [
        lambda file: os.truncate(file, 100),
        lambda file: os.truncate(file, 1 << 22),
        lambda file: os.utime(file, ns=(1, 1)),
    ],
    ids=["shorter", "longer", "written to"],
)
def test_a_file_that_changes_while_it_is_read(
    folder: int, tmp_path: Path, change: Callable[[Path], None]
) -> None:
    file = tmp_path / "x"
    file.write_bytes(bytes((3 << 20) + 1000))
    with closing(parts(parse_type("file"), folder, "x")) as found:
        part = next(found)
        pieces = part.pieces()
        read = [next(pieces)]
        change(file)
        with pytest.raises(FaultError, match="`x` changed while it was read: have the command end only"):
            read.extend(pieces)
        assert sum(map(len, read)) <= part.size


def test_a_file_that_is_replaced_while_it_is_read_is_the_one_that_was_opened(
    folder: int, tmp_path: Path
) -> None:
    write(tmp_path, "x", "y")
    with closing(parts(parse_type("file"), folder, "x")) as found:
        part = next(found)
        (tmp_path / "y").rename(tmp_path / "x")
        assert b"".join(part.pieces()) == b"x"
