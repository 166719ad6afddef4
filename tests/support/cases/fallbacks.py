"""Gated Pods that do not start: for their image volume, or for something else that looks like it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from containertask.contract.manifest import Mode
from containertask.core.mode import Cluster
from containertask.core.names import DOWNLOADER, MAIN, UPLOADER
from containertask.core.snapshot import Snapshot
from support.builders import CONFIG, a_pod, a_task, at, rfc, seen
from support.builders.pods import PodBuilder

_RUNC: Final = (
    "failed to create containerd task: failed to create shim task: OCI runtime create failed: "
    "runc create failed: unable to start container process: "
)
_RUNNING: Final = {"running": {"startedAt": rfc(3)}}
_PROVEN: Final = Cluster(gates=True, proven=frozenset({"node-1"}))
_NEW: Final = a_pod(mode=Mode.GATED).scheduled()
BEGUN: Final = _NEW.sandbox().initialized().state(UPLOADER, _RUNNING)
"""A Gated Pod of which only ``main`` has not started."""


@dataclass(frozen=True, slots=True)
class Unstarted:
    """A Pod that does not start, and when it is looked at."""

    pod: PodBuilder
    now: int = at(10)
    cluster: Cluster = field(default_factory=lambda: Cluster(gates=True))

    @property
    def snapshot(self) -> Snapshot:
        return seen(a_task(), self.pod, cluster=self.cluster)


def _pulling(image: str) -> str:
    return f'failed to pull and unpack image "registry.example/{image}": registry.example/{image}: not found'


def start_error(text: str, pod: PodBuilder = BEGUN) -> PodBuilder:
    """Return a Pod whose ``main`` the runtime could not start, as the kubelet tells it."""
    end = {
        "exitCode": 128,
        "reason": "StartError",
        "message": f"{_RUNC}{text}",
        "startedAt": "1970-01-01T00:00:00Z",
        "finishedAt": rfc(6),
    }
    return pod.state(MAIN, {"terminated": end})


_LAUNCHER: Final = 'exec: "/ct/launcher/launcher": '

BY_THE_VOLUME: Final = {
    "the volume's image cannot be pulled": Unstarted(
        BEGUN.waiting(MAIN, "ErrImagePull", _pulling(CONFIG.image))
    ),
    "the volume's image is waited for": Unstarted(
        BEGUN.waiting(MAIN, "ImagePullBackOff", f'Back-off pulling image "{CONFIG.image}"')
    ),
    "the volume's image is absent and may not be pulled": Unstarted(
        BEGUN.waiting(MAIN, "ErrImageNeverPull", f'Container image "{CONFIG.image}" is not present')
    ),
    "the volume's image has no name of an image": Unstarted(
        BEGUN.waiting(MAIN, "InvalidImageName", f'couldn\'t parse image name "{CONFIG.image}": invalid')
    ),
    "the runtime cannot mount it": Unstarted(
        BEGUN.waiting(
            MAIN, "CreateContainerError", "failed to mount image volume: ImageVolumeMountFailed: openat"
        )
    ),
    "it is mounted empty": Unstarted(
        start_error(f"{_LAUNCHER}stat /ct/launcher/launcher: no such file or directory")
    ),
    "a folder is where the launcher belongs": Unstarted(start_error(f"{_LAUNCHER}is a directory")),
    "the launcher cannot be executed": Unstarted(start_error(f"{_LAUNCHER}permission denied")),
    "no sandbox for 20 s on a node that has shown none": Unstarted(_NEW.sandbox(ready=False), at(22)),
}

BY_SOMETHING_ELSE: Final = {
    "the user's image cannot be pulled": Unstarted(
        BEGUN.waiting(MAIN, "ErrImagePull", _pulling("users/tool:1"))
    ),
    "the name of the user's image goes on where ours ends": Unstarted(
        BEGUN.waiting(MAIN, "ErrImagePull", _pulling(f"{CONFIG.image}-tools"))
    ),
    "no image of ours can be pulled": Unstarted(
        _NEW.sandbox()
        .waiting(DOWNLOADER, "ImagePullBackOff", _pulling(CONFIG.image))
        .waiting(MAIN, "ErrImagePull", _pulling(CONFIG.image))
        .waiting(UPLOADER, "ErrImagePull", _pulling(CONFIG.image))
    ),
    "a Secret of the user's is missing": Unstarted(
        BEGUN.waiting(MAIN, "CreateContainerConfigError", 'secret "image volume" not found')
    ),
    "the container's name is in use": Unstarted(
        BEGUN.waiting(MAIN, "CreateContainerError", "failed to reserve container name")
    ),
    "the folder of workingDir is missing": Unstarted(
        start_error('error during container init: chdir to cwd ("/absent") set in config.json failed')
    ),
    "the launcher ends by itself": Unstarted(BEGUN.main_ended(1)),
    "no sandbox for 19 s": Unstarted(_NEW.sandbox(ready=False), at(21)),
    "no sandbox on a node that has shown one": Unstarted(_NEW.sandbox(ready=False), at(100), _PROVEN),
    "the sandbox is made anew after a container had begun": Unstarted(
        _NEW.sandbox(ready=False).downloading(), at(100)
    ),
    "the kubelet has not begun with it": Unstarted(_NEW, at(100)),
    "it is in Init mode": Unstarted(
        start_error(
            f"{_LAUNCHER}stat /ct/launcher/launcher: no such file",
            a_pod().scheduled().initialized().running(),
        )
    ),
    "it is in Init mode and without a sandbox": Unstarted(a_pod().scheduled().sandbox(ready=False), at(100)),
    "somebody deletes it": Unstarted(_NEW.sandbox(ready=False).deleting(200), at(100)),
    "it is being stopped already": Unstarted(
        _NEW.sandbox(ready=False).stopped("Cancelled", after=21), at(100)
    ),
}
