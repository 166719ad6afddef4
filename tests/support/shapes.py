"""The three shapes of a task's Pod, written by hand: Gated, Init and Signal.

The Pod builder of the product will be held against the same expectations on the same node.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from containertask.contract import (
    CONTROL_DIR,
    LAUNCHER_DIR,
    LAUNCHER_IMAGE_SUBPATH,
    LAUNCHER_NAME,
    MAIN_DIR,
    WAIT_ENVIRONMENT,
)
from support import standins

OPERATOR_IMAGE = "containertask/operator:dev"
SHELL_IMAGE = "containertask-test/shell:dev"
STATIC_IMAGE = "containertask-test/static:dev"
ENTRYPOINT_IMAGE = "containertask-test/entrypoint:dev"

COPILOT_UID = 65532
ARBITRARY_UID = 1000700000
"""As OpenShift gives them: in no image's passwd, and not the copilot's."""

OUTPUT_DIR = "/var/outputs"

Json = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Main:
    """The user's part: image, command (none in Signal mode), arguments, limits, launcher's flags."""

    image: str = STATIC_IMAGE
    command: tuple[str, ...] = ()
    args: tuple[str, ...] = ()
    memory: str = "64Mi"
    uid: int = ARBITRARY_UID
    launcher_flags: tuple[str, ...] = ()
    security: Json = field(default_factory=dict)


def gated(name: str, main: Main, *, downloader: str = standins.OPENING_DOWNLOADER) -> Json:
    """Start everything at once; the launcher comes from an image volume and waits at the gate."""
    launcher = {"name": "launcher", "image": {"reference": OPERATOR_IMAGE, "pullPolicy": "Never"}}
    mount = {"name": "launcher", "mountPath": LAUNCHER_DIR, "subPath": LAUNCHER_IMAGE_SUBPATH}
    containers = [
        _copilot("downloader", ["sh", "-c", downloader]),
        _launched_main(main, f"{LAUNCHER_DIR}/{LAUNCHER_NAME}", mount),
        _copilot("uploader", ["sh", "-c", standins.UPLOADER]),
    ]
    return _pod(name, containers, volumes=[launcher])


def init(name: str, main: Main) -> Json:
    """Run the downloader first; it copies the launcher to the control volume."""
    downloader = _copilot("downloader", ["sh", "-c", standins.COPYING_DOWNLOADER])
    containers = [
        _launched_main(main, f"{CONTROL_DIR}/{LAUNCHER_NAME}"),
        _copilot("uploader", ["sh", "-c", standins.UPLOADER]),
    ]
    return _pod(name, containers, init_containers=[downloader])


def signal(name: str, main: Main) -> Json:
    """Leave ``main`` untouched; the uploader is a native sidecar that waits for SIGTERM."""
    waiting = [f"/{LAUNCHER_IMAGE_SUBPATH}/{LAUNCHER_NAME}", "wait", "--"]
    sidecar = _copilot("uploader", [*waiting, "sh", "-c", standins.SIGNALLED_UPLOADER])
    sidecar["env"] = [{"name": name, "value": value} for name, value in WAIT_ENVIRONMENT.items()]
    downloader = _copilot("downloader", ["true"])
    untouched = {**_main(main), "args": list(main.args)}
    return _pod(name, [untouched], init_containers=[{**sidecar, "restartPolicy": "Always"}, downloader])


def _launched_main(main: Main, launcher: str, *mounts: Json) -> Json:
    flags = ["--control", CONTROL_DIR, "--main", MAIN_DIR, "--outputs", OUTPUT_DIR, *main.launcher_flags]
    container = _main(main)
    container["volumeMounts"] += [
        {"name": "control", "mountPath": CONTROL_DIR, "readOnly": True},
        {"name": "main", "mountPath": MAIN_DIR},
        *mounts,
    ]
    return {**container, "command": [launcher, "run", *flags, "--", *main.command]}


def _main(main: Main) -> Json:
    return {
        "name": "main",
        "image": main.image,
        "imagePullPolicy": "Never",
        "resources": {"limits": {"memory": main.memory}, "requests": {"memory": main.memory}},
        "securityContext": {**_restricted(main.uid), **main.security},
        "volumeMounts": [{"name": "outputs", "mountPath": OUTPUT_DIR}],
    }


def _copilot(name: str, command: list[str]) -> Json:
    return {
        "name": name,
        "image": OPERATOR_IMAGE,
        "imagePullPolicy": "Never",
        "command": command,
        "resources": {"requests": {"cpu": "10m", "memory": "32Mi"}, "limits": {"memory": "256Mi"}},
        "securityContext": {**_restricted(COPILOT_UID), "readOnlyRootFilesystem": True},
        "volumeMounts": [
            {"name": "control", "mountPath": CONTROL_DIR},
            {"name": "main", "mountPath": MAIN_DIR},
            {"name": "outputs", "mountPath": OUTPUT_DIR},
        ],
    }


def _restricted(uid: int) -> Json:
    return {
        "runAsUser": uid,
        "runAsNonRoot": True,
        "allowPrivilegeEscalation": False,
        "capabilities": {"drop": ["ALL"]},
        "seccompProfile": {"type": "RuntimeDefault"},
    }


def _pod(
    name: str,
    containers: list[Json],
    *,
    init_containers: list[Json] | None = None,
    volumes: list[Json] | None = None,
) -> Json:
    shared: list[Json] = [{"name": name, "emptyDir": {}} for name in ("control", "main", "outputs")]
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name},
        "spec": {
            "restartPolicy": "Never",
            "automountServiceAccountToken": False,
            "enableServiceLinks": False,
            "terminationGracePeriodSeconds": 30,
            "initContainers": init_containers or [],
            "containers": containers,
            "volumes": [*shared, *(volumes or [])],
        },
    }
