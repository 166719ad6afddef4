"""Fake nodes: node objects that look like the real one, and a kwok for each, which plays its kubelet.

Nothing lands on them that does not ask for them. They are gone when the program ends, however it ends, and
what a program left behind that was killed is removed by the next.
"""

from __future__ import annotations

import copy
import json
import subprocess
import tempfile
from collections.abc import Generator, Iterable
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import BinaryIO, Final

from support import cluster
from support.cluster import Json
from support.follow import first, follow

KWOK: Final = "sigs.k8s.io/kwok/cmd/kwok@v0.8.0"
MARK: Final = "perf.containertask.dev/fake-node"
PLACEMENT: Final[Json] = {
    "nodeSelector": {MARK: "true"},
    "tolerations": [{"key": MARK, "operator": "Exists", "effect": "NoSchedule"}],
}
"""What a Pod's spec needs to land on a fake node; a task's spec has the same fields."""

_HERE: Final = Path(__file__).resolve().parent
_LEASE_SECONDS: Final = 40
_END_SECONDS: Final = 10
_GONE_SECONDS: Final = 240
_SHOWN: Final = 10
_CAPACITY: Final = {"cpu": "32", "memory": "128Gi", "ephemeral-storage": "1Ti"}


@contextmanager
def fake_nodes(
    count: int, *, stages: Path = _HERE / "pods.yaml", room: int = 110, seconds: int = _GONE_SECONDS
) -> Generator[list[int]]:
    """Put nodes beside the real one and play their kubelets; return the process ids of who plays them.

    Args:
        count: of nodes.
        stages: what becomes of their Pods.
        room: how many Pods each takes.
        seconds: how long their namespaces may take to go.
    """
    names = [f"perf-fake-{number}" for number in range(count)]
    _remove_nodes()
    _remove_namespaces(seconds)
    with ExitStack() as stack:
        stack.callback(_remove_nodes)
        log = stack.enter_context(tempfile.TemporaryFile())
        players = _play(names, log, stages)
        stack.callback(_stop, players)
        stack.callback(_remove_namespaces, seconds)
        try:
            _add(names, room)
            yield [player.pid for player in players]
        except Exception as error:
            log.seek(0)
            error.add_note("kwok's last errors:\n" + b"".join(_errors(log)).decode(errors="replace"))
            raise


def _play(names: list[str], log: BinaryIO, stages: Path) -> list[subprocess.Popen[bytes]]:
    """Start a kwok for each node, which watches its own Pods alone, as a kubelet does.

    One for all watches all Pods and was too slow for it: the API server ended its watch again and again, and
    what kwok listed anew had changed when its turn came, so that it played stages of Pods once more.
    """
    program = cluster.tool("program", KWOK)
    flags = [f"--kubeconfig={cluster.tool('kubeconfig')}", f"--node-lease-duration-seconds={_LEASE_SECONDS}"]
    flags += [f"--config={file}" for file in (_HERE / "kwok.yaml", _HERE / "nodes.yaml", stages)]
    # In groups of their own: Ctrl-C is for us, who need them to the last.
    return [
        subprocess.Popen(
            [program, *flags, f"--manage-single-node={name}"],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            process_group=0,
        )
        for name in names
    ]


def _errors(log: Iterable[bytes]) -> list[bytes]:
    return [line for line in log if b'"level":"INFO"' not in line][-_SHOWN:]


def _stop(players: list[subprocess.Popen[bytes]]) -> None:
    for player in players:
        player.terminate()
    for player in players:
        player.wait(_END_SECONDS)


@contextmanager
def namespace(purpose: str) -> Generator[str]:
    """Make a namespace; it goes together with the nodes."""
    core = cluster.connect()
    body = {"metadata": {"generateName": f"perf-{purpose}-", "labels": {MARK: "true"}}}
    name: str = core.create_namespace(body).metadata.name
    accounts = follow(core.list_namespaced_service_account, name)
    first(accounts, lambda found: "default" in found, "the service account of a new namespace")
    yield name


def _add(names: list[str], room: int) -> None:
    """Create the nodes; return when Pods can land on each."""
    core = cluster.connect()
    real = json.loads(cluster.kubectl("get", "nodes", "--output=json"))["items"][0]
    for number, name in enumerate(names):
        core.create_node(_node(number, name, real, room))
    first(
        follow(core.list_node, label_selector=MARK),
        lambda nodes: len(nodes) == len(names) and all(_open_to_pods(node) for node in nodes.values()),
        "the fake nodes",
    )


def _node(number: int, name: str, real: Json, room: int) -> Json:
    """Return a node with the real one's versions and features, and with more room."""
    status = copy.deepcopy(real["status"])
    capacity = {**_CAPACITY, "pods": str(room)}
    kept = ("nodeInfo", "features", "declaredFeatures", "runtimeHandlers")
    return {
        "metadata": {
            "name": name,
            "labels": {
                MARK: "true",
                "kubernetes.io/hostname": name,
                "kubernetes.io/os": status["nodeInfo"]["operatingSystem"],
                "kubernetes.io/arch": status["nodeInfo"]["architecture"],
            },
        },
        "spec": {"taints": [{"key": MARK, "value": "true", "effect": "NoSchedule"}]},
        "status": {
            **{key: status[key] for key in kept if key in status},
            "addresses": [
                # Of the range that is kept for examples: nobody is there.
                {"type": "InternalIP", "address": f"192.0.2.{number + 1}"},
                {"type": "Hostname", "address": name},
            ],
            "capacity": capacity,
            "allocatable": capacity,
        },
    }


def _open_to_pods(node: Json) -> bool:
    return [taint["key"] for taint in node["spec"]["taints"]] == [MARK]


def _remove_nodes() -> None:
    cluster.kubectl("delete", "nodes", f"--selector={MARK}", f"--timeout={_GONE_SECONDS}s")


def _remove_namespaces(seconds: int) -> None:
    """Delete the namespaces and return when they are gone: while kwok plays, or when their nodes are gone."""
    cluster.kubectl("delete", "namespaces", f"--selector={MARK}", "--wait=false")
    cluster.kubectl("wait", "--for=delete", "namespaces", f"--selector={MARK}", f"--timeout={seconds}s")
