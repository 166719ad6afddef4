"""A script in Python with a dataclass as its result: the same task as examples/python-script.yaml."""

from dataclasses import dataclass

import containertask as ct

SCRIPT = """\
import json, os, pathlib, statistics
inputs = json.loads(pathlib.Path(os.environ["CT_INPUTS_FILE"]).read_text())
numbers = inputs["numbers"]
found = {"mean": statistics.fmean(numbers), "spread": statistics.pstdev(numbers)}
pathlib.Path(os.environ["CT_OUTPUT_DIR"], "summary").write_text(json.dumps(found))
"""


@dataclass(frozen=True)
class Summary:
    mean: float
    spread: float


task = ct.ContainerTask(
    "python-script",
    "python:3.13-slim",
    ["python3", "-c", SCRIPT],
    inputs={"numbers": list[float]},
    outputs={"summary": Summary},
)
inputs = {"numbers": [2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0]}

if __name__ == "__main__":
    print(task(**inputs).summary.spread)
