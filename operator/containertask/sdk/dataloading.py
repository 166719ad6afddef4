"""How data comes to a task and goes from it, as Flyte's message says it."""

from __future__ import annotations

from typing import Final

from flyteidl.core.tasks_pb2 import DataLoadingConfig, IOStrategy  # type: ignore[import-untyped]

from containertask.sdk.parts import Parts

_FORMATS: Final = {
    "JSON": DataLoadingConfig.JSON,
    "YAML": DataLoadingConfig.YAML,
    "PROTO": DataLoadingConfig.PROTO,
}


def data_loading(parts: Parts) -> DataLoadingConfig:
    """Return the message: all is there before the command starts, and is taken when it has ended."""
    return DataLoadingConfig(
        enabled=True,
        input_path=parts.input_dir,
        output_path=parts.output_dir,
        format=_FORMATS[parts.metadata_format],
        io_strategy=IOStrategy(
            download_mode=IOStrategy.DOWNLOAD_EAGER, upload_mode=IOStrategy.UPLOAD_ON_EXIT
        ),
    )
