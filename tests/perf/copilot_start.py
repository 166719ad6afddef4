"""What downloader and uploader cost inside a container on the node, in the product's image.

``PYTHONPATH=tests hack/cluster exec -- .venv/bin/python -m perf.copilot_start``. Figures only, no bounds.
``perf.incontainer`` is what runs in the container; here are the Pod around it and the table.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from containertask import contract
from containertask.contract.items import InputItem, OutputItem
from containertask.contract.manifest import Manifest, Mode, Values
from containertask.contract.stores import TRANSFER_ENVIRONMENT, S3Place, StoreItem
from containertask.core.storemounts import GUARD
from perf.figures import middle, ninetieth, print_table, say
from support import cluster
from support.cluster import Json, Namespace
from support.shapes import COPILOT_UID, OPERATOR_IMAGE

RUNS: Final = 30
PROGRAM: Final = Path(__file__).with_name("incontainer.py")
PORT: Final = 9009
ANNOTATION: Final = "manifest"
RECORD: Final = {
    "version": 1,
    "cause": "Exited",
    "exitCode": 0,
    "gateOpenedMs": 1_700_000_000_000,
    "startedMs": 1_700_000_000_001,
    "finishedMs": 1_700_000_000_009,
    "cpuMilliseconds": 5,
}

HEADS: Final = (
    ("start CPU p50", "start CPU", middle),
    ("p90", "start CPU", ninetieth),
    ("start p50", "start", middle),
    ("p90", "start", ninetieth),
    ("all CPU p50", "all CPU", middle),
    ("p90", "all CPU", ninetieth),
    ("all p50", "all", middle),
    ("p90", "all", ninetieth),
)
LEGEND: Final = """\
Start: from exec until the first line of the log, which is when the manifest has been read. All: from exec to
exit; the uploader finds a launcher whose command has ended. A file of a bucket: both are until its store is
connected to. First: all of the first run in its container, which no p50 counts.
python: `python3 -IS -c pass`. Times are real time, or CPU time of the process."""


def manifest(mode: Mode) -> Manifest:
    """Return the manifest of a task with three inputs and three outputs."""
    return Manifest(
        namespace="perf",
        name="copilot-start",
        uid="b1ff5f2c-0c5c-4c1f-8a4e-0d9b1a3e7a11",
        attempt=0,
        mode=mode,
        metadata_format="JSON",
        input_dir="/var/inputs",
        values=Values(
            (InputItem("x", "float"), InputItem("n", "integer"), InputItem("s", "string")),
            {"x": 2.5, "n": 42, "s": "some text"},
        ),
        outputs=tuple(
            OutputItem(name=name, type=kind, path=name)
            for name, kind in {"x": "float", "n": "integer", "s": "string"}.items()
        ),
        download_seconds=1800,
        upload_seconds=1800,
        message_bytes=contract.MESSAGE_POOL // 3,
    )


def fetching() -> Manifest:
    """Return the manifest of a task that fetches a file from a store in its own container."""
    place = S3Place(bucket="bucket", region="r", endpoint=f"http://127.0.0.1:{PORT}", path_style=True)
    store = StoreItem(id="s0", place=place, serves=("s3://bucket",), local=True)
    values = Values((InputItem("x", "file"),), {"x": {"uri": "s3://bucket/x"}})
    return replace(manifest(Mode.INIT), values=values, stores=(store,))


def pod(name: str, told: Manifest, runs: int) -> Json:
    """Return a Pod whose one container has all that the copilot's have, and may write everywhere."""
    environment = {"LD_PRELOAD": GUARD, **TRANSFER_ENVIRONMENT} if told.stores else {}
    port = [str(PORT)] if told.stores else []
    folder, _, file = contract.MANIFEST_FILE.rpartition("/")
    item = {"path": file, "fieldRef": {"fieldPath": f"metadata.annotations['{ANNOTATION}']"}}
    empty = {
        "control": contract.CONTROL_DIR,
        "main": contract.MAIN_DIR,
        "inputs": contract.INPUTS_MOUNT,
        "outputs": contract.OUTPUTS_MOUNT,
    }
    container = {
        "name": "copilot",
        "image": OPERATOR_IMAGE,
        "imagePullPolicy": "Never",
        "command": [
            "/usr/bin/python3",
            "-IS",
            "-c",
            PROGRAM.read_text(),
            str(runs),
            json.dumps(RECORD),
            *port,
        ],
        "env": [{"name": key, "value": value} for key, value in environment.items()],
        "resources": {"requests": {"cpu": "10m", "memory": "32Mi"}, "limits": {"memory": "256Mi"}},
        "securityContext": {
            "runAsUser": COPILOT_UID,
            "runAsNonRoot": True,
            "readOnlyRootFilesystem": True,
            "allowPrivilegeEscalation": False,
            "capabilities": {"drop": ["ALL"]},
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "volumeMounts": [
            *({"name": volume, "mountPath": path} for volume, path in empty.items()),
            {"name": "manifest", "mountPath": folder, "readOnly": True},
        ],
    }
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "annotations": {ANNOTATION: told.encode()}},
        "spec": {
            "restartPolicy": "Never",
            "automountServiceAccountToken": False,
            "enableServiceLinks": False,
            "containers": [container],
            "volumes": [
                *({"name": volume, "emptyDir": {}} for volume in empty),
                {"name": "manifest", "downwardAPI": {"items": [item]}},
            ],
        },
    }


def measure(namespace: Namespace, name: str, told: Manifest, runs: int) -> dict[str, Any]:
    """Run the Pod of one manifest; return what its program printed."""
    namespace.create(pod(name, told, runs))
    end = namespace.wait(name, lambda seen: seen["status"]["phase"] in {"Succeeded", "Failed"})
    said = namespace.logs(name, "copilot")
    assert end["status"]["phase"] == "Succeeded", said
    namespace.delete(name)
    found: dict[str, Any] = json.loads(said)
    return found


def row(part: Json) -> list[str]:
    """Return the cells of one part."""
    first, *runs = part["runs"]
    figures = [
        f"{figure([one[what] for one in runs]):.1f}" if what in first else "-" for _, what, figure in HEADS
    ]
    return [str(len(runs)), *figures, f"{first['all']:.1f}", str(part["modules"])]


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure each mode in a Pod of its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=RUNS, help="runs of each part, besides the first")
    parser.add_argument("--modes", nargs="+", type=Mode, default=list(Mode), help="start modes")
    asked = parser.parse_args(arguments)
    rows: dict[str, list[str]] = {}
    with cluster.restricted_namespace("perf") as namespace:
        for mode in asked.modes:
            found = measure(namespace, f"copilot-{mode.value.lower()}", manifest(mode), asked.runs)
            rows |= {f"{mode.value}: {name}": row(part) for name, part in found.items()}
        found = measure(namespace, "copilot-fetching", fetching(), asked.runs)
        rows["a file of a bucket: first request"] = row(found["first request"])
    heads = ["n", *(head for head, _, _ in HEADS), "first", "modules"]
    print_table("the copilot inside a container", heads, rows, "ms")
    say(f"\n{LEGEND}")


if __name__ == "__main__":
    main()
