"""The log of a container, as the API server hands it through from the kubelet. It decodes nothing."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing

from containertask.kube.auth import Credentials
from containertask.kube.resources import PODS
from containertask.kube.transport import Call, Transport

CONNECT_SECONDS = 15.0
SILENCE_SECONDS = 24 * 3600.0
"""A command may say nothing for as long as it likes; the connection is the kubelet's to end."""


async def pod_log(  # noqa: PLR0913 - what one log is
    credentials: Credentials,
    namespace: str,
    name: str,
    container: str,
    *,
    follow: bool = False,
    tail: int | None = None,
    timestamps: bool = False,
) -> AsyncGenerator[bytes, None]:
    """Yield the log in pieces as they come; with ``follow`` until the container has ended.

    Raises:
        ApiError: there is no such Pod, its container has not started, or the server refuses.
    """
    query = {"container": container, "follow": str(follow).lower(), "timestamps": str(timestamps).lower()}
    if tail is not None:
        query["tailLines"] = str(tail)
    path = PODS.path(namespace, name, "log")
    call = Call(method="GET", verb="get", resource="pods/log", path=path, query=query, accept="*/*")
    transport = Transport(connections=1, request_seconds=CONNECT_SECONDS)
    try:
        stream = transport.stream(call, await credentials.current(), silence=SILENCE_SECONDS)
        async with aclosing(stream) as pieces:
            async for piece in pieces:
                yield piece
    finally:
        await transport.close()
