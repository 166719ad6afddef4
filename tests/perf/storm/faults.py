"""What is taken away in a storm, on the node itself: the API server's process, for a moment or for long.

Whoever comes back has everything as it was: ``healthy`` returns when the controllers, the scheduler and the
node are at work again, and the kubelet has forgotten how often something had to be started anew.
"""

from __future__ import annotations

import json
import subprocess
import time
import uuid
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from support import cluster
from support.cluster import Json

PATIENCE: Final = 180.0
"""Seconds for everything to be at work again."""
_PAUSE: Final = 0.3
_MANIFEST: Final = "/etc/kubernetes/manifests/kube-apiserver.yaml"
_ASIDE: Final = "/etc/kubernetes/kube-apiserver.yaml.away"
_SERVER: Final = "pgrep -x kube-apiserver"
_ELECTED: Final = ("kube-controller-manager", "kube-scheduler")


@dataclass(frozen=True, slots=True)
class Machine:
    """The real node, reached without an API server."""

    name: str

    @classmethod
    def find(cls) -> Machine:
        """Find it while there is an API server: the one that no program made up."""
        found = cluster.kubectl("get", "nodes", "--selector=node-role.kubernetes.io/control-plane", "-oname")
        return cls(found.removeprefix("node/"))

    def run(self, script: str) -> str:
        """Run shell outside of every Pod; raise with its words if it fails."""
        command = ["docker", "exec", self.name, "sh", "-euc", script]
        done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=PATIENCE)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def restart_server(self) -> None:
        """Kill the API server; return when the kubelet has started another that answers."""
        before = self.run(_SERVER)
        self.run(f"kill -9 {before}")
        until(lambda: self._serving() not in {"", before}, "another API server")
        until(lambda: _asked("get", "--raw=/readyz") == "ok", "the API server")

    @contextmanager
    def server_away(self) -> Generator[None]:
        """Let there be no API server. It is back when this ends."""
        self.run(f"mv {_MANIFEST} {_ASIDE}")
        try:
            until(lambda: not self._serving(), "the end of the API server")
            yield
        finally:
            self.run(f"mv {_ASIDE} {_MANIFEST}")
            # It waits ever longer before it starts again what ends often, as all that need it did.
            self.run("systemctl restart kubelet")
            until(lambda: _asked("get", "--raw=/readyz") == "ok", "the API server")

    def _serving(self) -> str:
        return self.run(f"{_SERVER} || true")

    def healthy(self) -> None:
        """Return when all parts of the cluster have done something from now on, and are ready."""
        until(lambda: _asked("get", "--raw=/readyz") == "ok", "the API server")
        now = datetime.now(UTC)
        for name in _ELECTED:
            until(lambda name=name: _renewed("kube-system", name) > now, name)  # type: ignore[misc]
        until(lambda: _renewed("kube-node-lease", self.name) > now, "the kubelet")
        limit = f"--timeout={PATIENCE:.0f}s"
        cluster.kubectl("wait", "--for=condition=Ready", f"node/{self.name}", limit)
        everywhere = ["pods", "--all", "--namespace=kube-system"]
        cluster.kubectl("wait", "--for=condition=Ready", *everywhere, limit)
        _controllers_work()


def _controllers_work() -> None:
    """See a namespace furnished and an orphan collected: who was elected has yet to read all."""
    name = f"storm-{uuid.uuid4().hex[:8]}"
    where, limit = f"--namespace={name}", f"--timeout={PATIENCE:.0f}s"
    cluster.kubectl("create", "namespace", name)
    try:
        cluster.kubectl("wait", "--for=create", "serviceaccount/default", where, limit)
        cluster.kubectl("create", "configmap", "owner", where)
        uid = cluster.kubectl("get", "configmap", "owner", where, "--output=jsonpath={.metadata.uid}")
        owner = {"apiVersion": "v1", "kind": "ConfigMap", "name": "owner", "uid": uid}
        metadata = {"name": "owned", "ownerReferences": [owner]}
        owned = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata}
        cluster.kubectl("create", "--filename=-", where, stdin=json.dumps(owned))
        cluster.kubectl("delete", "configmap", "owner", where)
        cluster.kubectl("wait", "--for=delete", "configmap/owned", where, limit)
    finally:
        cluster.kubectl("delete", "namespace", name, "--wait=false")


def until(condition: Callable[[], bool], what: str, seconds: float = PATIENCE) -> None:
    """Wait for what nobody tells of: there is nobody to watch at."""
    ends = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < ends, f"waited in vain for {what}"
        time.sleep(_PAUSE)


def _asked(*arguments: str) -> str:
    """Return what kubectl prints; nothing if nobody answers."""
    try:
        return cluster.kubectl("--request-timeout=5s", *arguments)
    except AssertionError:
        return ""


def _renewed(namespace: str, lease: str) -> datetime:
    """Return when the holder of a Lease was last heard of."""
    text = _asked("get", "lease", lease, f"--namespace={namespace}", "--output=json")
    spec: Json = json.loads(text)["spec"] if text else {}
    found = spec.get("renewTime") if spec.get("holderIdentity") else None
    return datetime.fromisoformat(found) if found else datetime.fromtimestamp(0, UTC)
