"""What the launcher costs: here against the bare command, on the node until the uploader knows.

``make perf`` runs it. Figures only, no bounds: the machine decides them.
"""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable

from support import cluster, shapes
from support.ending import run
from support.launcher import run_once
from support.shapes import Main
from support.table import show

HOST_RUNS = 200
NODE_RUNS = 15
STREAM_BYTES = 1 << 30
STREAM_RUNS = 3


def bare(*command: str) -> None:
    """Run a command as it is, its output read as a log reader does."""
    subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=True)


def launched(*command: str) -> None:
    """Run a command under the launcher with the gate open and an uploader that reads."""
    run_once(*command)


def milliseconds(work: Callable[[], None]) -> float:
    """Time one call."""
    begun = time.perf_counter()
    work()
    return (time.perf_counter() - begun) * 1000


def on_this_machine() -> None:
    """Compare the bare command with the launched one, run in turns."""
    rows: dict[str, list[float]] = {"bare": [], "launched": []}
    for _ in range(HOST_RUNS):
        rows["bare"].append(milliseconds(lambda: bare("true")))
        rows["launched"].append(milliseconds(lambda: launched("true")))
    show("start to end of `true`", "ms", rows)


def streaming() -> None:
    """Compare how fast standard output is taken, with and without capture on the way."""
    command = ("head", "-c", str(STREAM_BYTES), "/dev/zero")
    rows: dict[str, list[float]] = {"bare": [], "launched": []}
    for _ in range(STREAM_RUNS):
        rows["bare"].append(STREAM_BYTES / 1e3 / milliseconds(lambda: bare(*command)))
        rows["launched"].append(STREAM_BYTES / 1e3 / milliseconds(lambda: launched(*command)))
    show("1 GiB of standard output", "MB/s", rows)


def on_the_node() -> None:
    """Measure, one Pod after another, how long the end takes to reach the uploader."""
    delays: dict[str, list[float]] = {}
    with cluster.restricted_namespace("perf") as namespace:
        for name, shape in {"gated": shapes.gated, "init": shapes.init}.items():
            main = Main(command=("/probe", "exit", "0"))
            pods = (f"{name}-{number}" for number in range(NODE_RUNS))
            delays[name] = [run(namespace, pod, shape(pod, main)).delay_ms for pod in pods]
    show("the command's end until the uploader knows (record's time is in whole ms)", "ms", delays)


if __name__ == "__main__":
    on_this_machine()
    streaming()
    on_the_node()
