"""One task over many inputs at once."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Iterable, Mapping
from contextlib import suppress
from fractions import Fraction
from typing import Any, Final

from containertask.errors import ClusterError, TaskFailedError
from containertask.sdk import loop
from containertask.sdk.annotations import form_of
from containertask.sdk.outputs import Outputs
from containertask.sdk.task import ContainerTask
from containertask.sdk.wording import kind_of

Found = list[Outputs | TaskFailedError]

CONCURRENCY: Final = 16


def map(  # noqa: A001 - the word of everybody for it
    task: ContainerTask,
    items: Iterable[object],
    concurrency: int = CONCURRENCY,
    min_success_ratio: float = 1.0,
) -> Found:
    """Run a task once for each item, where its calls run; return what each gave, in the order of the items.

    Args:
        task: ``override(local=False)`` has its runs on the cluster.
        items: inputs by name, or values of its only input.
        concurrency: how many run at a time.
        min_success_ratio: how many of all have to succeed, from 0 to 1; the others are in the list as the
            exception that they ended with.

    Raises:
        TaskFailedError: fewer can succeed; the first failure. What runs then is cancelled.
        TypeError, ValueError: an item that cannot be meant.
    """
    return loop.run(map_async(task, items, concurrency, min_success_ratio))


async def map_async(
    task: ContainerTask,
    items: Iterable[object],
    concurrency: int = CONCURRENCY,
    min_success_ratio: float = 1.0,
) -> Found:
    """Do what ``map`` does."""
    _check(task, concurrency, min_success_ratio)
    given = [_inputs(task, one) for one in _each(items)]
    # As it is written: 0.55 of 100 are 55, and no binary fraction more.
    allowed = len(given) - math.ceil(len(given) * Fraction(repr(float(min_success_ratio))))
    room, failures = asyncio.Semaphore(concurrency), list[TaskFailedError]()

    async def one(inputs: dict[str, Any]) -> Outputs | TaskFailedError:
        async with room:
            try:
                return await _called(task, inputs)
            except TaskFailedError as error:
                failures.append(error)
                if len(failures) > allowed:
                    raise
                return error

    try:
        async with asyncio.TaskGroup() as group:
            runs = [group.create_task(one(inputs)) for inputs in given]
    except BaseExceptionGroup as several:
        first = several.exceptions[0]
        raise (failures[0] if isinstance(first, TaskFailedError) else first) from None
    return [run.result() for run in runs]


async def _called(task: ContainerTask, inputs: dict[str, Any]) -> Outputs:
    """Call it; on a cluster, a run whose wait is given up is cancelled."""
    if task.runs_here:
        return await task.call_async(**inputs)
    run = await task.prepare_async(**inputs)
    try:
        return await (await run.submit_async()).wait_async()
    except asyncio.CancelledError:
        with suppress(ClusterError):  # why it is given up says more; and it may not be there yet
            await run.give_up_async()
        raise


def _check(task: object, concurrency: object, ratio: object) -> None:
    if not isinstance(task, ContainerTask):
        raise TypeError(f"task is {kind_of(task)}: write a ContainerTask")
    if isinstance(concurrency, bool) or not isinstance(concurrency, int) or concurrency < 1:
        raise ValueError(f"concurrency: {kind_of(concurrency)}: write how many at a time, from 1")
    if isinstance(ratio, bool) or not isinstance(ratio, int | float) or not 0 <= ratio <= 1:
        raise ValueError(f"min_success_ratio: {kind_of(ratio)}: write a number from 0 to 1")


def _each(items: object) -> list[object]:
    """Return the items. Raises TypeError for what Python would take apart otherwise than it is meant."""
    if isinstance(items, str | bytes | Mapping) or not isinstance(items, Iterable):
        raise TypeError(f"items is {kind_of(items)}: write a list, with an item for each run")
    return list(items)


def _inputs(task: ContainerTask, item: object) -> dict[str, Any]:
    annotations = task.native_interface.inputs
    names = list(annotations)
    if len(names) != 1 and isinstance(item, Mapping):
        return dict(item)
    if len(names) != 1:
        raise TypeError(f"an item is {kind_of(item)}: write a dict of inputs, such as {{'a': ...}}")
    (name,) = names
    if isinstance(item, Mapping) and item.keys() <= {name}:
        # An empty dict is a value where the input is a dict, and no inputs where it is not.
        itself = not item and form_of(annotations[name], f"input `{name}`").takes(item)
        return {name: item} if itself else dict(item)
    return {name: item}
