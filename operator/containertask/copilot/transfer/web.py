"""From a web server to the disk: one stream, taken up again where it broke off.

Not obstore's matter: it follows redirects by itself. Here each hop is looked at, and a credential goes to the
server that it is for and to no other.
"""

from __future__ import annotations

import hashlib
import http.client
import os
import random
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import SplitResult

from containertask.copilot.transfer.errors import (
    ChangedError,
    DigestError,
    ForbiddenError,
    NotThereError,
    TransferError,
    UnavailableError,
)
from containertask.copilot.transfer.faults import fault_of
from containertask.copilot.transfer.fetch import Moved, Wanted
from containertask.copilot.transfer.keys import shown
from containertask.copilot.transfer.weburl import bare, checked, fits, moved_to, server_of

_PIECE: Final = 1 << 20
_PAUSES: Final = (0.2, 0.8, 3.2, 6.4)
_HOPS: Final = 5
_STALL: Final = 30.0
"""Seconds within which the next bytes have to come."""
_SLOW_SECONDS: Final = 60.0
_SLOW_BYTES: Final = 64 << 10
"""So many bytes have to come in each such time: a server that drips would hold a Pod for ever."""
_MOVED: Final = frozenset({301, 302, 303, 307, 308})
_GONE: Final = frozenset({404, 410})
_TRANSIENT: Final = frozenset({408, 425, 429})
_OK, _PARTIAL, _SERVER_ERROR = 200, 206, 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Web:
    """How the web is used.

    Attributes:
        allow: called for each host, before it is asked for anything; may raise ForbiddenError.
        hosts: the host names, or ``*.example.org``, that may be asked; None for any.
        authorization: the header of that name for the server of the first URL; never shown.
        trusted: certificates of authorities, as PEM, beside those of the system.
    """

    allow: Callable[[str], None]
    hosts: tuple[str, ...] | None = None
    authorization: str | None = field(default=None, repr=False)
    trusted: str | None = None


def fetch_url(web: Web, wanted: Wanted, fd: int, moved: Moved) -> int:
    """Bring what is at the URL ``wanted.key`` into an open, empty file; return its size.

    Raises TransferError.
    """
    stream = _Stream(web, wanted, fd, moved)
    tries = 0
    while True:
        before = stream.size
        try:
            stream.go_on()
        except UnavailableError:
            tries = 0 if stream.size > before else tries + 1
            if tries > len(_PAUSES):
                raise
        else:
            return stream.size
        time.sleep(_PAUSES[max(tries, 1) - 1] * random.uniform(0.5, 1.5))  # noqa: S311 - no secret


