"""Keeps knowing whether every Ready node can start tasks Gated. It reads nodes and decides nothing else."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import aclosing
from typing import Final

from containertask.core.gating import Survey
from containertask.kube.client import ApiClient
from containertask.kube.errors import ApiError, Forbidden
from containertask.kube.resources import NODES

NODE_SECONDS: Final = 600.0
RETRY_SECONDS: Final = 30.0
PAGE_SIZE: Final = 100
"""A Node takes up to 20 KB: this is what may be in memory at once, and be parsed in one go."""

GATED: Final = "tasks start Gated: every Ready node mounts image volumes"
INIT: Final = "tasks start in Init mode: %s"
NO_RIGHT: Final = "nodes cannot be listed; the chart's value rbac.nodes=true gives the right"

_log: Final = logging.getLogger(__name__)


class NodeCheck:
    """Reads the nodes from time to time, and tells what they say.

    Args:
        client: what lists them.
        tell: is called after each list with the newest knowledge, and with False when listing is forbidden.
    """

    def __init__(self, client: ApiClient, tell: Callable[[bool], None]) -> None:
        self._client = client
        self._tell = tell
        self._said = ""

    async def read(self) -> float:
        """List the nodes once; return after how many seconds to do it again.

        When it fails, but for the right, what was known stays.
        """
        try:
            survey = await self._survey()
        except Forbidden:
            self._know(logging.WARNING, INIT % NO_RIGHT, gated=False)
        except ApiError as error:
            _log.warning("nodes cannot be listed, what was known of them stays: %s", error)
            return RETRY_SECONDS
        else:
            line = GATED if survey.all_gate else INIT % survey.why_not
            self._know(logging.INFO, line, gated=survey.all_gate)
        return NODE_SECONDS

    async def run(self, pause: float) -> None:
        """Do so for ever, for the first time after a pause: the start has a ``read`` of its own."""
        while True:
            await asyncio.sleep(pause)
            pause = await self.read()

    async def _survey(self) -> Survey:
        survey = Survey()
        async with aclosing(self._client.pages(NODES, page_size=PAGE_SIZE)) as pages:
            async for page in pages:
                survey = survey.with_nodes(page.items)
                if survey.objection:
                    break
        return survey

    def _know(self, level: int, line: str, *, gated: bool) -> None:
        self._tell(gated)
        if line != self._said:
            self._said = line
            _log.log(level, "%s", line)
