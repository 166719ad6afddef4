"""The API server's audit log as tests read it: who asked for what, and by which right.

It holds every write, and everything that a Pod of any namespace asked for; no bodies. The API server writes a
line before it answers, so whoever has seen an answer finds its line.
"""

from __future__ import annotations

import json
import shlex
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final

from support import cluster
from support.cluster import Json
from testbed import audit

READS: Final = frozenset({"get", "list", "watch"})
_PREFIX: Final = "system:serviceaccount:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Right:
    """What RBAC speaks of. ``resource`` is with its subresource, as in a rule."""

    group: str
    resource: str
    verb: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request that the API server answered, or a watch that it began.

    Attributes:
        account: ``<namespace>:<name>`` of the ServiceAccount; empty when somebody else asked.
        right: what was asked for; None for a path without a resource, such as discovery.
        namespace, name: the object's; empty for many.
        code: the answer's HTTP status.
        granted_by: the authorizer's reason, which names the role and its binding; empty if it said no.
    """

    account: str
    right: Right | None
    namespace: str
    name: str
    code: int
    granted_by: str

    @property
    def is_write(self) -> bool:
        """Tell whether it changes an object."""
        return self.right is not None and self.right.verb not in READS


def by_account(namespace: str, name: str = "") -> list[Request]:
    """Return what a ServiceAccount asked for, or all of a namespace, in the order of the answers."""
    return [request(event) for event in events(namespace, name)]


def events(namespace: str, name: str = "") -> list[Json]:
    """Return the same as the log has it, as far back as the log goes."""
    who = f'"username":"{_PREFIX}{namespace}:' + (f'{name}"' if name else "")
    files = str(PurePosixPath(audit.LOG).with_suffix("")) + "*.log"
    # Rotated files have the time in their names and sort before the current one. No match is no failure.
    lines = cluster.on_node(f"grep -hF {shlex.quote(who)} {files} || true").splitlines()
    return [json.loads(line) for line in lines if line.endswith("}")]


def request(event: Json) -> Request:
    """Return what a line of the log tells."""
    reference, annotations = event.get("objectRef"), event.get("annotations", {})
    allowed = annotations.get("authorization.k8s.io/decision") == "allow"
    return Request(
        account=event["user"]["username"].removeprefix(_PREFIX),
        right=_right(event["verb"], reference) if reference else None,
        namespace=(reference or {}).get("namespace", ""),
        name=(reference or {}).get("name", ""),
        code=event.get("responseStatus", {}).get("code", 0),
        granted_by=annotations.get("authorization.k8s.io/reason", "") if allowed else "",
    )


def _right(verb: str, reference: Json) -> Right:
    parts = (reference["resource"], reference.get("subresource"))
    return Right(
        group=reference.get("apiGroup", ""), resource="/".join(part for part in parts if part), verb=verb
    )
