"""What a client sends to a store is what it looked at, whole, and under no other name than its digest."""

from __future__ import annotations

import asyncio
import hashlib
import os
import re
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest

import containertask as ct
from containertask.kube.resources import TASKS
from containertask.sdk import pieces, uploads
from containertask.sdk.buckets import opened
from containertask.sdk.pieces import Piece
from support.fakeapi import FakeApi
from support.faultproxy import Fault
from support.sdkstores import of_bucket, with_store
from support.stores import Bucket

pytestmark = pytest.mark.usefixtures("own_credentials")
SMALL: Final = b"0123456789" * 20_000
LARGE: Final = b"0123456789abcdef" * (20 << 16)
"""20 MiB: several parts."""

FILE: Final = ct.ContainerTask("t", "b", ["c"], inputs={"f": ct.File})
FOLDER: Final = ct.ContainerTask("t", "b", ["c"], inputs={"d": ct.Dir})


def looked(monkeypatch: pytest.MonkeyPatch, then: Callable[[], object]) -> None:
    """Do something after files were looked at, and before they are sent."""

    def later(found_there: tuple[Piece, ...]) -> str:
        found = whole(found_there)
        then()
        return found

    whole = pieces.whole_digest
    monkeypatch.setattr("containertask.sdk.placing.whole_digest", later)


def test_a_file_of_many_parts_is_sent_as_it_is(bucket: Bucket, tmp_path: Path) -> None:
    path = tmp_path / "large"
    path.write_bytes(LARGE)

    async def work(_: FakeApi, cluster: ct.Cluster) -> None:
        await FILE.submit_async(cluster, f=path)
        key = f"team/uploads/{hashlib.sha256(LARGE).hexdigest()}"
        assert bucket.objects() == {key: LARGE}
        assert sum(method == "PUT" for method, _ in bucket.proxy.asked) == 3

    with_store(of_bucket(bucket), tmp_path, work)


@pytest.mark.parametrize("content", [SMALL, LARGE], ids=["small", "large"])
@pytest.mark.parametrize("change", [b"x", b"", b"0123456789" * 3_000_000], ids=["other", "empty", "more"])
def test_a_file_that_changes_before_it_is_sent_is_not_there(
    bucket: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes, change: bytes
) -> None:
    path = tmp_path / "large"
    path.write_bytes(content)
    looked(monkeypatch, lambda: path.write_bytes(change))

    async def work(api: FakeApi, cluster: ct.Cluster) -> None:
        with pytest.raises(ct.TransferError, match="large: it has changed since it was looked at"):
            await FILE.submit_async(cluster, f=path)
        assert bucket.objects() == {}
        begun, aborted = (
            [path for method, path in bucket.proxy.asked if method == wanted and "upload" in path]
            for wanted in ("POST", "DELETE")
        )
        assert len(begun) == len(aborted)
        assert not api.items(TASKS, "team")

    with_store(of_bucket(bucket), tmp_path, work)


def test_a_file_that_goes_before_it_is_sent_is_named(
    bucket: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "large"
    path.write_bytes(SMALL)
    looked(monkeypatch, path.unlink)

    async def work(_: FakeApi, cluster: ct.Cluster) -> None:
        with pytest.raises(ct.TransferError, match=r"upload to s3://.* failed: .*/large: No such file"):
            await FILE.submit_async(cluster, f=path)

    with_store(of_bucket(bucket), tmp_path, work)


def test_many_files_of_a_folder_are_sent_side_by_side(bucket: Bucket, tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    for number in range(100):
        path = folder / f"{number % 7}" / f"{number} ä#?.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{number}")
    bucket.proxy.faults.append(Fault(lambda method, _: method == "PUT", times=100, late=0.02))

    async def work(_: FakeApi, cluster: ct.Cluster) -> None:
        run = await FOLDER.submit_async(cluster, d=folder)
        root = run.manifest["spec"]["inputs"][0]["uri"].removeprefix(f"s3://{bucket.name}/")
        there = {key.removeprefix(f"{root}/"): data for key, data in bucket.objects().items()}
        assert there == {
            str(one.relative_to(folder)): one.read_bytes() for one in folder.rglob("*") if one.is_file()
        }
        assert bucket.proxy.most > 1
        puts = sum(method == "PUT" for method, _ in bucket.proxy.asked)
        await FOLDER.submit_async(cluster, d=folder)
        assert sum(method == "PUT" for method, _ in bucket.proxy.asked) == puts == 100

    with_store(of_bucket(bucket), tmp_path, work)


def test_the_first_failure_keeps_the_rest_of_a_folder_here(bucket: Bucket, tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    for number in range(200):
        (folder / f"{number:03}").write_text(f"{number}")
    refused = Fault(lambda method, _: method == "PUT", times=1000, status=403, late=0.02)
    bucket.proxy.faults.append(refused)

    async def work(api: FakeApi, cluster: ct.Cluster) -> None:
        with pytest.raises(ct.TransferError, match=r"upload to s3://.* failed: the store refuses it"):
            await FOLDER.submit_async(cluster, d=folder)
        assert sum(method == "PUT" for method, _ in bucket.proxy.asked) < 150
        assert not api.items(TASKS, "team")

    with_store(of_bucket(bucket), tmp_path, work)


def link(folder: Path) -> None:
    (folder / "below" / "a").symlink_to(folder / "x")


def fifo(folder: Path) -> None:
    os.mkfifo(folder / "below" / "a")


def no_text(folder: Path) -> None:
    Path(os.fsdecode(os.fsencode(folder / "below") + b"/\xff")).touch()


def empty(folder: Path) -> None:
    (folder / "x").unlink()


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (link, "input `d`: below/a is neither a file nor a folder, such as a link: have the folder hold"),
        (fifo, "input `d`: below/a is neither a file nor a folder"),
        (no_text, r"input `d`: 'below/\\udcff' is no UTF-8, and no name in a store"),
        (empty, "input `d`: the folder .*/folder has no file, and a store has no empty folders"),
    ],
)
def test_what_a_store_would_not_keep_is_refused(
    bucket: Bucket, tmp_path: Path, spoil: Callable[[Path], None], says: str
) -> None:
    folder = tmp_path / "folder"
    (folder / "below").mkdir(parents=True)
    (folder / "x").write_text("x")
    spoil(folder)

    async def work(_: FakeApi, cluster: ct.Cluster) -> None:
        with pytest.raises(ct.InvalidTaskError, match=says):
            await FOLDER.submit_async(cluster, d=folder)
        assert bucket.objects() == {}

    with_store(of_bucket(bucket), tmp_path, work)


