"""The Pod of an attempt: golden files field by field, and what holds for every one of them."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from containertask.contract.manifest import Manifest, Mode, digest
from containertask.contract.stores import TRANSFER_ENVIRONMENT
from containertask.core.accept import Accepted, accept
from containertask.core.attempt import Attempt
from containertask.core.config import Config, PodSecurity
from containertask.core.names import MANAGED_LABEL, MANIFEST_ANNOTATION
from containertask.core.offers import Allow
from containertask.core.podspec import build_pod
from containertask.core.podview import mode_in
from support.builders import CONFIG, a_task
from support.golden import CASES, FOLDER, made, rendered

Json = dict[str, Any]


def pod(name: str) -> Json:
    return made(name)[-1]


def containers(raw: Json) -> dict[str, Json]:
    return {one["name"]: one for one in [*raw["spec"].get("initContainers", []), *raw["spec"]["containers"]]}


@pytest.mark.parametrize("name", CASES)
def test_each_pod_is_its_golden_file(name: str) -> None:
    assert (FOLDER / f"{name}.yaml").read_text() == rendered(name)


def test_every_golden_file_has_a_case() -> None:
    assert {path.stem for path in FOLDER.iterdir()} == CASES.keys()


@pytest.mark.parametrize("name", CASES)
def test_downloader_and_uploader_are_restricted_in_every_pod(name: str) -> None:
    for copilot in ("downloader", "uploader"):
        context = containers(pod(name))[copilot]["securityContext"]
        users = {
            "openshift": (None, None),
            "signal-with-command": (1000, 2000),
            "signal-with-overlay": (1000, None),
        }
        user = users.get(name, (65532, None))
        assert (context.pop("runAsUser", None), context.pop("runAsGroup", None)) == user
        assert context == {
            "allowPrivilegeEscalation": False,
            "seccompProfile": {"type": "RuntimeDefault"},
            "runAsNonRoot": True,
            "capabilities": {"drop": ["ALL"]},
            "readOnlyRootFilesystem": True,
        }


@pytest.mark.parametrize("name", CASES)
def test_no_pod_has_a_token_or_a_mount_that_main_should_not_have(name: str) -> None:
    raw = pod(name)
    assert raw["spec"]["automountServiceAccountToken"] is (name == "everything")
    assert raw["spec"]["enableServiceLinks"] is False
    every = {one["name"]: one.get("readOnly", False) for one in containers(raw)["main"]["volumeMounts"]}
    asked = {"ct-shm": False, "ct-secret-0": True, "ct-secret-1": True, "scratch": False, "reference": False}
    mounts = {volume: read_only for volume, read_only in every.items() if volume not in asked}
    assert {volume: asked.get(volume, read_only) for volume, read_only in every.items()} == every
    assert (
        mounts
        == {"inputs": False, "outputs": False}
        | {
            Mode.GATED: {"control": True, "main": False, "launcher": True},
            Mode.INIT: {"control": True, "main": False},
            Mode.SIGNAL: {},
        }[mode_in(raw["spec"])]
    )
    writable = {one["name"] for one in containers(raw)["uploader"]["volumeMounts"] if not one.get("readOnly")}
    own = {"control"} if mode_in(raw["spec"]) is Mode.GATED else set()
    assert writable == own | ({"ct-store-s0-claim"} if name == "claim" else set())


@pytest.mark.parametrize("name", ["gated", "gated-by-pull-policy"])
def test_of_our_image_main_sees_the_launchers_folder_alone(name: str) -> None:
    (mount,) = (one for one in containers(pod(name))["main"]["volumeMounts"] if one["name"] == "launcher")
    assert mount == {
        "name": "launcher",
        "mountPath": "/ct/launcher",
        "subPath": "opt/containertask/launcher",
        "readOnly": True,
    }


@pytest.mark.parametrize("name", CASES)
def test_no_value_of_a_user_is_in_a_label_or_in_the_copilots_command(name: str) -> None:
    raw = pod(name)
    asked = {"team", "cost", "kueue.x-k8s.io/queue-name"}
    assert raw["metadata"]["labels"].keys() - asked == {
        MANAGED_LABEL,
        "containertask.dev/task",
        "containertask.dev/attempt",
    }
    assert raw["metadata"]["labels"][MANAGED_LABEL] == "containertask-operator"
    wait = ["/opt/containertask/launcher/launcher", "wait", "--"]
    sidecar = mode_in(raw["spec"]) is Mode.SIGNAL
    for copilot, verb in (("downloader", "download"), ("uploader", "upload")):
        waits = sidecar and copilot == "uploader"
        command = ["/opt/containertask/copilot", verb]
        assert containers(raw)[copilot]["command"] == ([*wait, *command] if waits else command)
        env = {one["name"]: one["value"] for one in containers(raw)[copilot].get("env", ())}
        guard = {"LD_PRELOAD": "/opt/containertask/netguard.so", **TRANSFER_ENVIRONMENT}
        assert env == ({"GOMAXPROCS": "1"} if waits else {}) | (guard if name.startswith("s3") else {})


@pytest.mark.parametrize("name", CASES)
def test_the_manifest_in_the_annotation_is_read_back(name: str) -> None:
    *values, raw = made(name)
    manifest = Manifest.decode(raw["metadata"]["annotations"][MANIFEST_ANNOTATION])
    assert manifest.attempt == CASES[name][1]
    if values:
        (text,) = values[0]["data"].values()
        assert manifest.values_sha256 == digest(text)
        assert values[0]["immutable"] is True
        volumes = {one["name"]: one for one in raw["spec"]["volumes"]}
        assert volumes["values"]["configMap"]["name"] == values[0]["metadata"]["name"]
    else:
        assert manifest.values is not None


def test_the_pods_deadline_is_a_net_below_all_clocks() -> None:
    assert pod("clocks")["spec"]["activeDeadlineSeconds"] == 60 + 3600 + 120 + 180 + 60
    assert "activeDeadlineSeconds" not in pod("minimal")["spec"]


def test_a_sidecar_has_its_whole_clock_between_sigterm_and_sigkill() -> None:
    graces = {name: pod(name)["spec"]["terminationGracePeriodSeconds"] for name in CASES}
    assert graces.pop("signal") == 120 + 5
    assert graces.pop("signal-with-command") == graces.pop("signal-as-root") == 300 + 5
    assert graces.pop("signal-with-overlay") == 300 + 5
    assert graces.pop("s3-signal") == 300 + 5
    assert set(graces.values()) == {30}


def test_without_a_launcher_command_and_arguments_are_the_users_alone() -> None:
    assert containers(pod("signal"))["main"].keys().isdisjoint({"command", "args"})
    main = containers(pod("signal-with-command"))["main"]
    assert (main["command"], main["args"]) == (["compute"], ["3"])


def test_a_privileged_main_is_not_refused_for_a_default_of_ours() -> None:
    allowed = replace(CONFIG, allow=Allow(privileged=True))
    for wanted in ({"privileged": True}, {"capabilities": {"add": ["CAP_SYS_ADMIN"]}}):
        assert main_of(wanted, allowed) == {"seccompProfile": {"type": "RuntimeDefault"}, **wanted}


def main_of(wanted: Json, config: Config) -> Json:
    view = a_task(securityContext=wanted).view()
    accepted = accept(view)
    assert isinstance(accepted, Accepted)
    pod = build_pod(view, accepted, Attempt(number=0, mode=Mode.INIT), config)
    context: Json = containers(pod)["main"]["securityContext"]
    return context


def test_one_capability_more_is_not_all_of_them() -> None:
    restricted = replace(CONFIG, pod_security=PodSecurity.RESTRICTED)
    one = {"capabilities": {"add": ["NET_BIND_SERVICE"]}}
    assert main_of(one, restricted)["capabilities"] == {"drop": ["ALL"], "add": ["NET_BIND_SERVICE"]}
    assert main_of(one, CONFIG)["capabilities"] == {"add": ["NET_BIND_SERVICE"]}
    none = {"capabilities": {"drop": ["KILL"]}}
    assert main_of(none, restricted)["capabilities"] == {"drop": ["KILL"]}


def test_a_pod_is_plain_json() -> None:
    for name in CASES:
        assert json.loads(json.dumps(made(name), allow_nan=False)) == made(name)
