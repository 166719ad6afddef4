"""Shim tasks to test with: executors in a module that a container, too, could import."""

from __future__ import annotations

import datetime as dt
import gc
import sys
import tempfile
import types
from pathlib import Path
from typing import Any, Final

from containertask.errors import NonRecoverableError
from containertask.flyte.context import SerializationContext
from containertask.flyte.executor import ShimTaskExecutor
from containertask.flyte.resolver import TaskTemplateResolver
from containertask.flyte.template import custom
from containertask.sdk.customized import PythonCustomizedContainerTask

Json = dict[str, Any]
_CODE: Final = (type, types.FunctionType, types.BuiltinFunctionType, types.ModuleType)
"""What is the same for everybody, and leads everywhere."""


class Greeter(ShimTaskExecutor[str]):
    """Answers with what ``custom`` says and the input ``name``."""

    def execute_from_model(self, tt: Any, /, **kwargs: Any) -> Any:
        return f"{custom(tt)['greeting']}, {kwargs['name']}"


class Echo(ShimTaskExecutor[Any]):
    """Returns its inputs: the one, or all by name, each called ``<name>_out``."""

    def execute_from_model(self, _: Any, /, **kwargs: Any) -> Any:
        found = {f"{name}_out": value for name, value in kwargs.items()}
        return found if len(found) > 1 else next(iter(found.values()), None)


class Inspector(ShimTaskExecutor[Any]):
    """Says of which classes the objects are that it can reach from what it is given."""

    def execute_from_model(self, tt: Any, /, **kwargs: Any) -> Any:
        seen: dict[int, object] = {}
        todo: list[object] = [self, tt, kwargs]
        while todo:
            one = todo.pop()
            if id(one) not in seen and not isinstance(one, _CODE):
                seen[id(one)] = one
                todo += gc.get_referents(one)
        return sorted({type(one).__name__ for one in seen.values()})


class Returns(ShimTaskExecutor[Any]):
    """Does what ``custom`` says: return something, or fail in some way."""

    def execute_from_model(self, tt: Any, /, **_: Any) -> Any:
        match custom(tt)["does"]:
            case "tuple":
                return (1,)
            case "raise":
                return 1 / 0
            case "give up":
                raise NonRecoverableError("the query is wrong")
            case "give up as flytekit":
                raise FlyteNonRecoverableSystemException
            case "talk":
                raise ValueError("\ud800" + "x" * 3_000_000 + "the end")
            case "exit":
                sys.exit(3)
        return custom(tt).get("value")


class FlyteNonRecoverableSystemException(Exception):  # noqa: N818 - its name is what counts
    """Called as flytekit's."""


class Writes(ShimTaskExecutor[Any]):
    """Makes a file and a folder, and gives back the file that it was given."""

    def execute_from_model(self, _: Any, /, **kwargs: Any) -> Any:
        folder = Path(tempfile.mkdtemp())
        (folder / "below").mkdir()
        (folder / "below" / "x").write_text("x")
        (folder / "made").write_text("made")
        return {"file": folder / "made", "folder": folder, "same": Path(kwargs["f"])}


class NotMade(ShimTaskExecutor[Any]):
    """Cannot be made here."""

    def __init__(self) -> None:
        raise AssertionError("made before it runs")


class Task(PythonCustomizedContainerTask[Any]):
    """Its config is its ``custom``."""

    def get_custom(self, settings: SerializationContext) -> Json:  # noqa: ARG002 - a hook
        return dict(self.task_config)


class OwnResolver(TaskTemplateResolver):
    """Another one, which is a variable of this module."""


own_resolver = OwnResolver()
MOMENT: Final = dt.datetime(2026, 1, 31, 12, 0, 0, 123456, dt.UTC)
greet: Final = Task(
    "team.greet",
    {"greeting": "hello"},
    "registry/shims:1",
    Greeter,
    inputs={"name": str},
    outputs={"text": str},
)
