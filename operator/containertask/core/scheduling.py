"""What a later attempt's Pod has that the first one's has not: other nodes, more memory.

Pure: parts of a Pod as core/v1 has them in and out. What is not of core/v1's shape stays as it is, for the
API server to refuse it in its own words.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from containertask.api.quantity import from_bytes, to_bytes
from containertask.core.attempt import Attempt
from containertask.core.config import Config
from containertask.core.texts import without_nothing

Json = dict[str, Any]

_WEIGHT: Final = 100
_PREFERRED: Final = "preferredDuringSchedulingIgnoredDuringExecution"


def suited(spec: Json, attempt: Attempt, config: Config) -> Json:
    """Return a Pod's spec, without empty fields, as it suits this attempt."""
    found = on_spare_nodes(spec, config.interruptible) if attempt.interruptible else spec
    return without_nothing({**found, "affinity": away_from(found.get("affinity"), attempt.avoid)})


def away_from(affinity: object, nodes: Sequence[str]) -> object:
    """Return the affinity with a preference for other nodes than these.

    Each has a term of its own, as the API server takes one name a term.
    """
    wanted = {} if affinity is None else affinity
    if not nodes or not isinstance(wanted, dict):
        return affinity
    node_affinity = wanted.get("nodeAffinity") or {}
    preferred = node_affinity.get(_PREFERRED) or [] if isinstance(node_affinity, dict) else None
    if not isinstance(preferred, list):
        return affinity
    ours = [_not_on(node) for node in nodes]
    return {**wanted, "nodeAffinity": {**node_affinity, _PREFERRED: [*preferred, *ours]}}


def grown(resources: Json, memory: str | None) -> Json:
    """Return the resources with this limit of memory; a request grows by as much, so that a node has room."""
    limits = resources.get("limits") or {}
    if memory is None or "memory" not in limits:
        return resources
    found = {**resources, "limits": {**limits, "memory": memory}}
    requests = resources.get("requests") or {}
    if "memory" in requests:
        share = to_bytes(requests["memory"]) * to_bytes(memory) // max(1, to_bytes(limits["memory"]))
        found["requests"] = {**requests, "memory": from_bytes(share)}
    return found


def on_spare_nodes(spec: Json, profile: Mapping[str, Any]) -> Json:
    """Return the Pod's spec with what lets it run on nodes that can be taken away."""
    selector = {**(profile.get("nodeSelector") or {}), **(spec.get("nodeSelector") or {})}
    tolerations = [*(spec.get("tolerations") or ()), *(profile.get("tolerations") or ())]
    return {**spec, "nodeSelector": selector or None, "tolerations": tolerations or None}


def _not_on(node: str) -> Json:
    fields = [{"key": "metadata.name", "operator": "NotIn", "values": [node]}]
    return {"weight": _WEIGHT, "preference": {"matchFields": fields}}
