"""``ctask report``: a zip that has no value and no secret in it, wherever one may be."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from containertask.cli.redaction import REMOVED, Cleaner, kept
from containertask.cli.reportfields import TASK
from containertask.kube.resources import ARTIFACT_STORES, EVENTS, PODS, TASKS
from support.cli import NAMESPACE, Shell, put, put_pod
from support.fakeapi import Answer, FakeApi, with_api

CANARY = "c4n4ry"


class Canaries:
    """Gives a word of its own for each place, and knows all."""

    def __init__(self) -> None:
        self.given: list[str] = []

    def __call__(self) -> str:
        self.given.append(f"{CANARY}{len(self.given)}x")
        return self.given[-1]


def spec(new: Canaries) -> dict[str, Any]:
    """Return a spec that has a canary wherever a user can write something that is not a name."""
    nested = {"key": new(), "list": [new(), 12345678901]}
    return {
        "command": ["sh", "-c", new()],
        "args": [new(), "{{.inputs.a}}"],
        "description": new(),
        "inputs": [
            {"name": "a", "type": "string", "value": new()},
            {"name": "b", "type": "struct", "default": nested},
            {"name": "c", "type": "file", "uri": f"https://user:{new()}@host/x?signature={new()}"},
        ],
        "outputs": [{"name": "o", "type": "file", "destination": f"s3://b/k?token={new()}"}],
        "env": [{"name": "A", "value": new()}, {"name": "B", "valueFrom": {"fieldRef": {"x": new()}}}],
        "envFrom": [{"prefix": new()}],
        "secrets": [{"name": "db", "key": "password", "env": "PASSWORD"}],
        "podTemplate": {"metadata": {"annotations": {"x": new()}}, "spec": {"hostAliases": [{"x": new()}]}},
        "flyte": {"custom": {"x": new()}, "sql": {"statement": new()}},
        "links": [{"uri": new()}],
        "templateRef": {"kind": "ContainerTaskTemplate", "name": "t", "unknown": new()},
        "unknownField": new(),
    }


def status(new: Canaries) -> dict[str, Any]:
    outputs = [
        {"name": "o", "type": "string", "value": new(), "preview": new(), "unknown": new()},
        {"name": "p", "type": "map[string]", "value": {"x": new()}},
    ]
    template = {"kind": "ContainerTaskTemplate", "name": "t", "spec": spec(new), "unknown": new()}
    ended = {"phase": "Failed", "reason": "NonZeroExit", "exitCode": 3, "outputs": outputs}
    return {**ended, "template": template, "unknown": new()}


def fill(api: FakeApi, new: Canaries) -> str:
    """Have the server have a task with all that belongs to it; return its Pod's name."""
    known = spec(new)
    more = status(new)
    owner = put(api, spec=known, **more)
    of_template = more["template"]["spec"]["env"][0]["value"]
    annotations = {"containertask.dev/manifest": new(), "mine": new()}
    said = f"demo said {known['inputs'][0]['value']} and {annotations['mine']}{of_template}"
    api.patch(
        TASKS,
        NAMESPACE,
        "demo",
        {
            "metadata": {"annotations": annotations, "labels": {"l": new()}},
            "status": {"message": said, "conditions": [{"type": "Failed", "message": said}]},
        },
    )
    values = (
        f"{known['inputs'][0]['value']} {known['env'][0]['value']} {known['inputs'][1]['default']['list'][0]}"
    )
    pod = put_pod(api, owner, log=f"a line\n{values}\n")
    name = str(pod["metadata"]["name"])
    ended = {"terminated": {"exitCode": 3, "message": new()}}
    uid = {
        "ownerReferences": [{"uid": owner["metadata"]["uid"]}],
        "annotations": {"containertask.dev/manifest": new()},
    }
    env = [
        {"name": "CT_NAME", "value": "demo"},
        {"name": "A", "value": new()},
        {"name": "S", "valueFrom": {"secretKeyRef": {"name": "db", "key": "k"}}},
    ]
    main = {"name": "main", "image": "alpine", "command": [new()], "args": [new()], "env": env}
    csi = {"name": "v", "csi": {"volumeAttributes": {"x": new()}}}
    api.patch(
        PODS,
        NAMESPACE,
        name,
        {
            "metadata": uid,
            "spec": {"containers": [main], "volumes": [csi]},
            "status": {"containerStatuses": [{"name": "main", "state": ended, "lastState": ended}]},
        },
    )
    event = {"involvedObject": {"uid": owner["metadata"]["uid"]}, "reason": "NonZeroExit", "message": said}
    api.put(EVENTS, {"metadata": {"name": "e", "namespace": NAMESPACE, "annotations": {"x": new()}}, **event})
    store = {
        "s3": {"bucket": "team", "endpoint": f"https://u:{new()}@host", "credentials": {"secretName": "key"}}
    }
    api.put(ARTIFACT_STORES, {"metadata": {"name": "default", "namespace": NAMESPACE}, "spec": store})
    return name


