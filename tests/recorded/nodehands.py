"""What is done to the second node of ``hack/recordcluster.py``, and how it comes back."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final

from recorded.ending import Stage, on_node
from support import cluster
from support.admission import Policy
from support.cluster import Json
from support.shapes import SHELL_IMAGE
from support.tasks import Tasks

NODE: Final = "containertask-ends-worker"
_LOST: Final = ("node.kubernetes.io/unreachable", "node.kubernetes.io/not-ready")
SOON: Final[Json] = {
    "tolerations": [
        {"key": key, "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 2} for key in _LOST
    ]
}
"""As the API server adds it to every Pod, with two seconds in place of 300."""
ANYWHERE: Final[Json] = {
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
        _started()
        for wanted in ("create", "condition=Ready"):
            cluster.kubectl("wait", f"--for={wanted}", f"node/{NODE}", "--timeout=120s")
        _until_untainted()


def _started() -> None:
    """Start the node and what runs Pods on it; one that is still going down takes no command."""
    ends = time.monotonic() + 120
    while True:
        docker("start", NODE)
        try:
            on_node(NODE, "until systemctl start containerd kubelet; do sleep 1; done")
        except subprocess.CalledProcessError:
            assert time.monotonic() < ends, f"{NODE} does not come back"
            time.sleep(1)
        else:
            return


@contextmanager
def powered_off(here: Tasks) -> Iterator[None]:
    """Bring the node back once it is down: it goes on for a moment when its Pods have ended."""
    with returning(here):
        try:
            yield
        finally:
            with suppress(subprocess.TimeoutExpired):
                subprocess.run(["docker", "wait", NODE], check=True, capture_output=True, timeout=150)


def _until_untainted() -> None:
    ends = time.monotonic() + 60
    while cluster.kubectl("get", "node", NODE, "--output=jsonpath={.spec.taints}"):
        assert time.monotonic() < ends, f"{NODE} keeps its taints"
        time.sleep(1)


def stop_kubelet(stage: Stage) -> None:
    stage.on_node("systemctl stop kubelet")


def delete_node(stage: Stage) -> None:
    stop_kubelet(stage)
    cluster.kubectl("delete", "node", stage.node, "--wait=false")


def _be_missed(stage: Stage) -> None:
    stop_kubelet(stage)
    stage.tasks.pod(stage.task, deleting)


def be_missed_and_return(stage: Stage) -> None:
    _be_missed(stage)
    stage.on_node("systemctl start kubelet")


def be_missed_and_forced(stage: Stage) -> None:
    _be_missed(stage)
    where = (stage.pod_name, stage.tasks.namespace)
    stage.tasks.core.delete_namespaced_pod(*where, grace_period_seconds=0)


def stop_runtime(stage: Stage) -> None:
    stage.on_node("systemctl stop containerd")


def shut_down(stage: Stage) -> None:
    _power_off(stage.node)


def _power_off(node: str) -> None:
    """Ask logind, as an administrator or a cloud does: the kubelet holds it up until its Pods have ended."""
    docker("exec", "--detach", node, "systemctl", "poweroff")


def crash(stage: Stage) -> None:
    docker("kill", stage.node)
    docker("start", stage.node)


@contextmanager
def shutting_down(here: Tasks) -> Iterator[None]:
    """Let the node be in the middle of its shutdown: a Pod that ignores SIGTERM holds it up."""
    container = {"name": "main", "image": SHELL_IMAGE, "command": ["sh", "-c", _STUBBORN]}
    pod = {"metadata": {"name": "stubborn"}, "spec": {"containers": [container], "nodeName": NODE}}
    where = cluster.Namespace(here.core, here.namespace)
    with powered_off(here):
        where.create(pod)
        where.wait("stubborn", lambda one: cluster.running(one, "main"))
        _power_off(NODE)
        condition = "--for=condition=Ready=false"
        cluster.kubectl("wait", condition, f"node/{NODE}", "--timeout=20s")
        yield
    where.delete("stubborn")


@contextmanager
def pressed(here: Tasks) -> Iterator[None]:
    """Keep what the kubelet was told of its reserves, and tell it so again in the end."""
    on_node(NODE, f"cp {_CONFIG} {_CONFIG}.kept")
    try:
        yield
    finally:
        on_node(NODE, f"mv {_CONFIG}.kept {_CONFIG}; systemctl restart kubelet")
        with returning(here):
            time.sleep(3)


def shrink(stage: Stage) -> None:
    """Let the kubelet keep nearly all memory for itself: it looks at its Pods anew when it starts."""
    change = "s/imagefs.available: 0%/memory.available: 99.9%/"
    stage.on_node(f"sed -i '{change}' {_CONFIG}; systemctl restart kubelet")


def press(stage: Stage) -> None:
    """Let the node have less memory left than it should have; what it has to give stays the same."""
    soft = "evictionSoft: {memory.available: 99.9%}\\nevictionSoftGracePeriod: {memory.available: 5s}"
    change = "s/evictionPressureTransitionPeriod: .*/evictionPressureTransitionPeriod: 5s\\n"
    stage.on_node(f"sed -i '{change}{soft}/' {_CONFIG}; systemctl restart kubelet")


def placed() -> Policy:
    """Return the policy by which every Pod goes to the node, whether it has room or not."""
    expression = f"Object{{spec: Object.spec{{nodeName: '{NODE}'}}}}"
    mutation = {"patchType": "ApplyConfiguration", "applyConfiguration": {"expression": expression}}
    gated = {"name": "not-bound", "expression": "!has(object.spec.nodeName)"}
    spec = {"matchConditions": [gated], "mutations": [mutation], "reinvocationPolicy": "Never"}
    return Policy("MutatingAdmissionPolicy", spec, NODE)
