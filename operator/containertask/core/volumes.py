"""The volumes of a task's Pod, and who mounts which of them."""

from __future__ import annotations

from typing import Any, Final

from containertask import contract
from containertask.contract.manifest import Mode
from containertask.core.accept import Accepted
from containertask.core.config import Config
from containertask.core.inputs import config_maps
from containertask.core.names import (
    DOWNLOADER,
    LAUNCHER_VOLUME,
    MAIN,
    MANIFEST_ANNOTATION,
    SOURCES_VOLUME,
    UPLOADER,
    values_name,
)
from containertask.core.task import TaskView

Json = dict[str, Any]

_CONTROL: Final = "control"
_MAIN: Final = "main"
_INPUTS: Final = "inputs"
_OUTPUTS: Final = "outputs"
_MANIFEST: Final = "manifest"
_VALUES: Final = "values"
_WRITES_CONTROL: Final = {
    Mode.GATED: frozenset({DOWNLOADER, UPLOADER}),
    Mode.INIT: frozenset({DOWNLOADER}),
}
"""Who makes the gate and the exit FIFO. Where all start at once, whoever comes first makes the FIFO."""


def volumes(task: TaskView, accepted: Accepted, mode: Mode, config: Config) -> list[Json]:
    """Return the Pod's volumes."""
    field = {"fieldPath": f"metadata.annotations['{MANIFEST_ANNOTATION}']"}
    file = {"path": contract.MANIFEST_FILE.rpartition("/")[2], "fieldRef": field}
    empty = (_INPUTS, _OUTPUTS) if mode is Mode.SIGNAL else (_CONTROL, _MAIN, _INPUTS, _OUTPUTS)
    found: list[Json] = [{"name": name, "emptyDir": {}} for name in empty]
    found.append({"name": _MANIFEST, "downwardAPI": {"items": [file]}})
    if accepted.document.sha256 is not None:
        name = values_name(task.name, task.uid, accepted.document.sha256)
        found.append({"name": _VALUES, "configMap": {"name": name}})
    if sources := config_maps(accepted.spec, accepted.inputs):
        found.append({"name": SOURCES_VOLUME, "projected": {"sources": sources}})
    if mode is Mode.GATED:
        image = {"reference": config.image, "pullPolicy": config.image_pull_policy}
        image = {name: value for name, value in image.items() if value is not None}
        found.append({"name": LAUNCHER_VOLUME, "image": image})
    return found


def mounts(container: str, accepted: Accepted, mode: Mode) -> list[Json]:
    """Return what one of the three containers mounts, and where."""
    spec = accepted.spec
    control = []
    if writers := _WRITES_CONTROL.get(mode):
        control = [_mount(_CONTROL, contract.CONTROL_DIR, read_only=container not in writers)]
    manifest = _mount(_MANIFEST, _folder(contract.MANIFEST_FILE), read_only=True)
    main = [] if mode is Mode.SIGNAL else [_mount(_MAIN, contract.MAIN_DIR, read_only=container != MAIN)]
    if container == MAIN:
        folders = [_mount(_INPUTS, spec.input_dir), _mount(_OUTPUTS, spec.output_dir)]
        return [*control, *main, *folders, *(_launcher() if mode is Mode.GATED else ())]
    if container == UPLOADER:
        return [*control, *main, _mount(_OUTPUTS, contract.OUTPUTS_MOUNT, read_only=True), manifest]
    values = [_mount(_VALUES, _folder(contract.VALUES_FILE), read_only=True)]
    large = accepted.document.sha256 is not None
    sources = (
        [_mount(SOURCES_VOLUME, contract.SOURCES_DIR, read_only=True)]
        if any(not one.known for one in accepted.inputs.values())
        else []
    )
    return [*control, _mount(_INPUTS, contract.INPUTS_MOUNT), manifest, *(values if large else ()), *sources]


def _launcher() -> list[Json]:
    """Of the whole image only this one folder is seen by the user's container."""
    mount = _mount(LAUNCHER_VOLUME, contract.LAUNCHER_DIR, read_only=True)
    return [{**mount, "subPath": contract.LAUNCHER_IMAGE_SUBPATH}]


def _mount(volume: str, path: str, *, read_only: bool = False) -> Json:
    return {"name": volume, "mountPath": path, **({"readOnly": True} if read_only else {})}


def _folder(file: str) -> str:
    return file.rpartition("/")[0]
