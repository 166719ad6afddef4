"""The downloader copies from mounted claims, which others may write to."""

from __future__ import annotations

import hashlib
import os
import socket
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest

from containertask.contract.items import InputItem, Layout
from containertask.contract.outcome import Outcome
from support.copilot import fault, message
from support.copilotcode import UNPRIVILEGED, WITH_LIBRARIES
from support.fetched import Fetcher, at, fetching_pod

CONTENT: Final = bytes(range(256)) * 20_000
FILE: Final = InputItem("x", "file")
FOLDER: Final = InputItem("x", "directory")
DATASET: Final = InputItem("x", "dataset[csv]")


@pytest.fixture
def pod() -> Iterator[Fetcher]:
    with fetching_pod() as made:
        yield made


def put(volume: Path, path: str, content: bytes = b"1") -> None:
    (volume / path).parent.mkdir(parents=True, exist_ok=True)
    (volume / path).write_bytes(content)


def refused(pod: Fetcher, outcome: Outcome, says: str, before: str = WITH_LIBRARIES) -> None:
    told = pod.download(before)
    assert fault(told) == (1, outcome, "x"), told
    assert message(told).startswith("input `x`: ")
    assert says in message(told)
    assert pod.all() == []


@pytest.mark.parametrize(
    ("layout", "path"), [(Layout.DIRECT, "x"), (Layout.NAMED_DIR, "x/data.csv")], ids=str
)
def test_a_file_is_copied(pod: Fetcher, layout: Layout, path: str) -> None:
    volume = pod.claim()
    put(volume, "a/data.csv", CONTENT)
    sha256 = hashlib.sha256(CONTENT).hexdigest()
    pod.ask(replace(FILE, layout=layout, sha256=sha256), at("pvc://data/a/data.csv"))
    told = pod.download()
    assert told.exit_code == 0, told
    assert told.report.figures.bytes_in == len(CONTENT)
    assert (pod.inputs / path).read_bytes() == CONTENT
    assert (pod.inputs / path).stat().st_nlink == 1
    assert pod.all() == ["inputs.json", "x"]


@pytest.mark.parametrize("uri", ["pvc://data/d", "pvc://data/d/"])
@pytest.mark.parametrize("item", [FOLDER, DATASET], ids=lambda item: item.type)
def test_a_folder_is_copied_with_its_empty_folders(pod: Fetcher, item: InputItem, uri: str) -> None:
    volume = pod.claim()
    put(volume, "d/a", b"1")
    put(volume, "d/b/c", b"")
    (volume / "d/b/e/f").mkdir(parents=True)
    pod.ask(item, at(uri))
    assert pod.download().exit_code == 0
    assert pod.tree("x") == {"a": b"1", "b": {"c": b"", "e": {"f": {}}}}


def test_all_of_a_claim_is_a_folder_without_what_the_disk_keeps_there(pod: Fetcher) -> None:
    volume = pod.claim()
    put(volume, "a")
    put(volume, "lost+found/b")
    pod.ask(FOLDER, at("pvc://data/"))
    assert pod.download().exit_code == 0
    assert pod.tree("x") == {"a": b"1"}


def test_a_dataset_may_be_a_file_and_a_list_many(pod: Fetcher) -> None:
    volume = pod.claim()
    for number in range(300):
        put(volume, f"f{number}", b"%d" % number)
    pod.ask(DATASET, at("pvc://data/f7"))
    pod.ask(InputItem("y", "list[file]"), [at(f"pvc://data/f{number}") for number in range(300)])
    pod.ask(InputItem("v", "list[integer]", document="pvc://data/f5"))
    put(volume, "f5", b"[5]")
    assert pod.download().exit_code == 0
    assert pod.tree("x") == b"7"
    files = {str(number): b"%d" % number for number in range(300)} | {"5": b"[5]"}
    assert pod.tree("y") == files
    assert pod.said()["v"] == [5]


def a_fifo(path: Path) -> None:
    os.mkfifo(path)


def a_link(path: Path) -> None:
    put(path.parent, "real/f")
    path.symlink_to("real")


def a_link_to_a_file(path: Path) -> None:
    put(path.parent, "real")
    path.symlink_to("real")


def a_socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as one:
        one.bind(str(path))


