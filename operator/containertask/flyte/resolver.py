"""From the words after ``--`` of a container's command to the task that it runs, and back."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol

from containertask.errors import InvalidTaskError
from containertask.flyte.executor import ShimTaskExecutor
from containertask.flyte.tracked import Tracked

if TYPE_CHECKING:
    from containertask.flyte.context import SerializationContext
    from containertask.flyte.shimtask import ExecutableTemplateShimTask

_WORDS = 2


class HasExecutor(Protocol):
    """A task that knows what runs it."""

    @property
    def executor_name(self) -> str:
        """Return the dotted name of the executor's class."""


class TaskTemplateResolver(Tracked):
    """Finds a task by its template and the name of its executor's class.

    Another resolver is a subclass, and an instance of it that is bound to a variable of a module which the
    image has, too: the command names it by its ``location``.
    """

    def name(self) -> str:
        """Return what it is called."""
        return "task template resolver"

    def loader_args(self, settings: SerializationContext, t: HasExecutor) -> list[str]:  # noqa: ARG002 - a hook
        """Return the words from which ``load_task`` finds a task."""
        return ["{{.taskTemplatePath}}", t.executor_name]

    def load_task(self, loader_args: list[str]) -> ExecutableTemplateShimTask[Any]:
        """Return the task that ``loader_args`` tell of: a path or URI of a template, and a class.

        Raises:
            InvalidTaskError: there is no such class, or the bytes are no template.
            TransferError: the template cannot be read.
        """
        from containertask.flyte import storage  # noqa: PLC0415 - only containers load tasks
        from containertask.flyte.shimtask import ExecutableTemplateShimTask  # noqa: PLC0415 - as above
        from containertask.flyte.template import parse  # noqa: PLC0415 - as above

        if len(loader_args) != _WORDS:
            text = "a template and the name of a class"
            raise InvalidTaskError([f"{len(loader_args)} words for the resolver, where {text} are wanted"])
        place, named = loader_args
        return ExecutableTemplateShimTask(parse(storage.read(place)), executor_class(named))

    def get_all_tasks(self) -> list[Any]:
        """Return the tasks that it keeps: none, as each is found by its template."""
        return []

    def __reduce__(self) -> tuple[Callable[[str], object], tuple[str]]:
        """Copy and pickle it as a reference: a second object would be no module's variable."""
        return load_object, (self.location,)


def executor_class(dotted: str) -> type[ShimTaskExecutor[Any]]:
    """Return the executor of that dotted name. Raises InvalidTaskError: there is none."""
    found = load_object(dotted)
    if not isinstance(found, type) or not issubclass(found, ShimTaskExecutor):
        raise InvalidTaskError([f"{dotted} is no ShimTaskExecutor: name a class that is one"])
    return found


def load_object(dotted: str) -> object:
    """Return what a module has by the last part of a dotted name. Raises InvalidTaskError."""
    module, _, name = dotted.rpartition(".")
    if not module:
        raise InvalidTaskError([f"{dotted!r:.80} is no dotted name: write module.Name"])
    try:
        return getattr(importlib.import_module(module), name)
    except AttributeError:
        raise InvalidTaskError([f"the module {module} has no {name}"]) from None
    except Exception as error:
        text = f"the module {module} cannot be imported: {type(error).__name__}: {error}"
        raise InvalidTaskError([text]) from error


default_task_template_resolver = TaskTemplateResolver()
"""The one that a task has which names no other."""
