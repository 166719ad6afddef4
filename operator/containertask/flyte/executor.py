"""The part of a shim task that somebody writes: what is done with a template and the inputs of one run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar

if TYPE_CHECKING:
    from flyteidl.core.tasks_pb2 import TaskTemplate  # type: ignore[import-untyped]

TC = TypeVar("TC")
"""The class of a task's ``task_config``."""


class ShimTaskExecutor(Generic[TC]):
    """Runs tasks from their templates. It is made without arguments, in the container, for each run.

    Nothing of the task's object is there when it runs: what it needs, ``get_custom`` has to return.
    """

    def execute_from_model(self, tt: TaskTemplate, /, **kwargs: Any) -> Any:  # noqa: ANN401 - values of any type
        """Run a task; a subclass has to say how.

        Args:
            tt: the template of the task.
            kwargs: inputs by name: int, float, bool, str, bytes, datetime in UTC, timedelta, list, dict,
                None. A struct is a dict, an enum's value a str, a file or folder a str with its URI or path.

        Returns:
            The output, where there is one; a dict of all by name, where there are several; None, where there
            is none. A file or folder may be a URI or a path of this machine.

        Raises:
            NonRecoverableError: another attempt would end the same.
        """
        raise NotImplementedError(f"{type(self).__name__} has to have execute_from_model")