@pytest.mark.parametrize("content", [b"abc", SMALL], ids=["inline", "uploaded"])
def test_a_file_is_what_its_digest_says(bucket: Bucket, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "f"
    path.write_bytes(content)
    right, wrong = hashlib.sha256(content).hexdigest(), "0" * 64

    async def work(_: FakeApi, cluster: ct.Cluster) -> None:
        await FILE.submit_async(cluster, f=ct.File(path, sha256=right.upper()))
        with pytest.raises(ct.InvalidTaskError, match=f"f has the sha256 {right}, and another one"):
            await FILE.submit_async(cluster, f=ct.File(path, sha256=wrong))

    with_store(of_bucket(bucket), tmp_path, work)


def test_many_small_files_are_together_too_large_for_a_task(bucket: Bucket, tmp_path: Path) -> None:
    task = ct.ContainerTask("t", "b", ["c"], inputs={"f": list[ct.File], "g": ct.File})
    paths = [tmp_path / f"{number:02}" for number in range(20)]
    for number, path in enumerate(paths):
        path.write_bytes(bytes([number]) * 60_000)

    async def work(_: FakeApi, cluster: ct.Cluster) -> None:
        with pytest.raises(
            ct.InvalidTaskError, match="with others has more than 368640 do not go with the task"
        ):
            task.to_manifest(f=[*map(ct.File, paths)], g=b"")
        run = await task.submit_async(cluster, f=[*map(ct.File, paths)], g=paths[0])
        several, one = run.manifest["spec"]["inputs"]
        assert [isinstance(item, str) for item in several["value"]] == [True] * 6 + [False] * 14
        assert one["uri"].endswith(hashlib.sha256(paths[0].read_bytes()).hexdigest())
        assert len(bucket.objects()) == 15

    with_store(of_bucket(bucket), tmp_path, work)


def test_who_gives_up_sends_no_more(bucket: Bucket, tmp_path: Path) -> None:
    """A program that is left by Ctrl-C waits for its threads."""
    folder = tmp_path / "folder"
    folder.mkdir()
    for number in range(500):
        (folder / f"{number:03}").write_text(f"{number}")
    begun = threading.Event()

    def puts(method: str, _: str) -> bool:
        if method == "PUT":
            begun.set()
        return method == "PUT"

    bucket.proxy.faults.append(Fault(puts, times=1000, late=0.05))

    async def work(api: FakeApi, cluster: ct.Cluster) -> None:
        sending = asyncio.create_task(FOLDER.submit_async(cluster, d=folder))
        await asyncio.to_thread(begun.wait)
        sending.cancel()
        with pytest.raises(asyncio.CancelledError):
            await sending
        for thread in threading.enumerate():
            if thread.name.startswith("containertask-work"):
                await asyncio.to_thread(thread.join)
        assert sum(method == "PUT" for method, _ in bucket.proxy.asked) < 400
        assert not api.items(TASKS, "team")

    with_store(of_bucket(bucket), tmp_path, work)


def test_an_upload_that_breaks_off_leaves_no_part(bucket: Bucket, tmp_path: Path) -> None:
    path = tmp_path / "large"
    path.write_bytes(LARGE)
    part_two = re.compile(r"partNumber=2")
    refused = Fault(lambda _, path: bool(part_two.search(path)), times=1000, status=403)
    bucket.proxy.faults.append(refused)

    async def work(_: FakeApi, cluster: ct.Cluster) -> None:
        with pytest.raises(ct.TransferError, match="the store refuses it"):
            await FILE.submit_async(cluster, f=path)
        assert bucket.objects() == {}

    with_store(of_bucket(bucket), tmp_path, work)


def test_an_upload_needs_its_module(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(__import__("sys").modules, "obstore", None)
    piece = Piece(tmp_path, "", "0" * 64, 1)
    with pytest.raises(ct.MissingToolError, match="files in stores need obstore: pip install"):
        asyncio.run(uploads.upload_all({"s3://b/k": (piece,)}, None))


@pytest.mark.parametrize("uri", ["s3://bucket/key", "gs://bucket/key", "az://account/container/key"])
def test_a_slow_link_is_none_that_stands_still(monkeypatch: pytest.MonkeyPatch, uri: str) -> None:
    """To a client of HTTP, an answer that waits for the end of a part is silence."""
    monkeypatch.setenv("AZURE_STORAGE_ACCOUNT_KEY", "a2V5")
    assert "read_timeout" in opened(uri, None)[0].client_options
    assert "read_timeout" not in opened(uri, None, to_send=True)[0].client_options
