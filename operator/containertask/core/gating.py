"""Which nodes can start tasks Gated: those that mount image volumes with a subPath.

Pure. It reads Nodes as JSON and raises on nothing that is in them: what cannot be read is not known to work,
and then tasks start in Init mode, which works everywhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

Json = dict[str, Any]

NO_NODE: Final = "no node is Ready"

KUBELET: Final = (1, 36)
"""From here on nobody can switch image volumes off (k8s.io/kubernetes 1.36 pkg/features/kube_features.go)."""

RUNTIMES: Final = MappingProxyType(
    {
        # Release notes of 2.2.0: "Support image volume mount subpath (#11578)"; 2.1 mounts the whole image.
        "containerd": (2, 2),
        # cri-o/cri-o#9050, "Add image volume subpath support", in 1.33.0.
        "cri-o": (1, 33),
    }
)

_VERSION: Final = re.compile(r"v?([0-9]{1,4})\.([0-9]{1,4})(?![0-9A-Za-z])")
_BUNDLED: Final = re.compile(r"[-+](k3s|rke2)")
_SHOWN: Final = 64


@dataclass(frozen=True, slots=True)
class Survey:
    """What the nodes say that were looked at.

    Attributes:
        counted: a node was among them that counts: Ready, and of Linux.
        objection: why the first one that counts and cannot, cannot; empty if each can.
    """

    counted: bool = False
    objection: str = ""

    @property
    def all_gate(self) -> bool:
        """Tell whether tasks can start Gated wherever they are scheduled."""
        return self.counted and not self.objection

    @property
    def why_not(self) -> str:
        """Say why they cannot; empty if they can."""
        return self.objection or ("" if self.counted else NO_NODE)

    def with_nodes(self, nodes: Iterable[Json]) -> Survey:
        """Return what these say together with more nodes; reads none beyond the first objection."""
        counted, objection = self.counted, self.objection
        for node in nodes:
            if objection:
                break
            if _counts(node):
                counted, objection = True, _objection(node)
        return Survey(counted, objection)


def _counts(node: Json) -> bool:
    """Tell whether Pods of ours may get there: the others need not mount anything."""
    conditions = _at(node, "status", "conditions")
    ready = isinstance(conditions, list) and any(
        _text(one, "type") == "Ready" and _text(one, "status") == "True" for one in conditions
    )
    system = _text(node, "status", "nodeInfo", "operatingSystem") or _text(
        node, "metadata", "labels", "kubernetes.io/os"
    )
    return ready and system in ("linux", "")


def _objection(node: Json) -> str:
    name = _text(node, "metadata", "name")
    why = _kubelet(_text(node, "status", "nodeInfo", "kubeletVersion")) or _runtime(
        _text(node, "status", "nodeInfo", "containerRuntimeVersion")
    )
    return f"node {_shown(name)}: {why}" if why else ""


def _kubelet(version: str) -> str:
    if _BUNDLED.search(version):
        return _by_bundle(version)
    found = _number(version)
    if found is None:
        return f"kubelet {_shown(version)} has no version that can be read"
    return "" if found >= KUBELET else f"kubelet {_shown(version)} is older than {_dotted(KUBELET)}"


def _runtime(reported: str) -> str:
    name, _, version = reported.partition("://")
    if _BUNDLED.search(version):
        return _by_bundle(reported)
    needed, found = RUNTIMES.get(name), _number(version)
    if needed is None or found is None:
        return f"runtime {_shown(reported)} is not known to mount image volumes"
    return "" if found >= needed else f"runtime {_shown(reported)} is older than {_dotted(needed)}"


def _by_bundle(version: str) -> str:
    """Say why not: containerd as k3s and RKE2 bundle it was seen to mount them empty, without an error."""
    return f"{_shown(version)} is not known to mount image volumes (github.com/k3s-io/k3s/issues/14323)"


def _number(version: str) -> tuple[int, int] | None:
    found = _VERSION.match(version)
    return (int(found[1]), int(found[2])) if found else None


def _dotted(version: tuple[int, int]) -> str:
    return f"{version[0]}.{version[1]}"


def _shown(text: str) -> str:
    """Return what a node says of itself as part of a log line: one line, short."""
    return text[:_SHOWN] if text[:_SHOWN].isprintable() and text else repr(text[:_SHOWN])


def _at(found: object, *names: str) -> object:
    for name in names:
        found = found.get(name) if isinstance(found, dict) else None
    return found


def _text(found: object, *names: str) -> str:
    text = _at(found, *names)
    return text if isinstance(text, str) else ""
