"""Shim tasks as people write them for flytekit; run as a program, it writes down the template of one.

The executors do what those of ``support.shims`` do.
"""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import Any

_Executor: Any = importlib.import_module("flytekit.core.shim_task").ShimTaskExecutor
_Task: Any = importlib.import_module(
    "flytekit.core.python_customized_container_task"
).PythonCustomizedContainerTask
_exceptions: Any = importlib.import_module("flytekit.exceptions.system")


class Greeter(_Executor):  # type: ignore[misc]
    """Answers with what ``custom`` says and the input ``name``."""

    def execute_from_model(self, tt: Any, **kwargs: Any) -> Any:
        return f"{tt.custom['greeting']}, {kwargs['name']}"


class Returns(_Executor):  # type: ignore[misc]
    """Does what ``custom`` says: return something, or fail in some way."""

    def execute_from_model(self, tt: Any, **_: Any) -> Any:
        match tt.custom["does"]:
            case "tuple":
                return (1,)
            case "raise":
                return 1 / 0
            case "give up as flytekit":
                raise _exceptions.FlyteNonRecoverableSystemException(ValueError("wrong"))
            case "exit":
                sys.exit(3)
        return None


class Greet(_Task):  # type: ignore[misc]
    """A task of its own."""

    def get_custom(self, _: Any) -> dict[str, Any]:
        return {"greeting": "hello"}


def _write(path: Path) -> None:
    configuration = importlib.import_module("flytekit.configuration")
    interface = importlib.import_module("flytekit.core.interface").Interface
    task = Greet(
        "team.greet",
        None,
        "registry/shims:1",
        Greeter,
        interface=interface(inputs={"name": str}, outputs={"text": str}),
        environment={"A": "1"},
    )
    images = configuration.ImageConfig.auto_default_image()
    settings = configuration.SerializationSettings(images, project="p", domain="d", version="v", env={})
    path.write_bytes(task.serialize_to_model(settings).to_flyte_idl().SerializeToString())


if __name__ == "__main__":
    _write(Path(sys.argv[1]))
