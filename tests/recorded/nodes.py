"""Endings of Pods whose node goes: unreachable, deleted, shut down, crashed, short of room.

They are played on the second node of ``hack/recordcluster.py`` alone, which comes back after each.
"""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from recorded.clocks import never
from recorded.commands import WORKING, A, working
from recorded.ending import Ending, Stage, in_modes, on_node
from support import cluster
from support.admission import Policy
from support.cluster import Json
from support.modes import EVERY, GATED, SIGNAL
from support.shapes import SHELL_IMAGE
from support.tasks import Tasks, shell

NODE: Final = "containertask-ends-worker"
_LOST: Final = ("node.kubernetes.io/unreachable", "node.kubernetes.io/not-ready")
_SOON: Final[Json] = {
    "tolerations": [
        {"key": key, "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 2} for key in _LOST
    ]
}
"""As the API server adds it to every Pod, with two seconds in place of 300."""
_ANYWHERE: Final[Json] = {
    "tolerations": [{"operator": "Exists"}],
    "nodeSelector": {"kubernetes.io/hostname": NODE},
}
_CONFIG: Final = "/var/lib/kubelet/config.yaml"
_STUBBORN: Final = "trap '' TERM; while true; do sleep 1; done"


def targeted(pod: Json) -> bool:
    """Tell whether a controller has said why it disrupts the Pod."""
    return any(one["type"] == "DisruptionTarget" for one in pod["status"].get("conditions", []))


def deleting(pod: Json) -> bool:
    """Tell whether the Pod is being deleted, and its node does not do so."""
    return targeted(pod) and "deletionTimestamp" in pod["metadata"]


def docker(*arguments: str) -> None:
    """Run docker; whoever comes late finds the node already ended."""
    subprocess.run(["docker", *arguments], check=False, capture_output=True)


@contextmanager
def returning(_here: Tasks) -> Iterator[None]:
    """Bring the node back in the end, whatever became of it."""
    try:
        yield
    finally:
        docker("start", NODE)
        on_node(NODE, "until systemctl start containerd kubelet; do sleep 1; done")
        for wanted in ("create", "condition=Ready"):
            cluster.kubectl("wait", f"--for={wanted}", f"node/{NODE}", "--timeout=120s")
        _until_untainted()


def _until_untainted() -> None:
    ends = time.monotonic() + 60
    while cluster.kubectl("get", "node", NODE, "--output=jsonpath={.spec.taints}"):
        assert time.monotonic() < ends, f"{NODE} keeps its taints"
        time.sleep(1)


def _stop_kubelet(stage: Stage) -> None:
    stage.on_node("systemctl stop kubelet")


def _delete_node(stage: Stage) -> None:
    _stop_kubelet(stage)
    cluster.kubectl("delete", "node", stage.node, "--wait=false")


def _be_missed(stage: Stage) -> None:
    _stop_kubelet(stage)
    stage.tasks.pod(stage.task, deleting)


def _be_missed_and_return(stage: Stage) -> None:
    _be_missed(stage)
    stage.on_node("systemctl start kubelet")


def _be_missed_and_forced(stage: Stage) -> None:
    _be_missed(stage)
    where = (stage.pod_name, stage.tasks.namespace)
    stage.tasks.core.delete_namespaced_pod(*where, grace_period_seconds=0)


def _stop_runtime(stage: Stage) -> None:
    stage.on_node("systemctl stop containerd")


def _shut_down(stage: Stage) -> None:
    _power_off(stage.node)


def _power_off(node: str) -> None:
    """Ask logind, as an administrator or a cloud does: the kubelet holds it up until its Pods have ended."""
    docker("exec", "--detach", node, "systemctl", "poweroff")


def _crash(stage: Stage) -> None:
    docker("kill", stage.node)
    docker("start", stage.node)


@contextmanager
def _shutting_down(here: Tasks) -> Iterator[None]:
    """Let the node be in the middle of its shutdown: a Pod that ignores SIGTERM holds it up."""
    container = {"name": "main", "image": SHELL_IMAGE, "command": ["sh", "-c", _STUBBORN]}
    pod = {"metadata": {"name": "stubborn"}, "spec": {"containers": [container], "nodeName": NODE}}
    where = cluster.Namespace(here.core, here.namespace)
    with returning(here):
        where.create(pod)
        where.wait("stubborn", lambda one: cluster.running(one, "main"))
        _power_off(NODE)
        condition = "--for=condition=Ready=false"
        cluster.kubectl("wait", condition, f"node/{NODE}", "--timeout=20s")
        yield
    where.delete("stubborn")


@contextmanager
def _pressed(here: Tasks) -> Iterator[None]:
    """Keep what the kubelet was told of its reserves, and tell it so again in the end."""
    on_node(NODE, f"cp {_CONFIG} {_CONFIG}.kept")
    try:
        yield
    finally:
        on_node(NODE, f"mv {_CONFIG}.kept {_CONFIG}; systemctl restart kubelet")
        with returning(here):
            time.sleep(3)


def _press(stage: Stage) -> None:
    """Let the node have less memory left than it must have."""
    change = "s/imagefs.available: 0%/memory.available: 99%/; s/(PressureTransitionPeriod): .*/\\1: 5s/"
    stage.on_node(f"sed -E -i '{change}' {_CONFIG}; systemctl restart kubelet")


def _placed() -> Policy:
    """Return the policy by which every Pod goes to the node, whether it has room or not."""
    expression = f"Object{{spec: Object.spec{{nodeName: '{NODE}'}}}}"
    mutation = {"patchType": "ApplyConfiguration", "applyConfiguration": {"expression": expression}}
    gated = {"name": "not-bound", "expression": "!has(object.spec.nodeName)"}
    spec = {"matchConditions": [gated], "mutations": [mutation], "reinvocationPolicy": "Never"}
    return Policy("MutatingAdmissionPolicy", spec, NODE)


_LONG: Final = 150
_TWO: Final = (GATED, SIGNAL)
_GREEDY: Final = shell(WORKING, outputs=A, resources={"requests": {"cpu": "64"}})

NODES: Final[dict[str, Ending]] = {
    **in_modes(
        "node-unreachable",
        "the kubelet is silent, and the taint manager deletes the Pod",
        working(**_SOON),
        EVERY,
        act=_stop_kubelet,
        shows=deleting,
        around=returning,
        patience=_LONG,
    ),
    **in_modes(
        "node-unreachable-forced",
        "the same, and somebody deletes the Pod without grace",
        working(**_SOON),
        (GATED,),
        act=_be_missed_and_forced,
        shows=never,
        around=returning,
        patience=_LONG,
    ),
    **in_modes(
        "node-unreachable-returned",
        "the same, and the kubelet comes back",
        working(**_SOON),
        _TWO,
        act=_be_missed_and_return,
        shows=never,
        around=returning,
        patience=_LONG,
    ),
    **in_modes(
        "node-not-ready",
        "the node's runtime is silent, and the taint manager deletes the Pod",
        working(**_SOON),
        (GATED,),
        act=_stop_runtime,
        shows=deleting,
        around=returning,
        patience=_LONG,
    ),
    **in_modes(
        "node-deleted",
        "the node is deleted, and the Pod with it",
        working(),
        _TWO,
        act=_delete_node,
        shows=never,
        around=returning,
        patience=_LONG,
    ),
    **in_modes(
        "node-shutdown",
        "the node is shut down gracefully",
        working(),
        EVERY,
        act=_shut_down,
        around=returning,
        patience=_LONG,
    ),
    **in_modes(
        "node-shutdown-refused",
        "the node is being shut down, and its kubelet takes no Pod",
        working(**_ANYWHERE),
        _TWO,
        around=_shutting_down,
        patience=30,
    ),
    **in_modes(
        "node-crashed",
        "the node goes down without a word, and comes up again",
        working(),
        EVERY,
        act=_crash,
        around=returning,
        patience=_LONG,
    ),
    **in_modes(
        "node-without-memory",
        "the node has too little memory left, and its kubelet evicts the Pod",
        working(),
        _TWO,
        act=_press,
        around=_pressed,
        patience=_LONG,
    ),
    **in_modes(
        "node-without-room",
        "the Pod was put on a node that has no room for it",
        _GREEDY,
        (GATED,),
        policy=_placed(),
        patience=30,
    ),
}
