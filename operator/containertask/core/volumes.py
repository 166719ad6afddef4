"""The volumes of a task's Pod, and who mounts which of them."""

from __future__ import annotations

from typing import Any, Final

from containertask import contract
from containertask.api.base import Quantity
from containertask.api.hardware import VolumeSizes
from containertask.contract.manifest import Mode
from containertask.core.accept import Accepted
from containertask.core.attempt import Attempt
from containertask.core.config import Config
from containertask.core.inputs import config_maps
from containertask.core.names import (
    CONTROL_VOLUME,
    DOWNLOADER,
    INPUTS_VOLUME,
    LAUNCHER_VOLUME,
    MAIN,
    MAIN_VOLUME,
    MANIFEST_ANNOTATION,
    MANIFEST_VOLUME,
    OUTPUTS_VOLUME,
    SHARED_MEMORY_VOLUME,
    SOURCES_VOLUME,
    UPLOADER,
    VALUES_VOLUME,
    values_name,
)
from containertask.core.secrets import secret_mounts, secret_volumes
from containertask.core.storemounts import store_mounts, store_volumes
from containertask.core.task import TaskView

Json = dict[str, Any]

_SHARED_MEMORY: Final = "/dev/shm"  # noqa: S108 (where programs look for it)
_WRITES_CONTROL: Final = {
    Mode.GATED: frozenset({DOWNLOADER, UPLOADER}),
    Mode.INIT: frozenset({DOWNLOADER}),
}
"""Who makes the gate and the exit FIFO. Where all start at once, whoever comes first makes the FIFO."""


def volumes(task: TaskView, accepted: Accepted, attempt: Attempt, config: Config) -> list[Json]:
    """Return the Pod's volumes."""
    mode = attempt.mode
    field = {"fieldPath": f"metadata.annotations['{MANIFEST_ANNOTATION}']"}
    file = {"path": contract.MANIFEST_FILE.rpartition("/")[2], "fieldRef": field}
    launched = () if mode is Mode.SIGNAL else (CONTROL_VOLUME, MAIN_VOLUME)
    limits = accepted.spec.volumes or VolumeSizes()
    sizes = {INPUTS_VOLUME: limits.inputs, OUTPUTS_VOLUME: limits.outputs}
    found: list[Json] = [
        {"name": name, "emptyDir": _room(sizes.get(name))}
        for name in (*launched, INPUTS_VOLUME, OUTPUTS_VOLUME)
    ]
    found.append({"name": MANIFEST_VOLUME, "downwardAPI": {"items": [file]}})
    if accepted.document.sha256 is not None:
        name = values_name(task.name, task.uid, accepted.document.sha256)
        found.append({"name": VALUES_VOLUME, "configMap": {"name": name}})
    if sources := config_maps(accepted.spec, accepted.inputs):
        found.append({"name": SOURCES_VOLUME, "projected": {"sources": sources}})
    if mode is Mode.GATED:
        image = {"reference": config.image, "pullPolicy": config.image_pull_policy}
        image = {name: value for name, value in image.items() if value is not None}
        found.append({"name": LAUNCHER_VOLUME, "image": image})
    if (shared := accepted.spec.shared_memory) is not None:
        memory = {"medium": "Memory", **_room(shared.size_limit)}
        found.append({"name": SHARED_MEMORY_VOLUME, "emptyDir": memory})
    return [*found, *secret_volumes(accepted.spec), *store_volumes(attempt.use)]


def _room(limit: Quantity | None) -> Json:
    return {} if limit is None else {"sizeLimit": limit}


def mounts(container: str, accepted: Accepted, attempt: Attempt) -> list[Json]:
    """Return what one of the three containers mounts, and where."""
    spec, mode = accepted.spec, attempt.mode
    control = []
    if writers := _WRITES_CONTROL.get(mode):
        if attempt.use.feeds:
            writers |= {UPLOADER}  # it removes a FIFO that is in use
        control = [_mount(CONTROL_VOLUME, contract.CONTROL_DIR, read_only=container not in writers)]
    manifest = _mount(MANIFEST_VOLUME, _folder(contract.MANIFEST_FILE), read_only=True)
    main = (
        [] if mode is Mode.SIGNAL else [_mount(MAIN_VOLUME, contract.MAIN_DIR, read_only=container != MAIN)]
    )
    if container == MAIN:
        folders = [_mount(INPUTS_VOLUME, spec.input_dir), _mount(OUTPUTS_VOLUME, spec.output_dir)]
        launcher = _launcher() if mode is Mode.GATED else []
        shared = [] if spec.shared_memory is None else [_mount(SHARED_MEMORY_VOLUME, _SHARED_MEMORY)]
        return [*control, *main, *folders, *launcher, *shared, *secret_mounts(spec)]
    stores = store_mounts(attempt.use, container)
    if container == UPLOADER:
        outputs = _mount(OUTPUTS_VOLUME, contract.OUTPUTS_MOUNT, read_only=True)
        return [*control, *main, outputs, manifest, *stores]
    values = [_mount(VALUES_VOLUME, _folder(contract.VALUES_FILE), read_only=True)]
    large = accepted.document.sha256 is not None
    sources = (
        [_mount(SOURCES_VOLUME, contract.SOURCES_DIR, read_only=True)]
        if any(one.item.file is not None for one in accepted.inputs.values())
        else []
    )
    return [
        *control,
        _mount(INPUTS_VOLUME, contract.INPUTS_MOUNT),
        manifest,
        *(values if large else ()),
        *sources,
        *stores,
    ]


def _launcher() -> list[Json]:
    """Of the whole image only this one folder is seen by the user's container."""
    mount = _mount(LAUNCHER_VOLUME, contract.LAUNCHER_DIR, read_only=True)
    return [{**mount, "subPath": contract.LAUNCHER_IMAGE_SUBPATH}]


def _mount(volume: str, path: str, *, read_only: bool = False) -> Json:
    return {"name": volume, "mountPath": path, **({"readOnly": True} if read_only else {})}


def _folder(file: str) -> str:
    return file.rpartition("/")[0]
