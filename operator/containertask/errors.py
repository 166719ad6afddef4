"""What can go wrong for who uses containertask from Python, a class for each thing a caller can do about it.

::

    ContainerTaskError
    ├── InvalidTaskError (ValueError)       the task contradicts itself: change it
    ├── MissingToolError                    something is not installed here: install it
    ├── LocalRunError                       the task could not be run here, whatever its command does
    ├── ClusterError                        the cluster did not do what was asked
    │   ├── UnreachableError                no cluster is configured, or it does not answer: look, try again
    │   ├── ForbiddenError                  the credential is missing, or is not enough: ask an admin
    │   ├── NotFoundError                   there is no such object, or kind: create it, install the operator
    │   ├── ConflictError                   an object of that name is there already: choose another name
    │   └── RefusedError                    the API server or a policy refuses it: read why
    ├── TransferError                       a file did not get to a store, or from it: try again
    ├── NonRecoverableError                 an executor's own word: another attempt would end the same
    ├── WaitTimeoutError (TimeoutError)     the time to wait is over; the task goes on
    └── TaskFailedError                     the task has ended, and not well: ``reason`` says why
        └── TaskCancelledError              somebody cancelled it

A wrong argument is Python's own ``TypeError`` or ``ValueError``. No class says more in its text than a person
may read who may read the task: no credential, and of a value only its kind.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Self


class ContainerTaskError(Exception):
    """Base of all."""


class InvalidTaskError(ContainerTaskError, ValueError):
    """The task contradicts itself, or its inputs do not fit it.

    Attributes:
        problems: each thing that is wrong, as ``field: what, and the cure``.
    """

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = tuple(problems)

    def __reduce__(self) -> tuple[type[Self], tuple[tuple[str, ...]]]:
        """Have it travel between processes with what its constructor takes."""
        return type(self), (self.problems,)


class MissingToolError(ContainerTaskError):
    """A program or a Python package that this needs is not installed; the text says how to get it."""


class LocalRunError(ContainerTaskError):
    """The task could not be run on this machine."""


class ClusterError(ContainerTaskError):
    """The cluster did not do what was asked."""


class UnreachableError(ClusterError):
    """No cluster is configured, or it does not answer."""


class ForbiddenError(ClusterError):
    """The cluster does not know who asks, or does not let them."""


class NotFoundError(ClusterError):
    """There is no such object, or the cluster does not know its kind."""


class ConflictError(ClusterError):
    """An object of that name is there already, and another one."""


class RefusedError(ClusterError):
    """The API server, or a policy of its admins, refuses the object."""


class TransferError(ContainerTaskError):
    """A file did not get from this machine to a store, or from a store to it."""


class NonRecoverableError(ContainerTaskError):
    """What an executor of a shim task raises where another attempt would end the same: no retry follows."""


class WaitTimeoutError(ContainerTaskError, TimeoutError):
    """The time to wait is over; the task goes on."""


class TaskFailedError(ContainerTaskError):
    """A task has ended, and not well.

    Attributes:
        name: of the task.
        reason: one of those in docs/reasons.md, such as ``NonZeroExit``.
        exit_code: of the command, None where it did not end by itself.
        outputs: what was kept of the outputs, as the task's status shows it, by name.
        log: the last lines that the command wrote, where they are known.
    """

    def __init__(  # noqa: PLR0913 - what a task that failed leaves
        self,
        name: str,
        reason: str,
        message: str,
        *,
        exit_code: int | None = None,
        outputs: Mapping[str, object] | None = None,
        log: str = "",
    ) -> None:
        super().__init__(f"{name}: {reason}: {message}" if message else f"{name}: {reason}")
        self.name = name
        self.reason = reason
        self.message = message
        self.exit_code = exit_code
        self.outputs = dict(outputs or {})
        self.log = log

    def __reduce__(self) -> tuple[Callable[..., Self], tuple[str, str, str], dict[str, object]]:
        """Have it travel between processes with what its constructor takes."""
        return type(self), (self.name, self.reason, self.message), self.__dict__


class TaskCancelledError(TaskFailedError):
    """Somebody cancelled the task."""
