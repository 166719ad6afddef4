"""Files of a client in Google's and Azure's stores, with the credentials that their own tools use.

As far as the emulators go: fake-gcs-server believes everybody and takes no file from obstore, so a server of
our own is before it (`googlexml.py`).
"""

from __future__ import annotations

import asyncio
import hashlib
import itertools
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

import containertask as ct
from containertask.kube.resources import TASKS
from support import azurite, fakegcs, googlexml
from support.azurite import ACCOUNT, KEY, Azurite, shared_access
from support.fakeapi import FakeApi
from support.fakegcs import FakeGcs
from support.googlexml import GoogleXml
from support.sdkcluster import say
from support.sdkstores import Json, store_object, with_store

BIG: Final = b"0123456789" * 20_000
LARGE: Final = b"0123456789abcdef" * (20 << 16)
_numbers: Final = itertools.count()
OUT: Final = {"name": "out"}
FILE: Final = ct.ContainerTask("t", "b", ["c"], inputs={"f": ct.File})
FOLDER: Final = ct.ContainerTask("t", "b", ["c"], inputs={"d": ct.Dir})


@dataclass(frozen=True, slots=True)
class Cloud:
    """A store of one of them: its object, and how its URIs begin."""

    store: Json
    root: str


@pytest.fixture(scope="module")
def blobs() -> Iterator[Azurite]:
    with azurite.running() as found:
        yield found


@pytest.fixture(scope="module")
def google() -> Iterator[tuple[FakeGcs, GoogleXml]]:
    with fakegcs.running() as server, googlexml.before(server.port) as found:
        yield server, found


@pytest.fixture(scope="module")
def key() -> str:
    return fakegcs.key_json()


@pytest.fixture(autouse=True)
def nobody(blobs: Azurite, google: object, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:  # noqa: ARG001
    """Have the machine know no cloud, when the servers run: they are built from caches of the home."""
    for name in ("GOOGLE_APPLICATION_CREDENTIALS", "AZURE_STORAGE_ACCOUNT_KEY", "AZURE_STORAGE_SAS_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))


@pytest.fixture(params=["az", "gs"])
def cloud(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, key: str) -> Cloud:
    """Return a store of either, with what opens it in the environment."""
    if request.param == "az":
        monkeypatch.setenv("AZURE_STORAGE_ACCOUNT_KEY", KEY)
        return of_azure(request.getfixturevalue("blobs"))
    (tmp_path / "key.json").write_text(key)
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / "key.json"))
    return of_google(request.getfixturevalue("google"))


def of_azure(server: Azurite) -> Cloud:
    container = f"container-{next(_numbers)}"
    server.make(container)
    place = {"account": ACCOUNT, "container": container, "endpoint": server.url, "prefix": "team"}
    return Cloud(store_object({"azure": place}), f"az://{ACCOUNT}/{container}/team")


def of_google(servers: tuple[FakeGcs, GoogleXml]) -> Cloud:
    bucket = f"bucket-{next(_numbers)}"
    servers[0].make(bucket)
    place = {"bucket": bucket, "endpoint": servers[1].url, "prefix": "team"}
    return Cloud(store_object({"gcs": place}), f"gs://{bucket}/team")


