"""How often a node wrote to each Pod of a namespace, by the API server's audit log.

A real kubelet writes a known number of times; fake nodes that write more often measure themselves.
"""

from __future__ import annotations

import json
import shlex
from collections import Counter
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from support import cluster

_LOGS: Final = "/var/log/kubernetes/audit*.log"
"""On the node: ``hack/testbed/audit.py`` puts them there."""


@dataclass(frozen=True, slots=True)
class Patches:
    """Status patches by Pod, and how many more were refused."""

    by_pod: Counter[str]
    refused: int

    def __str__(self) -> str:
        """Show the numbers that occur."""
        found = sorted(set(self.by_pod.values()))
        shown = f"{found[0]} to {found[-1]}" if len(found) > 1 else f"{found[0]}"
        return shown + (f" ({self.refused} refused)" if self.refused else "")


def read(namespace: str) -> Patches:
    """Read what was answered so far."""
    where = f'"objectRef":{{"resource":"pods","namespace":"{namespace}"'
    by_pod: Counter[str] = Counter()
    refused = 0
    lines = cluster.on_node(f"grep -hF {shlex.quote(where)} {_LOGS} || true").splitlines()
    for line in (one for one in lines if one.endswith("}")):
        event = json.loads(line)
        target = event["objectRef"]
        if (event["verb"], target.get("subresource")) != ("patch", "status"):
            continue
        if event["responseStatus"]["code"] == HTTPStatus.OK:
            by_pod[target["name"]] += 1
        else:
            refused += 1
    return Patches(by_pod, refused)
