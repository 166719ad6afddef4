"""The probes' server, asked over HTTP."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

import aiohttp
import pytest

from containertask.runtime.health import HealthServer
from containertask.runtime.metrics import Metrics


class State:
    def __init__(self) -> None:
        self.healthy: str | None = None
        self.ready: str | None = "pods are not listed yet"


def play(story: Callable[[State, Callable[[str], Awaitable[tuple[int, str, str]]]], Awaitable[None]]) -> None:
    """Run a story against a running server: its state, and a way to ask it."""

    async def main() -> None:
        state = State()
        metrics = Metrics(phases=["Failed"], reasons=["OOMKilled"])
        metrics.task_finished(phase="Failed", reason="OOMKilled", seconds=1)
        server = HealthServer(
            "127.0.0.1", 0, healthy=lambda: state.healthy, ready=lambda: state.ready, metrics=metrics
        )
        port = await server.start()
        try:
            async with aiohttp.ClientSession(f"http://127.0.0.1:{port}") as session:

                async def ask(path: str) -> tuple[int, str, str]:
                    async with session.get(path) as answer:
                        return answer.status, await answer.text(), answer.headers["Content-Type"]

                await story(state, ask)
        finally:
            await server.stop()

    asyncio.run(main())


def test_a_probe_is_ok_or_says_why_not_and_is_asked_each_time() -> None:
    async def story(state: State, ask: Callable[[str], Awaitable[tuple[int, str, str]]]) -> None:
        assert (await ask("/healthz"))[:2] == (200, "ok")
        assert (await ask("/readyz"))[:2] == (503, "pods are not listed yet")
        state.healthy, state.ready = "the watch of pods is dead", None
        assert (await ask("/healthz"))[:2] == (503, "the watch of pods is dead")
        assert (await ask("/readyz"))[:2] == (200, "ok")
        state.healthy = ""
        assert (await ask("/healthz"))[0] == 503

    play(story)


def test_the_metrics_are_served_as_prometheus_reads_them() -> None:
    async def story(_: State, ask: Callable[[str], Awaitable[tuple[int, str, str]]]) -> None:
        status, body, content_type = await ask("/metrics")
        assert status == 200
        assert content_type.startswith("text/plain; version=")
        assert 'containertask_tasks_finished_total{phase="Failed",reason="OOMKilled"} 1.0' in body

    play(story)


def test_anything_else_is_not_found_and_nothing_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)

    async def story(_: State, ask: Callable[[str], Awaitable[tuple[int, str, str]]]) -> None:
        assert (await ask("/"))[0] == 404
        assert (await ask("/healthz"))[0] == 200

    play(story)
    assert not [record for record in caplog.records if record.name.startswith("aiohttp")]


def make(port: int) -> HealthServer:
    metrics = Metrics(phases=[], reasons=[])
    return HealthServer("127.0.0.1", port, healthy=lambda: None, ready=lambda: None, metrics=metrics)


def test_a_taken_port_is_an_error_and_is_free_after_stop() -> None:
    async def main() -> None:
        first = make(0)
        port = await first.start()
        late = make(port)
        with pytest.raises(OSError, match="address"):
            await late.start()
        await late.stop()
        await first.stop()
        second = make(port)
        assert await second.start() == port
        await second.stop()

    asyncio.run(main())


@pytest.mark.parametrize("more", [b"", b"GET /metrics HT"], ids=["idle", "in the middle of a request"])
def test_stop_does_not_wait_for_a_client_that_keeps_its_connection(more: bytes) -> None:
    async def main() -> None:
        server = make(0)
        port = await server.start()
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        assert b"200" in await reader.readline()
        writer.write(more)
        await asyncio.wait_for(server.stop(), 10)
        await asyncio.wait_for(reader.read(), 10)
        writer.close()
        await writer.wait_closed()

    asyncio.run(main())


def test_stop_before_start_does_nothing() -> None:
    asyncio.run(make(0).stop())
