"""``ctask run`` against a server: what it creates, what it says, and its exit code."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from support.cli import NAMESPACE, Shell, template
from support.fakeapi import FakeApi, with_api
from support.manifests import GOOD, HEAD

PATH = f"/apis/containertask.dev/v1alpha1/namespaces/{NAMESPACE}/containertasks"
TYPED = f"""\
{HEAD}spec:
  image: alpine
  command: [sh]
  inputs:
    - {{name: a, type: float, value: 1}}
    - {{name: f, type: file, value: aGk=}}
    - {{name: s, type: string, default: x}}
"""
MANY = (
    "run --image ghcr.io/x/tool:1 --name demo --in a=3 --in b:float=3 "
    "--out area:float --out r:file=/var/outputs/x "
    "--env K=v=w --secret TOKEN=db/password --secret /etc/db=db/key --cpu 500m --memory 2Gi --timeout 1h "
    "--retries 2 -- sh -c --wait"
)
MADE: dict[str, Any] = {
    "image": "ghcr.io/x/tool:1",
    "command": ["sh", "-c", "--wait"],
    "inputs": [{"name": "a", "type": "integer", "value": 3}, {"name": "b", "type": "float", "value": 3.0}],
    "outputs": [{"name": "area", "type": "float"}, {"name": "r", "type": "file", "path": "/var/outputs/x"}],
    "env": [{"name": "K", "value": "v=w"}],
    "secrets": [
        {"name": "db", "key": "password", "env": "TOKEN"},
        {"name": "db", "key": "key", "file": "/etc/db"},
    ],
    "resources": {"requests": {"cpu": "500m", "memory": "2Gi"}, "limits": {"memory": "2Gi"}},
    "timeout": {"execution": "1h"},
    "retries": {"limit": 2},
}


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder of the test, in which it works."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def created(api: FakeApi) -> list[dict[str, Any]]:
    return [one.body for one in api.only_writes]


@with_api
async def test_a_file_becomes_one_task(api: FakeApi, tmp_path: Path) -> None:
    (tmp_path / "F").write_text(f"kind: ConfigMap\n---\n{GOOD}status: {{phase: Failed}}\n")
    found = await Shell(api, tmp_path)("run", str(tmp_path / "F"))
    assert (found.code, found.err) == (0, "")
    assert found.out == "containertask.containertask.dev/demo created\n"
    (sent,) = api.only_writes
    assert (sent.method, sent.path, sent.query) == ("POST", PATH, {"fieldValidation": "Strict"})
    assert sent.body == yaml.safe_load(GOOD)


@with_api
async def test_an_image_and_a_command_become_a_task(api: FakeApi, tmp_path: Path) -> None:
    found = await Shell(api, tmp_path)(*MANY.split())
    assert (found.code, found.err) == (0, "")
    (sent,) = created(api)
    assert sent["metadata"] == {"name": "demo"}
    assert sent["spec"] == MADE


@with_api
async def test_without_a_name_a_run_gets_one_of_its_own(api: FakeApi, tmp_path: Path) -> None:
    shell = Shell(api, tmp_path)
    (tmp_path / "F").write_text(GOOD)
    (tmp_path / "G").write_text(GOOD.replace("name: demo", "generateName: gen-"))
    await shell("run", "--image", "a.b/alpine:3@sha256:0", "--", "true")
    await shell("run", str(tmp_path / "F"), "--generate")
    await shell("run", str(tmp_path / "G"))
    names = [one["metadata"]["name"].rpartition("-") for one in created(api)]
    assert [first for first, _, _ in names] == ["alpine", "demo", "gen"]
    assert all(len(last) == 5 for _, _, last in names)


@with_api
async def test_values_take_the_place_of_those_in_the_file(api: FakeApi, tmp_path: Path) -> None:
    (tmp_path / "F").write_text(TYPED)
    values = ("--in", "a=2", "--in", "f=s3://b/k", "--in", "s=3")
    found = await Shell(api, tmp_path)("run", str(tmp_path / "F"), "--name", "mine", *values)
    assert found.err == ""
    (sent,) = created(api)
    assert sent["metadata"]["name"] == "mine"
    assert sent["spec"]["inputs"] == [
        {"name": "a", "type": "float", "value": 2.0},
        {"name": "f", "type": "file", "uri": "s3://b/k"},
        {"name": "s", "type": "string", "default": "x", "value": "3"},
    ]


@pytest.mark.parametrize(
    ("word", "kind"),
    [("template", "ContainerTaskTemplate"), ("clustertemplate", "ClusterContainerTaskTemplate")],
)
@with_api
async def test_a_template_is_referred_to_with_values_of_its_types(
    api: FakeApi, tmp_path: Path, word: str, kind: str
) -> None:
    template(api, kind, "train", [{"name": "rate", "type": "float"}])
    found = await Shell(api, tmp_path)("run", f"{word}/train", "--in", "rate=3", "--name", "demo")
    assert found.err == ""
    (sent,) = created(api)
    ref = {"kind": kind, "name": "train"}
    assert sent["spec"] == {"templateRef": ref, "inputs": [{"name": "rate", "value": 3.0}]}


@with_api
async def test_a_file_that_refers_to_a_template_is_the_operators_to_check(
    api: FakeApi, tmp_path: Path
) -> None:
    template(api, "ContainerTaskTemplate", "train", [{"name": "rate", "type": "float"}])
    ref = {"kind": "ContainerTaskTemplate", "name": "train"}
    (tmp_path / "F").write_text(f"{HEAD}spec: {json.dumps({'templateRef': ref})}\n")
    found = await Shell(api, tmp_path)("run", str(tmp_path / "F"), "--in", "rate=2")
    assert found.err == ""
    assert created(api)[0]["spec"] == {"templateRef": ref, "inputs": [{"name": "rate", "value": 2.0}]}


REFUSED = {
    "nothing": ([], 2, "write one of FILE, template/NAME and --image"),
    "two ways": (["F", "--image", "a"], 2, "write one of FILE, template/NAME and --image"),
    "an option of images": (["F", "--cpu", "1"], 2, "--cpu goes with --image"),
    "a command beside a file": (["F", "--", "sh"], 2, "the command behind `--` goes with --image"),
    "a name for several": (["F", "F", "--name", "x"], 2, "--name, --in and --task are for one task"),
    "an unknown input": (["F", "--in", "b=1"], 2, "--in: there is no input b: "),
    "an input without a value": (["F", "--in", "a:float"], 2, "--in a: write its value behind `=`"),
    "another type than declared": (["F", "--in", "a:integer=1"], 2, "--in a: it is declared as float"),
    "a file that is not there": (["gone"], 2, "gone: no such file or directory"),
    "no such task in it": (["F", "--task", "x"], 1, "F: one ContainerTask is wanted, and there are: demo"),
    "a task that does not hold together": (["bad"], 1, "bad:4: spec.image: "),
    "another namespace": (
        ["elsewhere", "-n", "team"],
        1,
        "the manifest is of namespace other, and -n says team",
    ),
    "an output without a type": (["--image", "a", "--out", "x=/p"], 2, "--out x: write its type"),
    "a variable without a value": (["--image", "a", "--env", "x"], 2, "--env: write NAME=VALUE"),
    "a secret without a key": (["--image", "a", "--secret", "A=b"], 2, "--secret: write VARIABLE=SECRET/KEY"),
    "a value that cannot be": (["--image", "a", "--memory", "much"], 1, "spec.resources"),
    "a log beside JSON": (["F", "--follow", "-o", "json"], 2, "--follow has stdout for the log"),
    "waiting for nothing": (["F", "--wait", "--dry-run", "client"], 2, "--dry-run creates nothing"),
    "a folder for two": (["F", "F", "--output-dir", "o"], 2, "--output-dir is for one task"),
}


@pytest.mark.parametrize(("arguments", "code", "says"), REFUSED.values(), ids=REFUSED)
@with_api
async def test_what_cannot_be_meant_is_said_before_anything_is_sent(
    api: FakeApi, here: Path, arguments: list[str], code: int, says: str
) -> None:
    (here / "F").write_text(TYPED)
    (here / "bad").write_text(GOOD.replace("alpine", "''"))
    (here / "elsewhere").write_text(GOOD.replace("demo", "demo, namespace: other"))
    found = await Shell(api, here)("run", *arguments)
    assert (found.code, found.out) == (code, "")
    assert found.err.startswith(f"ctask run: {says}"), found.err
    assert found.err.count("\n") == 1
    assert api.only_writes == []


@with_api
async def test_a_name_that_is_taken_leads_to_another(api: FakeApi, tmp_path: Path) -> None:
    shell = Shell(api, tmp_path)
    (tmp_path / "F").write_text(GOOD)
    await shell("run", str(tmp_path / "F"))
    (tmp_path / "G").write_text(GOOD.replace("demo", "other"))
    found = await shell("run", str(tmp_path / "G"), str(tmp_path / "F"))
    assert (found.code, found.out) == (1, "containertask.containertask.dev/other created\n")
    assert "--generate" in found.err


@with_api
async def test_a_dry_run_creates_nothing(api: FakeApi, tmp_path: Path) -> None:
    shell = Shell(api, tmp_path)
    (tmp_path / "F").write_text(GOOD)
    here = await shell("run", str(tmp_path / "F"), "--dry-run", "client", "-o", "yaml")
    assert yaml.safe_load(here.out) == yaml.safe_load(GOOD)
    assert api.requests == []
    there = await shell("run", str(tmp_path / "F"), "--dry-run", "server")
    assert there.out == "containertask.containertask.dev/demo created (server dry run)\n"
    (asked,) = api.requests
    assert (asked.path, asked.query) == (PATH, {"fieldValidation": "Strict", "dryRun": "All"})
