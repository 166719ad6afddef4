"""docs/sdk.md and the README speak of names that there are, and show code that is Python."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Final

import pytest

import containertask as ct
from containertask.sdk.keywords import KEYWORDS, LOCAL
from containertask.sdk.run import Run

ROOT: Final = Path(__file__).resolve().parents[2]
PAGE: Final = (ROOT / "docs" / "sdk.md").read_text()
BLOCKS: Final = re.findall(
    r"^```python\n(.*?)^```", PAGE + (ROOT / "README.md").read_text(), re.MULTILINE | re.DOTALL
)


def test_names_of_the_package_are_there() -> None:
    said = set(re.findall(r"\bct\.([A-Za-z_]+)", PAGE))
    assert {"ContainerTask", "Run", "File", "map", "runs", "load", "use", "Cluster"} <= said
    assert said <= set(ct.__all__)


def test_every_error_is_drawn() -> None:
    errors = {name for name in ct.__all__ if name.endswith("Error")}
    assert (
        set(re.findall(r"\b([A-Z][A-Za-z]+Error)\b", PAGE)) - {"TypeError", "ValueError", "TimeoutError"}
        == errors
    )


def test_keywords_and_methods_are_there() -> None:
    table = PAGE.split("| keyword | short form |")[1].split("\n\n")[0]
    assert set(re.findall(r"^\| `([a-z_]+)`", table, re.MULTILINE)) <= KEYWORDS.keys() | LOCAL
    for name in re.findall(r"`run\.([a-z]+)", PAGE):
        assert hasattr(Run, name)
    for name in re.findall(r"`task\.([a-z_]+)\(", PAGE):
        assert hasattr(ct.ContainerTask, name)


@pytest.mark.parametrize("block", BLOCKS, ids=range(len(BLOCKS)))
def test_code_is_python_and_its_tasks_are_tasks(block: str) -> None:
    names: dict[str, object] = {}
    for statement in ast.parse(block).body:
        code = ast.unparse(statement)
        if isinstance(statement, ast.Import) or "ContainerTask(" in code:
            exec(code, names)  # noqa: S102 - the documentation's own
    assert [one for one in names.values() if isinstance(one, ct.ContainerTask)]
