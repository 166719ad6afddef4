"""What is recorded here: Pods with one thing wrong each, and when to look at them.

``hack/record.py`` plays them on the test cluster. What must not be found is looked for where nobody listens.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from containertask.contract import LAUNCHER_IMAGE_SUBPATH
from support import cluster, shapes
from support.admission import ABSENT_REFERENCE, OTHER_FOLDER, REFUSAL, Policy, forbidding
from support.cluster import Json
from support.shapes import OPERATOR_IMAGE, SHELL_IMAGE, STATIC_IMAGE, Main

Condition = Callable[[Json], bool]

CONFIG_MAPS: Final = {
    "plain": b"no program\n",
    "foreign": b"\x7fELF\x02\x01\x01" + bytes(9) + b"\x02\x00\xb7\x00" + bytes(44),
}
"""Launchers that are none: a text, and the head of a program for another machine."""

_USERS: Final = "localhost:1/users/tool:dev"


def stuck_or_ended(pod: Json) -> bool:
    """Tell whether ``main`` cannot start, or has ended."""
    state = cluster.status(pod, "main").get("state", {})
    reason = state.get("waiting", {}).get("reason", "ContainerCreating")
    return "terminated" in state or reason not in {"ContainerCreating", "PodInitializing"}


def backing_off(pod: Json) -> bool:
    """Tell whether the kubelet waits before it pulls an image for ``main`` again."""
    state = cluster.status(pod, "main").get("state", {})
    return bool(state.get("waiting", {}).get("reason") == "ImagePullBackOff")


def without_sandbox(phase: str) -> Condition:
    """Return the condition that a Pod in this phase is not ready to start containers."""
    wanted = ("PodReadyToStartContainers", "False")
    return lambda pod: (
        pod["status"]["phase"] == phase
        and wanted in [(one["type"], one["status"]) for one in pod["status"].get("conditions", [])]
    )


@dataclass(frozen=True, slots=True)
class Scene:
    """A Pod, and when to record it: as soon as it shows something, and so many seconds later."""

    about: str
    pod: Json
    shows: Condition = stuck_or_ended
    later: int = 0


@dataclass(frozen=True, slots=True)
class Question:
    """A Pod of which only the API server's answer to its creation is recorded, maybe under a policy."""

    about: str
    pod: Json
    policy: Policy | None = None


def _gated(volume: Json | None = None, *, folder: str = "", image: str = STATIC_IMAGE) -> Json:
    """Return the Pod of Gated mode with another launcher's volume, folder of it, or image of the user's."""
    pod = shapes.gated("recorded", Main(image=image, command=("/probe", "exit", "0")))
    pod["spec"]["volumes"][-1] = {"name": "launcher"} | (_image() if volume is None else volume)
    mount = pod["spec"]["containers"][1]["volumeMounts"][-1]
    mount.update({"readOnly": True, "subPath": folder or LAUNCHER_IMAGE_SUBPATH})
    return _pulled(pod)


def _image(reference: str = OPERATOR_IMAGE, policy: str = "IfNotPresent") -> Json:
    return {"image": {"reference": reference, "pullPolicy": policy}}


def _file(config_map: str, mode: int) -> Json:
    """Return a volume's source that puts a file where the launcher belongs."""
    items = [{"key": "launcher", "path": f"{LAUNCHER_IMAGE_SUBPATH}/launcher"}]
    return {"configMap": {"name": config_map, "items": items, "defaultMode": mode}}


def _signal(*args: str, image: str = SHELL_IMAGE) -> Json:
    return _pulled(shapes.signal("recorded", Main(image=image, args=args)))


def _pulled(pod: Json) -> Json:
    for one in pod["spec"]["containers"]:
        one["imagePullPolicy"] = "IfNotPresent"
    return pod


def _without_copilot(pod: Json) -> Json:
    for one in (pod["spec"]["containers"][0], pod["spec"]["containers"][2]):
        one["image"] = ABSENT_REFERENCE
    return pod


def _with_absent_volume(pod: Json) -> Json:
    """Add a volume that cannot be made. The kubelet waits only for those that a container mounts."""
    pod["spec"]["volumes"].append({"name": "absent", "configMap": {"name": "absent"}})
    pod["spec"]["containers"][1]["volumeMounts"].append({"name": "absent", "mountPath": "/absent"})
    return pod


_PULLED_FOR_VOLUME: Final = "the image volume's image cannot be pulled"
_PULLED_FOR_USER: Final = "the user's image cannot be pulled"
_LATER: Final = "and the kubelet waits before it tries again"
_FORBIDS: Final = "a policy forbids image volumes"

