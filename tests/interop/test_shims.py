"""Shim tasks between flytekit and us: one's templates run with the other, and failures look the same.

``pyflyte-execute`` and ``ctask-execute`` get the same files and the same words, each with an executor of its
own; what they leave has to be equal.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest
from flyteidl.core.errors_pb2 import ContainerError, ErrorDocument  # type: ignore[import-untyped]
from flyteidl.core.execution_pb2 import ExecutionError  # type: ignore[import-untyped]

from containertask.codec import literals
from containertask.flyte.context import SerializationContext
from containertask.flyte.template import to_bytes
from containertask.types.leaves import SimpleType
from support import shims
from testbed import sdks
from testbed.versions import load

TESTS: Final = Path(__file__).resolve().parents[1]
THEIRS: Final = "interop.peers.flytekit_shims"
QUIET: Final = {"DO_NOT_TRACK": "1", "FLYTE_DISABLE_TELEMETRY": "true"}
SETTINGS: Final = SerializationContext(project="p", domain="d", version="v", env={"A": "1"})


@dataclass(frozen=True, slots=True)
class Left:
    """What a run leaves: its exit code, its outputs, and code, kind and origin of its error."""

    code: int
    outputs: bytes | None
    error: tuple[str, int, int] | None


def theirs() -> Path:
    return sdks.python(load(), "flytekit").with_name("pyflyte-execute")


def ours() -> Path:
    return Path(sys.executable).with_name("ctask-execute")


def run(program: Path, folder: Path, name: str, resolver: str, executor: str, **env: str) -> Left:
    """Run a program in a copy of a folder that has what it reads."""
    mine = shutil.copytree(folder, folder.parent / f"{folder.name}-{name}")
    out = mine / "out"
    words: list[str | Path] = [
        "--inputs",
        mine / "inputs.pb",
        "--output-prefix",
        out,
        "--raw-output-data-prefix",
        mine / "raw",
    ]
    command: list[str | Path] = [program, *words, "--resolver", resolver, "--", mine / "task.pb", executor]
    places = {"PATH": os.environ["PATH"], "PYTHONPATH": str(TESTS), "HOME": str(mine), "TMPDIR": str(mine)}
    done = subprocess.run(command, env={**places, **QUIET, **env}, cwd=mine, capture_output=True, check=False)
    outputs, error = out / "outputs.pb", out / "error.pb"
    found = ErrorDocument.FromString(error.read_bytes()).error if error.exists() else None
    return Left(
        done.returncode,
        outputs.read_bytes() if outputs.exists() else None,
        (found.code, found.kind, found.origin) if found is not None else None,
    )


def both(folder: Path, executor: str, **env: str) -> tuple[Left, Left]:
    """Run flytekit's program, and ours."""
    flytekit = "flytekit.core.python_customized_container_task.default_task_template_resolver"
    mine = "containertask.flyte.resolver.default_task_template_resolver"
    return (
        run(theirs(), folder, "theirs", flytekit, f"{THEIRS}.{executor}", **env),
        run(ours(), folder, "ours", mine, f"support.shims.{executor}", **env),
    )


def prepared(folder: Path, task: shims.Task, **inputs: str) -> Path:
    """Return a folder with a template of ours, and inputs."""
    made = folder / "run"
    made.mkdir()
    (made / "task.pb").write_bytes(to_bytes(task.serialize_to_model(SETTINGS)))
    kinds = dict.fromkeys(inputs, SimpleType.STRING)
    (made / "inputs.pb").write_bytes(literals.to_literal_map(kinds, inputs))
    return made


def does(what: str, **outputs: object) -> shims.Task:
    return shims.Task("does", {"does": what}, "image", shims.Returns, outputs=outputs)


def test_flytekit_runs_a_template_of_ours(tmp_path: Path) -> None:
    found, mine = both(prepared(tmp_path, shims.greet, name="Ada"), "Greeter")
    assert found == mine
    assert found.outputs is not None
    assert literals.from_literal_map({"text": SimpleType.STRING}, found.outputs) == {"text": "hello, Ada"}


def test_we_run_a_template_of_flytekits(tmp_path: Path) -> None:
    folder = prepared(tmp_path, shims.greet, name="Ada")
    python, peer = sdks.python(load(), "flytekit"), TESTS / "interop" / "peers" / "flytekit_shims.py"
    places = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(TESTS),
        "HOME": str(tmp_path),
        "TMPDIR": str(tmp_path),
    }
    subprocess.run([python, peer, folder / "task.pb"], env={**places, **QUIET}, cwd=tmp_path, check=True)
    found, mine = both(folder, "Greeter")
    assert found == mine
    assert mine.outputs is not None


RETRY: Final = ("SYSTEM", ContainerError.RECOVERABLE, ExecutionError.SYSTEM)
FINAL: Final = ("SYSTEM", ContainerError.NON_RECOVERABLE, ExecutionError.SYSTEM)
ABSENT: Final = ("USER:RuntimeError", ContainerError.NON_RECOVERABLE, ExecutionError.USER)


@pytest.mark.parametrize(
    ("task", "env", "left"),
    [
        (does("raise"), {}, Left(0, None, RETRY)),
        (does("raise"), {"FLYTE_FAIL_ON_ERROR": "true"}, Left(1, None, RETRY)),
        (does("give up as flytekit"), {}, Left(0, None, FINAL)),
        (does("tuple", a=int), {}, Left(0, None, RETRY)),
        (does("exit"), {}, Left(3, None, None)),
        (does("return"), {}, Left(0, b"", None)),
    ],
    ids=["raise", "raise and fail", "give up", "tuple", "exit", "void"],
)
def test_what_goes_wrong_looks_the_same(
    task: shims.Task, env: dict[str, str], left: Left, tmp_path: Path
) -> None:
    assert both(prepared(tmp_path, task), "Returns", **env) == (left, left)


@pytest.mark.parametrize("executor", ["Missing", "missing.Executor"])
def test_an_executor_that_is_not_there_looks_the_same(executor: str, tmp_path: Path) -> None:
    left = Left(0, None, ABSENT)
    assert both(prepared(tmp_path, does("return")), executor) == (left, left)


def test_inputs_that_are_not_there_look_the_same(tmp_path: Path) -> None:
    folder = prepared(tmp_path, shims.greet, name="Ada")
    (folder / "inputs.pb").unlink()
    left = Left(0, None, RETRY)
    assert both(folder, "Greeter") == (left, left)


def test_a_template_that_is_not_there_may_be_there_later_to_us_alone(tmp_path: Path) -> None:
    folder = prepared(tmp_path, shims.greet, name="Ada")
    (folder / "task.pb").unlink()
    final = ("USER:ValueError", ContainerError.NON_RECOVERABLE, ExecutionError.USER)
    assert both(folder, "Greeter") == (Left(0, None, final), Left(0, None, RETRY))