@with_api
async def test_no_value_and_no_secret_is_in_a_report(api: FakeApi, tmp_path: Path) -> None:
    new = Canaries()
    pod = fill(api, new)
    path = tmp_path / "r.zip"
    found = await Shell(api, tmp_path)("report", "demo", "--file", str(path))
    assert found.code == 0, found.err
    files = read(path)
    assert set(files) == {
        "README.txt",
        "task.yaml",
        "pods.yaml",
        "events.yaml",
        "stores.yaml",
        "versions.txt",
        f"logs/{pod}/main.log",
    }
    assert len(new.given) > 30
    for name, text in files.items():
        assert CANARY not in text, name
    assert "12345678901" not in "".join(files.values())
    assert files[f"logs/{pod}/main.log"] == f"a line\n{REMOVED} {REMOVED} {REMOVED}\n"
    assert not any("secrets" in one.path for one in api.requests)


@with_api
async def test_a_report_has_what_helps(api: FakeApi, tmp_path: Path) -> None:
    fill(api, Canaries())
    await Shell(api, tmp_path)("report", "demo", "--file", str(tmp_path / "r.zip"), "--no-logs")
    files = read(tmp_path / "r.zip")
    assert not any(name.startswith("logs/") for name in files)
    task, pod = yaml.safe_load(files["task.yaml"]), yaml.safe_load(files["pods.yaml"])
    assert (task["spec"]["image"], task["status"]["reason"], task["status"]["exitCode"]) == (
        "alpine",
        "NonZeroExit",
        3,
    )
    assert task["status"]["message"] == f"demo said {REMOVED} and {REMOVED}{REMOVED}"
    assert task["spec"]["inputs"][0] == {"name": "a", "type": "string"}
    assert task["status"]["template"]["name"] == "t"
    assert task["status"]["template"]["spec"]["inputs"][0] == {"name": "a", "type": "string"}
    assert task["spec"]["inputs"][2]["uri"] == f"https://{REMOVED}@host/x?{REMOVED}"
    assert task["spec"]["secrets"] == [{"name": "db", "key": "password", "env": "PASSWORD"}]
    assert pod["status"]["containerStatuses"][0]["state"] == {"terminated": {"exitCode": 3}}
    assert yaml.safe_load(files["stores.yaml"])["spec"]["s3"]["bucket"] == "team"
    assert "Kubernetes: v1.36.0\n" in files["versions.txt"]
    assert "Left out: " in files["README.txt"]


@with_api
async def test_a_report_has_what_the_user_may_see(api: FakeApi, tmp_path: Path) -> None:
    put(api)
    api.faults.add("GET", "/api/", Answer(code=403, reason="Forbidden"), times=None)
    path = tmp_path / "r.zip"
    found = await Shell(api, tmp_path)("report", "demo", "--file", str(path))
    assert found.code == 0, found.err
    assert read(path)["pods.yaml"] == ""


@with_api
async def test_a_report_overwrites_nothing(api: FakeApi, tmp_path: Path) -> None:
    put(api)
    path = tmp_path / "r.zip"
    path.write_text("mine")
    found = await Shell(api, tmp_path)("report", "demo", "--file", str(path))
    assert (found.code, path.read_text()) == (1, "mine")
    assert found.err == f"ctask report: {path} is there already: write another one by --file\n"


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("at s3://key:secret@bucket/x", f"at s3://{REMOVED}@bucket/x"),
        ("https://h/x?X-Amz-Signature=abc and more", f"https://h/x?{REMOVED} and more"),
        ("https://h/x#token", f"https://h/x?{REMOVED}"),
        ("s3://bucket/plain", "s3://bucket/plain"),
        ("no uri? none", "no uri? none"),
    ],
)
def test_passwords_and_signatures_go_out_of_uris(text: str, clean: str) -> None:
    assert Cleaner(()).text(text) == clean


def test_what_a_command_wrote_as_an_output_and_is_none_goes_out_of_messages() -> None:
    said = "output `a`: 4 bytes that are not of type integer: "
    found = Cleaner(()).whole([{"message": f"{said}`s3`cr3t` is not an integer: write digits only"}])
    assert found == [{"message": f"{said}{REMOVED}"}]


@given(st.text(min_size=4, alphabet="abc"), st.text(alphabet="xyz "))
def test_no_text_has_a_value_after_cleaning(value: str, around: str) -> None:
    assert value not in Cleaner([value]).text(f"{around}{value}{around}{value}")


def test_names_stay_where_a_value_is_the_same_as_one() -> None:
    found = Cleaner(["demo"]).whole({"name": "demo", "message": "of demo", "list": [{"message": "demo"}]})
    assert found == {"name": "demo", "message": f"of {REMOVED}", "list": [{"message": REMOVED}]}


def test_fields_that_nobody_knows_are_left_out() -> None:
    assert kept({"kind": "x", "spec": {"new": 1, "image": "a"}, "more": 2}, TASK) == {
        "kind": "x",
        "spec": {"image": "a"},
    }


def read(path: Path) -> dict[str, str]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}
