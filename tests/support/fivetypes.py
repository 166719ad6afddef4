"""A task that writes something of each type that needs a store, and one that reads all of it back."""

from __future__ import annotations

from typing import Final

from support.cluster import Json
from support.seen import Seen
from support.tasks import shell, typed

TYPES: Final = {
    "f": "file",
    "d": "directory",
    "l": "list[file]",
    "m": "map[directory]",
    "t": "dataset[parquet]",
}
_WRITE: Final = """
cd "$CT_OUTPUT_DIR"
printf 'one file' > f.txt
mkdir -p d/deep l m/x m/y t
printf 1 > d/a; printf 2 > d/deep/b
printf 3 > l/0; printf 4 > l/1
printf 5 > m/x/1; printf 6 > m/y/2
printf PAR1 > t/part-0.parquet
"""
_READ: Final = """
cd "$CT_INPUT_DIR"
find . -type f ! -name inputs.json | sort | while read -r path; do
  printf '%s=' "$path"; cat "$path"; echo
done > "$CT_OUTPUT_DIR/seen"
"""
SEEN: Final = """\
./d/a=1
./d/deep/b=2
./f=one file
./l/0=3
./l/1=4
./m/x/1=5
./m/y/2=6
./t/part-0.parquet=PAR1
"""
OBJECTS: Final = {
    "f.txt": 8,
    "d/a": 1,
    "d/deep/b": 1,
    "l/0": 1,
    "l/1": 1,
    "m/x/1": 1,
    "m/y/2": 1,
    "t/part-0.parquet": 4,
}
"""What is below ``outputs/`` in the folder of the attempt, with sizes."""


def producer(**more: object) -> Json:
    """Return the spec of the one that writes."""
    paths = {"f": {"path": "/var/outputs/f.txt"}}
    outputs = [{"name": name, "type": kind, **paths.get(name, {})} for name, kind in TYPES.items()]
    return shell(_WRITE, outputs=outputs, **more)


def by_reference(source: str) -> list[Json]:
    """Return inputs that are the outputs of that task."""
    return [
        {"name": name, "type": kind, "valueFrom": {"taskOutputRef": {"name": source, "output": name}}}
        for name, kind in TYPES.items()
    ]


def by_uri(folder: str) -> list[Json]:
    """Return inputs that are what lies in a folder, each by its URI."""

    def at(path: str) -> Json:
        return {"uri": f"{folder}outputs/{path}"}

    values: Json = {
        "f": at("f.txt"),
        "d": at("d/"),
        "l": [at("l/0"), at("l/1")],
        "m": {"x": at("m/x"), "y": at("m/y/")},
        "t": at("t/"),
    }
    return [{"name": name, "type": kind, "value": values[name]} for name, kind in TYPES.items()]


def consumer(inputs: list[Json], **more: object) -> Json:
    """Return the spec of the one that reads."""
    return shell(_READ, inputs=inputs, outputs=typed(seen="string"), **more)


def folder(task: Seen) -> str:
    """Return the URI of the folder that a task's last attempt wrote to."""
    found: str = task.status["outputsURI"]
    return found


def assert_seen(task: Seen) -> None:
    """Assert that the one that reads has found all that the other one wrote."""
    assert task.phase == "Succeeded", (task.reason, task.message)
    assert task.values["seen"] == SEEN.rstrip("\n")
