"""The fields that Kubernetes has where an overlay can reach, against those that our tables name."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final

from containertask.core.podfields import CONTAINER, POD
from containertask.core.policy import CONTAINER_SECURITY, POD_SECURITY

TABLES: Final[Mapping[str, Collection[str]]] = {
    "PodSpec": POD.keys(),
    "Container": CONTAINER.keys(),
    "PodSecurityContext": POD_SECURITY.keys(),
    "SecurityContext": CONTAINER_SECURITY.keys(),
}
CURE: Final = (
    "Kubernetes has fields that no table of ours names, so overlays cannot set them: say in "
    "core/podfields.py whose they are, or in core/policy.py what of them is a privilege"
)


def unnamed(kind: str, fields: Collection[str]) -> set[str]:
    """Return the fields of a kind that no table names."""
    return {*fields} - {*TABLES[kind]}
