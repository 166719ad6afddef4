"""Waits for the end of runs, tells how they get on, and hands their log through."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from contextlib import aclosing

from containertask.cli.errors import CommandError
from containertask.cli.plain import flat
from containertask.cli.progress import Progress
from containertask.errors import ClusterError, NotFoundError
from containertask.sdk.run import Run
from containertask.sdk.status import RunStatus

TIMED_OUT = 124
"""As of ``timeout``."""


async def attend(
    runs: Sequence[Run], tell: Progress, *, follow: bool, seconds: float | None
) -> Sequence[RunStatus]:
    """Return the status of each run as soon as all have ended.

    Raises:
        CommandError: they have not ended in time.
        ClusterError: the cluster does not answer, or a task is gone.
    """
    watching = asyncio.gather(*(_end(run, tell) for run in runs))
    copying = asyncio.gather(*(_copy_log(run) for run in runs if follow))
    try:
        async with asyncio.timeout(seconds):
            ended, _ = await asyncio.gather(watching, copying)
    except TimeoutError:
        names = ", ".join(run.name for run in runs)
        text = f"{names} has not ended within --wait-timeout, and goes on"
        raise CommandError(text, exit_code=TIMED_OUT) from None
    finally:
        for one in (watching, copying):
            one.cancel()
        await asyncio.gather(watching, copying, return_exceptions=True)
    return ended


async def _end(run: Run, tell: Progress) -> RunStatus:
    async with aclosing(run.watch_async()) as states:
        async for status in states:
            tell(run.name, status)
            if status.finished:
                return status
    raise NotFoundError(f"{run.name} is gone")


async def _copy_log(run: Run) -> None:
    """Write the log to stdout. One that is not to be had ends no wait."""
    try:
        async with aclosing(run.logs_async(follow=True)) as lines:
            async for line in lines:
                sys.stdout.write(f"{line}\n")
                sys.stdout.flush()
    except ClusterError as error:
        sys.stderr.write(f"{run.name}: its log cannot be followed: {flat(str(error))}\n")
