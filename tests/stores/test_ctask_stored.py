"""``ctask cp`` and ``ctask run --output-dir`` with outputs that lie in a store: a real S3 server."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

import containertask as ct
from containertask.contract.keptline import NO_FILES
from containertask.kube.resources import TASKS
from support.cli import Done, Shell, put
from support.fakeapi import FakeApi
from support.faultproxy import Fault
from support.s3 import SECRET
from support.sdkcluster import say
from support.sdkstores import Json, of_bucket, with_store
from support.stores import Bucket

pytestmark = pytest.mark.usefixtures("own_credentials")
BIG: Final = b"0123456789" * 200_000
FILES: Final = {"run/f": BIG, "run/d/a.txt": b"a", "run/d/below/b.txt": b"b", "run/large.json": b'{"a": 1}'}


def left(bucket: Bucket) -> list[Json]:
    """Have the bucket have outputs of every kind, and return what the status says of them."""
    for key, content in FILES.items():
        bucket.put(key, content)
    root = f"s3://{bucket.name}/run"
    digest = hashlib.sha256(BIG).hexdigest()
    return [
        {"name": "f", "type": "file", "uri": f"{root}/f", "sha256": digest, "size": len(BIG)},
        {"name": "d", "type": "directory", "uri": f"{root}/d/", "sha256": "1" * 64, "size": 2},
        {"name": "none", "type": "directory", "uri": f"{root}/none/", "sha256": NO_FILES, "size": 0},
        {"name": "large", "type": "struct", "uri": f"{root}/large.json", "size": 8},
        {"name": "n", "type": "integer", "value": 3},
    ]


def tree(folder: Path) -> dict[str, bytes | None]:
    """Return what is in a folder; None for a folder without anything."""
    found = {
        str(one.relative_to(folder)): one.read_bytes() if one.is_file() else None
        for one in folder.rglob("*")
        if one.is_file() or not any(one.iterdir())
    }
    return dict(sorted(found.items()))


def test_each_kind_of_output_is_copied(bucket: Bucket, tmp_path: Path) -> None:
    async def work(api: FakeApi, _: ct.Cluster) -> None:
        outputs = left(bucket)
        put(api, phase="Succeeded", outputs=outputs)
        (tmp_path / "to").mkdir()
        for one in outputs:
            found = await Shell(api, tmp_path)("cp", f"demo:{one['name']}", str(tmp_path / "to"))
            assert (found.code, found.err) == (0, ""), one
        found = await Shell(api, tmp_path)("cp", "demo:large", "-")
        assert found.out == '{"a": 1}\n'

    with_store(of_bucket(bucket), tmp_path, work)
    assert tree(tmp_path / "to") == {
        "d/a.txt": b"a",
        "d/below/b.txt": b"b",
        "f": BIG,
        "large": b'{"a": 1}\n',
        "n": b"3\n",
        "none": None,
    }


@pytest.mark.parametrize("output", ["f", "d"])
def test_what_cannot_be_copied_whole_is_not_there(bucket: Bucket, tmp_path: Path, output: str) -> None:
    async def work(api: FakeApi, _: ct.Cluster) -> None:
        put(api, phase="Succeeded", outputs=left(bucket))
        fault = Fault(lambda _, path: path.endswith(("run/f", "b.txt")), times=100, status=403)
        bucket.proxy.faults.append(fault)
        found = await Shell(api, tmp_path)("cp", f"demo:{output}", str(tmp_path / "to" / "x"))
        assert found.code == 1
        assert f"download of s3://{bucket.name}/run/{output}" in found.err
        assert SECRET not in found.err
        fault.times = 0
        found = await Shell(api, tmp_path)("cp", f"demo:{output}", str(tmp_path / "to" / "x"))
        assert (found.code, found.err) == (0, "")

    with_store(of_bucket(bucket), tmp_path, work)
    assert [one.name for one in (tmp_path / "to").iterdir()] == ["x"]


def test_another_content_than_the_status_says_is_refused(bucket: Bucket, tmp_path: Path) -> None:
    async def work(api: FakeApi, _: ct.Cluster) -> None:
        put(api, phase="Succeeded", outputs=left(bucket))
        bucket.put("run/f", BIG + b"x")
        found = await Shell(api, tmp_path)("cp", "demo:f", str(tmp_path / "x"))
        assert found.code == 1
        assert "has another sha256" in found.err

    with_store(of_bucket(bucket), tmp_path, work)
    assert not (tmp_path / "x").exists()


def test_ctrl_c_leaves_nothing_of_a_copy(bucket: Bucket, tmp_path: Path) -> None:
    async def work(api: FakeApi, _: ct.Cluster) -> None:
        put(api, phase="Succeeded", outputs=left(bucket))
        begun = asyncio.Event()
        loop = asyncio.get_running_loop()

        def slow(_: str, path: str) -> bool:
            if path.endswith("run/f"):
                loop.call_soon_threadsafe(begun.set)
                return True
            return False

        bucket.proxy.faults.append(Fault(slow, stall=1000))
        where = f"--kubeconfig={Shell(api, tmp_path).kubeconfig()}"
        command = [
            sys.executable,
            "-m",
            "containertask.cli",
            "cp",
            where,
            "demo:f",
            str(tmp_path / "to" / "x"),
        ]
        process = await asyncio.create_subprocess_exec(
            *command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=os.environ.copy()
        )
        await begun.wait()
        process.send_signal(signal.SIGINT)
        said = (await process.communicate())[1]
        assert (process.returncode, b"Traceback" in said) == (130, False), said

    with_store(of_bucket(bucket), tmp_path, work)
    assert not list(tmp_path.rglob("*part*")) + list(tmp_path.rglob("x"))


def test_a_run_leaves_its_outputs_in_a_folder(bucket: Bucket, tmp_path: Path) -> None:
    async def work(api: FakeApi, _: ct.Cluster) -> None:
        outputs = left(bucket)

        async def end() -> None:
            await api.until(lambda: bool(api.items(TASKS, "team")))
            (task,) = api.items(TASKS, "team")
            say(api, task["metadata"]["name"], phase="Succeeded", outputs=outputs)

        ending = asyncio.create_task(end())
        image = ("--image=alpine", "--out", "f:file", f"--output-dir={tmp_path / 'to'}", "--", "true")
        found: Done = await Shell(api, tmp_path)("run", *image)
        await ending
        assert found.code == 0, found

    with_store(of_bucket(bucket), tmp_path, work)
    there = tree(tmp_path / "to")
    assert json.loads(there.pop("outputs.json") or b"") == {
        "f": "f",
        "d": "d",
        "none": "none",
        "large": {"a": 1},
        "n": 3,
    }
    assert there == {"d/a.txt": b"a", "d/below/b.txt": b"b", "f": BIG, "none": None}
