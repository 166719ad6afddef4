"""The one event loop behind all that is called without ``await``: in a thread of its own.

So calls work where a loop runs already, such as in a notebook. Ctrl-C ends the wait, and what was waited for.
"""

from __future__ import annotations

import asyncio
import atexit
import os
import threading
from collections.abc import AsyncGenerator, Coroutine, Iterator
from typing import Any, Final, TypeVar

T = TypeVar("T")

_lock: Final = threading.RLock()  # the collector may close a generator while its own thread holds it
_loops: Final[list[asyncio.AbstractEventLoop]] = []
_open: Final[set[AsyncGenerator[Any, None]]] = set()
"""What is being iterated: the collector must not close, on the loop, what is closed from here."""
_closings: Final[set[asyncio.Task[None]]] = set()
"""What the loop closes although nobody waits for it: it keeps no reference of its own."""
_CLEARING: Final = 10.0
"""Seconds that what is interrupted has to put things in order, such as to cancel the runs of a map."""
_exiting: Final = threading.Event()
atexit.register(_exiting.set)  # then nobody runs the loop any more


def run(coroutine: Coroutine[Any, Any, T]) -> T:
    """Return what the coroutine does, or raise what it raises.

    Raises:
        RuntimeError: it is called on this very loop, as by a hook, and would wait for itself.
    """
    loop = _loop()
    if _is_here(loop):
        coroutine.close()
        raise RuntimeError("a hook is asynchronous: await the _async twin of this call there")
    tasks, over = list[asyncio.Task[T]](), threading.Event()

    def begin() -> None:
        task = loop.create_task(coroutine)
        task.add_done_callback(lambda _: over.set())
        tasks.append(task)

    loop.call_soon_threadsafe(begin)
    try:
        over.wait()
    except BaseException:
        loop.call_soon_threadsafe(lambda: tasks[0].cancel())  # noqa: PLW0108 - it is there by then
        over.wait(_CLEARING)
        raise
    return tasks[0].result()


def iterate(items: AsyncGenerator[T, None]) -> Iterator[T]:
    """Yield what an asynchronous generator yields; leaving early closes it."""
    _open.add(items)
    try:
        while True:
            try:
                yield run(_next(items))
            except StopAsyncIteration:
                return
    finally:
        if not _exiting.is_set():
            _close(items)


def _close(items: AsyncGenerator[Any, None]) -> None:
    """Close it and wait for that, but for one that the collector found on the loop's own thread."""
    loop = _loop()
    if _is_here(loop):
        closing = loop.create_task(_closed(items))
        _closings.add(closing)
        closing.add_done_callback(_closings.discard)
    else:
        run(_closed(items))


async def _closed(items: AsyncGenerator[Any, None]) -> None:
    try:
        await items.aclose()
    finally:
        _open.discard(items)


async def _next(items: AsyncGenerator[T, None]) -> T:
    return await anext(items)


# The thread does not come along into a child process.
os.register_at_fork(after_in_child=_loops.clear)


def _is_here(loop: asyncio.AbstractEventLoop) -> bool:
    return asyncio._get_running_loop() is loop  # noqa: SLF001 - the public one raises where there is none


def _loop() -> asyncio.AbstractEventLoop:
    with _lock:
        if not _loops:
            loop = asyncio.new_event_loop()
            threading.Thread(target=loop.run_forever, name="containertask", daemon=True).start()
            _loops.append(loop)
        return _loops[0]
