"""Claims of the test cluster: a folder of the node that everybody may write to."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from support import cluster
from support.follow import first, follow
from support.tasks import Tasks

_MODES = ["ReadWriteOnce"]


@dataclass(frozen=True, slots=True)
class Claim:
    """A bound claim; ``folder`` is its own on the node."""

    name: str
    folder: str

    def put(self, path: str, text: str) -> None:
        """Have a file in it."""
        at = f"{self.folder}/{path}"
        cluster.on_node(f"mkdir -p $(dirname {at}); printf %s '{text}' > {at}")

    def run(self, script: str) -> str:
        """Run shell on the node, in its folder."""
        return cluster.on_node(f"cd {self.folder}; {script}")


@contextmanager
def claim(here: Tasks, name: str) -> Iterator[Claim]:
    """Make a volume and the claim that is bound to it; both go at the end."""
    volume = f"tests-{uuid.uuid4().hex[:8]}"
    folder = f"/var/lib/{volume}"
    cluster.on_node(f"mkdir {folder}; chmod 0777 {folder}")
    size = {"storage": "1Gi"}
    spec = {"capacity": size, "accessModes": _MODES, "hostPath": {"path": folder}, "storageClassName": ""}
    here.core.create_persistent_volume({"metadata": {"name": volume}, "spec": spec})
    wanted = {
        "accessModes": _MODES,
        "resources": {"requests": size},
        "volumeName": volume,
        "storageClassName": "",
    }
    here.core.create_namespaced_persistent_volume_claim(
        here.namespace, {"metadata": {"name": name}, "spec": wanted}
    )
    try:
        states = follow(here.core.list_namespaced_persistent_volume_claim, here.namespace)
        first(
            states, lambda found: found[name]["status"].get("phase") == "Bound", f"a volume for claim {name}"
        )
        yield Claim(name, folder)
    finally:
        here.core.delete_namespaced_persistent_volume_claim(name, here.namespace)
        here.core.delete_persistent_volume(volume)
        cluster.on_node(f"rm -rf {folder}")
