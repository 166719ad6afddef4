"""What an administrator allows the Pods of all tasks, and which accelerators the cluster has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Allow:
    """What a Pod may have that reaches beyond it; ``core.policy`` enforces it."""

    host_paths: tuple[str, ...] = ()
    """Folders of nodes that may be mounted, with all in them."""
    privileged: bool = False
    """Whatever the Pod Security Standard *baseline* keeps from containers."""
    host_namespaces: bool = False
    """The network, the processes and the IPC of nodes, and their ports."""
    service_accounts: tuple[str, ...] = ("*",)
    """Patterns that name service accounts as a whole, with ``*`` and ``?``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Partition:
    """A part of an accelerator: another resource, or other nodes."""

    resource: str | None = None
    node_selector: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceleratorType:
    """How Pods get accelerators of one type."""

    resource: str
    node_selector: Mapping[str, str] = field(default_factory=dict)
    tolerations: tuple[Json, ...] = ()
    partitions: Mapping[str, Partition] = field(default_factory=dict)