SCENES: Final[dict[str, Scene | Question]] = {
    # --- Gated: the image volume does not work --------------------------------------------------------
    "gated-volume-image-missing": Scene(_PULLED_FOR_VOLUME, _gated(_image(ABSENT_REFERENCE))),
    "gated-volume-image-missing-later": Scene(
        f"{_PULLED_FOR_VOLUME}, {_LATER}", _gated(_image(ABSENT_REFERENCE)), backing_off
    ),
    "gated-volume-image-never-pulled": Scene(
        "the image volume's image is absent and not to be pulled", _gated(_image(ABSENT_REFERENCE, "Never"))
    ),
    "gated-volume-image-invalid": Scene(
        "the image volume's reference is not one", _gated(_image(f"{OPERATOR_IMAGE}:dev"))
    ),
    "gated-volume-folder-missing": Scene("the image has no such folder", _gated(_image(SHELL_IMAGE))),
    "gated-volume-empty": Scene(
        "the volume is mounted empty, as k3s does (an emptyDir in its place)", _gated({"emptyDir": {}})
    ),
    "gated-launcher-missing": Scene("a folder without a launcher is mounted", _gated(folder=OTHER_FOLDER)),
    "gated-launcher-is-a-folder": Scene(
        "a folder has the launcher's name", _gated(folder=LAUNCHER_IMAGE_SUBPATH.rpartition("/")[0])
    ),
    "gated-launcher-not-executable": Scene(
        "the launcher is a plain file (a ConfigMap in the volume's place)", _gated(_file("plain", 0o444))
    ),
    "gated-launcher-of-another-machine": Scene(
        "the launcher is for another machine (a ConfigMap in the volume's place)",
        _gated(_file("foreign", 0o555)),
    ),
    "gated-never-ready": Scene(
        "a volume that main mounts cannot be made: no sandbox for 25 s",
        _with_absent_volume(_gated()),
        without_sandbox("Pending"),
        later=25,
    ),
    # --- Gated: something else, or nothing ------------------------------------------------------------
    "gated-not-yet-ready": Scene("the kubelet has just begun", _gated(), without_sandbox("Pending")),
    "gated-ended-well": Scene(
        "the Pod has succeeded, and its sandbox is gone", _gated(), without_sandbox("Succeeded")
    ),
    "gated-user-image-missing": Scene(_PULLED_FOR_USER, _gated(image=_USERS)),
    "gated-user-image-missing-later": Scene(
        f"{_PULLED_FOR_USER}, {_LATER}", _gated(image=_USERS), backing_off
    ),
    "gated-user-image-named-alike": Scene(
        f"{_PULLED_FOR_USER}; its name goes on where the operator's ends",
        _gated(image=f"{ABSENT_REFERENCE}-tools"),
    ),
    "gated-both-images-missing": Scene(
        f"{_PULLED_FOR_VOLUME}, nor can the user's", _gated(_image(ABSENT_REFERENCE), image=_USERS)
    ),
    "gated-operator-image-missing": Scene(
        f"{_PULLED_FOR_VOLUME}, and the copilot's is the same",
        _without_copilot(_gated(_image(ABSENT_REFERENCE))),
    ),
    # --- Signal: main is untouched --------------------------------------------------------------------
    "signal-command-not-found": Scene("the first argument is a path without a file", _signal("/absent")),
    "signal-command-not-on-path": Scene("the first argument is nowhere on PATH", _signal("absent")),
    "signal-command-not-executable": Scene("the first argument is a plain file", _signal("/etc/hostname")),
    "signal-no-command": Scene("no ENTRYPOINT, no command, no arguments: 25 s later", _signal(), later=25),
    "signal-user-image-missing": Scene(_PULLED_FOR_USER, _signal(image=_USERS)),
    # --- What the API server answers ------------------------------------------------------------------
    "volume-without-source": Question("the volume has no source", _gated({})),
    "volume-with-unknown-source": Question(
        "the API server does not know the volume's source", _gated({"picture": {"reference": OPERATOR_IMAGE}})
    ),
    "volume-refused": Question(_FORBIDS, _gated(), forbidding(REFUSAL, message=REFUSAL)),
    "volume-refused-as-forbidden": Question(
        f"{_FORBIDS}, with a reason of its own",
        _gated(),
        forbidding(REFUSAL, message=REFUSAL, reason="Forbidden"),
    ),
    "volume-refused-without-words": Question(
        f"{_FORBIDS} and has no message", _gated(), forbidding("failed expression")
    ),
}
