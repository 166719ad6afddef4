"""``ctask cp``, ``describe`` and ``top`` against a server."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from containertask.errors import TransferError
from containertask.kube.resources import EVENTS
from support.cli import NAMESPACE, Shell, put, put_pod
from support.fakeapi import Answer, FakeApi, with_api

OUTPUTS = [
    {"name": "area", "type": "float", "value": 5.5},
    {"name": "text", "type": "string", "value": "a\nb"},
    {"name": "model", "type": "file", "uri": "s3://b/model"},
    {"name": "folder", "type": "directory", "uri": "s3://b/folder/"},
    {"name": "large", "type": "struct", "uri": "s3://b/large"},
]
STORED = {"s3://b/model": b"\xff\0", "s3://b/large": b'{"a": 1}'}


@pytest.fixture
def stored(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have stores have what STORED says, and a folder of one file."""

    def fetch(uri: str, to: Path) -> Path:
        if uri.endswith("/"):
            to.mkdir()
            (to / "x").write_bytes(b"x")
        elif uri in STORED:
            to.write_bytes(STORED[uri])
        else:
            raise TransferError(f"there is nothing at {uri}")
        return to

    monkeypatch.setattr("containertask.cli.cp.fetcher", lambda *_: fetch)


@pytest.mark.parametrize(
    ("output", "content"),
    [("area", b"5.5\n"), ("text", b"a\nb"), ("model", b"\xff\0"), ("large", b'{"a": 1}\n')],
)
@pytest.mark.usefixtures("stored")
@with_api
async def test_an_output_is_a_file_here(api: FakeApi, tmp_path: Path, output: str, content: bytes) -> None:
    put(api, phase="Succeeded", outputs=OUTPUTS)
    found = await Shell(api, tmp_path)("cp", f"ctask/demo:{output}", str(tmp_path))
    assert (found.code, found.out, found.err) == (0, "", "")
    assert (tmp_path / output).read_bytes() == content


@pytest.mark.usefixtures("stored")
@with_api
async def test_a_folder_comes_whole_to_where_nothing_is(api: FakeApi, tmp_path: Path) -> None:
    put(api, phase="Succeeded", outputs=OUTPUTS)
    shell = Shell(api, tmp_path)
    assert (await shell("cp", "demo:folder", str(tmp_path / "f"))).code == 0
    assert (tmp_path / "f" / "x").read_bytes() == b"x"
    (tmp_path / "f" / "folder").mkdir()
    again = await shell("cp", "demo:folder", str(tmp_path / "f"))
    assert (again.code, again.err) == (1, f"ctask cp: {tmp_path / 'f' / 'folder'} is there already\n")


@pytest.mark.usefixtures("stored")
@with_api
async def test_a_dash_is_stdout(api: FakeApi, tmp_path: Path) -> None:
    put(api, phase="Succeeded", outputs=[*OUTPUTS, {"name": "plain", "type": "file", "uri": "s3://b/large"}])
    shell = Shell(api, tmp_path)
    assert (await shell("cp", "demo:area", "-")).out == "5.5\n"
    assert (await shell("cp", "demo:plain", "-")).out == '{"a": 1}'
    folder = await shell("cp", "demo:folder", "-")
    assert (folder.code, folder.err) == (1, "ctask cp: folder is a folder: write a PATH for it\n")


@with_api
async def test_what_there_is_no_output_of_is_said(api: FakeApi, tmp_path: Path) -> None:
    put(api, phase="Succeeded", outputs=OUTPUTS)
    put(api, "runs", phase="Running")
    shell = Shell(api, tmp_path)
    assert "it has left no output aera: did you mean area?" in (await shell("cp", "demo:aera", "-")).err
    assert "it has no outputs before its end, and is Running" in (await shell("cp", "runs:a", "-")).err
    assert (await shell("cp", "demo", "-")).code == 2
    nowhere = await shell("cp", "demo:area", str(tmp_path / "gone" / "area"))
    assert nowhere.err == f"ctask cp: {tmp_path / 'gone' / 'area'}: no such file or directory\n"


