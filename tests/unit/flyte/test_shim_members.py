"""Every member of Flyte's two classes is there under its own name, and a test exercises it."""

from __future__ import annotations

import ast
import functools
import inspect
from pathlib import Path
from typing import Any

import pytest

import containertask as ct
from containertask.sdk import here
from containertask.sdk.options import Overrides
from support.seedmembers import MEMBERS, Member

TESTS = Path(__file__).parents[2]


@functools.cache
def sources() -> dict[str, str]:
    """Return the source of every test function by its name."""
    found = {}
    for path in TESTS.rglob("test_*.py"):
        text = path.read_text()
        for node in ast.parse(text).body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                found[node.name] = "\n".join(
                    text.splitlines()[
                        min([node.lineno, *(one.lineno for one in node.decorator_list)]) - 1 : node.end_lineno
                    ]
                )
    return found


def shown(one: Member) -> str:
    return f"{one.owner}-{one.kind}-{one.name}"


def parameters(of: Any) -> set[str]:
    """Return the names of what is given by name or position; ``kwargs`` is what is left."""
    found = inspect.signature(of).parameters.values()
    return {"kwargs" if one.kind is inspect.Parameter.VAR_KEYWORD else one.name for one in found}


@pytest.mark.parametrize("one", MEMBERS, ids=shown)
def test_a_member_is_there_under_its_own_name(one: Member) -> None:
    owner = getattr(ct, one.owner)
    match one.kind:
        case "parameter":
            assert one.name in parameters(owner)
        case "keyword of override":
            assert one.name in parameters(owner.override) | Overrides.__annotations__.keys()
        case "property":
            assert isinstance(inspect.getattr_static(owner, one.name), property)
        case "method":
            assert inspect.isroutine(inspect.getattr_static(owner, one.name))


@pytest.mark.parametrize("one", MEMBERS, ids=shown)
def test_a_test_exercises_the_member(one: Member) -> None:
    assert one.test in sources(), f"there is no {one.test}"


def test_a_member_stands_in_one_row() -> None:
    rows = [(one.owner, one.kind, one.name) for one in MEMBERS]
    assert len(rows) == len(set(rows))
    assert {
        owner: sum(one.owner == owner for one in MEMBERS) for owner in dict.fromkeys(r[0] for r in rows)
    } == {
        "ContainerTask": 11 + 1 + 9 + 10,
        "PythonCustomizedContainerTask": 11 + 22 + 22,
        "ShimTaskExecutor": 1,
        "TaskTemplateResolver": 5,
        "ExecutableTemplateShimTask": 8,
    }


def test_container_task_execute(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without its hooks; what runs in a container is tested where containers run."""

    class Hooked(ct.ContainerTask):
        async def pre(self, *_: object, **__: object) -> dict[str, object]:
            raise AssertionError

        async def post(self, return_vals: object) -> object:  # noqa: ARG002 - a hook
            raise AssertionError

    def run_here(parts: Any, inputs: dict[str, object], *_: object) -> ct.Outputs:
        return ct.Outputs({"image": parts.image, **inputs})

    monkeypatch.setattr(here, "run_here", run_here)
    found = Hooked("n", "alpine:3.22", ["true"], inputs={"a": int}).execute(a=7)
    assert found.as_dict() == {"image": "alpine:3.22", "a": 7}
