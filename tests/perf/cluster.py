"""Tasks a second on the real control plane, against the Job controller: nodes are fake, all else is real.

``make perf`` runs it, with the operator installed. Three loads run one after the other on the same cluster
and the same fake nodes: Jobs, tasks, and bare Pods: the very Pods of the tasks without an operator, to show
what the machine can do at most. The table says who used the CPU meanwhile, so that a bottleneck has a name.
Figures only: it fails when a task or a Job does, not when they are slow.
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass

from containertask.core.names import MANAGED_LABEL
from perf.fakenodes import cpu, load, patches
from perf.fakenodes.load import Course, Load
from perf.fakenodes.nodes import PLACEMENT, fake_nodes, namespace
from support import cluster, modes
from support.cluster import Json
from support.release import SHARED, Release
from support.shapes import SHELL_IMAGE

BOUND = 10
NODES = 10
SECONDS = 240
JOBS_PATH = "/apis/batch/v1/namespaces/{}/jobs"
TASKS_PATH = "/apis/containertask.dev/v1alpha1/namespaces/{}/containertasks"
PODS_PATH = "/api/v1/namespaces/{}/pods"
STARTS = ("Auto", "Init", "Gated")


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """What a load is made of: where, how many of them, and when one is done."""

    path: str
    count: int
    body: Callable[[int], Json]
    ended: Callable[[Json], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Phase:
    """One load and what it took."""

    namespace: str
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


def task(number: int, start: str) -> Json:
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
            "start": start,
            **PLACEMENT,
        },
    }


def bare_pod(number: int, like: Json) -> Json:
    """Return a Pod like a task's, but nobody's: the label that the operator selects by has another value."""
    theirs = like["metadata"]
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": f"pod-{number}",
            "annotations": theirs["annotations"],
            "labels": {**theirs["labels"], MANAGED_LABEL: "perf"},
        },
        "spec": {key: value for key, value in like["spec"].items() if key != "nodeName"},
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


def pod_ended(seen: Json) -> bool:
    """Tell whether a Pod has Succeeded."""
    phase = seen.get("status", {}).get("phase")
    assert phase != "Failed", seen["status"]
    return bool(phase == "Succeeded")


def measure(kind: Kind, *, connections: int, kwoks: list[int]) -> Phase:
    """Run one load in a namespace of its own."""
    with namespace("load") as name:
        objects = [kind.body(number) for number in range(kind.count)]
        wanted = Load(path=kind.path.format(name), objects=objects, ended=kind.ended)
        before = cpu.read(kwoks)
        course = load.run(wanted, connections=connections, seconds=SECONDS)
        return Phase(namespace=name, course=course, cpu=cpu.read(kwoks).since(before))


def show(phases: dict[str, Phase]) -> None:
    """Print the tables and the ratios."""
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
    # Now, and not at a load's end: a task has ended when its output is there, its Pod some patches later.
    counts = ", ".join(f"{name} {patches.read(phase.namespace)}" for name, phase in phases.items())
    lines.append(f"\nthe nodes' patches for each Pod: {counts}")
    jobs, tasks, pods = (phases[name].course.sustained for name in ("Jobs", "tasks", "Pods"))
    lines.append(f"tasks against Jobs: {tasks / jobs:.1f} x (bound: {BOUND} x)")
    lines.append(
        f"tasks against bare Pods: {tasks / pods:.2f} x (bare Pods against Jobs: {pods / jobs:.1f} x)"
    )
    sys.stdout.write("\n".join(lines) + "\n")


def _cells(phase: Phase, program: str) -> str:
    used, course = phase.cpu[program], phase.course
    return f"{used:10.1f} {1000 * used / len(course.ended):9.1f} {used / course.seconds:6.2f}"


def measure_all(given: argparse.Namespace, kwoks: list[int]) -> dict[str, Phase]:
    """Run the three loads."""
    how = {"connections": given.connections, "kwoks": kwoks}
    jobs = Kind(path=JOBS_PATH, count=given.jobs, body=job, ended=job_ended)
    tasks = Kind(
        path=TASKS_PATH,
        count=given.tasks,
        body=lambda number: task(number, given.start),
        ended=task_ended,
    )
    phases = {"Jobs": measure(jobs, **how), "tasks": measure(tasks, **how)}
    like = one_pod(phases["tasks"].namespace)
    sys.stdout.write(f"\ntasks start {given.start}, and so their Pods are {modes.mode_of(like)}\n")
    pods = Kind(
        path=PODS_PATH, count=given.tasks, body=lambda number: bare_pod(number, like), ended=pod_ended
    )
    return {**phases, "Pods": measure(pods, **how)}


def one_pod(where: str) -> Json:
    """Return one of a namespace's Pods."""
    found: list[Json] = json.loads(cluster.kubectl("get", "--raw", PODS_PATH.format(where) + "?limit=1"))[
        "items"
    ]
    return found[0]


def main() -> None:
    """Measure all and print."""
    parser = argparse.ArgumentParser(prog="perf.cluster", description=__doc__)
    parser.add_argument("--jobs", type=int, default=150)
    parser.add_argument("--tasks", type=int, default=600, help="and as many bare Pods")
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--start", choices=STARTS, default=STARTS[0])
    given = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    where = ["--namespace", SHARED, "--selector=app.kubernetes.io/part-of=containertask"]
    cluster.kubectl("rollout", "status", "deployment", *where, "--timeout=180s")
    operators = Release(SHARED).operators()
    with fake_nodes(NODES) as kwoks:
        show(measure_all(given, kwoks))
        if Release(SHARED).operators() != operators:
            sys.exit("the operator was installed anew meanwhile: these figures say nothing, run it again")


if __name__ == "__main__":
    main()
