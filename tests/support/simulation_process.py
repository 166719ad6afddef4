"""The operator as a process of this machine, against the fake API server."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import aiohttp

from support.fakeapi import FakeApi
from support.fakeapi.recording import Request

LIMIT_SECONDS: Final = 30
_CODE: Final = """
import sys
from containertask import app
from containertask.runtime import operator, podwatch, resync
{before}
sys.exit(app.main())
"""


@dataclass(frozen=True, slots=True)
class Operator:
    """A running operator. What it logs goes to a file."""

    process: asyncio.subprocess.Process
    url: str
    log: Path

    async def asked(self, path: str) -> tuple[int, str]:
        """Ask the probes' server; code 0 while nobody listens."""
        try:
            async with aiohttp.request("GET", self.url + path) as answer:
                return answer.status, await answer.text()
        except aiohttp.ClientConnectionError:
            return 0, ""

    async def answers(self, path: str, code: int) -> str:
        """Wait until a probe has this answer; return its text."""
        async with asyncio.timeout(LIMIT_SECONDS):
            while (answer := await self.asked(path))[0] != code:
                assert self.process.returncode is None, self.log.read_text()
                await asyncio.sleep(0.02)
        return answer[1]

    async def figure(self, name: str) -> float:
        """Return a metric without labels, or with exactly these."""
        _, text = await self.asked("/metrics")
        (line,) = (line for line in text.splitlines() if line.startswith(f"{name} "))
        return float(line.rpartition(" ")[2])

    async def ended(self) -> int:
        """Wait for the end; return the exit code."""
        return await asyncio.wait_for(self.process.wait(), LIMIT_SECONDS)

    async def terminate(self) -> tuple[int, float]:
        """Tell it to end; return the exit code, and how many seconds it took."""
        begun = asyncio.get_running_loop().time()
        self.process.send_signal(signal.SIGTERM)
        return await self.ended(), asyncio.get_running_loop().time() - begun


@asynccontextmanager
async def operating(
    api: FakeApi, folder: Path, name: str = "operator-0", before: str = ""
) -> AsyncIterator[Operator]:
    """Run an operator; ``before`` is code that shortens its waits."""
    port = _free_port()
    log = folder / f"{name}.log"
    settings = {
        "IMAGE": "registry.example/containertask:1",
        "LISTEN": f"127.0.0.1:{port}",
        "POD_NAME": name,
        "POD_UID": "u",
    }
    environment = {f"CONTAINERTASK_{key}": value for key, value in settings.items()}
    with log.open("wb") as sink:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-c",
            _CODE.format(before=before),
            stderr=sink,
            env={"PATH": os.environ["PATH"], "KUBECONFIG": str(_kubeconfig(api, folder)), **environment},
        )
    try:
        yield Operator(process, f"http://127.0.0.1:{port}", log)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


def shapes(requests: list[Request]) -> set[str]:
    """Return what was asked, without names: ``PATCH containertasks/status``."""
    return {f"{request.verb} {_shape(request.path)}" for request in requests}


def _shape(path: str) -> str:
    found = re.fullmatch(r"/api(?:s/[^/]+)?/v[^/]+(?:/namespaces/[^/]+)?/([a-z]+)(?:/[^/]+)?(/status)?", path)
    return f"{found[1]}{found[2] or ''}" if found else path


def _kubeconfig(api: FakeApi, folder: Path) -> Path:
    named = {"name": "fake"}
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{**named, "cluster": {"server": api.url}}],
        "users": [{**named, "user": {"token": "t"}}],
        "contexts": [{**named, "context": {"cluster": "fake", "user": "fake"}}],
        "current-context": "fake",
    }
    path = folder / "kubeconfig"
    path.write_text(json.dumps(config))
    return path


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port
