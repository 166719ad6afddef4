"""``PythonCustomizedContainerTask``: a task whose container runs a class, from what the task wrote down.

Every parameter, property and method has the name that flytekit has for it. A call runs the executor in this
process, out of the template's bytes, just as a container would.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Unpack

from flyteidl.core.literals_pb2 import LiteralMap  # type: ignore[import-untyped]
from flyteidl.core.tasks_pb2 import TaskTemplate  # type: ignore[import-untyped]

from containertask.errors import InvalidTaskError
from containertask.flyte.context import (
    PLACEHOLDERS,
    ExecutionContext,
    ExecutionMode,
    ExecutionParameters,
    SerializationContext,
)
from containertask.flyte.executor import TC, ShimTaskExecutor
from containertask.flyte.resolver import TaskTemplateResolver, default_task_template_resolver, executor_class
from containertask.flyte.shimtask import ShimTask
from containertask.flyte.template import parse, to_bytes
from containertask.flyte.tracked import Tracked
from containertask.sdk import decks
from containertask.sdk.declare import MISSING
from containertask.sdk.interface import NativeInterface
from containertask.sdk.outputs import Outputs
from containertask.sdk.parts import HasUri
from containertask.sdk.shimmodel import ShimModel
from containertask.sdk.shimparts import ShimOptions, dotted_name, read_parts
from containertask.sdk.shimvalues import from_literals, to_literals
from containertask.sdk.wording import nearest

if TYPE_CHECKING:
    from containertask.sdk.run import Run


class PythonCustomizedContainerTask(Tracked, ShimModel, ShimTask[TC]):
    """A task whose container runs an executor.

    A subclass returns in ``get_custom`` all that its executor needs: nothing else of it is there at run time.

    Args:
        name: unique, usually module and name of a function.
        task_config: of the task; kept on this object alone.
        container_image: what has ``ctask-execute`` and the executor's module.
        executor_type: class of the executor, or its dotted name; it is imported and made when it first runs.
        task_resolver: what finds the task again in the container. Default: by template and class.
        task_type: of the template.
        requests: what the container asks of a node: Resources, Flyte's, or a mapping.
        limits: what it gets at most.
        environment: of the container.
        secret_requests: Secrets, ours or Flyte's, or mappings.

    Raises:
        TypeError: an unknown keyword, or a value of a type that cannot be meant.
        ValueError: a value that cannot be meant.
    """

    def __init__(  # noqa: PLR0913, PLR0917 - the parameters of flytekit's class
        self,
        name: str,
        task_config: TC,
        container_image: str | HasUri,
        executor_type: type[ShimTaskExecutor[TC]] | str,
        task_resolver: TaskTemplateResolver | None = None,
        task_type: str = "python-task",
        requests: object = None,
        limits: object = None,
        environment: Mapping[str, str] | None = None,
        secret_requests: Sequence[object] | None = None,
        **kwargs: Unpack[ShimOptions],
    ) -> None:
        kubernetes = {"requests": requests, "limits": limits, "environment": environment}
        kubernetes["secret_requests"] = secret_requests
        self._enable_deck = decks.deck_enabled(
            enable=kwargs.get("enable_deck"), disable=kwargs.get("disable_deck")
        )
        self._deck_fields = decks.deck_fields(kwargs.get("deck_fields"), enabled=self._enable_deck)
        parts = read_parts(name, container_image, task_type, kubernetes, kwargs)
        has_deck = parts.metadata.generates_deck or self._enable_deck
        self._parts = replace(parts, metadata=replace(parts.metadata, generates_deck=has_deck))
        self._executor_name, self._executor_type = dotted_name(executor_type), executor_type
        self._task_config, self._container_image = task_config, container_image
        self._resolver = task_resolver or default_task_template_resolver
        self._template_bytes: bytes | None = None

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.name!r})"

    # --- What it is ---

    @property
    def name(self) -> str:
        """Name of the task."""
        return self._parts.name

    @property
    def task_config(self) -> TC:
        """What it was given."""
        return self._task_config

    @property
    def container_image(self) -> str | HasUri:
        """What it was given; ``get_image`` has its name."""
        return self._container_image

    @property
    def docs(self) -> object:
        """What it was given."""
        return self._parts.docs

    @property
    def enable_deck(self) -> bool:
        """Tell whether the template asks for a deck."""
        return self._enable_deck

    @property
    def disable_deck(self) -> bool:
        """Tell the opposite."""
        return not self._enable_deck

    @property
    def deck_fields(self) -> tuple[decks.DeckField, ...]:
        """Panels of the deck; none without a deck."""
        return self._deck_fields

    @property
    def executor_type(self) -> type[ShimTaskExecutor[TC]]:
        """Class of the executor. Raises InvalidTaskError: a name that is none's."""
        if isinstance(self._executor_type, str):
            self._executor_type = executor_class(self._executor_type)
        return self._executor_type

    @property
    def python_interface(self) -> NativeInterface:
        """Names, Python types and defaults of inputs and outputs."""
        inputs = self._parts.inputs
        return NativeInterface(
            inputs=self.get_input_types(),
            outputs={name: one.annotation for name, one in self._parts.outputs.items()},
            defaults={name: one.default for name, one in inputs.items() if one.default is not MISSING},
        )

    def get_input_types(self) -> dict[str, object]:
        """Return the Python type of each input."""
        return {name: one.annotation for name, one in self._parts.inputs.items()}

    def get_type_for_input_var(self, k: str, v: object) -> object:  # noqa: ARG002 - flytekit's signature
        """Return the Python type of an input. Raises KeyError."""
        return _one(self.python_interface.inputs, k)

    def get_type_for_output_var(self, k: str, v: object) -> object:  # noqa: ARG002 - as above
        """Return the Python type of an output. Raises KeyError."""
        return _one(self.python_interface.outputs, k)

    @property
    def task_template(self) -> TaskTemplate:
        """What is written down, once, for no project and version: all that a run on this machine has.

        Raises NotImplementedError without ``get_custom``, InvalidTaskError.
        """
        if self._template_bytes is None:
            self._template_bytes = to_bytes(self.serialize_to_model(PLACEHOLDERS))
        return parse(self._template_bytes)

    # --- On this machine ---

    def __call__(self, /, **kwargs: object) -> Outputs:
        """Do what ``local_execute`` does."""
        return self.local_execute(None, **kwargs)

    def local_execute(self, ctx: ExecutionContext | None = None, /, **kwargs: object) -> Outputs:
        """Run the executor in this process with Python's values, and return its outputs as such.

        Raises:
            TypeError, ValueError: a value, given or returned, that is not of the declared type.
            InvalidTaskError: the task, or a file among its inputs, is not what it has to be.
        """
        found = self.sandbox_execute(ctx, to_literals(self._parts.inputs, kwargs))
        return from_literals(self._parts.outputs, found)

    def local_execution_mode(self) -> ExecutionMode:
        """Return who runs it in a call."""
        return ExecutionMode.LOCAL_TASK_EXECUTION

    def sandbox_execute(self, ctx: ExecutionContext | None, input_literal_map: LiteralMap) -> LiteralMap:
        """Do what ``dispatch_execute`` does, in a folder of this call alone; files stay where they are."""
        with tempfile.TemporaryDirectory(prefix="containertask-") as folder:
            params = ExecutionParameters(working_folder=Path(folder))
            whole = replace(ctx or ExecutionContext(), mode=self.local_execution_mode())
            whole = replace(whole, user_params=whole.user_params or params)
            return self.dispatch_execute(whole, input_literal_map)

    # --- On a cluster ---

    def compile(
        self, ctx: ExecutionContext | SerializationContext | None = None, /, *args: object, **kwargs: object
    ) -> Run:
        """Return a run that is not sent yet; its outputs can be inputs of others, which send it before them.

        Raises:
            TypeError, ValueError: an input that cannot be meant.
            InvalidTaskError: no container could import the executor; a file that is not there.
        """
        from containertask.sdk.cluster import current  # noqa: PLC0415 - aiohttp is slow to load
        from containertask.sdk.shimrun import unsent  # noqa: PLC0415 - as above

        if args:
            raise TypeError(f"{len(args)} inputs without a name: write name=value")
        if self.executor_name.startswith("__main__.") or "<locals>" in self.executor_name:
            text = "put it at the top of a module that the image has, too"
            raise InvalidTaskError([f"no container can import {self.executor_name}: {text}"])
        settings = ctx if isinstance(ctx, SerializationContext) else SerializationContext()
        if self.get_k8s_pod(settings) is not None or self.get_sql(settings) is not None:
            raise InvalidTaskError(
                ["get_k8s_pod and get_sql: a ContainerTask runs a container, and nothing else"]
            )
        return unsent(self._parts, self.serialize_to_model(settings), current(), kwargs)


def _one(types: Mapping[str, object], name: str) -> object:
    if name not in types:
        raise KeyError(f"there is no {name}: {nearest(name, types)}")
    return types[name]
