"""``error.pb``: what went wrong in a shim task, in the words of ``flyte-wire.md`` 4.3, which Flyte reads.

Nearly all is called a fault of the system that may pass, whoever made it: that is Flyte's contract. What an
executor raises is told with its traceback, for the one who wrote it.
"""

from __future__ import annotations

import socket
import traceback
from typing import Final

from flyteidl.core.errors_pb2 import ContainerError, ErrorDocument  # type: ignore[import-untyped]
from flyteidl.core.execution_pb2 import ExecutionError  # type: ignore[import-untyped]

from containertask.errors import ContainerTaskError, NonRecoverableError

SYSTEM: Final = "SYSTEM"
NOT_LOADED: Final = "USER:RuntimeError"
_MOST: Final = 64 * 1024
"""Letters of a message: Flyte reads a document of up to 2 MiB. The end of a traceback says what it was."""
_FINAL: Final = frozenset({"FlyteNonRecoverableSystemException"})
"""Classes of flytekit's by name: an executor may be written on both."""


class NotLoadedError(Exception):
    """The task's class, or its resolver, is not in this image: no attempt will find it."""


def error_document(error: Exception) -> ErrorDocument:
    """Return the document of what a run raised."""
    if isinstance(error, NotLoadedError):
        made = ContainerError(
            code=NOT_LOADED,
            message=_text(str(error)),
            kind=ContainerError.NON_RECOVERABLE,
            origin=ExecutionError.USER,
        )
    else:
        made = ContainerError(
            code=SYSTEM,
            message=_text("".join(traceback.format_exception(error))),
            kind=ContainerError.NON_RECOVERABLE if _is_final(error) else ContainerError.RECOVERABLE,
            origin=ExecutionError.SYSTEM,
        )
    made.timestamp.GetCurrentTime()
    made.worker = socket.gethostname()
    return ErrorDocument(error=made)


def summary(error: Exception) -> str:
    """Return what was raised without where: the line that a traceback ends with."""
    known = isinstance(error, NotLoadedError | ContainerTaskError)
    return _text(str(error) if known else "".join(traceback.format_exception_only(error)).strip())


def _text(message: str) -> str:
    """Return a message as protobuf takes it: with what no UTF-8 has replaced."""
    return message[-_MOST:].encode(errors="replace").decode()


def _is_final(error: Exception) -> bool:
    names = {one.__name__ for one in type(error).__mro__}
    return isinstance(error, NonRecoverableError) or bool(names & _FINAL)
