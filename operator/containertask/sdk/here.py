"""Runs on this machine, as Python's callers see them."""

from __future__ import annotations

import sys
import threading
from collections.abc import Mapping
from typing import Any, Final

from containertask.core.task import API_VERSION, KIND
from containertask.errors import InvalidTaskError, TaskCancelledError, TaskFailedError
from containertask.local.run import LocalOptions, LocalRun, run_local
from containertask.sdk.building import OutputRef
from containertask.sdk.files import Dir, File
from containertask.sdk.naming import object_name
from containertask.sdk.outputs import Outputs
from containertask.sdk.parts import Parts
from containertask.sdk.running import whole_spec
from containertask.sdk.values import from_wire
from containertask.types.model import Type

Json = dict[str, Any]

_CANCELLED: Final = "Cancelled"
_SUCCEEDED: Final = "Succeeded"


def run_here(parts: Parts, inputs: Mapping[str, object], stop: threading.Event) -> Outputs:
    """Run one task, wait for it, and return its outputs; ``stop`` ends it as cancelled.

    Raises TaskFailedError, InvalidTaskError, TypeError, ValueError, MissingToolError, LocalRunError.
    """
    for name, value in inputs.items():
        if isinstance(value, OutputRef):
            raise InvalidTaskError([f"input `{name}` is another run's output, which only a cluster knows"])
    if parts.ref:
        raise InvalidTaskError([f"{parts.name} refers to a template, which only a cluster knows: submit it"])
    metadata = parts.metadata(object_name(parts.name))
    spec = whole_spec(parts, inputs, _where_it_is)
    document = {"apiVersion": API_VERSION, "kind": KIND, "metadata": metadata, "spec": spec}
    found = run_local(document, LocalOptions(logs=_show if parts.local_logs else None, cancel=stop))
    if found.phase != _SUCCEEDED:
        raise _failure(found)
    values = {
        name: from_wire(found.outputs[name], one.annotation, f"output `{name}`")
        if name in found.outputs
        else None
        for name, one in parts.outputs.items()
    }
    return Outputs(values)


def _where_it_is(local: File | Dir, _: Type, where: str) -> Any:  # noqa: ANN401 - any JSON
    if local.path is None:
        return {"uri": local.uri}
    if not (local.path.is_dir() if isinstance(local, Dir) else local.path.is_file()):
        what = "folder" if isinstance(local, Dir) else "file"
        raise InvalidTaskError([f"{where}: there is no {what} {local.path}"])
    return {"uri": local.path.resolve().as_uri()}


def _failure(found: LocalRun) -> TaskFailedError:
    kind = TaskCancelledError if found.phase == _CANCELLED else TaskFailedError
    return kind(
        found.name,
        str(found.reason),
        found.message,
        exit_code=found.exit_code,
        outputs=found.outputs,
        log=found.log,
    )


def _show(stream: str, data: bytes) -> None:
    to = sys.stdout if stream == "stdout" else sys.stderr
    to.write(data.decode(errors="replace"))
    to.flush()
