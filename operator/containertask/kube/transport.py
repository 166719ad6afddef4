"""One request out, one answer in, over bounded connections. Says what happened; waits and repeats nothing."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncGenerator, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import Any, Final, Protocol

import aiohttp
from yarl import URL

from containertask.kube.auth import Access
from containertask.kube.errors import Unreachable, from_answer

Json = dict[str, Any]

USER_AGENT = f"containertask-operator/{version('containertask')}"

JSON = "application/json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request, before it is known where the server is; ``verb`` and ``resource`` are for counting."""

    method: str
    verb: str
    resource: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    body: Json | None = None
    content_type: str = JSON
    accept: str = JSON

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


class Observer(Protocol):
    """Is told of each request when it is over."""

    def __call__(self, *, verb: str, resource: str, code: int | None) -> None:
        """Take our own word for the request, the kind's plural, the HTTP code; None: no answer."""


_TLS: Final = re.compile(r" ssl:(?:<[^>]*>|\S+)")
"""What aiohttp's texts have of its TLS library: an object and its address in memory."""


class Transport:
    """The connections to the API server.

    Args:
        connections: how many requests may be under way at once; 0 is any number.
        request_seconds: limit for one request, waiting for a free connection included; of a stream, for its
            connection.
    """

    def __init__(self, *, connections: int, request_seconds: float) -> None:
        self._connections = connections
        self._seconds = request_seconds
        self._session: aiohttp.ClientSession | None = None
        self.observer: Observer | None = None

    async def send(self, call: Call, access: Access) -> Json:
        """Send a request once and return the object that the server answers with.

        Raises:
            Unreachable: no answer, or none that can be read.
            ApiStatusError: the server refused.
        """
        code: int | None = None
        try:
            code, content, retry_after = await self._exchange(call, access)
        finally:
            self._observe(call, code)
        if code >= 300:  # noqa: PLR2004 (HTTP's own number)
            raise from_answer(code, content, retry_after)
        return _object(content, call)

    async def stream(self, call: Call, access: Access, *, silence: float) -> AsyncGenerator[bytes, None]:
        """Send a request once and yield what comes, as it comes, until the server ends it.

        Raises:
            Unreachable: no answer, a broken one, or nothing for ``silence`` seconds.
            ApiStatusError: the server refused.
        """
        code: int | None = None
        limits = aiohttp.ClientTimeout(connect=self._seconds, sock_read=silence)
        try:
            async with self._request(call, access, limits) as response:
                code = response.status
                if code >= 300:  # noqa: PLR2004 (as above)
                    raise from_answer(code, await response.read(), response.headers.get("Retry-After"))
                async for piece in response.content.iter_any():
                    yield piece
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise _unreachable(str(call), error) from error
        finally:
            self._observe(call, code)

    async def _exchange(self, call: Call, access: Access) -> tuple[int, bytes, str | None]:
        limits = aiohttp.ClientTimeout(total=self._seconds)
        try:
            async with self._request(call, access, limits) as response:
                return response.status, await response.read(), response.headers.get("Retry-After")
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise _unreachable(str(call), error) from error

    def _request(
        self, call: Call, access: Access, limits: aiohttp.ClientTimeout
    ) -> AbstractAsyncContextManager[aiohttp.ClientResponse]:
        headers = {**access.headers, "Accept": call.accept}
        data = None
        if call.body is not None:
            headers["Content-Type"] = call.content_type
            data = json.dumps(call.body, separators=(",", ":")).encode()
        return self._open().request(
            call.method,
            URL(access.server + call.path, encoded=True).with_query(call.query),
            data=data,
            headers=headers,
            timeout=limits,
            ssl=access.tls or True,
            server_hostname=access.tls_server_name,
            proxy=access.proxy,
            allow_redirects=False,  # the token is for this server only
        )

    def _observe(self, call: Call, code: int | None) -> None:
        if self.observer is not None:
            self.observer(verb=call.verb, resource=call.resource, code=code)

    async def close(self) -> None:
        """Close all connections; requests under way fail."""
        if self._session is not None:
            await self._session.close()

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=self._connections),
                headers={"User-Agent": USER_AGENT},
                cookie_jar=aiohttp.DummyCookieJar(),
                middlewares=(_no_second_try,),
            )
        return self._session


async def _no_second_try(
    request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType
) -> aiohttp.ClientResponse:
    """Keep aiohttp from sending GET, PUT and DELETE again by itself when a connection breaks."""
    try:
        return await handler(request)
    except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as error:
        raise _unreachable(f"{request.method} {request.url.path}", error) from error


def _unreachable(what: str, error: Exception) -> Unreachable:
    return Unreachable(f"{what}: {type(error).__name__}: {_TLS.sub('', str(error))}")


def _object(content: bytes, call: Call) -> Json:
    try:
        found = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise Unreachable(f"{call}: the answer is no JSON") from error
    if not isinstance(found, dict):
        raise Unreachable(f"{call}: the answer is no JSON object")
    return found
