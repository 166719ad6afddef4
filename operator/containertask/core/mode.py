"""In which mode an attempt starts: what the user asks for, and what the cluster can (design section 5)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from containertask.api.spec import ContainerTaskSpec, Start
from containertask.contract.manifest import Mode

_HOUR: Final = 3_600_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """What is known of the cluster's way with image volumes, which Gated mode needs."""

    gates: bool = False
    """Every Ready node is known to mount them."""
    failed_at: int | None = None
    """When one last did not work, in Unix milliseconds."""
    proven: frozenset[str] = frozenset()
    """Nodes on which one has worked."""


def mode_of(
    spec: ContainerTaskSpec, cluster: Cluster, now: int, *, fetches: bool = False, mounts: bool = False
) -> Mode:
    """Return the mode of an attempt that begins now.

    ``fetches``: inputs have to be fetched, which takes longer than starting containers one after another;
    ``mounts``: stores need volumes.

    Who asks for Gated gets it whatever the nodes say of themselves, but not within an hour of a failure:
    that is for Auto and for all tasks alike. ``verify`` has refused Gated and Init without a command.
    A Pod that waits for a ConfigMap, a Secret or a claim cannot be told from one that waits for an image
    volume, so by Auto it has none until one has worked.
    """
    match spec.start:
        case Start.SIGNAL:
            return Mode.SIGNAL
        case Start.INIT:
            return Mode.INIT
        case Start.AUTO if spec.command is None:
            return Mode.SIGNAL
        case Start.AUTO if fetches or not cluster.gates:
            return Mode.INIT
        case Start.AUTO if not cluster.proven and (mounts or _waits_for_sources(spec)):
            return Mode.INIT
        case Start.AUTO | Start.GATED:
            failed = cluster.failed_at is not None and cluster.failed_at <= now < cluster.failed_at + _HOUR
            return Mode.INIT if failed else Mode.GATED


def _waits_for_sources(spec: ContainerTaskSpec) -> bool:
    inputs = any(one.value_from is not None for one in spec.inputs or ())
    secrets = any(one.file is not None for one in spec.secrets or ())
    return inputs or secrets or spec.pod_template is not None
