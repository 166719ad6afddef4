"""A task that is its template and the class that runs it: what a container has of a shim task."""

from __future__ import annotations

import uuid
from abc import ABC, abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Generic

from flyteidl.core.literals_pb2 import LiteralMap  # type: ignore[import-untyped]
from flyteidl.core.tasks_pb2 import TaskTemplate  # type: ignore[import-untyped]

from containertask.codec import literals
from containertask.codec.errors import CodecError
from containertask.errors import InvalidTaskError, TransferError
from containertask.flyte import interface, storage
from containertask.flyte.context import ExecutionContext, ExecutionMode, ExecutionParameters
from containertask.flyte.executor import TC, ShimTaskExecutor
from containertask.flyte.runtime import from_python, to_python
from containertask.flyte.template import parse, to_bytes
from containertask.types.leaves import BareType
from containertask.types.model import OptionalOf, Type
from containertask.words import shown


class ShimTask(ABC, Generic[TC]):
    """What a template and an executor make of inputs, wherever the template comes from."""

    _executor: ShimTaskExecutor[TC] | None = None

    @property
    @abstractmethod
    def task_template(self) -> TaskTemplate:
        """The template: a message of its own each time, so that nobody can change it."""

    @property
    @abstractmethod
    def executor_type(self) -> type[ShimTaskExecutor[TC]]:
        """The class that runs it."""

    @property
    def name(self) -> str:
        """Name of the task."""
        found: str = self.task_template.id.name
        return found

    @property
    def executor(self) -> ShimTaskExecutor[TC]:
        """The object that runs it, made without arguments when it is first asked for."""
        if self._executor is None:
            self._executor = self.executor_type()
        return self._executor

    def pre_execute(self, user_params: ExecutionParameters | None) -> ExecutionParameters | None:
        """Return what ``post_execute`` is given; called before each run. A hook: the same, here."""
        return user_params

    def post_execute(self, _: ExecutionParameters | None, rval: Any) -> Any:  # noqa: ANN401 - as executors return
        """Return what a run gives back; called after each. A hook: the same, here."""
        return rval

    def execute(self, /, **kwargs: Any) -> Any:  # noqa: ANN401 - as above
        """Have the executor run the template with inputs by name; return what it returns."""
        return self.executor.execute_from_model(self.task_template, **kwargs)

    def dispatch_execute(self, ctx: ExecutionContext, input_literal_map: LiteralMap) -> LiteralMap:
        """Run it with Flyte's literals, and return Flyte's literals.

        Types are those of the template's interface: Python's annotations are not there at run time.

        Args:
            ctx: where it runs.
            input_literal_map: inputs by name.

        Raises:
            InvalidTaskError: the inputs are not those of the interface.
            TypeError, ValueError: the executor returned something else than the interface says.
            TransferError: a file among the outputs could not be placed.
        """
        params = self.pre_execute(ctx.user_params)
        declared = self.task_template.interface
        given = _native(interface.kinds(declared.inputs), input_literal_map)
        found = self.post_execute(params, self.execute(**given))
        if isinstance(found, LiteralMap):
            return found
        return _literals(interface.kinds(declared.outputs), found, ctx)


class ExecutableTemplateShimTask(ShimTask[TC]):
    """A template, and the class that runs it.

    Args:
        tt: the template, of which the bytes are kept.
        executor_type: the class.
    """

    def __init__(self, tt: TaskTemplate, executor_type: type[ShimTaskExecutor[TC]]) -> None:
        self._template_bytes = to_bytes(tt)
        self._executor_type = executor_type

    @property
    def task_template(self) -> TaskTemplate:
        """The template, out of its bytes."""
        return parse(self._template_bytes)

    @property
    def executor_type(self) -> type[ShimTaskExecutor[TC]]:
        """The class that runs it."""
        return self._executor_type


def _native(kinds: Mapping[str, Type], given: LiteralMap) -> dict[str, Any]:
    for name in given.literals:
        if name not in kinds:
            raise InvalidTaskError([f"the template has no input {shown(name)}"])
    for name, kind in kinds.items():
        if name not in given.literals and not isinstance(kind, OptionalOf | BareType):
            raise InvalidTaskError([f"the input {shown(name)} has no value"])
    try:
        found = literals.from_literal_map(kinds, to_bytes(given))
    except CodecError as error:
        raise InvalidTaskError([str(error)]) from None
    return {name: to_python(found.get(name)) for name in kinds}


def _literals(kinds: Mapping[str, Type], found: object, ctx: ExecutionContext) -> LiteralMap:
    def place(path: Path) -> str:
        return _placed(path, ctx)

    values = _by_name(kinds, found)
    read = {
        name: from_python(kind, values[name], f"output {shown(name)}", place) for name, kind in kinds.items()
    }
    return LiteralMap.FromString(literals.to_literal_map(kinds, read))


def _by_name(kinds: Mapping[str, Type], found: object) -> Mapping[str, object]:
    """Return what an executor returned by the names of the outputs. Raises TypeError."""
    match list(kinds):
        case []:
            if found is not None:
                raise TypeError(f"no output is declared, and the executor returned a {type(found).__name__}")
            return {}
        case [name]:
            if isinstance(found, tuple):
                raise TypeError(f"output {shown(name)}: a tuple where one value is wanted: return the value")
            return {name: found}
    if not isinstance(found, Mapping) or found.keys() != kinds.keys():
        raise TypeError(
            f"return a dict with just the outputs {', '.join(map(shown, kinds))}, which have no order"
        )
    return found


def _placed(path: Path, ctx: ExecutionContext) -> str:
    if not path.exists():
        raise TransferError(f"the executor returned {shown(path.name)}, which is not there")
    if ctx.raw_prefix is None or ctx.mode is ExecutionMode.LOCAL_TASK_EXECUTION:
        return f"file://{path.absolute()}"
    return storage.upload(path, storage.join(ctx.raw_prefix, uuid.uuid4().hex, path.name))
