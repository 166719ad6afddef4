"""Files of one output as a tree: all of it or a fault, to the entry and to the byte."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from containertask.codec.simple import MAX_BYTES
from containertask.contract.outcome import Outcome
from containertask.copilot import outputtree
from containertask.copilot.outputtree import Reading
from containertask.copilot.untrusted import Fault, FaultError
from containertask.types.grammar import MAX_DEPTH


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[int]:
    fd = os.open(tmp_path, os.O_RDONLY | os.O_DIRECTORY)
    before = descriptors()
    yield fd
    assert descriptors() == before
    os.close(fd)


def descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def write(root: Path, path: str, size: int = 1) -> None:
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_bytes(b"x" * size)


def refused(folder: int) -> Fault:
    with pytest.raises(FaultError) as caught:
        Reading(folder).tree("x")
    return caught.value.fault


def test_a_tree_has_its_names_in_order(folder: int, tmp_path: Path) -> None:
    for path in ("x/b", "x/a/c", "x/10", "x/.h"):
        write(tmp_path, path)
    tree = Reading(folder).tree("x")
    assert tree == {".h": b"x", "10": b"x", "a": {"c": b"x"}, "b": b"x"}
    assert list(tree) == [".h", "10", "a", "b"]


def test_it_may_have_so_many_bytes_and_no_more(folder: int, tmp_path: Path) -> None:
    write(tmp_path, "x/a", MAX_BYTES - 1)
    write(tmp_path, "x/b")
    Reading(folder).tree("x")
    write(tmp_path, "x/b", 2)
    text = "has 1048577 bytes or more, a value has at most 1048576: write less"
    assert refused(folder) == Fault(Outcome.OUTPUT_TOO_LARGE, text)


def test_it_may_have_so_many_files_and_folders_and_no_more(
    folder: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outputtree, "MAX_ENTRIES", 3)
    write(tmp_path, "x/a")
    write(tmp_path, "x/b/c")
    Reading(folder).tree("x")
    write(tmp_path, "x/b/d")
    text = "has more than 3 files and folders: write it as JSON into one file, or fewer"
    assert refused(folder) == Fault(Outcome.OUTPUT_TOO_LARGE, text)


def test_it_may_be_as_deep_as_a_type_and_no_deeper(folder: int, tmp_path: Path) -> None:
    deepest = "/".join(["d"] * (MAX_DEPTH - 1))
    write(tmp_path, f"x/{deepest}/f")
    Reading(folder).tree("x")
    write(tmp_path, f"x/{deepest}/d/f")
    assert refused(folder).outcome is Outcome.OUTPUT_INVALID
    assert refused(folder).text.endswith("is nested deeper than 16 folders, which no type is: write fewer")


@pytest.mark.parametrize("name", [b"\xff", b"\xed\xa0\x80"])
def test_a_name_that_is_not_utf8_is_named_in_letters_that_are(
    folder: int, tmp_path: Path, name: bytes
) -> None:
    (tmp_path / "x").mkdir()
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/x/" + name)).touch()
    assert refused(folder).outcome is Outcome.OUTPUT_INVALID
    text = f"the name of `x/{'?' * len(name)}` is not UTF-8: have the command give it another name"
    assert refused(folder).text == text


def test_the_wrong_part_of_a_tree_is_named_by_its_path(folder: int, tmp_path: Path) -> None:
    write(tmp_path, "x/a/b")
    (tmp_path / "x/a/c").symlink_to("b")
    text = "`x/a/c` is a link: have the command write a file or a folder"
    assert refused(folder) == Fault(Outcome.OUTPUT_UNREADABLE, text)


def test_a_path_too_long_for_a_message_is_named_by_its_ends(folder: int, tmp_path: Path) -> None:
    (tmp_path / "x" / ("a" * 200)).mkdir(parents=True)
    (tmp_path / "x" / ("a" * 200) / "end").symlink_to("b")
    assert refused(folder).text.startswith(f"`x/{'a' * 58}…{'a' * 56}/end` is a link")


@pytest.mark.parametrize("path", ["../y", "/etc", "x/../../y", "", "./x", "x//y"])
def test_a_path_that_leads_out_is_not_opened(folder: int, path: str) -> None:
    with pytest.raises(FaultError) as caught:
        Reading(folder).tree(path)
    assert caught.value.fault.outcome is Outcome.COPILOT_FAILED
