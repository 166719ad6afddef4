"""``ctask-execute``: runs a shim task in its container, in the words of flytekit's ``pyflyte-execute``.

It reads ``task.pb`` and ``inputs.pb``, has the executor run, and leaves ``outputs.pb`` or ``error.pb`` beside
each other: exactly one. In a task of containertask a file for each output takes the place of ``outputs.pb``.
An error that is written down is no failure of the process: it exits with 0, unless ``FLYTE_FAIL_ON_ERROR`` is
true. What ends the process itself, such as ``sys.exit``, leaves nothing.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from flyteidl.core.literals_pb2 import LiteralMap  # type: ignore[import-untyped]
from google.protobuf.message import DecodeError  # type: ignore[import-untyped]

from containertask.errors import ContainerTaskError, InvalidTaskError
from containertask.flyte import interface, outputfiles, storage
from containertask.flyte.context import ExecutionContext, ExecutionParameters
from containertask.flyte.failures import NotLoadedError, error_document, summary
from containertask.flyte.resolver import load_object
from containertask.flyte.template import to_bytes

OUTPUTS: Final = "outputs.pb"
ERROR: Final = "error.pb"
_NOTHING: Final = '""'
"""What a platform writes for a prefix that there is none of."""


@dataclass(frozen=True, slots=True)
class _Order:
    """What the command line says.

    Attributes:
        loader_args: what the resolver finds the task by.
    """

    inputs: str
    output_prefix: str
    raw_prefix: str | None
    checkpoint_path: str | None
    prev_checkpoint: str | None
    resolver: str
    loader_args: list[str]


def main(argv: Sequence[str] | None = None) -> int:
    """Run the task that a command line tells of; return the exit code."""
    order = _order(argv)
    try:
        return _run(order)
    except ContainerTaskError as error:
        sys.stderr.write(f"ctask-execute: {error}\n")
        return 1


def _run(order: _Order) -> int:
    try:
        with tempfile.TemporaryDirectory(prefix="containertask-") as folder:
            _done(order, Path(folder))
    except Exception as error:  # noqa: BLE001 - whatever an executor raises is to be written down
        document = error_document(error)
        told = document.error.message.rstrip()
        if outputfiles.wanted_in(order.output_prefix) is not None:
            document.error.message = summary(error)  # a status has room for no more; the log has all of it
        storage.write(storage.join(order.output_prefix, ERROR), to_bytes(document))
        sys.stderr.write(f"{told}\n")
        return int(os.environ.get("FLYTE_FAIL_ON_ERROR", "").lower() == "true")
    return 0


def _done(order: _Order, folder: Path) -> None:
    """Run it, and leave its outputs: as files for containertask, else as ``outputs.pb``."""
    task = _task(order)
    if (place := outputfiles.wanted_in(order.output_prefix)) is None:
        outputs = _outputs(order, task, folder, order.raw_prefix or order.output_prefix)
        storage.write(storage.join(order.output_prefix, OUTPUTS), to_bytes(outputs))
    else:
        outputs = _outputs(order, task, folder, None)
        kinds = interface.kinds(task.task_template.interface.outputs)
        outputfiles.leave(place, kinds, outputs, own=[folder])


def _outputs(order: _Order, task: Any, folder: Path, raw_prefix: str | None) -> LiteralMap:  # noqa: ANN401 - as below
    try:
        inputs = LiteralMap.FromString(storage.read(order.inputs))
    except DecodeError:
        raise InvalidTaskError(["the inputs are no LiteralMap of Flyte's"]) from None
    params = ExecutionParameters(
        working_folder=folder,
        raw_prefix=order.raw_prefix,
        checkpoint_path=order.checkpoint_path,
        prev_checkpoint=order.prev_checkpoint,
        execution_id=os.environ.get("FLYTE_INTERNAL_EXECUTION_ID", ""),
        attempt=_number(os.environ.get("FLYTE_ATTEMPT_NUMBER", "")),
    )
    context = ExecutionContext(raw_prefix=raw_prefix, user_params=params)
    found: LiteralMap = task.dispatch_execute(context, inputs)
    return found


def _task(order: _Order) -> Any:  # noqa: ANN401 - whatever a resolver makes that has dispatch_execute
    try:
        resolver: Any = load_object(order.resolver)
        return resolver.load_task(order.loader_args)
    except InvalidTaskError as error:
        raise NotLoadedError(str(error)) from error


def _order(argv: Sequence[str] | None) -> _Order:
    parser = argparse.ArgumentParser(
        "ctask-execute", description="Runs a shim task in its container.", allow_abbrev=False
    )
    for name, text in (
        ("--inputs", "path or URI of inputs.pb"),
        ("--output-prefix", "path or URI of the folder of outputs.pb and error.pb"),
        ("--resolver", "dotted name of the resolver"),
    ):
        parser.add_argument(name, required=True, help=text)
    for name, text in (
        ("--raw-output-data-prefix", "path or URI below which files of outputs go"),
        ("--checkpoint-path", "path or URI where something may be left for the next attempt"),
        ("--prev-checkpoint", "path or URI of what an attempt before has left"),
    ):
        parser.add_argument(name, type=_given, help=text)
    parser.add_argument("loader_args", nargs="*", metavar="ARG", help="what the resolver finds the task by")
    found = parser.parse_args(argv)
    return _Order(
        found.inputs,
        found.output_prefix,
        found.raw_output_data_prefix,
        found.checkpoint_path,
        found.prev_checkpoint,
        found.resolver,
        found.loader_args,
    )


def _given(text: str) -> str | None:
    """Return a prefix, or None where a platform had none, or knew no such template."""
    return None if text in {"", _NOTHING} or text.startswith("{") else text


def _number(text: str) -> int:
    return int(text) if text.isdecimal() else 0


if __name__ == "__main__":
    sys.exit(main())
