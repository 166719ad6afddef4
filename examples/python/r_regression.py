"""R, a line through points: the same task as examples/r-regression.yaml."""

from typing import Any

import containertask as ct

SCRIPT = r"""folder <- Sys.getenv("CT_INPUT_DIR")
number <- function(path) as.numeric(readLines(path, warn = FALSE))
column <- function(name) sapply(sort(as.integer(list.files(file.path(folder, name)))),
                                function(i) number(file.path(folder, name, i)))
fit <- coef(lm(column("y") ~ column("x")))
cat(sprintf('{"intercept": %.6f, "slope": %.6f}\n', fit[1], fit[2]),
    file = file.path(Sys.getenv("CT_OUTPUT_DIR"), "fit"))
"""

task = ct.ContainerTask(
    "r-regression",
    "r-base:4.5.1",
    ["Rscript", "-e", SCRIPT],
    inputs={"x": list[float], "y": list[float]},
    outputs={"fit": dict[str, Any]},
)
inputs = {"x": [1.0, 2.0, 3.0, 4.0], "y": [3.1, 4.9, 7.2, 8.8]}

if __name__ == "__main__":
    print(task.submit(**inputs).outputs.fit)
