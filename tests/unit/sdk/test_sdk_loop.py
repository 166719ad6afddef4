"""``sdk.loop``: generators that nobody iterates to their end are closed, whoever finds them."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator
from typing import Any

from containertask.sdk import loop


async def _numbers(closed: threading.Event) -> AsyncGenerator[int, None]:
    try:
        for number in range(10):
            yield number
            await asyncio.sleep(0)
    finally:
        await asyncio.sleep(0)
        closed.set()


def test_leaving_early_closes_what_was_iterated_before_it_returns() -> None:
    closed = threading.Event()
    found = loop.iterate(_numbers(closed))
    assert next(found) == 0
    found.close()  # type: ignore[attr-defined]
    assert closed.is_set()


def test_what_the_collector_finds_on_the_loop_s_own_thread_is_closed_too() -> None:
    closed = threading.Event()
    found: list[Any] = [loop.iterate(_numbers(closed))]
    assert next(found[0]) == 0

    async def collected() -> None:
        found.clear()  # the last reference goes here, as it does where the collector runs in this thread

    loop.run(collected())
    assert closed.wait(10)