class _Stream:
    """What has come so far of one file, and from where it goes on."""

    def __init__(self, web: Web, wanted: Wanted, fd: int, moved: Moved) -> None:
        self.size = 0
        self._web, self._wanted, self._fd, self._moved = web, wanted, fd, moved
        self._name = f"`{bare(wanted.key)}`"
        self._hash = hashlib.sha256()
        self._version: str | None = None
        """By which the server knows the same content again: a strong ETag, else its time."""

    def go_on(self) -> None:
        """Bring what is missing; raises TransferError."""
        connection, answer = self._asked()
        with closing(connection), closing(answer):
            total = self._begun(answer)
            for data in self._pieces(answer):
                self._keep(data)
                self._wanted.hold(self.size, self._name)
            if total is not None and self.size != total:
                raise UnavailableError(f"{self._name} broke off after {self.size} of {total} bytes")
        digest = self._hash.hexdigest()
        if self._wanted.sha256 not in {None, digest}:
            text = f"{self._name} has the sha256 {digest}, and {self._wanted.sha256} was announced"
            raise DigestError(text)

    def _asked(self) -> tuple[http.client.HTTPConnection, http.client.HTTPResponse]:
        """Ask for the file, at wherever it has moved to."""
        url, first = self._wanted.key, checked(self._wanted.key)
        for _ in range(_HOPS + 1):
            at = checked(url)
            if first.scheme == "https" and at.scheme != "https":
                raise ForbiddenError(f"{self._name} is redirected from https to http: not followed")
            self._allow(at.hostname or "")
            connection = self._connection(at)
            try:
                answer = self._request(connection, at, own=server_of(at) == server_of(first))
            except BaseException:
                connection.close()
                raise
            if answer.status not in _MOVED:
                return connection, answer
            answer.close()
            connection.close()
            url = moved_to(url, answer.headers.get("Location") or "")
        raise ForbiddenError(f"{self._name} is redirected more than {_HOPS} times")

    def _allow(self, host: str) -> None:
        hosts = self._web.hosts
        if hosts is not None and not any(fits(host, one) for one in hosts):
            text = f"{self._name} leads to the host `{shown(host)}`, which the store's hosts do not name"
            raise ForbiddenError(text)
        self._web.allow(host)

    def _connection(self, at: SplitResult) -> http.client.HTTPConnection:
        host = at.hostname or ""
        if at.scheme == "http":
            return http.client.HTTPConnection(host, at.port, timeout=_STALL)
        trusting = ssl.create_default_context()
        if self._web.trusted is not None:
            trusting.load_verify_locations(cadata=self._web.trusted)
        return http.client.HTTPSConnection(host, at.port, timeout=_STALL, context=trusting)

    def _request(
        self, connection: http.client.HTTPConnection, at: SplitResult, *, own: bool
    ) -> http.client.HTTPResponse:
        headers = {"Accept": "*/*", "Accept-Encoding": "identity", "User-Agent": "containertask"}
        if own and self._web.authorization is not None:
            headers["Authorization"] = self._web.authorization
        if self.size and self._version is not None:
            headers |= {"Range": f"bytes={self.size}-", "If-Range": self._version}
        target = (at.path or "/") + (f"?{at.query}" if at.query else "")
        with _named(self._name):
            connection.request("GET", target, headers=headers)
            return connection.getresponse()

    def _begun(self, answer: http.client.HTTPResponse) -> int | None:
        """Return how many bytes there will be in all, if the server says it; raises TransferError."""
        if answer.status not in {_OK, _PARTIAL}:
            raise _fault(answer.status, self._name)
        goes_on = answer.status == _PARTIAL
        if goes_on and not (answer.headers.get("Content-Range") or "").startswith(f"bytes {self.size}-"):
            raise ChangedError(f"{self._name} goes on with another range than was asked for")
        if not goes_on:
            self._start_again(answer)
        if answer.length is not None:
            self._wanted.hold(self.size + answer.length, self._name)
            return self.size + answer.length
        return None

    def _start_again(self, answer: http.client.HTTPResponse) -> None:
        tag = answer.headers.get("ETag") or ""
        self._version = tag if tag.startswith('"') else answer.headers.get("Last-Modified")
        self.size, self._hash = 0, hashlib.sha256()
        try:
            os.ftruncate(self._fd, 0)
        except OSError as error:
            raise fault_of(error, self._name) from None

    def _pieces(self, answer: http.client.HTTPResponse) -> Iterator[bytes]:
        since, count = time.monotonic(), 0
        while True:
            with _named(self._name):
                data = answer.read1(_PIECE)
            if not data:
                return
            count += len(data)
            if (now := time.monotonic()) > since + _SLOW_SECONDS:
                if count < _SLOW_BYTES:
                    text = f"{self._name} comes too slowly: {count} bytes in {_SLOW_SECONDS:.0f} s"
                    raise UnavailableError(text)
                since, count = now, 0
            yield data

    def _keep(self, data: bytes) -> None:
        view = memoryview(data)
        try:
            while view:
                done = os.pwrite(self._fd, view, self.size)
                self._hash.update(view[:done])
                self.size, view = self.size + done, view[done:]
        except OSError as error:
            raise fault_of(error, self._name) from None
        self._moved(len(data))


def _fault(status: int, name: str) -> TransferError:
    if status in _GONE:
        return NotThereError(f"{name} is not there ({status})")
    if status in _TRANSIENT or status >= _SERVER_ERROR:
        return UnavailableError(f"the server answered {status} for {name}")
    return ForbiddenError(f"the server refuses {name} ({status}): look at the store's credentials")


@contextmanager
def _named(name: str) -> Iterator[None]:
    """Give what fails on the way to a server a name, in words of ours."""
    try:
        yield
    except ssl.SSLCertVerificationError:
        why = "its certificate is not trusted: name the authority in the store's tls.caConfigMap"
    except socket.gaierror:
        why = "its name does not resolve"
    except PermissionError:
        why = "its address is the machine's own or the link's, which is not allowed"
    except TimeoutError:
        why = f"nothing came for {_STALL:.0f} s"
    except (OSError, http.client.HTTPException):
        why = "the connection broke"
    else:
        return
    raise UnavailableError(f"the server was not reached for {name}: {why}") from None
