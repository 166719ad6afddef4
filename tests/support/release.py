"""Releases of the chart on the test cluster, for tests that install one of their own.

Two operators must never serve the same tasks: whoever makes a release here lets the shared one rest.
"""

from __future__ import annotations

import subprocess
import sys
import uuid
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import yaml

from support import cluster
from support.cluster import REPOSITORY, Json

CHART: Final = REPOSITORY / "charts/containertask-operator"
SHARED: Final = "containertask-system"
_VALUES: Final = ("image.tag=dev", "image.pullPolicy=Never", "rbac.userRoles=false")


def helm(*arguments: str | Path) -> str:
    """Run helm with the cluster's PATH; raise with its message if it fails."""
    command = [REPOSITORY / "hack/cluster", "exec", "--", "helm", *arguments]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode:
        raise AssertionError(done.stdout + done.stderr)
    return done.stdout


@dataclass(frozen=True, slots=True)
class Release:
    """A release in a namespace of the same name."""

    name: str

    @property
    def deployment(self) -> str:
        """Return the name of the operator's objects."""
        return f"{self.name}-containertask-operator"

    def install(self, *flags: str, chart: Path = CHART) -> None:
        """Install it, or upgrade it; return when the operator is ready and the one before is told to go."""
        values = [f"--set={one}" for one in _VALUES]
        owning = ["--take-ownership", "--force-conflicts", "--create-namespace"]
        where: list[str | Path] = [self.name, chart, f"--namespace={self.name}"]
        helm("upgrade", "--install", *where, *owning, "--wait", "--timeout=2m", *values, *flags)

    def uninstall(self) -> None:
        """Uninstall it; return when its objects are gone."""
        helm("uninstall", self.name, f"--namespace={self.name}", "--wait", "--timeout=2m")

    def restart(self) -> None:
        """Replace the operator's Pod; return when the new one is ready and the one before is gone."""
        where = f"--namespace={self.name}"
        cluster.kubectl("delete", "pod", where, *self.operators(), "--timeout=60s")
        cluster.kubectl("rollout", "status", f"deployment/{self.deployment}", where, "--timeout=60s")

    def objects(self) -> list[Json]:
        """Return what is installed."""
        text = helm("get", "manifest", self.name, f"--namespace={self.name}")
        return [one for one in yaml.safe_load_all(text) if one]

    def operators(self) -> list[str]:
        """Return the names of the operator's Pods that are not on their way out."""
        pods = cluster.connect().list_namespaced_pod(self.name).items
        return [pod.metadata.name for pod in pods if pod.metadata.deletion_timestamp is None]


@contextmanager
def own(*flags: str) -> Generator[Release]:
    """Install a release, with more flags of helm; what is left of it goes at the end, but for the CRDs."""
    release = Release(f"life-{uuid.uuid4().hex[:8]}")
    try:
        release.install(*flags)
        yield release
    finally:
        helm("uninstall", release.name, f"--namespace={release.name}", "--ignore-not-found")
        cluster.kubectl("delete", "namespace", release.name, "--wait=false")


@contextmanager
def shared_one_rests() -> Generator[None]:
    """Stop the shared operator; install it anew at the end, with the repository's CRDs."""
    where = f"--namespace={SHARED}"
    selector = "--selector=app.kubernetes.io/part-of=containertask"
    cluster.kubectl("scale", "deployment", selector, "--replicas=0", where)
    cluster.kubectl("wait", "--for=delete", "pods", selector, where, "--timeout=60s")
    try:
        yield
    finally:
        cluster.kubectl("scale", "deployment", selector, "--replicas=1", where)
        cluster.tool("exec", "--", sys.executable, str(REPOSITORY / "hack/install.py"))
