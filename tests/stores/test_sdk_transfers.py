"""Files of this machine to a store, and back: by a real S3 server, with the user's own credentials."""

from __future__ import annotations

import asyncio
import hashlib
import json
from pathlib import Path
from typing import Final

import polars as pl
import pytest

import containertask as ct
from containertask.kube.resources import TASKS
from containertask.sdk.downloads import download
from support import fakeapi
from support.fakeapi import FakeApi
from support.sdkcluster import cluster_of, say
from support.sdkstores import of_bucket, with_store
from support.stores import Bucket
from support.webserver import Answer, serving

pytestmark = pytest.mark.usefixtures("own_credentials")
CLUSTER_STORES: Final = "/apis/containertask.dev/v1alpha1/clusterartifactstores"
BIG: Final = b"0123456789" * 20_000


COUNT: Final = ct.ContainerTask("count", "b", ["c"], inputs={"f": ct.File}, outputs={"out": ct.File})


def test_a_large_file_is_uploaded_once_under_its_digest(bucket: Bucket, tmp_path: Path) -> None:
    path = tmp_path / "big.bin"
    path.write_bytes(BIG)
    key = f"team/uploads/{hashlib.sha256(BIG).hexdigest()}"

    async def work(_: FakeApi, cluster: ct.Cluster) -> None:
        runs = [await COUNT.submit_async(cluster, f=path) for _ in range(2)]
        uris = [run.manifest["spec"]["inputs"][0]["uri"] for run in runs]
        assert uris == [f"s3://{bucket.name}/{key}"] * 2
        assert bucket.folder.joinpath(key).read_bytes() == BIG
        puts = [path for method, path in bucket.proxy.asked if method == "PUT"]
        assert len(puts) == 1

    with_store(of_bucket(bucket), tmp_path, work)


def test_a_small_file_goes_with_the_task_unless_it_is_told_otherwise(bucket: Bucket, tmp_path: Path) -> None:
    path = tmp_path / "small"
    path.write_bytes(b"abc")

    async def work(_: FakeApi, cluster: ct.Cluster) -> None:
        run = await COUNT.submit_async(cluster, f=path)
        assert run.manifest["spec"]["inputs"] == [{"name": "f", "type": "file", "value": "YWJj"}]
        run = await COUNT.override(max_inline_io_bytes=2).submit_async(cluster, f=path)
        assert run.manifest["spec"]["inputs"][0]["uri"].startswith(f"s3://{bucket.name}/team/uploads/")

    with_store(of_bucket(bucket), tmp_path, work)


def test_a_folder_and_a_table_are_uploaded(bucket: Bucket, tmp_path: Path) -> None:
    task = ct.ContainerTask(
        "t", "b", ["c"], inputs={"d": ct.Dir, "t": pl.DataFrame}, outputs={"t": pl.DataFrame}
    )
    folder = tmp_path / "folder"
    (folder / "below").mkdir(parents=True)
    (folder / "below" / "a.txt").write_text("a")
    table = pl.DataFrame({"a": [1, 2]})

    async def work(api: FakeApi, cluster: ct.Cluster) -> None:
        run = await task.submit_async(cluster, d=folder, t=table)
        uris = [one["uri"] for one in run.manifest["spec"]["inputs"]]
        keys = [uri.removeprefix(f"s3://{bucket.name}/") for uri in uris]
        assert bucket.folder.joinpath(keys[0], "below", "a.txt").read_text() == "a"
        out = {"name": "t", "type": "dataset[parquet]", "uri": uris[1]}
        say(api, run.name, phase="Succeeded", outputs=[out])
        assert (await run.wait_async()).t.equals(table)

    with_store(of_bucket(bucket), tmp_path, work)


def test_outputs_are_fetched_when_they_are_wanted(bucket: Bucket, tmp_path: Path) -> None:
    async def work(api: FakeApi, cluster: ct.Cluster) -> None:
        run = await COUNT.submit_async(cluster, f=ct.File(uri="s3://other/key"))
        root = f"s3://{bucket.name}/team/a0"
        (bucket.folder / "team/a0").mkdir(parents=True)
        (bucket.folder / "team/a0/out").write_bytes(BIG)
        (bucket.folder / "team/a0/n").write_text("42\n")
        outputs = [
            {"name": "out", "type": "file", "uri": f"{root}/out"},
            {"name": "n", "type": "list[integer]", "uri": f"{root}/n.json"},
        ]
        (bucket.folder / "team/a0/n.json").write_text("[1,2]")
        say(api, run.name, phase="Succeeded", outputs=outputs)
        found = await (await ct.Run.get_async(run.name, cluster)).wait_async()
        assert found.n == [1, 2]
        assert not [path for _, path in bucket.proxy.asked if "/out" in path]
        fetched = await asyncio.to_thread(found.out.download, tmp_path / "fetched" / "x")
        assert fetched.read_bytes() == BIG

    with_store(of_bucket(bucket), tmp_path, work)


def test_who_may_not_see_the_clusters_stores_still_uses_those_of_the_namespace(
    bucket: Bucket, tmp_path: Path
) -> None:
    path = tmp_path / "big.bin"
    path.write_bytes(BIG)

    async def work(api: FakeApi, cluster: ct.Cluster) -> None:
        api.faults.add("GET", CLUSTER_STORES, fakeapi.Answer(code=403, reason="Forbidden"), times=None)
        run = await COUNT.submit_async(cluster, f=path)
        uri = run.manifest["spec"]["inputs"][0]["uri"]
        say(api, run.name, phase="Succeeded", outputs=[{"name": "out", "type": "file", "uri": uri}])
        found = await run.wait_async()
        assert (await asyncio.to_thread(found.out.download, tmp_path / "x")).read_bytes() == BIG

    with_store(of_bucket(bucket), tmp_path, work)


