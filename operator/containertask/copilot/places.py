"""Where the copilot finds and puts things: the contract's paths, or other ones where no Pod is."""

from __future__ import annotations

from dataclasses import dataclass

from containertask import contract


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Absolute paths of the folders and files that downloader and uploader use."""

    control: str = contract.CONTROL_DIR
    main: str = contract.MAIN_DIR
    inputs: str = contract.INPUTS_MOUNT
    outputs: str = contract.OUTPUTS_MOUNT
    manifest: str = contract.MANIFEST_FILE
    values: str = contract.VALUES_FILE
    sources: str = contract.SOURCES_DIR
    stores: str = contract.STORES_DIR
    launcher: str = f"/{contract.LAUNCHER_IMAGE_SUBPATH}/{contract.LAUNCHER_NAME}"
    message: str = "/dev/termination-log"
