"""How a test written as a coroutine gets an event loop and a fake server."""

from __future__ import annotations

import asyncio
import functools
import inspect
from collections.abc import Callable, Coroutine
from typing import Concatenate, ParamSpec

from support.fakeapi.server import FakeApi

_P = ParamSpec("_P")
_SECONDS = 60.0


def with_api(test: Callable[Concatenate[FakeApi, _P], Coroutine[None, None, None]]) -> Callable[_P, None]:
    """Make a test of a coroutine whose first argument is a fresh fake server; the rest are fixtures.

    Warnings of the event loop (a task nobody awaited, a connection left open) fail the test, as all do.
    """

    @functools.wraps(test)
    def run(*args: _P.args, **kwargs: _P.kwargs) -> None:
        async def scenario() -> None:
            async with asyncio.timeout(_SECONDS), FakeApi() as api:
                await test(api, *args, **kwargs)

        asyncio.run(scenario(), debug=False)

    signature = inspect.signature(test)
    _, *rest = signature.parameters.values()
    run.__signature__ = signature.replace(parameters=rest)  # type: ignore[attr-defined]
    return run
