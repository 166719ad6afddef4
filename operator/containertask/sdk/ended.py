"""The end of a run, in time; and what is raised of one that has not ended well."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import aclosing

from containertask.api.status import Phase
from containertask.errors import ClusterError, TaskCancelledError, TaskFailedError, WaitTimeoutError
from containertask.kube.errors import ApiError
from containertask.sdk.cluster import Cluster
from containertask.sdk.runlog import lines_of
from containertask.sdk.status import RunStatus
from containertask.sdk.wording import kind_of

_LINES = 20


async def in_time(
    name: str,
    seconds: object,
    end: Callable[[], Awaitable[RunStatus]],
    look: Callable[[], Awaitable[RunStatus]],
) -> RunStatus:
    """Return the status at the end, which is waited for: None for as long as it takes, 0 for one look.

    Raises TypeError for what is no number of seconds, and WaitTimeoutError.
    """
    if seconds is not None and (isinstance(seconds, bool) or not isinstance(seconds, int | float)):
        raise TypeError(f"timeout is {kind_of(seconds)}: write a number of seconds, or None")
    try:
        if seconds is None or seconds > 0:
            async with asyncio.timeout(seconds):
                return await end()
        if (status := await look()).finished:
            return status
    except TimeoutError:
        pass
    raise WaitTimeoutError(f"{name} has not ended after {seconds} s: it goes on")


async def failure_of(cluster: Cluster, namespace: str, name: str, status: RunStatus) -> TaskFailedError:
    """Return the exception, with the end of the log where that is still to be had."""
    kind = TaskCancelledError if status.phase == Phase.CANCELLED else TaskFailedError
    return kind(
        name,
        status.reason,
        status.message,
        exit_code=status.exit_code,
        outputs={one["name"]: one for one in status.raw.get("outputs") or ()},
        log=await _tail(cluster, namespace, name) if status.pod is not None else "",
    )


async def _tail(cluster: Cluster, namespace: str, name: str) -> str:
    try:
        async with (
            cluster.session() as session,
            aclosing(lines_of(session, namespace, name, tail=_LINES)) as lines,
        ):
            return "\n".join([one async for one in lines])
    except (ApiError, ClusterError):
        return ""  # the Pod may be gone, or its log nobody's to read: the failure is told all the same
