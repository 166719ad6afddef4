"""The pure parts of local runs: what the kubelet expands, moved paths, options of engines, URIs."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given

from containertask import contract
from containertask.local.expansion import expanded
from containertask.local.flags import flags, passed_on
from containertask.local.localfiles import RESULTS, local_text, local_uri, local_value, with_claims
from containertask.local.main import Wanted
from containertask.local.moving import moved
from containertask.local.places import Folders
from support import expansion

Json = dict[str, Any]

SHARED = "/dev/shm"  # noqa: S108 - where programs look for it


@given(expansion.literals)
def test_references_are_expanded_as_the_kubelet_does(text: str) -> None:
    assume(not re.search(r"\$[^\x00-\x7f]", text))  # there kubelets of two versions differ
    assert expanded(text, expansion.ENVIRONMENT) == expansion.expanded(text)


@pytest.mark.parametrize(
    ("text", "there"),
    [
        ("/var/inputs", "/i"),
        ("cat /var/inputs/a > /var/outputs/b", "cat /i/a > /o/b"),
        ("--in=/var/inputs --out='/var/outputs'", "--in=/i --out='/o'"),
        ("open('/var/inputs/a'),", "open('/i/a'),"),
        ("/data/var/inputs /var/inputs-2 /var/inputs.old xvar/inputs", None),
        ("-I/var/inputs", None),
        ("{{.inputs.a.path}} $(CT_INPUT_DIR) $$", None),
        ("/etc/key", "/s/0/key"),
        ("/etc/key.pem", None),
    ],
)
def test_paths_are_moved_where_they_are_whole(text: str, there: str | None) -> None:
    places = {"/var/inputs": "/i", "/var/outputs": "/o", "/etc/key": "/s/0/key"}
    spec = {"command": [text], "args": [text], "env": [{"name": "A", "value": text}], "workingDir": text}
    wanted = text if there is None else there
    assert moved(spec, places) == {
        "command": [wanted],
        "args": [wanted],
        "env": [{"name": "A", "value": wanted}],
        "workingDir": wanted,
        "inputDir": "/i",
        "outputDir": "/o",
    }


def test_paths_of_outputs_and_secrets_are_moved_and_all_else_is_not() -> None:
    spec = {
        "inputDir": "/in",
        "outputDir": "/out",
        "outputs": [{"name": "a", "path": "/out/x"}, "no output"],
        "secrets": [{"name": "s", "key": "k", "file": "/in/key"}],
        "inputs": [{"name": "a", "type": "string", "value": "/in/a"}],
        "env": {"no": "list"},
    }
    found = moved(spec, {"/in": "/i", "/out": "/o", "/in/key": "/s/key"})
    assert found == {
        **spec,
        "inputDir": "/i",
        "outputDir": "/o",
        "outputs": [{"name": "a", "path": "/o/x"}, "no output"],
        "secrets": [{"name": "s", "key": "k", "file": "/s/key"}],
    }


@pytest.mark.parametrize(
    ("item", "claimed"),
    [
        ({"type": "file", "uri": "file:///a%20b/c"}, {"uri": "pvc://ct-machine/a b/c"}),
        ({"type": "file", "uri": "file://localhost/a"}, {"uri": "pvc://ct-machine/a"}),
        ({"type": "file", "uri": "file://elsewhere/a"}, {}),
        ({"type": "file", "uri": "/a/../b/"}, {"uri": "pvc://ct-machine/b"}),
        ({"type": "file", "uri": "s3://bucket/a"}, {}),
        ({"type": "file", "uri": ""}, {}),
        ({"type": "file", "value": "L2E="}, {}),
        ({"type": "optional[directory]", "value": {"uri": "/a"}}, {"value": {"uri": "pvc://ct-machine/a"}}),
        (
            {"type": "map[list[file]]", "default": {"k": [{"uri": "/a"}, {"uri": "s3://b/c"}]}},
            {"default": {"k": [{"uri": "pvc://ct-machine/a"}, {"uri": "s3://b/c"}]}},
        ),
        ({"type": "file", "uri": "/a b", "mode": "Reference"}, {"uri": "file:///a%20b"}),
        ({"type": "struct", "value": {"uri": "/a"}}, {}),
        ({"type": "nonsense", "uri": "/a"}, {}),
        ({"uri": "/a"}, {}),
    ],
)
def test_files_of_this_machine_become_those_of_a_claim(item: Json, claimed: Json) -> None:
    assert with_claims({"inputs": [item, "no input"]}) == {"inputs": [{**item, **claimed}, "no input"]}


@pytest.mark.parametrize("spec", [{}, {"inputs": None}, {"inputs": "x"}])
def test_what_has_no_inputs_stays_as_it_is(spec: Json) -> None:
    assert with_claims(spec) == spec


def test_uris_of_claims_become_those_of_files_again() -> None:
    kept = Path("/k/run 1")
    assert local_uri(f"{RESULTS}outputs/a b", kept) == "file:///k/run%201/outputs/a%20b"
    assert local_uri("pvc://ct-machine/a/b", kept) == "file:///a/b"
    assert local_uri("s3://bucket/a", kept) == "s3://bucket/a"
    value = {"k": [{"uri": f"{RESULTS}x"}, None], "uri": 3}
    assert local_value(value, kept) == {"k": [{"uri": "file:///k/run%201/x"}, None], "uri": 3}
    assert local_text("`pvc://ct-machine/a` is a folder", kept) == "`file:///a` is a folder"


def wanted(**container: object) -> Wanted:
    return Wanted(
        name="task-0",
        container=container,
        variables={},
        command=[],
        args=[],
        launched=True,
        secrets={"/s": Path("/p,1")},
    )


@pytest.mark.parametrize(
    ("container", "options"),
    [
        (
            {"resources": {"limits": {"memory": "1Gi"}}},
            ["--memory", "1073741824", "--memory-swap", "1073741824"],
        ),
        ({"resources": {"limits": {"cpu": "500m"}}}, ["--cpus", "0.500"]),
        ({"resources": {"limits": {"cpu": 1}}}, ["--cpus", "1.000"]),
        ({"resources": {"limits": {"cpu": "1m"}}}, ["--cpus", "0.010"]),
        ({"resources": {"requests": {"cpu": "2"}}}, []),
        ({"securityContext": {"runAsUser": 0}}, ["--user", "0"]),
        ({"securityContext": {"runAsUser": 5, "runAsGroup": 6}}, ["--user", "5:6"]),
        ({"securityContext": {"readOnlyRootFilesystem": True}}, ["--read-only"]),
        ({"securityContext": {"allowPrivilegeEscalation": False}}, ["--security-opt", "no-new-privileges"]),
        (
            {"securityContext": {"capabilities": {"drop": ["ALL"], "add": ["CHOWN"]}}},
            ["--cap-drop", "ALL", "--cap-add", "CHOWN"],
        ),
        ({"workingDir": "/w"}, ["--workdir", "/w"]),
        (
            {"volumeMounts": [{"name": "control", "mountPath": "/ct/control", "readOnly": True}]},
            ["--mount", '"type=bind","source=/k/.work/control","target=/ct/control","readonly"'],
        ),
        (
            {"volumeMounts": [{"name": "ct-secret-0", "mountPath": "/s"}]},
            ["--mount", '"type=bind","source=/p,1","target=/s","readonly"'],
        ),
        (
            {"volumeMounts": [{"name": "launcher", "mountPath": contract.LAUNCHER_DIR}]},
            ["--mount", '"type=bind","source=/l","target=/ct/launcher/launcher","readonly"'],
        ),
        (
            {"volumeMounts": [{"name": "ct-shm", "mountPath": SHARED}]},
            ["--tmpfs", f"{SHARED}:rw,nosuid,nodev,exec"],
        ),
    ],
)
def test_each_part_of_a_container_is_an_option(container: Json, options: list[str]) -> None:
    folders = Folders(Path("/k"), temporary=False)
    always = ["--hostname", "task-0", "--security-opt", "label=disable"]
    assert flags(wanted(**container), folders, Path("/l")) == [*always, *options]


def test_a_value_is_no_argument_though_the_caller_has_a_variable_of_that_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DB_PASSWORD", "of the caller")
    assert passed_on({"DB_PASSWORD": "s3cret"}) == (["--env", "DB_PASSWORD"], {"DB_PASSWORD": "s3cret"})


@pytest.mark.parametrize(
    "name", ["PATH", "HOME", "DOCKER_HOST", "_CONTAINERS_USERNS", "LD_PRELOAD", "https_proxy", "GODEBUG"]
)
def test_what_the_engine_would_follow_is_not_set_for_it(name: str) -> None:
    assert passed_on({name: "x"}) == (["--env", f"{name}=x"], {})
