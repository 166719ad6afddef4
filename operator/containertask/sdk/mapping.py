"""One task over many inputs at once."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Iterable, Mapping
from typing import Any, Final

from containertask.errors import TaskFailedError
from containertask.sdk import loop
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
    if concurrency < 1 or not 0 <= min_success_ratio <= 1:
        raise ValueError("concurrency is at least 1, and min_success_ratio from 0 to 1")
    given = [_inputs(task, one) for one in items]
    allowed = len(given) - math.ceil(len(given) * min_success_ratio)
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
    except* TaskFailedError:
        raise failures[0] from None
    return [run.result() for run in runs]


async def _called(task: ContainerTask, inputs: dict[str, Any]) -> Outputs:
    """Call it; on a cluster, a run whose wait is given up is cancelled."""
    if task.runs_here:
        return await task.call_async(**inputs)
    run = await task.submit_async(**inputs)
    try:
        return await run.wait_async()
    except asyncio.CancelledError:
        await run.cancel_async()
        raise


def _inputs(task: ContainerTask, item: object) -> dict[str, Any]:
    names = list(task.native_interface.inputs)
    if isinstance(item, Mapping) and (len(names) != 1 or item.keys() <= set(names)):
        return dict(item)
    if len(names) == 1:
        return {names[0]: item}
    raise TypeError(f"an item is {kind_of(item)}: write a dict of inputs, such as {{'a': ...}}")
