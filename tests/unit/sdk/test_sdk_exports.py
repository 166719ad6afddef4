"""What ``import containertask as ct`` gives: the names, what they cost, what a type checker makes of them."""

from __future__ import annotations

import ast
import doctest
import importlib
import inspect
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

import containertask as ct
from containertask import errors

ROOT: Final = Path(__file__).resolve().parents[3]
NAMES: Final = [
    "Cluster",
    "ClusterError",
    "ConfigMapKey",
    "ConflictError",
    "ContainerTask",
    "ContainerTaskError",
    "DeckField",
    "Dir",
    "ExecutableTemplateShimTask",
    "File",
    "ForbiddenError",
    "Input",
    "InvalidTaskError",
    "LocalRunError",
    "MissingToolError",
    "NativeInterface",
    "NonRecoverableError",
    "NotFoundError",
    "Output",
    "OutputRef",
    "Outputs",
    "PythonCustomizedContainerTask",
    "RefusedError",
    "Resources",
    "Run",
    "RunStatus",
    "Secret",
    "SerializationContext",
    "ShimTaskExecutor",
    "TaskCancelledError",
    "TaskMetadata",
    "TaskFailedError",
    "TaskTemplateResolver",
    "TransferError",
    "UnreachableError",
    "WaitTimeoutError",
    "load",
    "map",
    "map_async",
    "runs",
    "runs_async",
    "use",
]


def test_the_names_are_these() -> None:
    assert sorted(ct.__all__) == sorted(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_there_and_documented(name: str) -> None:
    found = getattr(ct, name)
    assert inspect.getdoc(found)
    assert name in dir(ct)


def test_type_checkers_are_told_the_same_names() -> None:
    tree = ast.parse(Path(ct.__file__).read_text())
    (block,) = (one for one in tree.body if isinstance(one, ast.If))
    told = [alias.asname for one in block.body if isinstance(one, ast.ImportFrom) for alias in one.names]
    assert sorted(str(one) for one in told) == sorted(NAMES)


def test_another_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'ContainerTsk'"):
        ct.ContainerTsk  # noqa: B018 - the attribute is what is asked for


def loaded(code: str) -> set[str]:
    """Return the modules that code loads."""
    end = "import json, sys; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\n{end}"], check=True, capture_output=True, text=True
    )
    return set(json.loads(done.stdout))


def test_the_package_alone_loads_nothing_of_ours() -> None:
    found = loaded("import containertask") - loaded("import typing")
    assert {one for one in found if "." in one or one not in sys.stdlib_module_names} == {"containertask"}


def test_a_task_is_made_and_written_without_a_client() -> None:
    found = loaded(
        "import containertask as ct\nct.ContainerTask('a', 'b', ['c'], inputs={'x': int}).to_manifest(x=1)"
    )
    assert found.isdisjoint({"aiohttp", "kubernetes", "obstore", "google.protobuf", "pandas", "polars"})


# --- Errors ---


def test_the_tree_of_errors_is_as_it_is_drawn() -> None:
    public = {name for name in NAMES if name.endswith("Error")}
    drawn = [line for line in (errors.__doc__ or "").splitlines() if re.search("[├└]──", line)]
    found: dict[str, list[str]] = {"ContainerTaskError": []}
    above = ["ContainerTaskError"]
    for line in drawn:
        depth = (re.search("[├└]", line) or pytest.fail(line)).start() // 4
        name = line.split("── ")[1].split()[0]
        above = [*above[:depth], name]
        found.setdefault(above[depth - 1], []).append(name)
        found.setdefault(name, [])
    assert set(found) == public
    for name, below in found.items():
        classes = {
            one.__name__ for one in getattr(ct, name).__subclasses__() if one.__module__ == errors.__name__
        }
        assert set(below) == classes


def test_every_error_is_caught_as_what_python_calls_it() -> None:
    assert issubclass(ct.InvalidTaskError, ValueError)
    assert issubclass(ct.WaitTimeoutError, TimeoutError)


# --- For who writes against it ---


@pytest.mark.parametrize("module", ["containertask", "containertask.sdk.task"])
def test_examples_in_docstrings_run(module: str) -> None:
    failed, tried = doctest.testmod(importlib.import_module(module), optionflags=doctest.ELLIPSIS)
    assert (failed, tried > 0) == (0, True)


USER: Final = """
import datetime as dt
from dataclasses import dataclass

import containertask as ct


@dataclass
class Point:
    x: float


task = ct.ContainerTask(
    "a", "b", ["c"], {"p": Point}, outputs={"n": int}, timeout=dt.timedelta(minutes=1),
    resources=ct.Resources(cpu=1), secrets=[ct.Secret("k", "g")], retries=2,
)
run: ct.Run = task.submit(p=Point(1.0))
other: ct.ContainerTask = task.override(retries=0, queue="a")
found: ct.Outputs = run.wait(timeout=5)
status: ct.RunStatus = run.status()
line: str = next(run.logs(follow=True))
for one in ct.map(task, [Point(2.0)], concurrency=2):
    print(one.reason if isinstance(one, ct.TaskFailedError) else one.n)


async def twin() -> ct.Outputs:
    again = await task.submit_async(p=Point(1.0))
    async for now in again.watch_async():
        print(now.phase)
    return await again.wait_async()


class Own(ct.ContainerTask):
    async def pre(self, *args: object, **kwargs: object) -> dict[str, object]:
        return {"p": Point(3.0)}


try:
    run.wait()
except ct.TaskFailedError as error:
    print(error.reason, error.exit_code)
"""


def check(folder: Path, text: str) -> str:
    file = folder / "user.py"
    file.write_text(text)
    command = [
        sys.executable,
        "-m",
        "mypy",
        "--strict",
        "--cache-dir",
        str(ROOT / ".mypy_cache" / "user"),
        str(file),
    ]
    done = subprocess.run(command, check=False, capture_output=True, text=True, cwd=folder)
    return done.stdout


def test_a_users_file_passes_mypy_strict(tmp_path: Path) -> None:
    assert "Success" in check(tmp_path, USER)


def test_mypy_finds_a_users_mistakes(tmp_path: Path) -> None:
    mistakes = """
import containertask as ct

ct.ContainerTask("a", "b", ["c"], retrys=2)
ct.ContainerTask("a", "b", ["c"], start="Later")
ct.ContainerTask("a", "b", ["c"], metadata_format="XML")
ct.ContainerTask("a", 3, ["c"])
"""
    assert "Found 4 errors" in check(tmp_path, mistakes)