def a_device(path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root makes devices")
    os.mknod(path, 0o600 | 0o020000, os.makedev(1, 3))


ODD: Final[dict[str, Callable[[Path], None]]] = {
    "a link": a_link,
    "a link to a file": a_link_to_a_file,
    "a FIFO": a_fifo,
    "a socket": a_socket,
    "a device": a_device,
}


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize(
    ("item", "uri"),
    [
        (FILE, "pvc://data/odd"),
        (FOLDER, "pvc://data/"),
        (DATASET, "pvc://data/odd"),
        (FILE, "pvc://data/odd/f"),
    ],
    ids=["the file", "in the folder", "the dataset", "on the way"],
)
def test_what_is_no_file_is_refused_by_name(pod: Fetcher, odd: str, item: InputItem, uri: str) -> None:
    ODD[odd](pod.claim() / "odd")
    pod.ask(item, at(uri))
    refused(pod, Outcome.INVALID_INPUT, f"`pvc://data/odd` is {odd.removesuffix(' to a file')}")


@pytest.mark.parametrize(
    ("item", "uri", "outcome", "says"),
    [
        (FILE, "pvc://data/no", Outcome.INPUT_NOT_FOUND, "`pvc://data/no` is not there"),
        (FILE, "pvc://data/no/f", Outcome.INPUT_NOT_FOUND, "`pvc://data/no` is not there"),
        (FOLDER, "pvc://data/no/", Outcome.INPUT_NOT_FOUND, "`pvc://data/no` is not there"),
        (DATASET, "pvc://data/no", Outcome.INPUT_NOT_FOUND, "`pvc://data/no` is not there"),
        (FILE, "pvc://data/d", Outcome.INVALID_INPUT, "is a folder, and a file is wanted"),
        (FILE, "pvc://data/d/", Outcome.INVALID_INPUT, "is the URI of a folder"),
        (FOLDER, "pvc://data/f", Outcome.INVALID_INPUT, "is a file, and a folder is wanted"),
        (replace(FILE, sha256="0" * 64), "pvc://data/f", Outcome.INPUT_DIGEST_MISMATCH, "has the sha256"),
        (replace(DATASET, sha256="0" * 64), "pvc://data/d", Outcome.INVALID_INPUT, "sha256 is that of one"),
        (replace(FILE, max_bytes=4), "pvc://data/f", Outcome.INPUT_TOO_LARGE, "maxBytes is 4"),
        (replace(FOLDER, max_bytes=4), "pvc://data/d", Outcome.INPUT_TOO_LARGE, "maxBytes is 4"),
    ],
)
def test_what_cannot_be_had(pod: Fetcher, item: InputItem, uri: str, outcome: Outcome, says: str) -> None:
    volume = pod.claim()
    put(volume, "f", b"12345")
    put(volume, "d/f", b"12345")
    pod.ask(item, at(uri))
    refused(pod, outcome, says)


@pytest.mark.parametrize(
    ("limits", "says"),
    [({"max_object_bytes": 4}, "its store allows 4"), ({"max_objects": 1}, "has 2 objects, and its store")],
)
def test_a_claim_has_limits_too(pod: Fetcher, limits: dict[str, int], says: str) -> None:
    volume = pod.claim("data", **limits)
    put(volume, "d/f", b"12345")
    put(volume, "d/g", b"")
    pod.ask(FOLDER, at("pvc://data/d"))
    refused(pod, Outcome.INPUT_TOO_LARGE, says)


def test_two_names_that_are_one_elsewhere(pod: Fetcher) -> None:
    volume = pod.claim()
    put(volume, "d/A")
    put(volume, "d/a")
    pod.ask(FOLDER, at("pvc://data/d"))
    refused(pod, Outcome.INVALID_INPUT, "differ only by case")


def test_a_name_that_is_no_text(pod: Fetcher) -> None:
    volume = pod.claim()
    (volume / os.fsdecode(b"\xff")).write_bytes(b"1")
    pod.ask(FOLDER, at("pvc://data/"))
    refused(pod, Outcome.INVALID_INPUT, "is not UTF-8")


def test_folders_without_end(pod: Fetcher) -> None:
    (pod.claim() / "/".join("d" * 70)).mkdir(parents=True)
    pod.ask(FOLDER, at("pvc://data/"))
    refused(pod, Outcome.INVALID_INPUT, "is more than 64 folders deep")


@pytest.mark.parametrize("path", ["d/f", "d"])
def test_what_we_may_not_read(pod: Fetcher, path: str) -> None:
    volume = pod.claim()
    put(volume, "d/f")
    (volume / path).chmod(0)
    pod.ask(FOLDER, at("pvc://data/d"))
    try:
        refused(
            pod,
            Outcome.STORE_FORBIDDEN,
            "may not be read (EACCES): make it",
            f"{WITH_LIBRARIES}\nfrom containertask.copilot import claims, fetching\n{UNPRIVILEGED}",
        )
    finally:
        (volume / path).chmod(0o755)


LOOKS: Final = """
look = claimtree._look
claimtree._look = lambda folder, name, what: claimtree.FILE if name.isdigit() else look(folder, name, what)
"""

GROWING: Final = f"""{WITH_LIBRARIES}
import os
from containertask.copilot import claims
read = claims._read
def reading(source, name):
    data = read(source, name)
    with open({{path!r}}, "ab") as file:
        file.write(b"more" if data else b"")
    return data
claims._read = reading
"""


def test_a_file_that_is_written_to_meanwhile(pod: Fetcher) -> None:
    volume = pod.claim()
    put(volume, "f", CONTENT[:1000])
    pod.ask(replace(FILE, max_bytes=10_000_000), at("pvc://data/f"))
    writes_once = GROWING.format(path=str(volume / "f")).replace(
        'b"more" if data else b""', 'b"more" if len(data) == 1000 else b""'
    )
    refused(pod, Outcome.INPUT_CHANGED, "was changed while it was read", writes_once)


def test_a_file_of_a_folder_that_has_grown_since_it_was_counted(pod: Fetcher) -> None:
    volume = pod.claim()
    put(volume, "d/f")
    pod.ask(replace(FOLDER, max_bytes=10), at("pvc://data/d"))
    grows = f"""{WITH_LIBRARIES}
from containertask.copilot import claims
listed = claims.listed
def listing(*arguments):
    found = listed(*arguments)
    with open({str(volume / "d/f")!r}, "ab") as file:
        file.write(b"more than is allowed")
    return found
claims.listed = listing
"""
    refused(pod, Outcome.INPUT_CHANGED, "`pvc://data/d/f` was changed while it was read", grows)


def test_what_a_killed_uploader_left_in_a_folder_is_none_of_its_files(pod: Fetcher) -> None:
    volume = pod.claim()
    put(volume, "d/f")
    put(volume, "d/.f.partial")
    put(volume, "d/.0123456789abcdef01234567.partial")
    pod.ask(FOLDER, at("pvc://data/d"))
    assert pod.download().exit_code == 0
    assert pod.tree("x") == {"f": b"1", ".f.partial": b"1"}


def test_names_without_end_are_never_all_in_memory(pod: Fetcher) -> None:
    many = f"""{WITH_LIBRARIES}
import itertools
from containertask.copilot import claimtree
from containertask.copilot.transfer import keys
keys.MAX_OBJECTS = 10
class Endless:
    def __enter__(self):
        return (type("Entry", (), {{"name": str(at)}}) for at in itertools.count())
    def __exit__(self, *_):
        pass
claimtree.os.scandir = lambda _: Endless()
{LOOKS}
claimtree._size = lambda *_: 1
"""
    (pod.claim() / "d").mkdir()
    pod.ask(FOLDER, at("pvc://data/d"))
    told = pod.download(many)
    assert fault(told) == (1, Outcome.INPUT_TOO_LARGE, "x"), told


def test_folders_are_listed_one_after_another(pod: Fetcher, tmp_path: Path) -> None:
    put(pod.claim(), "d/f")
    pod.ask(InputItem("x", "list[directory]"), [at("pvc://data/d")] * 20)
    one_at_a_time = f"""{WITH_LIBRARIES}
import threading
from containertask.copilot import claims
listed, alone = claims.listed, threading.Lock()
def listing(*arguments):
    if not alone.acquire(blocking=False):
        open({str(tmp_path / "two")!r}, "w").close()
        return listed(*arguments)
    try:
        threading.Event().wait(0.01)
        return listed(*arguments)
    finally:
        alone.release()
claims.listed = listing
"""
    assert pod.download(one_at_a_time).exit_code == 0
    assert len(pod.all()) == 2
    assert not (tmp_path / "two").exists()
