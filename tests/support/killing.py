"""The shared operator's process, to be killed or taken away: found on the node, ended, waited for again."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any, Final

from support import cluster
from support.cluster import Json
from support.follow import first, follow

SYSTEM: Final = "containertask-system"
PATIENCE: Final = 180
"""Seconds until the operator is back at the latest."""
_SELECTOR: Final = "app.kubernetes.io/name=containertask-operator"
_CONTAINER: Final = "operator"

Api = Any
"""The client's stubs know its models; tests speak plain objects."""


def running(core: Api, condition: Callable[[Json], bool]) -> Json:
    """Return the operator's Pod as soon as it is the only one, runs, and the condition holds."""
    states = follow(core.list_namespaced_pod, SYSTEM, seconds=PATIENCE, label_selector=_SELECTOR)
    found = first(
        states,
        lambda pods: (
            len(pods) == 1
            and all(cluster.running(pod, _CONTAINER) and condition(pod) for pod in pods.values())
        ),
        "the operator",
    )
    return next(iter(found.values()))


def fresh(core: Api) -> None:
    """Replace the operator's Pod: the kubelet waits longer before each restart of one that often ended."""
    old = next(follow(core.list_namespaced_pod, SYSTEM, label_selector=_SELECTOR))
    for name in old:
        core.delete_namespaced_pod(name, SYSTEM)
    running(core, lambda pod: pod["metadata"]["name"] not in old)


def restarted(times: int) -> Callable[[Json], bool]:
    """Return the condition that the operator's container was restarted so many times."""
    return lambda pod: cluster.status(pod, _CONTAINER)["restartCount"] == times


def kill(pod: Json) -> None:
    """Kill the operator's process on the node, so that it can tell nobody anything."""
    container = cluster.status(pod, _CONTAINER)["containerID"].removeprefix("containerd://")
    find = f"ctr -n k8s.io tasks ls | awk '$1 == \"{container}\" {{print $2}}'"
    cluster.on_node(f"kill -9 $({find})")


@contextmanager
def away(core: Api) -> Generator[None]:
    """Take the operator away; at the end it is back and runs."""
    where, selector = f"--namespace={SYSTEM}", f"--selector={_SELECTOR}"
    cluster.kubectl("scale", "deployment", selector, "--replicas=0", where)
    try:
        cluster.kubectl("wait", "--for=delete", "pods", selector, where, "--timeout=60s")
        yield
    finally:
        cluster.kubectl("scale", "deployment", selector, "--replicas=1", where)
        running(core, lambda _: True)
