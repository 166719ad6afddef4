"""Tasks with files, on the node: what one costs beside values and a Job, and what 128 MiB of memory can move.

``PYTHONPATH=tests hack/cluster exec -- .venv/bin/python -m perf.files``. Figures only, no bounds. The
store is a bucket of an S3 server in the same cluster, by TLS; outputs, manifest and logs are written there.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import obstore

from perf.arrivals import Client
from perf.figures import print_table
from perf.latency import JOB, Desk, Kind, compare, good, task
from support import objectstore, tasks
from support.cluster import Json
from support.objectstore import ObjectStore, apply, store
from support.shapes import SHELL_IMAGE
from support.tasks import Tasks, shell

RUNS: Final = 20
_BUCKET: Final = "team"
_LIMIT: Final[Json] = {"copilotResources": {"limits": {"memory": "128Mi"}}, "storeRef": {"name": "team"}}
_MANY: Final = 5_000


def with_file(mode: str, uri: str) -> Kind:
    """Return a task with one small file in, one out, in this start mode."""
    spec = {
        "image": SHELL_IMAGE,
        "command": ["sh", "-euc", 'cp "$CT_INPUT_DIR/f" "$CT_OUTPUT_DIR/g"'],
        "inputs": [{"name": "f", "type": "file", "uri": uri}],
        "outputs": [{"name": "g", "type": "file"}],
        "storeRef": {"name": "team"},
        "start": mode,
    }
    name = f"{mode}, a file in and out"
    return Kind(f"file{mode.lower()}", {**task(mode).body, "spec": spec}, {name: "status written"}, mode)


def show_latency(there: Tasks, server: ObjectStore, runs: int) -> None:
    """Print what a file costs in time."""
    obstore.put(server.bucket(_BUCKET), "in/small", b"x" * 4096)
    uri = f"s3://{_BUCKET}/in/small"
    values = [replace(task(mode), ends={f"{mode}, values": "status written"}) for mode in ("Init", "Gated")]
    kinds: Sequence[Kind] = [*(with_file(mode, uri) for mode in ("Init", "Gated")), *values, JOB]
    desk = Desk(Client(there.namespace, 1))
    desk.in_turns(kinds, 1)
    compare("submit to end, one at a time", kinds, good(kinds, desk.in_turns(kinds, runs)))


def show_memory(there: Tasks, megabytes: int) -> None:
    """Print what downloader and uploader move in Pods that give them 128 MiB each."""
    big = f"dd if=/dev/zero of=/var/outputs/o bs=1000000 count={megabytes} 2> /dev/null"
    copies = f"for i in $(seq {_MANY - 1}); do cp 0 $i; done"
    many = f"mkdir /var/outputs/o; cd /var/outputs/o; head -c 4096 /dev/urandom > 0; {copies}"
    rows: dict[str, list[str]] = {}
    for name, kind, script in (("one", "file", big), ("many", "directory", many)):
        output = {"name": "o", "type": kind}
        made = _timed(there, f"{name}-out", shell(script, outputs=[output], **_LIMIT))
        source = {"taskOutputRef": {"name": f"{name}-out", "output": "o"}}
        given = [{"name": "o", "type": kind, "valueFrom": source}]
        read = _timed(there, f"{name}-in", shell("true", inputs=given, **_LIMIT))
        what = f"{megabytes} MB in one file" if name == "one" else f"{_MANY} files of 4 KB"
        rows |= {f"{what}, out": made, f"{what}, in": read}
    print_table("a whole task, 128 MiB for downloader and uploader each", ["phase", "seconds"], rows, "s")


def _timed(there: Tasks, name: str, spec: Json) -> list[str]:
    begun = time.monotonic()
    done = there.run(name, spec)
    how = done.phase if done.phase == "Succeeded" else f"{done.reason}: {done.message}"
    return [how, f"{time.monotonic() - begun:.1f}"]


def main() -> None:
    """Measure what the arguments say."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=RUNS, help="runs of each kind")
    parser.add_argument("--megabytes", type=int, default=1000, help="size of the large file")
    asked = parser.parse_args()
    sys.setswitchinterval(0.0005)
    with objectstore.running(_BUCKET) as server, tasks.namespace("baseline") as there:
        server.introduce(there)
        apply(there, store("team", server.spec(_BUCKET)))
        show_latency(there, server, asked.runs)
        show_memory(there, asked.megabytes)


if __name__ == "__main__":
    main()