@with_api
async def test_describe_tells_all_but_the_values_of_variables(api: FakeApi, tmp_path: Path) -> None:
    spec = {
        "inputs": [
            {"name": "a", "type": "integer", "value": 7},
            {"name": "f", "type": "file", "uri": "s3://b/k"},
        ],
        "outputs": [{"name": "area", "type": "float"}, {"name": "late", "type": "float"}],
        "env": [{"name": "TOKEN", "value": "c4n4ry"}],
        "secrets": [{"name": "db", "key": "password", "env": "PASSWORD"}],
    }
    condition = {"type": "Failed", "status": "True", "reason": "NonZeroExit", "message": "m"}
    attempt = {"attempt": 0, "reason": "NonZeroExit", "exitCode": 3, "podName": "demo-x-0"}
    times = {"completed": "2026-01-31T12:00:02Z", "podCreated": "2026-01-31T12:00:01Z"}
    more: dict[str, Any] = {
        "conditions": [condition],
        "attempts": [attempt],
        "timeline": times,
        "outputs": OUTPUTS[:1],
    }
    owner = put(api, spec=spec, phase="Failed", reason="NonZeroExit", exitCode=3, **more)
    event = {"involvedObject": {"uid": owner["metadata"]["uid"]}, "type": "Warning", "reason": "NonZeroExit"}
    api.put(EVENTS, {"metadata": {"name": "e", "namespace": NAMESPACE}, "message": "it ended", **event})
    found = await Shell(api, tmp_path)("describe", "demo")
    assert found.code == 0, found.err
    words = [" ".join(line.split()) for line in found.out.splitlines()]
    for line in (
        "Name: demo",
        "Phase: Failed",
        "ExitCode: 3",
        'Command: ["sh"]',
        "Environment: TOKEN, PASSWORD (key password of Secret db)",
        "a integer 7",
        "f file s3://b/k",
        "area float 5.5",
        "late float <none>",
        "Failed True NonZeroExit m",
        "0 NonZeroExit 3 demo-x-0 <none>",
    ):
        assert line in words, found.out
    assert words.index("podCreated 2026-01-31T12:00:01Z") + 1 == words.index("completed 2026-01-31T12:00:02Z")
    assert words[-1].startswith("Warning NonZeroExit ")
    assert "c4n4ry" not in found.out


def metrics(api: FakeApi, *usages: tuple[str, str, str]) -> None:
    """Have the server say what the commands of Pods use."""
    items = [
        {
            "metadata": {"name": pod, "namespace": NAMESPACE},
            "containers": [
                {"name": "uploader", "usage": {"cpu": "9", "memory": "9Gi"}},
                {"name": "main", "usage": {"cpu": cpu, "memory": memory}},
            ],
        }
        for pod, cpu, memory in usages
    ]
    path = f"/apis/metrics.k8s.io/v1beta1/namespaces/{NAMESPACE}/pods"
    api.faults.add("GET", path, Answer(code=200, text=json.dumps({"items": items})), times=None)


@with_api
async def test_top_has_what_commands_use_most_first(api: FakeApi, tmp_path: Path) -> None:
    put(api, "ended", phase="Succeeded")
    pods = []
    for name in ("a", "b", "c"):
        spec = {"resources": {"limits": {"memory": "1Gi"}}}
        owner = put(api, name, spec, phase="Running", timeline={"started": "2026-01-31T12:00:00Z"})
        pods.append(put_pod(api, owner)["metadata"]["name"])
    metrics(api, (pods[0], "250m", "10Mi"), (pods[1], "1500000n", "3Gi"))
    shell = Shell(api, tmp_path)
    rows = [line.split() for line in (await shell("top")).out.splitlines()]
    assert rows[0] == ["NAME", "PHASE", "ATTEMPT", "CPU", "MEMORY", "LIMITS", "AGE"]
    assert [row[:6] for row in rows[1:]] == [
        ["b", "Running", "0", "1m", "3072Mi", "memory=1Gi"],
        ["a", "Running", "0", "250m", "10Mi", "memory=1Gi"],
        ["c", "Running", "0", "<none>", "<none>", "memory=1Gi"],
    ]
    by_cpu = [line.split()[0] for line in (await shell("top", "--sort-by", "cpu")).out.splitlines()]
    assert by_cpu == ["NAME", "a", "b", "c"]


@with_api
async def test_top_does_without_what_the_cluster_does_not_measure(api: FakeApi, tmp_path: Path) -> None:
    shell = Shell(api, tmp_path)
    assert (await shell("top")).err == "no task runs\n"
    put(api, phase="Running")
    found = await shell("top", "-A")
    assert found.code == 0
    assert found.err.startswith("the cluster measures no usage")
    assert found.out.splitlines()[1].split()[:2] == [NAMESPACE, "demo"]
