"""The HTTP server for the kubelet's probes and for Prometheus.

Judges nothing: what healthy and ready mean is told by the callables it is given.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Protocol, TypeAlias

from aiohttp import web

Check: TypeAlias = Callable[[], str | None]
"""Returns None when all is well, else a text that says what is not."""


class Renders(Protocol):
    """The one thing needed of the metrics."""

    def render(self) -> tuple[bytes, str]:
        """Return the text for a scrape and its content type."""


class HealthServer:
    """Serves ``/healthz``, ``/readyz`` and ``/metrics``: 200 ``ok``, or 503 with the reason."""

    def __init__(self, host: str, port: int, *, healthy: Check, ready: Check, metrics: Renders) -> None:
        """Serve on a host and port; port 0 takes a free one."""
        self._host, self._port = host, port
        self._metrics = metrics
        application = web.Application()
        application.router.add_get("/healthz", _probe(healthy))
        application.router.add_get("/readyz", _probe(ready))
        application.router.add_get("/metrics", self._scrape)
        self._runner = web.AppRunner(application, access_log=None)

    async def start(self) -> int:
        """Listen, and return the port.

        Raises:
            OSError: the address cannot be listened on.
        """
        await self._runner.setup()
        await web.TCPSite(self._runner, self._host, self._port).start()
        port: int = self._runner.addresses[0][1]
        return port

    async def stop(self) -> None:
        """End every connection and listen no more; does nothing if it never listened."""
        await self._runner.cleanup()

    async def _scrape(self, _: web.Request) -> web.Response:
        body, content_type = self._metrics.render()
        return web.Response(body=body, headers={"Content-Type": content_type})


def _probe(check: Check) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def answer(_: web.Request) -> web.Response:
        wrong = check()
        return web.Response(text="ok") if wrong is None else web.Response(text=wrong, status=503)

    return answer