def test_values_that_the_status_has_no_room_for_come_back_as_they_were(
    bucket: Bucket, tmp_path: Path
) -> None:
    """A document without parts is as a command would have written it, and a string may look like anything."""
    values: dict[str, tuple[object, str, object]] = {
        "s": ("string", "s", '{"a": 1}'),
        "n": ("string", "n", "42\n"),
        "i": ("integer", "i", 42),
        "e": ('enum["1","2"]', "e", "1"),
        "l": ("list[string]", "l.json", ["1", "null"]),
        "m": ("map[integer]", "m.json", {"a": 1}),
        "d": ("struct", "d", {"a": [1, "x"]}),
        "o": ("optional[string]", "o", "null"),
        "f": ("float", "f", 2.5),
    }

    async def work(api: FakeApi, cluster: ct.Cluster) -> None:
        run = await COUNT.submit_async(cluster, f=ct.File(uri="s3://other/key"))
        outputs = []
        for name, (kind, file, value) in values.items():
            text = value if isinstance(value, str) else json.dumps(value)
            bucket.put(f"team/a0/outputs/{file}", str(text).encode())
            uri = f"s3://{bucket.name}/team/a0/outputs/{file}"
            outputs.append({"name": name, "type": kind, "uri": uri})
        say(api, run.name, phase="Succeeded", outputs=outputs)
        found = await (await ct.Run.get_async(run.name, cluster)).wait_async()
        assert found.as_dict() == {name: value for name, (_, _, value) in values.items()}

    with_store(of_bucket(bucket), tmp_path, work)


@pytest.mark.parametrize("spoilt", [{"AWS_SECRET_ACCESS_KEY": "canary-wrong"}])
def test_a_wrong_credential_is_an_error_that_does_not_say_it(
    bucket: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, spoilt: dict[str, str]
) -> None:
    for name, value in spoilt.items():
        monkeypatch.setenv(name, value)
    path = tmp_path / "big.bin"
    path.write_bytes(BIG)

    async def work(api: FakeApi, cluster: ct.Cluster) -> None:
        with pytest.raises(ct.TransferError, match="upload to s3://") as caught:
            await COUNT.submit_async(cluster, f=path)
        assert "canary" not in str(caught.value)
        assert not api.items(TASKS, "team")

    with_store(of_bucket(bucket), tmp_path, work)


def test_without_a_store_nothing_is_created(tmp_path: Path) -> None:
    path = tmp_path / "big.bin"
    path.write_bytes(BIG)

    async def scenario() -> None:
        async with FakeApi() as api:
            with pytest.raises(ct.InvalidTaskError, match="no ArtifactStore default"):
                await COUNT.submit_async(cluster_of(api, tmp_path), f=path)
            assert not api.only_writes

    asyncio.run(scenario())


@pytest.mark.parametrize("value", ["none", "folder"])
def test_what_is_not_there_is_named(tmp_path: Path, value: str) -> None:
    (tmp_path / "folder").mkdir()

    async def scenario() -> None:
        async with FakeApi() as api:
            with pytest.raises(ct.InvalidTaskError, match="input `f`: there is no file"):
                await COUNT.submit_async(cluster_of(api, tmp_path), f=tmp_path / value)

    asyncio.run(scenario())


def test_a_manifest_has_no_large_file(tmp_path: Path) -> None:
    path = tmp_path / "big.bin"
    path.write_bytes(BIG)
    with pytest.raises(ct.InvalidTaskError, match="`submit` uploads it"):
        COUNT.to_manifest(f=path)


# --- The web ---


def test_a_file_of_the_web_is_fetched_with_its_query(tmp_path: Path) -> None:
    with serving() as web:
        web.answer = lambda asked: Answer(body=asked.path.encode())
        found = download(web.url("/a%20b/c.txt?signature=x/y"), tmp_path / "c")
    assert found.read_text() == "/a%20b/c.txt?signature=x/y"


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (Answer(status=404), "failed: 404"),
        (Answer(body=b"x" * 1000, cut=500), "broke off"),
    ],
)
def test_what_is_not_whole_has_no_name(tmp_path: Path, answer: Answer, says: str) -> None:
    with serving() as web:
        web.answer = lambda _: answer
        with pytest.raises(ct.TransferError, match=says):
            download(web.url("/c"), tmp_path / "c")
    assert not list(tmp_path.iterdir())


def test_keys_are_taken_as_they_are(bucket: Bucket, tmp_path: Path) -> None:
    bucket.put("a b/c#d?e.txt", BIG)
    store = {"spec": {"s3": {"endpoint": f"http://127.0.0.1:{bucket.proxy.port}", "region": "us-east-1"}}}
    found = download(f"s3://{bucket.name}/a b/c#d?e.txt", tmp_path / "c", store)
    assert found.read_bytes() == BIG
    with pytest.raises(ct.TransferError, match="there is nothing"):
        download(f"s3://{bucket.name}/none", tmp_path / "n", store)
    with pytest.raises(ct.TransferError, match="only by Pods"):
        download("pvc://claim/a", tmp_path / "n")
    with pytest.raises(ct.TransferError, match="would lead elsewhere"):
        download(f"s3://{bucket.name}/../x", tmp_path / "n")
