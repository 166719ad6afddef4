"""What a Pod shows when it is recorded."""

from __future__ import annotations

from recorded.ending import Condition
from support import cluster
from support.cluster import Json


def main_waits_for(reason: str) -> Condition:
    """Return the condition that ``main`` waits, and says this."""
    return lambda pod: bool(
        cluster.status(pod, "main").get("state", {}).get("waiting", {}).get("reason") == reason
    )


def unscheduled(pod: Json) -> bool:
    """Tell whether the scheduler has said why no node takes the Pod."""
    every = pod["status"].get("conditions", [])
    return any(one["type"] == "PodScheduled" and one["status"] == "False" for one in every)


def without_sandbox(pod: Json) -> bool:
    """Tell whether the Pod's node does not get as far as the containers."""
    every = pod["status"].get("conditions", [])
    return any(one["type"] == "PodReadyToStartContainers" and one["status"] == "False" for one in every)
