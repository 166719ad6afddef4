"""Compiled shim tasks on the real node: values out of the executor, a chain, an error, and nothing at all."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import pytest
from flyteidl.core.tasks_pb2 import Container  # type: ignore[import-untyped]

import containertask as ct
from containertask.flyte.context import SerializationContext
from support.shapes import OPERATOR_IMAGE
from support.tasks import Tasks

WAIT: Final = 120
MODULE: Final = "e2e_executors"
SOURCE: Final = """
from containertask.flyte.executor import ShimTaskExecutor
from containertask.flyte.template import custom

class Query(ShimTaskExecutor):
    def execute_from_model(self, tt, /, **inputs):
        said = custom(tt)
        if "fails" in said:
            raise ValueError(said["fails"])
        rows = [said["by"] * one for one in inputs.get("numbers", ())]
        return rows or None
"""
PROGRAM: Final = f"""
import sys, types
sys.path.append("/opt/containertask/lib")
made = sys.modules["{MODULE}"] = types.ModuleType("{MODULE}")
exec({SOURCE!r}, made.__dict__)
from containertask.flyte.execute import main
sys.exit(main())
"""
"""The image of a shim task has its executor as a module; this one is made as the program starts."""


class Query(ct.PythonCustomizedContainerTask[Any]):
    """Multiplies numbers, in the one image here that has Python and containertask."""

    def get_custom(self, settings: SerializationContext) -> dict[str, Any]:  # noqa: ARG002 - a hook
        return dict(self.task_config)

    def get_container(self, settings: SerializationContext) -> Container:
        container = super().get_container(settings)
        container.command.extend(["/usr/bin/python3", "-c", PROGRAM])
        del container.args[0]
        return container


def query(name: str, said: dict[str, Any], **types: Any) -> Query:
    return Query(name, said, OPERATOR_IMAGE, f"{MODULE}.Query", **types)


@pytest.fixture
def cluster(apart: Tasks) -> Iterator[ct.Cluster]:
    with ct.use(ct.Cluster(namespace=apart.namespace)) as found:
        yield found


TIMES: Final = query("times", {"by": 3}, inputs={"numbers": list[int]}, outputs={"rows": list[int]})


@pytest.mark.usefixtures("cluster")
def test_a_chain_of_shim_tasks_is_sent_and_gives_its_outputs() -> None:
    first = TIMES.compile(numbers=[1, 2])
    second = TIMES.compile(numbers=first["rows"])
    assert second.submit().wait(WAIT)["rows"] == [9, 18]
    assert first.outputs["rows"] == [3, 6]


@pytest.mark.usefixtures("cluster")
def test_what_an_executor_raises_is_the_reason_of_the_failure_and_the_log_has_where() -> None:
    run = query("fails", {"fails": "no such table"}, outputs={"rows": list[int]}).compile().submit()
    with pytest.raises(ct.TaskFailedError, match="SYSTEM: ValueError: no such table"):
        run.wait(WAIT)
    assert any("execute_from_model" in line for line in run.logs())


@pytest.mark.usefixtures("cluster")
def test_a_task_with_neither_inputs_nor_outputs_ends_well() -> None:
    assert query("nothing", {"by": 1}).compile().submit().wait(WAIT) == ()
