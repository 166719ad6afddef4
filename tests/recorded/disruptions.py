"""Endings that the cluster brings about while its nodes are well: eviction, drain, preemption."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from recorded.clocks import never
from recorded.commands import A, working
from recorded.conditions import main_waits_for
from recorded.ending import Ending, Stage, in_modes, on_node
from recorded.starts import ABSENT
from support import cluster
from support.cluster import Json
from support.modes import EVERY, GATED, SIGNAL
from support.shapes import SHELL_IMAGE
from support.tasks import Tasks, shell

HALF: Final[Json] = {"resources": {"requests": {"cpu": "1100m"}}}
"""More than half of what the second node has."""
_FILLS: Final = "echo ready; head -c 60000000 /dev/zero > /var/outputs/big; sleep 600 & wait"
_STATIC: Final = "/etc/kubernetes/manifests/critical.json"


def evict(stage: Stage) -> None:
    """Evict the Pod by the API, as every drain does."""
    where = {"name": stage.pod_name, "namespace": stage.tasks.namespace}
    stage.tasks.core.create_namespaced_pod_eviction(*where.values(), {"metadata": where})


def _drain(stage: Stage) -> None:
    selector = f"--pod-selector=containertask.dev/task={stage.task}"
    cluster.kubectl(
        "drain", stage.node, "--ignore-daemonsets", "--delete-emptydir-data", selector, "--timeout=60s"
    )


@contextmanager
def _uncordoned(here: Tasks) -> Iterator[None]:
    """Let the nodes take Pods again."""
    try:
        yield
    finally:
        for node in here.core.list_node().items:
            cluster.kubectl("uncordon", node.metadata.name)


def _more_important() -> Json:
    container = {
        "name": "main",
        "image": SHELL_IMAGE,
        "imagePullPolicy": "Never",
        "command": ["sleep", "1"],
        **HALF,
    }
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "more-important"},
        "spec": {
            "priorityClassName": "recorded-important",
            "restartPolicy": "Never",
            "containers": [container],
        },
    }


def _preempt(stage: Stage) -> None:
    cluster.Namespace(stage.tasks.core, stage.tasks.namespace).create(_more_important())


@contextmanager
def _priorities(here: Tasks) -> Iterator[None]:
    body = {
        "apiVersion": "scheduling.k8s.io/v1",
        "kind": "PriorityClass",
        "metadata": {"name": "recorded-important"},
        "value": 1000,
    }
    cluster.kubectl("apply", "--filename=-", stdin=json.dumps(body))
    try:
        yield
    finally:
        where = f"--namespace={here.namespace}"
        cluster.kubectl("delete", where, "--ignore-not-found", "--now", "pod/more-important")
        cluster.kubectl("delete", "priorityclass/recorded-important")


def _place_critical(stage: Stage) -> None:
    """Give the kubelet a static Pod for which it has to make room."""
    pod = _more_important()
    pod["metadata"] = {"name": "critical", "namespace": "kube-system"}
    pod["spec"] = {**pod["spec"], "priorityClassName": "system-node-critical", "priority": 2_000_001_000}
    stage.on_node(f"cat > {_STATIC}.new <<'END'\n{json.dumps(pod)}\nEND\nmv {_STATIC}.new {_STATIC}")


@contextmanager
def _without_static(here: Tasks) -> Iterator[None]:
    try:
        yield
    finally:
        for node in here.core.list_node().items:
            on_node(node.metadata.name, f"rm -f {_STATIC}")


_STORAGE: Final[Json] = {"resources": {"limits": {"ephemeral-storage": "10Mi"}}}
_PULLS: Final = shell("", outputs=A, image=ABSENT)

DISRUPTIONS: Final[dict[str, Ending]] = {
    **in_modes("evicted", "somebody evicts the Pod by the API", working(), EVERY, act=evict, shows=never),
    **in_modes(
        "evicted-before-its-start",
        "somebody evicts a Pod that still waits for its image",
        _PULLS,
        (GATED,),
        act=evict,
        acted_when=main_waits_for("ErrImagePull"),
        shows=never,
    ),
    **in_modes("drained", "kubectl drain", working(), EVERY, act=_drain, shows=never, around=_uncordoned),
    **in_modes(
        "evicted-by-kubelet",
        "the command fills more of the node's disk than its limit",
        shell(_FILLS, outputs=A, **_STORAGE),
        EVERY,
    ),
    **in_modes(
        "preempted",
        "the scheduler makes room for a Pod of higher priority",
        working(**HALF),
        EVERY,
        act=_preempt,
        shows=never,
        around=_priorities,
    ),
    **in_modes(
        "preempted-by-kubelet",
        "the kubelet makes room for a critical static Pod",
        working(**HALF),
        (GATED, SIGNAL),
        act=_place_critical,
        around=_without_static,
    ),
}
