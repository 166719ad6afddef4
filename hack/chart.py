"""Write the table of values in the chart's README from the comments in its ``values.yaml``.

A comment that begins with ``# --`` describes the value below it and everything in that value. With
``--check`` this fails instead if the README is not what the values say, or if a value has no description.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

CHART = Path(__file__).resolve().parents[1] / "charts/containertask-operator"
BEGIN = "<!-- values: written by hack/chart.py from values.yaml -->\n"
END = "<!-- end of values -->\n"
_INDENT = 2


def descriptions(text: str) -> dict[tuple[str, ...], str]:
    """Return each described value's path and description, in the file's order."""
    found: dict[tuple[str, ...], str] = {}
    where: list[str] = []
    description = ""
    for line in text.splitlines():
        if comment := re.match(r" *# -- (.*)", line):
            description = comment[1]
        elif key := re.match(r"( *)([A-Za-z]\w*):", line):
            where = [*where[: len(key[1]) // _INDENT], key[2]]
            if description:
                found[tuple(where)] = description
            description = ""
    return found


def undescribed(values: dict[str, Any], described: set[tuple[str, ...]]) -> Iterator[tuple[str, ...]]:
    """Yield the path of every value that neither it nor anything around it describes."""
    for name, value in values.items():
        if (name,) in described:
            continue
        if isinstance(value, dict) and value:
            inner = {path[1:] for path in described if path[0] == name}
            yield from ((name, *path) for path in undescribed(value, inner))
        else:
            yield (name,)


def table(text: str) -> str:
    """Return the table for a values file; raise ValueError for a value without a description."""
    values, rows = yaml.safe_load(text), descriptions(text)
    if missing := list(undescribed(values, set(rows))):
        names = ", ".join(map(".".join, missing))
        raise ValueError(f"values.yaml: no `# --` comment above {names}")
    lines = ["| value | default | what it is |", "|---|---|---|"]
    for path, description in rows.items():
        default: Any = values
        for name in path:
            default = default[name]
        shown = json.dumps(default, ensure_ascii=False)
        lines.append(f"| `{'.'.join(path)}` | `{shown}` | {description} |")
    return "\n".join(lines) + "\n"


def renewed(readme: str, values: str) -> str:
    """Return the README with the table of these values between its two marks."""
    before, _, rest = readme.partition(BEGIN)
    _, found, after = rest.partition(END)
    if not found:
        raise ValueError(f"README.md: the marks {BEGIN.strip()} and {END.strip()} are missing")
    return f"{before}{BEGIN}\n{table(values)}\n{END}{after}"


def main() -> int:
    """Write or check the README; return the exit code."""
    path = CHART / "README.md"
    found = path.read_text()
    try:
        wanted = renewed(found, (CHART / "values.yaml").read_text())
    except ValueError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    if sys.argv[1:] != ["--check"]:
        path.write_text(wanted)
    elif found != wanted:
        sys.stderr.write("the chart's README.md does not follow its values.yaml: run `hack/chart.py`\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
