"""What a client fetches from a store is whole and is what the status says, or it is not there."""

from __future__ import annotations

import asyncio
import hashlib
import tempfile
from pathlib import Path
from typing import Final

import polars as pl
import pytest

import containertask as ct
from containertask.contract.keptline import NO_FILES
from containertask.sdk.downloads import download
from support.cli import Shell, put
from support.fakeapi import FakeApi
from support.faultproxy import Fault
from support.sdkcluster import say
from support.sdkstores import Json, of_bucket, with_store
from support.stores import Bucket

pytestmark = pytest.mark.usefixtures("own_credentials")
BIG: Final = b"0123456789" * 20_000
DIGEST: Final = hashlib.sha256(BIG).hexdigest()
TASK: Final = ct.ContainerTask("t", "b", ["c"])
TAKES: Final = ct.ContainerTask("u", "b", ["c"], inputs={"f": ct.File})


@pytest.fixture(autouse=True)
def temporary(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Return the folder of temporary files."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def item(bucket: Bucket, kind: str, key: str, **more: object) -> Json:
    """Return an output as a status has it."""
    return {"name": "out", "type": kind, "uri": f"s3://{bucket.name}/{key}", **more}


async def ended(api: FakeApi, cluster: ct.Cluster, output: Json) -> ct.Outputs:
    """Return the outputs of a run that has left one."""
    run = await TASK.submit_async(cluster)
    say(api, run.name, phase="Succeeded", outputs=[output])
    return await (await ct.Run.get_async(run.name, cluster)).wait_async()


def test_a_file_is_what_the_status_says(bucket: Bucket, tmp_path: Path, temporary: Path) -> None:
    bucket.put("a", BIG)

    async def work(api: FakeApi, cluster: ct.Cluster) -> None:
        out = (await ended(api, cluster, item(bucket, "file", "a", sha256=DIGEST, size=len(BIG)))).out
        assert (out.sha256, out.size) == (DIGEST, len(BIG))
        assert (await asyncio.to_thread(out.download, tmp_path / "a")).read_bytes() == BIG
        bucket.put("a", BIG + b"x")
        with pytest.raises(ct.TransferError, match=f"/a has another sha256 than {DIGEST}"):
            await asyncio.to_thread(out.download, tmp_path / "b")
        assert not (tmp_path / "b").exists()

    with_store(of_bucket(bucket), tmp_path, work)
    assert not list(temporary.iterdir())


def test_the_task_that_takes_it_is_told_the_digest(bucket: Bucket, tmp_path: Path) -> None:
    async def work(api: FakeApi, cluster: ct.Cluster) -> None:
        out = (await ended(api, cluster, item(bucket, "file", "a", sha256=DIGEST, size=len(BIG)))).out
        run = await TAKES.submit_async(cluster, f=out)
        (taken,) = run.manifest["spec"]["inputs"]
        assert (taken["uri"], taken["sha256"]) == (f"s3://{bucket.name}/a", DIGEST)

    with_store(of_bucket(bucket), tmp_path, work)


def test_the_digest_of_a_folder_is_none_of_a_file(bucket: Bucket, tmp_path: Path) -> None:
    bucket.put("d/x", BIG)
    takes = ct.ContainerTask("u", "b", ["c"], inputs={"d": ct.Dir})

    async def work(api: FakeApi, cluster: ct.Cluster) -> None:
        out = (await ended(api, cluster, item(bucket, "directory", "d/", sha256="1" * 64, size=3))).out
        assert (await asyncio.to_thread(out.download, tmp_path / "d")).joinpath("x").read_bytes() == BIG
        (taken,) = (await takes.submit_async(cluster, d=out)).manifest["spec"]["inputs"]
        assert "sha256" not in taken

    with_store(of_bucket(bucket), tmp_path, work)


def test_a_folder_without_files_is_an_empty_one_here(bucket: Bucket, tmp_path: Path) -> None:
    empty = item(bucket, "directory", "none/", sha256=NO_FILES, size=0)

    async def work(api: FakeApi, cluster: ct.Cluster) -> None:
        out = (await ended(api, cluster, empty)).out
        assert not list((await asyncio.to_thread(out.download, tmp_path / "d")).iterdir())
        put(api, phase="Succeeded", outputs=[empty])
        found = await Shell(api, tmp_path)("cp", "demo:out", str(tmp_path / "e"))
        assert (found.code, found.err) == (0, "")
        assert not list((tmp_path / "e").iterdir())

    with_store(of_bucket(bucket), tmp_path, work)


def test_what_is_read_in_a_block_is_gone_behind_it(bucket: Bucket, tmp_path: Path, temporary: Path) -> None:
    bucket.put("a.csv", BIG)

    async def work(api: FakeApi, cluster: ct.Cluster) -> None:
        out = (await ended(api, cluster, item(bucket, "file", "a.csv"))).out

        def read() -> bytes:
            with out.open() as file:
                assert Path(file.name).name == "a.csv"
                return bytes(file.read())

        assert await asyncio.to_thread(read) == BIG

    with_store(of_bucket(bucket), tmp_path, work)
    assert not list(temporary.iterdir())


def test_a_table_leaves_no_file(bucket: Bucket, tmp_path: Path, temporary: Path) -> None:
    table = pl.DataFrame({"a": list(range(1000))})
    (bucket.folder / "t").mkdir()
    table.write_parquet(bucket.folder / "t" / "part-0.parquet")
    makes = ct.ContainerTask("t", "b", ["c"], outputs={"out": pl.DataFrame})

    async def work(api: FakeApi, cluster: ct.Cluster) -> None:
        run = await makes.submit_async(cluster)
        say(api, run.name, phase="Succeeded", outputs=[item(bucket, "dataset[parquet]", "t/")])
        assert (await run.wait_async()).out.equals(table)

    with_store(of_bucket(bucket), tmp_path, work)
    assert not list(temporary.iterdir())


def test_a_value_in_the_store_is_what_the_status_says(bucket: Bucket, tmp_path: Path) -> None:
    bucket.put("v.json", b"[1,2]")
    there = item(bucket, "list[integer]", "v.json", sha256=hashlib.sha256(b"[1,2]").hexdigest(), size=5)

    async def work(api: FakeApi, cluster: ct.Cluster) -> None:
        assert (await ended(api, cluster, there)).out == [1, 2]
        put(api, phase="Succeeded", outputs=[there])
        assert (await Shell(api, tmp_path)("cp", "demo:out", "-")).out == "[1, 2]\n"
        bucket.put("v.json", b"[1,3]")
        with pytest.raises(ct.TransferError, match=r"v\.json has another sha256 than"):
            await ended(api, cluster, there)
        found = await Shell(api, tmp_path)("cp", "demo:out", "-")
        assert (found.code, found.out) == (1, "")

    with_store(of_bucket(bucket), tmp_path, work)


# --- Folders ---


def test_the_files_of_a_folder_are_fetched_side_by_side(bucket: Bucket, tmp_path: Path) -> None:
    names = [f"{number % 7}/{number} ä#?%20.txt" for number in range(100)]
    for name in names:
        bucket.put(f"d/{name}", name.encode())
    bucket.proxy.faults.append(Fault(lambda _, path: "list-type" not in path, times=100, late=0.02))
    to = download(f"s3://{bucket.name}/d/", tmp_path / "new" / "d", of_bucket(bucket))
    assert {str(one.relative_to(to)): one.read_text() for one in to.rglob("*") if one.is_file()} == {
        name: name for name in names
    }
    assert bucket.proxy.most > 1
    (tmp_path / "x").touch()
    assert (to / names[0]).stat().st_mode == (tmp_path / "x").stat().st_mode
    assert to.stat().st_mode == (tmp_path / "new").stat().st_mode


@pytest.mark.parametrize(
    "fault",
    [Fault(lambda _, path: path.endswith("/50"), times=100, status=403), None],
    ids=["refused", "vanished"],
)
def test_a_folder_that_breaks_off_is_not_there(bucket: Bucket, tmp_path: Path, fault: Fault | None) -> None:
    for number in range(100):
        bucket.put(f"d/{number:02}", b"x")

    def vanish(listing: bytes) -> bytes:
        (bucket.folder / "d" / "50").unlink()
        return listing

    vanishes = Fault(lambda _, path: "list-type" in path, changed=vanish)
    bucket.proxy.faults.append(fault or vanishes)
    with pytest.raises(ct.TransferError, match=r"the store refuses it|d/50 has vanished meanwhile"):
        download(f"s3://{bucket.name}/d", tmp_path / "d", of_bucket(bucket))
    assert not list(tmp_path.glob(".part-*"))
    assert not (tmp_path / "d").exists()


def test_the_mark_of_a_folder_is_a_folder(bucket: Bucket, tmp_path: Path) -> None:
    """As consoles make them: an object without content whose key ends with a slash."""
    bucket.put("d/a", b"a")
    mark = b"<Contents><Key>d/empty/</Key><LastModified>2026-01-01T00:00:00Z</LastModified><Size>0</Size>"
    mark += b"<ETag>e</ETag></Contents><Contents>"

    def marked(listing: bytes) -> bytes:
        return listing.replace(b"<Contents>", mark, 1)

    bucket.proxy.faults.append(Fault(lambda _, path: "list-type" in path, changed=marked))
    found = download(f"s3://{bucket.name}/d", tmp_path / "d", of_bucket(bucket))
    assert sorted(one.name for one in found.iterdir()) == ["a", "empty"]
    assert (found / "empty").is_dir()
