"""Outputs: a named tuple that is a mapping, too, whatever its outputs are called."""

from __future__ import annotations

import asyncio
import copy
import os
import pickle
from typing import Any

import pytest

import containertask as ct
from containertask.sdk import loop


def test_by_name_by_key_and_by_place() -> None:
    found = ct.Outputs({"area": 2.5, "a-b": None})
    assert (found.area, found["area"], found[0], found["a-b"]) == (2.5, 2.5, 2.5, None)
    assert found.as_dict() == {"area": 2.5, "a-b": None}
    assert repr(found) == "Outputs(area=2.5, a-b=None)"
    assert "area" in dir(found)
    area, other = found
    assert (area, other) == tuple(found) == (2.5, None)


@pytest.mark.parametrize("name", ["count", "index", "keys", "as_dict", "items", "class"])
def test_an_output_may_be_called_as_a_method_is(name: str) -> None:
    found = ct.Outputs({name: 3, "other": 4})
    assert getattr(found, name) == 3
    assert repr(found) == f"Outputs({name}=3, other=4)"
    assert pickle.loads(pickle.dumps(found)) == found  # noqa: S301 - our own


def test_what_is_not_there_is_said() -> None:
    found = ct.Outputs({"area": 1})
    with pytest.raises(AttributeError, match="no output aera: there are area"):
        found.aera  # noqa: B018 - the attribute is what is asked for
    with pytest.raises(KeyError, match="no output aera"):
        found["aera"]
    with pytest.raises(IndexError):
        found[1]


def test_it_is_copied_whole() -> None:
    found = ct.Outputs({"area": [1]})
    assert copy.deepcopy(found).area == [1]


def test_errors_travel_between_processes() -> None:
    failed = ct.TaskFailedError("a", "NonZeroExit", "exit code 3", exit_code=3, outputs={"x": 1}, log="l")
    found: Any = pickle.loads(pickle.dumps(failed))  # noqa: S301 - our own
    assert (str(found), found.reason, found.exit_code, found.outputs, found.log) == (
        "a: NonZeroExit: exit code 3",
        "NonZeroExit",
        3,
        {"x": 1},
        "l",
    )
    invalid: Any = pickle.loads(pickle.dumps(ct.InvalidTaskError(["a: b", "c: d"])))  # noqa: S301 - our own
    assert (str(invalid), invalid.problems) == ("a: b; c: d", ("a: b", "c: d"))


# --- The loop behind calls without await ---


async def _answer() -> int:
    return 42


def test_a_call_works_inside_of_a_running_loop() -> None:
    async def notebook() -> int:
        return loop.run(_answer())

    assert asyncio.run(notebook()) == 42


def test_a_hook_that_would_wait_for_itself_is_told() -> None:
    async def hook() -> None:
        loop.run(_answer())

    with pytest.raises(RuntimeError, match="await the _async twin"):
        loop.run(hook())


@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")
def test_a_child_process_gets_a_loop_of_its_own() -> None:
    assert loop.run(_answer()) == 42
    child = os.fork()
    if not child:
        os._exit(0 if loop.run(_answer()) == 42 else 1)
    assert os.waitpid(child, 0)[1] == 0


def test_what_is_left_early_is_closed() -> None:
    closed = list[bool]()

    async def numbers() -> Any:
        try:
            yield 1
            yield 2
        finally:
            closed.append(True)

    found = loop.iterate(numbers())
    assert next(found) == 1
    found.close()  # type: ignore[attr-defined]
    assert closed == [True]