@pytest.mark.parametrize("content", [BIG, LARGE], ids=["one request", "parts"])
def test_a_file_goes_there_and_comes_back(cloud: Cloud, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "big"
    path.write_bytes(content)
    digest = hashlib.sha256(content).hexdigest()

    async def work(api: FakeApi, cluster: ct.Cluster) -> None:
        run = await FILE.submit_async(cluster, f=path)
        uri = run.manifest["spec"]["inputs"][0]["uri"]
        assert uri == f"{cloud.root}/uploads/{digest}"
        say(api, run.name, phase="Succeeded", outputs=[{**OUT, "type": "file", "uri": uri, "sha256": digest}])
        out = (await (await ct.Run.get_async(run.name, cluster)).wait_async()).out
        assert (await asyncio.to_thread(out.download, tmp_path / "back")).read_bytes() == content

    with_store(cloud.store, tmp_path, work)


def test_a_folder_goes_there_and_comes_back(cloud: Cloud, tmp_path: Path) -> None:
    folder = tmp_path / "d"
    (folder / "below").mkdir(parents=True)
    for name in ("a.txt", "below/b ä#.txt", "below/empty"):
        (folder / name).write_text("" if name.endswith("empty") else name)

    async def work(api: FakeApi, cluster: ct.Cluster) -> None:
        run = await FOLDER.submit_async(cluster, d=folder)
        uri = run.manifest["spec"]["inputs"][0]["uri"]
        say(api, run.name, phase="Succeeded", outputs=[{**OUT, "type": "directory", "uri": f"{uri}/"}])
        out = (await (await ct.Run.get_async(run.name, cluster)).wait_async()).out
        await asyncio.to_thread(out.download, tmp_path / "back")

    with_store(cloud.store, tmp_path, work)
    assert {str(one.relative_to(folder)): one.read_text() for one in folder.rglob("*") if one.is_file()} == {
        str(one.relative_to(tmp_path / "back")): one.read_text()
        for one in (tmp_path / "back").rglob("*")
        if one.is_file()
    }


def test_a_value_that_lies_there_is_read(cloud: Cloud, tmp_path: Path) -> None:
    path = tmp_path / "values"
    path.write_text(json.dumps([1, 2]) + " " * 100_000)

    async def work(api: FakeApi, cluster: ct.Cluster) -> None:
        run = await FILE.submit_async(cluster, f=path)
        uri = run.manifest["spec"]["inputs"][0]["uri"]
        say(api, run.name, phase="Succeeded", outputs=[{**OUT, "type": "list[integer]", "uri": uri}])
        assert (await (await ct.Run.get_async(run.name, cluster)).wait_async()).out == [1, 2]

    with_store(cloud.store, tmp_path, work)


def test_what_the_portal_gives_out_opens_a_container(
    blobs: Azurite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "big"
    path.write_bytes(BIG)

    async def work(_: FakeApi, cluster: ct.Cluster) -> None:
        await FILE.submit_async(cluster, f=path)

    for number, (name, value) in enumerate(
        {"AZURE_STORAGE_SAS_TOKEN": shared_access(), "AZURE_STORAGE_KEY": KEY}.items()
    ):
        with monkeypatch.context() as environment:
            environment.setenv(name, value)
            path.write_bytes(BIG + str(number).encode())
            with_store(of_azure(blobs).store, tmp_path, work)


def refused(cloud: Cloud, folder: Path) -> str:
    """Return what is said of an upload that does not come to be."""
    path = folder / "big"
    path.write_bytes(BIG)
    texts = []

    async def work(api: FakeApi, cluster: ct.Cluster) -> None:
        with pytest.raises(ct.TransferError) as caught:
            await FILE.submit_async(cluster, f=path)
        texts.append(str(caught.value))
        assert not api.items(TASKS, "team")

    with_store(cloud.store, folder, work)
    return texts[0]


@pytest.mark.parametrize(
    ("environment", "says"),
    [
        (
            {"AZURE_STORAGE_ACCOUNT_KEY": "Y2FuYXJ5LXdyb25n"},
            "the store refuses it (403)",
        ),
        ({"AZURE_STORAGE_ACCOUNT_KEY": "canary-no-base64"}, "there are no credentials that can be used"),
        ({"AZURE_STORAGE_SAS_TOKEN": "sig=canary-wrong"}, "the store refuses it (403)"),
    ],
)
def test_a_wrong_key_of_azure_is_not_shown(
    blobs: Azurite,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    environment: dict[str, str],
    says: str,
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    text = refused(of_azure(blobs), tmp_path)
    assert says in text
    assert "here they are yours: AZURE_STORAGE_ACCOUNT_KEY or AZURE_STORAGE_SAS_TOKEN" in text
    assert "canary-" not in text


@pytest.mark.parametrize("content", [None, "{canary-no-json", '{"type": "canary-other"}'])
def test_a_wrong_key_of_google_is_not_shown(
    google: tuple[FakeGcs, GoogleXml], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str | None
) -> None:
    if content is not None:
        (tmp_path / "key.json").write_text(content)
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / "key.json"))
    text = refused(of_google(google), tmp_path)
    assert "no credentials that can be used; here they are yours: GOOGLE_APPLICATION_CREDENTIALS" in text
    assert "canary-" not in text
