"""How long the clocks inside a Pod run: the task's word, else the administrator's."""

from __future__ import annotations

from typing import Final

from containertask.api.clocks import duration_seconds
from containertask.api.spec import ContainerTaskSpec
from containertask.contract.manifest import Mode
from containertask.core.config import Config

_SIGNAL_UPLOAD: Final = 300
"""Seconds. It is the Pod's grace in Signal mode, so also what a command has that ignores SIGTERM."""


def seconds(duration: str | None, default: int) -> int:
    """Return a clock's length in seconds."""
    return default if duration is None else duration_seconds(duration)


def download_seconds(spec: ContainerTaskSpec, config: Config) -> int:
    """Return the downloader's clock in seconds."""
    return seconds(spec.timeout.download if spec.timeout else None, config.download_timeout)


def upload_seconds(spec: ContainerTaskSpec, mode: Mode, config: Config) -> int:
    """Return the uploader's clock in seconds."""
    default = config.upload_timeout
    default = min(default, _SIGNAL_UPLOAD) if mode is Mode.SIGNAL else default
    return seconds(spec.timeout.upload if spec.timeout else None, default)
