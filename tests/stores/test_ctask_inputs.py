"""``ctask run --in NAME=@PATH``: what does not go with a task is uploaded before it. A real S3 server."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Final

import pytest

import containertask as ct
from containertask.core.task import API_VERSION
from containertask.kube.resources import CONTAINER_TASK_TEMPLATES, TASKS
from support.cli import Done, Shell
from support.fakeapi import FakeApi
from support.sdkstores import Json, of_bucket, with_store
from support.stores import Bucket

pytestmark = pytest.mark.usefixtures("own_credentials")
BIG: Final = b"0123456789" * 200_000


async def sent(api: FakeApi, folder: Path, *options: str) -> tuple[Done, list[Json]]:
    """Create a task of an image; return what was said, and the inputs that it has."""
    found = await Shell(api, folder)("run", "--image=alpine", *options, "--", "true")
    tasks = api.items(TASKS, "team")
    return found, tasks[0]["spec"]["inputs"] if tasks else []


def test_files_that_are_too_large_for_a_task_and_folders_are_uploaded(bucket: Bucket, tmp_path: Path) -> None:
    (tmp_path / "big").write_bytes(BIG)
    (tmp_path / "small").write_bytes(b"abc")
    (tmp_path / "d" / "below").mkdir(parents=True)
    (tmp_path / "d" / "below" / "a").write_bytes(b"a")
    options = [f"--in={name}=@{tmp_path / name}" for name in ("big", "small", "d")]

    async def work(api: FakeApi, _: ct.Cluster) -> None:
        found, (big, small, folder) = await sent(api, tmp_path, *options)
        root = f"s3://{bucket.name}/team"
        assert (found.code, found.err) == (0, f"uploading {len(BIG) + 1} bytes to {root}\n")
        assert big["uri"] == f"{root}/uploads/{hashlib.sha256(BIG).hexdigest()}"
        assert small == {"name": "small", "type": "file", "value": "YWJj"}
        assert folder["type"] == "directory"
        keys = {key.removeprefix("team/uploads/"): data for key, data in bucket.objects().items()}
        assert keys == {
            hashlib.sha256(BIG).hexdigest(): BIG,
            f"{folder['uri'].rpartition('/')[2]}/below/a": b"a",
        }

    with_store(of_bucket(bucket), tmp_path, work)


@pytest.mark.parametrize(
    ("option", "says"),
    [
        ("--in=f:file=@{}/d", "--in f: {}/d is a folder, and a file is wanted"),
        ("--in=f:directory=@{}/big", "--in f: a directory does not go with a task"),
        ("--in=f=@{}/none", "--in f: {}/none: no such file or directory"),
        ("--in=f=@{}/empty", "--in f: the folder {}/empty has no file"),
    ],
)
def test_what_cannot_be_uploaded_makes_no_task(
    bucket: Bucket, tmp_path: Path, option: str, says: str
) -> None:
    (tmp_path / "big").write_bytes(BIG)
    (tmp_path / "d").mkdir()
    (tmp_path / "empty").mkdir()

    async def work(api: FakeApi, _: ct.Cluster) -> None:
        found, inputs = await sent(api, tmp_path, option.format(tmp_path))
        assert (found.code != 0, inputs, api.only_writes) == (True, [], [])
        assert f"ctask run: {says.format(tmp_path)}" in found.err

    with_store(of_bucket(bucket), tmp_path, work)
    assert not bucket.objects()


def test_what_is_only_tried_is_not_uploaded(bucket: Bucket, tmp_path: Path) -> None:
    (tmp_path / "big").write_bytes(BIG)
    option = f"--in=f=@{tmp_path / 'big'}"

    async def work(api: FakeApi, _: ct.Cluster) -> None:
        found, _inputs = await sent(api, tmp_path, option, "--dry-run=client", "-o=json")
        (one,) = json.loads(found.out)["spec"]["inputs"]
        assert one["uri"].endswith(hashlib.sha256(BIG).hexdigest())
        assert not bucket.objects()

    with_store(of_bucket(bucket), tmp_path, work)


def test_a_manifest_says_which_store(bucket: Bucket, tmp_path: Path) -> None:
    (tmp_path / "big").write_bytes(BIG)
    (tmp_path / "task.yaml").write_text(
        """
apiVersion: containertask.dev/v1alpha1
kind: ContainerTask
metadata: {name: demo}
spec:
  image: alpine
  command: ["true"]
  storeRef: {kind: ArtifactStore, name: NAME}
  inputs: [{name: f, type: file}]
"""
    )

    async def work(api: FakeApi, _: ct.Cluster) -> None:
        path = tmp_path / "task.yaml"
        option = f"--in=f=@{tmp_path / 'big'}"
        found = await Shell(api, tmp_path)("run", str(path), option)
        assert (found.code, api.only_writes) == (1, [])
        assert "there is no ArtifactStore NAME to take them" in found.err
        path.write_text(path.read_text().replace("NAME", "default"))
        found = await Shell(api, tmp_path)("run", str(path), option)
        assert found.code == 0, found.err

    with_store(of_bucket(bucket), tmp_path, work)
    assert len(bucket.objects()) == 1


@pytest.mark.parametrize(("own", "there"), [({}, True), ({"storeRef": {"name": "none"}}, False)])
def test_a_template_says_which_store_unless_the_task_does(
    bucket: Bucket, tmp_path: Path, own: Json, *, there: bool
) -> None:
    (tmp_path / "big").write_bytes(BIG)
    option = f"--in=f=@{tmp_path / 'big'}"
    reference = {"templateRef": {"kind": "ContainerTaskTemplate", "name": "t"}, **own}
    task = {
        "apiVersion": API_VERSION,
        "kind": "ContainerTask",
        "metadata": {"name": "demo"},
        "spec": reference,
    }
    (tmp_path / "task.yaml").write_text(json.dumps(task))

    async def work(api: FakeApi, _: ct.Cluster) -> None:
        spec = {
            "image": "alpine",
            "inputs": [{"name": "f", "type": "file"}],
            "storeRef": {"kind": "ArtifactStore", "name": "default"},
        }
        api.put(
            CONTAINER_TASK_TEMPLATES,
            {
                "apiVersion": API_VERSION,
                "kind": "ContainerTaskTemplate",
                "metadata": {"name": "t", "namespace": "team"},
                "spec": spec,
            },
        )
        found = await Shell(api, tmp_path)("run", str(tmp_path / "task.yaml"), option)
        assert (found.code == 0) == there, found
        if there:
            found = await Shell(api, tmp_path)("run", "template/t", option)
            assert (found.code, len(api.items(TASKS, "team"))) == (0, 2)

    with_store(of_bucket(bucket), tmp_path, work)
    assert len(bucket.objects()) == there
