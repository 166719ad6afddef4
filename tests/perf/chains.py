"""Tasks that need each other, on the real control plane with fake nodes: a chain of 200, and 200 into one.

``make soak`` runs it, with the operator installed. A task begins once those that it needs have ended; the
chain is created from its end, so that each waits for what is not there yet. It fails if a task does.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence

from perf.cluster import TASKS_PATH, task_ended
from perf.fakenodes import load
from perf.fakenodes.load import Course, Load
from perf.fakenodes.nodes import PLACEMENT, fake_nodes, namespace
from perf.figures import print_table
from support.cluster import Json
from support.shapes import SHELL_IMAGE

COUNT = 200
NODES = 2
SECONDS = 600


def needing(name: str, sources: Sequence[str]) -> Json:
    """Return a task that takes a number of each of these."""
    inputs: list[Json] = [
        {
            "name": f"n{number}",
            "type": "integer",
            "valueFrom": {"taskOutputRef": {"name": source, "output": "y"}},
        }
        for number, source in enumerate(sources)
    ]
    return {
        "apiVersion": "containertask.dev/v1alpha1",
        "kind": "ContainerTask",
        "metadata": {"name": name},
        "spec": {
            "image": SHELL_IMAGE,
            "command": ["cp", "/var/inputs/n0", "/var/outputs/y"],
            "inputs": inputs or [{"name": "n0", "type": "integer", "value": 7}],
            "outputs": [{"name": "y", "type": "integer"}],
            **PLACEMENT,
        },
    }


def chain(count: int) -> list[Json]:
    """Return tasks of which each needs the next one, the last needs none."""
    each = range(count)
    return [needing(f"link-{at}", [f"link-{at + 1}"] if at + 1 < count else []) for at in each]


def fan(count: int) -> list[Json]:
    """Return one task that needs so many others, and those."""
    sources = [f"source-{at}" for at in range(count)]
    return [needing("sum", sources), *(needing(name, []) for name in sources)]


def measure(objects: list[Json]) -> Course:
    """Run tasks in a namespace of their own."""
    with namespace("chains") as name:
        wanted = Load(path=TASKS_PATH.format(name), objects=objects, ended=task_ended)
        return load.run(wanted, connections=8, seconds=SECONDS)


def main() -> None:
    """Run both and print what they took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=COUNT, help="tasks that are needed")
    asked = parser.parse_args()
    shapes: dict[str, Callable[[int], list[Json]]] = {"a chain": chain, "a fan": fan}
    with fake_nodes(NODES):
        courses = {
            name: (made, measure(made)) for name, shape in shapes.items() if (made := shape(asked.count))
        }
    rows = {
        name: [str(len(made)), f"{course.seconds:.1f}", f"{course.seconds / len(made) * 1000:.0f}"]
        for name, (made, course) in courses.items()
    }
    print_table("tasks that need each other, on fake nodes", ["tasks", "seconds", "ms/task"], rows, "s")


if __name__ == "__main__":
    main()
