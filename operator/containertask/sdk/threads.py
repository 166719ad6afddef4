"""Work that blocks, for who must not: each in a thread of its own.

Not in the loop's pool, which has few: what waits there for the loop, while the loop waits for a free thread
of it, would wait for ever.
"""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, TypeVar

T = TypeVar("T")


async def in_thread(work: Callable[..., T], *args: Any) -> T:  # noqa: ANN401 - what the work takes
    """Return what the work does, or raise what it raises; given up, it goes on and nobody waits for it."""
    pool = ThreadPoolExecutor(1, "containertask-work")
    whole = partial(contextvars.copy_context().run, work, *args)
    try:
        return await asyncio.get_running_loop().run_in_executor(pool, whole)
    finally:
        pool.shutdown(wait=False)
