"""A cluster of its own for ``hack/recordends.py``, with a second node that may be drained and lost.

``hack/recordcluster.py up`` makes it and installs the operator in it, ``down`` deletes it. The test cluster
is not touched. Tasks run on the second node; what they could take down with it stays on the first.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

NAME: Final = "containertask-ends"
os.environ["CONTAINERTASK_CLUSTER"] = NAME

from testbed import audit, cluster, daemon, nodeimage, tools, versions  # noqa: E402 (they read the name)
from testbed.cli import reporting  # noqa: E402
from testbed.errors import TestbedError  # noqa: E402
from testbed.progress import step  # noqa: E402
from testbed.shell import run  # noqa: E402

FIRST, SECOND = f"{NAME}-control-plane", f"{NAME}-worker"
KINDS: Final = ("shell", "static", "entrypoint")
IMAGES: Final = ("containertask/operator:dev", *(f"containertask-test/{kind}:dev" for kind in KINDS))
_HERE: Final = Path(__file__).resolve().parent
_TAINT: Final = "node-role.kubernetes.io/control-plane"
_KUBELET: Final = {
    "kind": "KubeletConfiguration",
    "failCgroupV1": False,
    "nodeLeaseDurationSeconds": 8,
    "shutdownGracePeriod": "20s",
    "shutdownGracePeriodCriticalPods": "5s",
}
"""A node is shut down gracefully, and is missed within seconds."""
_CONTROLLERS: Final = {
    "kind": "ClusterConfiguration",
    "controllerManager": {"extraArgs": {"node-monitor-grace-period": "12s"}},
}


def up() -> None:
    """Make the cluster, load the images, install the operator on the first node."""
    daemon.ensure()
    known = versions.load()
    tools.prepare_kind_and_helm(known)
    image = nodeimage.ensure(known)
    tools.prepare_kubectl(known, from_recipe=image.from_recipe)
    down()
    folder = cluster.kubeconfig().parent
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(audit.POLICY, folder / "audit.yaml")
    config = folder / "kind.json"
    config.write_text(json.dumps(_configuration(image)))
    with step(f"creating cluster {NAME}"):
        create: list[str | Path] = [tools.tool("kind"), "create", "cluster", "--name", NAME]
        run([*create, "--config", config, "--kubeconfig", cluster.kubeconfig(), "--wait", "180s"])
    for reference in IMAGES:
        _load(reference)
    _kubectl("taint", "node", FIRST, f"{_TAINT}:NoSchedule-")
    _kubectl("cordon", SECOND)
    run([_HERE / "cluster", "exec", "--", sys.executable, _HERE / "install.py"])
    _kubectl("taint", "node", FIRST, f"{_TAINT}:NoSchedule")
    _kubectl("uncordon", SECOND)


def down() -> None:
    """Delete the cluster's two nodes and its folder."""
    for node in (FIRST, SECOND):
        run(["docker", "rm", "--force", "--volumes", node])
    shutil.rmtree(cluster.kubeconfig().parent, ignore_errors=True)


def _configuration(image: nodeimage.NodeImage) -> dict[str, object]:
    """Return the test cluster's configuration with another node."""
    found: dict[str, Any] = dict(cluster.configuration(image))
    found["nodes"] = [*found["nodes"], {"role": "worker", "image": image.reference}]
    found["kubeadmConfigPatches"] = [json.dumps(_KUBELET), json.dumps(_CONTROLLERS), audit.patch()]
    return found


def _load(reference: str) -> None:
    """Bring an image to both nodes, without a file that is kept."""
    with (
        step(f"loading {reference}"),
        subprocess.Popen(["docker", "save", reference], stdout=subprocess.PIPE) as saving,
    ):
        archive = saving.communicate()[0]
        for node in (FIRST, SECOND):
            command = [
                "docker",
                "exec",
                "--interactive",
                node,
                "ctr",
                "-n",
                "k8s.io",
                "images",
                "import",
                "-",
            ]
            subprocess.run(command, input=archive, check=True, capture_output=True)


def _kubectl(*arguments: str) -> None:
    run([tools.tool("kubectl"), "--kubeconfig", cluster.kubeconfig(), *arguments])


def _usage() -> None:
    raise TestbedError("hack/recordcluster.py: say up or down")


def main(argv: list[str]) -> int:
    """Run one of the two."""
    match argv:
        case ["up"]:
            return reporting(up)
        case ["down"]:
            return reporting(down)
        case _:
            return reporting(_usage)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
