"""Install the operator's chart into the test cluster, or bring it up to date: ``make operator``.

Run it with the PATH of ``hack/cluster exec`` and the images loaded. The image's id is an annotation of the
operator's Pod: a new image under the same tag makes a new Pod, and the same image changes nothing.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

from testbed.cli import reporting
from testbed.errors import TestbedError
from testbed.images import image_id
from testbed.progress import step
from testbed.shell import run

CHART = Path(__file__).resolve().parents[1] / "charts/containertask-operator"
RELEASE = "containertask"
NAMESPACE = "containertask-system"
REPOSITORY, TAG = "containertask/operator", "dev"
SPARE_NODES = {
    "nodeSelector": {"kubernetes.io/os": "linux"},
    "tolerations": [{"key": "spare", "operator": "Exists"}],
}
"""What lets tasks run on nodes that can be taken away: here any node will do, and the Pod shows it."""


def install() -> None:
    """Install or upgrade, and return when the operator is ready."""
    wanted = image_id(f"{REPOSITORY}:{TAG}")
    if wanted is None:
        raise TestbedError(f"image {REPOSITORY}:{TAG} is not on this machine: run `make image` first")
    values = {
        "image": {"repository": REPOSITORY, "tag": TAG, "pullPolicy": "Never"},
        "imagePullGrace": "25s",
        "interruptible": SPARE_NODES,
        "podAnnotations": {"containertask.dev/image-id": wanted},
    }
    with step("installing the operator"), tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(values, file)
        file.flush()
        # Tests apply the CRDs by kubectl, which then counts as their owner.
        flags = ["--create-namespace", "--take-ownership", "--force-conflicts", "--history-max=3"]
        where: list[str | Path] = [RELEASE, CHART, "--namespace", NAMESPACE, "--values", file.name]
        run(["helm", "upgrade", "--install", *where, *flags, "--wait", "--timeout=2m"])


if __name__ == "__main__":
    sys.exit(reporting(install))
