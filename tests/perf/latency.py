"""From the submission to the end: tasks of each start mode, a bare Pod and a Job, in the same run.

``PYTHONPATH=tests hack/cluster exec -- .venv/bin/python -m perf.latency``. Figures only, no bounds.
Each kind runs the same command in the same image. One at a time the kinds take turns in random order.
"""

from __future__ import annotations

import argparse
import math
import os
import random
import sys
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

from perf.arrivals import Client, Run
from perf.figures import middle, ninetieth, print_table, say
from perf.stages import LEGEND, is_end, is_gone, show_containers, show_stages, stations, trouble
from support import tasks
from support.cluster import Json
from support.shapes import OUTPUT_DIR, SHELL_IMAGE

RUNS: Final = 20
MODES: Final = ("Gated", "Init", "Signal")
AT_ONCE: Final = (8, 32)

AREA: Final = """awk -v a="$1" -v b="$2" 'BEGIN { print 3.14159265 * a * b }' > "$CT_OUTPUT_DIR/area" """
COMMAND: Final = ["sh", "-euc", AREA, "ellipse"]

Ends = dict[str, str]
"""Rows of a table by name, and the station at which each ends."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One way to run the command."""

    name: str
    body: Json
    ends: Ends
    mode: str = ""
    """The start mode that is measured: a Pod in another one is no run of this kind."""

    def named(self, name: str) -> Json:
        """Return the object under this name."""
        return {**self.body, "metadata": {"name": name}}


def task(mode: str) -> Kind:
    """Return a task with two inputs and one output in this start mode."""
    spec = {
        "image": SHELL_IMAGE,
        "command": COMMAND,
        "args": ["{{.inputs.a}}", "{{.inputs.b}}"],
        "inputs": [
            {"name": "a", "type": "float", "value": 3.5},
            {"name": "b", "type": "float", "value": 2},
        ],
        "outputs": [{"name": "area", "type": "float"}],
        "start": mode,
    }
    body = {"apiVersion": "containertask.dev/v1alpha1", "kind": "ContainerTask", "spec": spec}
    return Kind(mode.lower(), body, {mode: "status written"}, mode)


def pod_spec() -> Json:
    """Return the Pod that people write by hand for this command."""
    main = {
        "name": "main",
        "image": SHELL_IMAGE,
        "command": COMMAND,
        "args": ["3.5", "2"],
        "env": [{"name": "CT_OUTPUT_DIR", "value": OUTPUT_DIR}],
        "volumeMounts": [{"name": "outputs", "mountPath": OUTPUT_DIR}],
    }
    return {"restartPolicy": "Never", "containers": [main], "volumes": [{"name": "outputs", "emptyDir": {}}]}


JOB: Final = Kind(
    "job",
    {"apiVersion": "batch/v1", "kind": "Job", "spec": {"backoffLimit": 0, "template": {"spec": pod_spec()}}},
    {"Job": "Job Complete"},
)
POD: Final = Kind(
    "pod",
    {"apiVersion": "v1", "kind": "Pod", "spec": pod_spec()},
    {"Pod, main's end": "main's end seen", "Pod, Succeeded": "Pod Succeeded"},
)

Runs = Mapping[str, Sequence[Run]]
"""The runs of each kind, by its name."""


class Desk:
    """Runs kinds through one client, and leaves nothing of a run behind."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._made = 0

    def run(self, kind: Kind, count: int) -> list[Run]:
        """Submit so many at once; return when all have ended and their Pods are gone."""
        names = [f"{kind.name}-{self._made + number:04}" for number in range(count)]
        self._made += count
        bodies = [kind.named(name) for name in names]
        # Moments of the kubelet's and the operator's ticks: back to back, runs would fall in step with them.
        time.sleep(random.random())  # noqa: S311 - no secret
        with ThreadPoolExecutor(count) as threads:
            list(threads.map(self._client.submit, names, bodies))
        self._client.follow(names, is_end)
        for name in names:
            self._client.delete(name, kind.body["kind"])
        self._client.follow(names, is_gone)
        return [self._client.runs[name] for name in names]

    def in_turns(self, kinds: Sequence[Kind], rounds: int) -> dict[str, list[Run]]:
        """Run the kinds one after another, in another order each round."""
        found: dict[str, list[Run]] = {kind.name: [] for kind in kinds}
        for _ in range(rounds):
            for kind in random.sample(kinds, len(kinds)):
                found[kind.name] += self.run(kind, 1)
        return found

    def in_batches(self, kinds: Sequence[Kind], count: int, rounds: int) -> dict[str, list[Run]]:
        """Run so many of a kind at a time, kinds one after another."""
        return {kind.name: [run for _ in range(rounds) for run in self.run(kind, count)] for kind in kinds}


def good(kinds: Sequence[Kind], runs: Runs) -> Runs:
    """Return the runs that count; print what the others came to."""
    found: dict[str, list[Run]] = {}
    for kind in kinds:
        wrong = {run.name: trouble(run, kind.mode) for run in runs[kind.name]}
        found[kind.name] = [run for run in runs[kind.name] if not wrong[run.name]]
        for name in filter(wrong.get, wrong):
            say(f"{name} does not count: {wrong[name]}")
    return found


def compare(title: str, kinds: Sequence[Kind], runs: Runs) -> None:
    """Print how long each kind took, and its ratio to the Job of the same run."""
    times = {
        row: [stations(run)[station] for run in runs[kind.name]]
        for kind in kinds
        for row, station in kind.ends.items()
    }
    rows = {row: _figures(values, times["Job"]) for row, values in times.items()}
    print_table(title, ["n", "p50", "p90", "max", "p50/Job", "p90/Job"], rows, "s")
    say("load of this machine in the last 1, 5 and 15 minutes: {:.1f} {:.1f} {:.1f}".format(*os.getloadavg()))


def _figures(values: Sequence[float], job: Sequence[float]) -> list[str]:
    if not values or not job:
        return [str(len(values)), *["-"] * 5]
    p50, p90 = middle(values), ninetieth(values)
    ratios = (p50 / middle(job), p90 / ninetieth(job))
    return [str(len(values)), *(f"{value:.2f}" for value in (p50, p90, max(values), *ratios))]


def show_parts(runs: Runs) -> None:
    """Print where the time went."""
    for name, those in runs.items():
        if those:
            show_stages(name, those)
    say(f"\n{LEGEND}")
    for name, those in runs.items():
        if those:
            show_containers(name, those)


def main() -> None:
    """Measure what the arguments say."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=RUNS, help="runs of each kind, at least")
    parser.add_argument("--modes", nargs="+", choices=MODES, default=MODES, help="start modes of tasks")
    parser.add_argument("--at-once", nargs="*", type=int, default=AT_ONCE, help="sizes of batches")
    asked = parser.parse_args()
    # The watching thread must not wait 5 ms for a thread that reads JSON.
    sys.setswitchinterval(0.0005)
    kinds = [*(task(mode) for mode in asked.modes), POD, JOB]
    with tasks.namespace("baseline") as there:
        desk = Desk(Client(there.namespace, max((1, *asked.at_once))))
        desk.in_turns(kinds, 1)
        runs = good(kinds, desk.in_turns(kinds, asked.runs))
        compare("submit to end, one at a time", kinds, runs)
        show_parts(runs)
        for count in asked.at_once:
            together = good(kinds, desk.in_batches(kinds, count, math.ceil(asked.runs / count)))
            compare(f"submit to end, {count} at a time", kinds, together)


if __name__ == "__main__":
    main()
