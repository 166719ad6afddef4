"""``docs/shim.md``: its example runs, its command is the real one."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Final

from containertask.flyte.context import SerializationContext
from containertask.sdk.shimparts import ShimOptions
from support import shims

PAGE: Final = (Path(__file__).parents[3] / "docs" / "shim.md").read_text()


def block(language: str) -> str:
    return PAGE.partition(f"```{language}\n")[2].partition("```")[0]


def test_the_example_runs(tmp_path: Path) -> None:
    file = tmp_path / "greeting.py"
    file.write_text(block("python"))
    done = subprocess.run([sys.executable, file], capture_output=True, check=True, text=True)
    assert done.stdout == "hello, Ada\n"


def test_the_command_is_the_real_one() -> None:
    said = re.search(r"^ctask-execute .*?Greeter$", PAGE, re.MULTILINE | re.DOTALL)
    assert said is not None
    words = shims.greet.get_command(SerializationContext())
    assert said[0].split() == [*words[:-1], "my.module.Greeter"]


def test_each_keyword_is_there() -> None:
    table = PAGE.partition("## The task")[2].partition("## Running")[0]
    said = set(re.findall(r"`(\w+)[`=]", table))
    assert ShimOptions.__annotations__.keys() <= said


def test_ctask_execute_loads_nothing_that_its_extra_has_not() -> None:
    code = "import sys, containertask.flyte.execute; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    loaded = {one.partition(".")[0] for one in done.stdout.split()}
    assert not {"pydantic", "aiohttp", "kubernetes", "yaml", "kopf"} & loaded
    assert not [
        one for one in done.stdout.split() if one.startswith(("containertask.sdk", "containertask.core"))
    ]
