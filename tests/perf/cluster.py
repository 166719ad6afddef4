"""Tasks a second on the real control plane, against the Job controller: nodes are fake, all else is real.

``make perf`` runs it, with the operator installed. Both loads run one after the other on the same cluster
and the same fake nodes; the table says who used the CPU meanwhile, so that a bottleneck has a name.
Figures only: it fails when a task or a Job does, not when they are slow.
"""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass

from perf.fakenodes import cpu, load
from perf.fakenodes.load import Course, Load
from perf.fakenodes.nodes import PLACEMENT, fake_nodes, namespace
from support import cluster
from support.cluster import Json
from support.release import SHARED, Release
from support.shapes import SHELL_IMAGE

BOUND = 10
NODES = 10
SECONDS = 240
JOBS_PATH = "/apis/batch/v1/namespaces/{}/jobs"
TASKS_PATH = "/apis/containertask.dev/v1alpha1/namespaces/{}/containertasks"


@dataclass(frozen=True, slots=True, kw_only=True)
class Phase:
    """One load and what it took."""

    course: Course
    cpu: dict[str, float]


def job(number: int) -> Json:
    """Return a Job of one container."""
    container = {"name": "main", "image": SHELL_IMAGE, "command": ["true"]}
    pod = {"restartPolicy": "Never", "containers": [container], **PLACEMENT}
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": f"job-{number}"},
        "spec": {"backoffLimit": 0, "template": {"spec": pod}},
    }


def task(number: int) -> Json:
    """Return a task with one input and one output, both values."""
    return {
        "apiVersion": "containertask.dev/v1alpha1",
        "kind": "ContainerTask",
        "metadata": {"name": f"task-{number}"},
        "spec": {
            "image": SHELL_IMAGE,
            "command": ["cp", "/var/inputs/x", "/var/outputs/y"],
            "inputs": [{"name": "x", "type": "integer", "value": 7}],
            "outputs": [{"name": "y", "type": "integer"}],
            **PLACEMENT,
        },
    }


def job_ended(seen: Json) -> bool:
    """Tell whether a Job is Complete."""
    conditions = {
        one["type"] for one in seen.get("status", {}).get("conditions", []) if one["status"] == "True"
    }
    assert "Failed" not in conditions, seen["status"]
    return "Complete" in conditions


def task_ended(seen: Json) -> bool:
    """Tell whether a task has Succeeded, with the output that the fake nodes report."""
    status = seen.get("status", {})
    assert status.get("phase") not in {"Failed", "Cancelled"}, status
    if status.get("phase") != "Succeeded":
        return False
    assert [(one["name"], one["value"]) for one in status["outputs"]] == [("y", 7)], status
    return True


def measure(
    path: str, objects: list[Json], ended: Callable[[Json], bool], *, connections: int, kwok: int
) -> Phase:
    """Run one load in a namespace of its own."""
    with namespace("load") as name:
        before = cpu.read(kwok)
        wanted = Load(path=path.format(name), objects=objects, ended=ended)
        course = load.run(wanted, connections=connections, seconds=SECONDS)
        return Phase(course=course, cpu=cpu.read(kwok).since(before))


def show(phases: dict[str, Phase]) -> None:
    """Print the tables and the ratio."""
    lines = [f"\n{'':6} {'n':>5} {'created/s':>9} {'ended/s':>9} {'steady/s':>9} {'p50 s':>7} {'p90 s':>7}"]
    for name, phase in phases.items():
        course = phase.course
        p50, p90 = course.p50_p90
        rates = f"{course.creations:9.1f} {course.sustained:9.2f} {course.steady:9.2f}"
        lines.append(f"{name:6} {len(course.ended):5} {rates} {p50:7.2f} {p90:7.2f}")
    lines.append(
        f"\n{'CPU':24}" + "".join(f"{name + ': s':>10} {'ms each':>9} {'cores':>6}" for name in phases)
    )
    for program in next(iter(phases.values())).cpu:
        cells = [_cells(phase, program) for phase in phases.values()]
        lines.append(f"{program:24}" + "".join(cells))
    ratio = phases["tasks"].course.sustained / phases["Jobs"].course.sustained
    lines.append(f"\ntasks against Jobs: {ratio:.1f} x (bound: {BOUND} x)")
    sys.stdout.write("\n".join(lines) + "\n")


def _cells(phase: Phase, program: str) -> str:
    used, course = phase.cpu[program], phase.course
    return f"{used:10.1f} {1000 * used / len(course.ended):9.1f} {used / course.seconds:6.2f}"


def main() -> None:
    """Measure both and print."""
    parser = argparse.ArgumentParser(prog="perf.cluster", description=__doc__)
    parser.add_argument("--jobs", type=int, default=150)
    parser.add_argument("--tasks", type=int, default=600)
    parser.add_argument("--connections", type=int, default=16)
    given = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    where = ["--namespace", SHARED, "--selector=app.kubernetes.io/part-of=containertask"]
    cluster.kubectl("rollout", "status", "deployment", *where, "--timeout=180s")
    operators = Release(SHARED).operators()
    with fake_nodes(NODES) as kwok:
        phases = {
            "Jobs": measure(
                JOBS_PATH,
                [job(number) for number in range(given.jobs)],
                job_ended,
                connections=given.connections,
                kwok=kwok,
            ),
            "tasks": measure(
                TASKS_PATH,
                [task(number) for number in range(given.tasks)],
                task_ended,
                connections=given.connections,
                kwok=kwok,
            ),
        }
        show(phases)
        if Release(SHARED).operators() != operators:
            sys.exit("the operator was installed anew meanwhile: these figures say nothing, run it again")


if __name__ == "__main__":
    main()
