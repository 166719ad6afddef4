"""Work that blocks, for who must not: each in a thread of its own.

Not in the loop's pool, which has few: what waits there for the loop, while the loop waits for a free thread
of it, would wait for ever.
"""

from __future__ import annotations

import asyncio
import contextvars
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from functools import partial
from typing import Any, Final, TypeVar

T = TypeVar("T")
V = TypeVar("V")

_given_up: Final = contextvars.ContextVar[tuple[threading.Event, ...]]("given_up", default=())
"""What may end the work of this thread."""


class GivenUp(Exception):  # noqa: N818 - no error: nobody waits for the work any more
    """Raised in work that nobody waits for, to end it."""


async def in_thread(work: Callable[..., T], *args: Any) -> T:  # noqa: ANN401 - what the work takes
    """Return what the work does, or raise what it raises; given up, it goes on to its next `go_on`."""
    pool = ThreadPoolExecutor(1, "containertask-work")
    given_up = threading.Event()
    context = _ended_by(given_up)
    try:
        return await asyncio.get_running_loop().run_in_executor(pool, partial(context.run, work, *args))
    except asyncio.CancelledError:
        given_up.set()
        raise
    finally:
        pool.shutdown(wait=False)


def each(work: Callable[[V], None], items: Iterable[V], at_once: int) -> None:
    """Do the work for each, some at once; the first failure is raised, and ends the rest at its `go_on`."""
    failed = threading.Event()
    with ThreadPoolExecutor(at_once, "containertask-work") as pool:
        jobs = [pool.submit(_ended_by(failed).run, work, one) for one in items]
        try:
            for job in wait(jobs, return_when=FIRST_EXCEPTION).done:
                job.result()
        except BaseException:
            failed.set()
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def go_on() -> None:
    """Do nothing, unless the work that calls it is given up: then raise GivenUp."""
    if any(one.is_set() for one in _given_up.get()):
        raise GivenUp


def _ended_by(event: threading.Event) -> contextvars.Context:
    context = contextvars.copy_context()
    context.run(lambda: _given_up.set((*_given_up.get(), event)))
    return context
