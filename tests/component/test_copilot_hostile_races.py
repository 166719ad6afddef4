"""What is swapped between two steps of the uploader: it reads what was there, or says that it has changed."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from containertask.contract import ERROR_FILE
from containertask.contract.outcome import Outcome
from containertask.copilot.outputs import Found, Volumes, read_output
from containertask.copilot.storedfiles import parts
from containertask.copilot.untrusted import Content, Fault, FaultError, read_file
from containertask.types.grammar import parse_type
from support.hostile import ITEMS, PLACES, STORED, Use

CHANGED = "changed while it was read: have the command end only when nothing of it writes any more"
SWAPS = 10_000


class Folders:
    """An output folder with one good thing at a place, and a secret outside."""

    def __init__(self, root: Path) -> None:
        self.outputs = root / "outputs"
        self.secret = root / "outside" / "0"
        for folder in (self.outputs, self.secret.parent):
            folder.mkdir()
        self.secret.write_text("sesame")
        for path in (self.secret, self.secret.parent):
            os.utime(path, ns=(1, time.time_ns()))
        self.fd = os.open(self.outputs, os.O_RDONLY)

    def good(self, use: Use) -> Path:
        """Put the good thing in its place."""
        place = self.outputs / PLACES[use]
        place.parent.mkdir(exist_ok=True)
        place.write_text('["good"]' if use is Use.LIST else "good")
        return place

    def read(self, use: Use) -> Found | Fault | Content | bytes | None:
        """Read it as the uploader does."""
        if use in STORED:
            try:
                found = parts(parse_type(STORED[use]), self.fd, "x")
                return b"".join(piece for part in found for piece in part.pieces())
            except FaultError as error:
                return error.fault
        if use is Use.ERROR:
            return read_file(self.fd, ERROR_FILE, 100)
        return read_output(ITEMS[use], Volumes(outputs=self.fd), None)

    def untouched(self) -> bool:
        return [path.stat().st_atime_ns for path in (self.secret, self.secret.parent)] == [1, 1]


@pytest.fixture
def folders(tmp_path: Path) -> Iterator[Folders]:
    made = Folders(tmp_path)
    yield made
    os.close(made.fd)


def remove(path: Path) -> None:
    """Move a thing away, whatever it is."""
    path.rename(path.with_name(f".{time.monotonic_ns()}"))


SWAP: dict[str, Callable[[Path, Path], object]] = {
    "a link to a file outside": lambda path, secret: path.symlink_to(secret),
    "a link to a folder outside": lambda path, secret: path.symlink_to(secret.parent),
    "a folder": lambda path, _: path.mkdir(),
    "a FIFO": lambda path, _: os.mkfifo(path),
    "nothing": lambda _path, _secret: None,
}


def before_opening(monkeypatch: pytest.MonkeyPatch, name: str, swap: Callable[[], object]) -> None:
    """Have something happen after a name was looked at and before it is opened."""
    real = os.open

    def opening(path: Any, *others: Any, **named: Any) -> int:
        if path == name and named.get("dir_fd") is not None:
            monkeypatch.setattr(os, "open", real)
            swap()
        return real(path, *others, **named)

    monkeypatch.setattr(os, "open", opening)


@pytest.mark.parametrize("swap", SWAP)
@pytest.mark.parametrize("use", Use)
def test_a_file_swapped_before_it_is_opened(
    folders: Folders, monkeypatch: pytest.MonkeyPatch, use: Use, swap: str
) -> None:
    place = folders.good(use)
    read_before = folders.read(use)
    assert not isinstance(read_before, Fault)

    def do() -> None:
        remove(place)
        SWAP[swap](place, folders.secret)

    before_opening(monkeypatch, place.name, do)
    found = folders.read(use)
    assert found == Fault(Outcome.OUTPUT_UNREADABLE, f"`{PLACES[use]}` {CHANGED}")
    assert folders.untouched()


@pytest.mark.parametrize("swap", sorted(SWAP.keys() - {"a folder"}))
@pytest.mark.parametrize("use", [Use.PART, Use.MATCH, Use.DIRECTORY, Use.FILES])
def test_a_folder_swapped_before_it_is_opened(
    folders: Folders, monkeypatch: pytest.MonkeyPatch, use: Use, swap: str
) -> None:
    folders.good(use)

    def do() -> None:
        remove(folders.outputs / "x")
        SWAP[swap](folders.outputs / "x", folders.secret)

    before_opening(monkeypatch, "x", do)
    assert folders.read(use) == Fault(Outcome.OUTPUT_UNREADABLE, f"`x` {CHANGED}")
    assert folders.untouched()


@pytest.mark.parametrize("use", [Use.PART, Use.DIRECTORY, Use.FILES])
def test_a_file_gone_between_the_list_of_its_folder_and_itself(
    folders: Folders, monkeypatch: pytest.MonkeyPatch, use: Use
) -> None:
    place = folders.good(use)
    real = os.stat

    def looking(path: Any, **named: Any) -> os.stat_result:
        if path == place.name:
            monkeypatch.setattr(os, "stat", real)
            place.unlink()
        return real(path, **named)

    monkeypatch.setattr(os, "stat", looking)
    assert folders.read(use) == Fault(Outcome.OUTPUT_UNREADABLE, f"`x/0` {CHANGED}")


@pytest.mark.parametrize("size", [0, 2, 100])
@pytest.mark.parametrize("use", [one for one in Use if one is not Use.LIST])
def test_a_file_that_gets_another_size_while_it_is_read(
    folders: Folders, monkeypatch: pytest.MonkeyPatch, use: Use, size: int
) -> None:
    place = folders.good(use)
    real = os.read

    def reading(fd: int, limit: int) -> bytes:
        monkeypatch.setattr(os, "read", real)
        os.truncate(place, size)
        return real(fd, limit)

    monkeypatch.setattr(os, "read", reading)
    assert folders.read(use) == Fault(Outcome.OUTPUT_UNREADABLE, f"`{PLACES[use]}` {CHANGED}")


def swapping(path: Path, others: list[Path], over: threading.Event) -> None:
    """Let a name stand for one thing after another, without a pause, each whole."""
    while not over.is_set():
        for other in others:
            other.rename(path)
            path.rename(other)


@pytest.mark.parametrize("use", [Use.VALUE, Use.PART, Use.MATCH, Use.DIRECTORY])
def test_of_what_is_swapped_all_the_time_nothing_outside_is_read(folders: Folders, use: Use) -> None:
    folders.good(use)
    top = folders.outputs / "x"
    kept, link, linked = (folders.outputs / name for name in (".kept", ".link", ".linked"))
    top.rename(kept)
    link.symlink_to(folders.secret)
    linked.symlink_to(folders.secret.parent)
    over = threading.Event()
    thread = threading.Thread(target=swapping, args=(top, [kept, link, linked], over))
    thread.start()
    seen = set()
    try:
        for _ in range(SWAPS):
            found = folders.read(use)
            seen.add(found.text.split(":")[0] if isinstance(found, Fault) else "good" in str(found))
    finally:
        over.set()
        thread.join()
    assert folders.untouched()
    assert {True, "`x` is a link"} <= seen
    assert False not in seen
