"""The API server, as a client sees it that has one thing to do: asked to wait, it waits, and asks again.

As client-go does: 429 says that nothing was done; a failure with ``Retry-After`` wants another try, which is
made of what changes nothing.
"""

from __future__ import annotations

import asyncio
import random
from typing import Any, Final

from containertask.kube.auth import Credentials
from containertask.kube.client import ApiClient
from containertask.kube.errors import ServerError, TooManyRequests
from containertask.kube.transport import Call

Json = dict[str, Any]

PAUSES: Final = (0.5, 1.0, 2.0, 4.0, 8.0)
"""Seconds before another try, where the server names none."""
LONGEST: Final = 30.0
"""Seconds that it may ask for at a time."""


class PatientClient(ApiClient):
    """An ApiClient that asks again. Every method raises ``kube.errors.ApiError`` and nothing else."""

    def __init__(self, credentials: Credentials) -> None:
        super().__init__(credentials, gate=None)

    async def _json(self, call: Call) -> Json:
        for pause in PAUSES:
            try:
                return await super()._json(call)
            except (TooManyRequests, ServerError) as error:
                asked = error.retry_after
                if isinstance(error, ServerError) and (asked is None or call.method != "GET"):
                    raise
                # Never all at the same moment, and never earlier than was asked for.
                wait = pause if asked is None else min(asked, LONGEST)
                await asyncio.sleep(wait * random.uniform(1.0, 1.25))  # noqa: S311 - no secret
        return await super()._json(call)
