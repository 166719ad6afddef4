"""What an administrator decides for all tasks. Made from the environment by ``runtime.config``."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from containertask.core.offers import AcceleratorType, Allow


class PodSecurity(enum.StrEnum):
    """Which Pod Security Standard the defaults of ``main`` satisfy."""

    BASELINE = "Baseline"
    RESTRICTED = "Restricted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """Settings of the decisions. Times are in seconds."""

    image: str
    """The operator's own image: downloader, uploader and launcher come from it."""
    image_pull_policy: str | None = None
    copilot_uid: int | None = 65532
    """User of downloader and uploader; None leaves it to the cluster (OpenShift)."""
    pod_security: PodSecurity = PodSecurity.BASELINE
    default_ttl: int | None = 7 * 24 * 3600
    image_pull_grace: int = 180
    node_lost_grace: int = 300
    """How long a Pod may outlive the grace of its deletion before its node is given up."""
    download_timeout: int = 1800
    upload_timeout: int = 1800
    copilot_requests: Mapping[str, str] = field(default_factory=lambda: {"cpu": "10m", "memory": "32Mi"})
    copilot_limits: Mapping[str, str] = field(default_factory=lambda: {"memory": "256Mi"})
    interruptible: Mapping[str, Any] = field(default_factory=dict)
    """What lets a Pod run on nodes that can be taken away: ``nodeSelector`` and ``tolerations``."""
    accelerators: Mapping[str, AcceleratorType] = field(default_factory=dict)
    """By the type that tasks name."""
    allow: Allow = field(default_factory=Allow)
