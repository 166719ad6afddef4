"""Asking a web server: each hop of a redirect is looked at, a credential goes to no server but its own."""

from __future__ import annotations

import http.client
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import SplitResult

from containertask.copilot.transfer.errors import ForbiddenError, UnavailableError
from containertask.copilot.transfer.keys import bare, shown
from containertask.copilot.transfer.pace import Pace
from containertask.copilot.transfer.weburl import checked, fits, moved_to, server_of

_HOPS: Final = 5
_STALL: Final = 30.0
"""Seconds within which the next bytes have to come."""
_MOVED: Final = frozenset({301, 302, 303, 307, 308})


@dataclass(frozen=True, slots=True, kw_only=True)
class Web:
    """How the web is used.

    Attributes:
        allow: called for each host, before it is asked for anything; may raise ForbiddenError.
        hosts: the host names, or ``*.example.org``, that may be asked, perhaps with a port; None for any.
        authorization: the header of that name for the server of the first URL; never shown.
        trusted: certificates of authorities, as PEM, beside those of the system.
    """

    allow: Callable[[str], None]
    hosts: tuple[str, ...] | None = None
    authorization: str | None = field(default=None, repr=False)
    trusted: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer that has begun, with the connection that it comes by."""

    response: http.client.HTTPResponse
    pace: Pace


@contextmanager
def asked(web: Web, url: str, headers: dict[str, str]) -> Iterator[Answer]:
    """Give the answer to a GET, from wherever the URL has moved to; what fails in the block is named, too.

    Raises TransferError.
    """
    name, first = f"`{bare(url)}`", checked(url)
    if web.authorization is not None and not (
        web.authorization.isascii() and web.authorization.isprintable()
    ):
        raise ForbiddenError("the credential in the store's Secret is no text that a header can have")
    for _ in range(_HOPS + 1):
        at = checked(url)
        if first.scheme == "https" and at.scheme != "https":
            raise ForbiddenError(f"{name} is redirected from https to http: not followed")
        _allow(web, at, name)
        own = (
            {"Authorization": web.authorization}
            if web.authorization and server_of(at) == server_of(first)
            else {}
        )
        with _request(web, at, {**headers, **own}, name) as answer:
            if answer.response.status not in _MOVED:
                yield answer
                return
            url = moved_to(url, answer.response.headers.get("Location") or "")
    raise ForbiddenError(f"{name} is redirected more than {_HOPS} times")


def _allow(web: Web, at: SplitResult, name: str) -> None:
    host = at.hostname or ""
    if web.hosts is not None and not any(_is_of(at, one) for one in web.hosts):
        raise ForbiddenError(f"{name} leads to the host `{shown(host)}`, which the store's hosts do not name")
    web.allow(host)


def _is_of(at: SplitResult, pattern: str) -> bool:
    """Tell whether a store names a host; one that is named with a port is so by no other."""
    name, _, port = pattern.rpartition(":")
    if not port.isdecimal():
        return fits(at.hostname or "", pattern)
    return fits(at.hostname or "", name) and int(port) == server_of(at)[2]


@contextmanager
def _request(web: Web, at: SplitResult, headers: dict[str, str], name: str) -> Iterator[Answer]:
    connection = _connection(web, at)
    target = (at.path or "/") + (f"?{at.query}" if at.query else "")
    try:
        with _named(name):
            connection.connect()
        with _named(name), Pace(connection.sock) as pace:
            try:
                connection.request("GET", target, headers=headers)
                with connection.getresponse() as response:
                    yield Answer(response, pace)
            except (OSError, http.client.HTTPException):
                pace.check(name)
                raise
    finally:
        connection.close()


def _connection(web: Web, at: SplitResult) -> http.client.HTTPConnection:
    _, host, port = server_of(at)
    if at.scheme == "http":
        return http.client.HTTPConnection(host or "", port, timeout=_STALL)
    trusting = ssl.create_default_context()
    if web.trusted is not None:
        try:
            trusting.load_verify_locations(cadata=web.trusted)
        except (ssl.SSLError, ValueError):
            raise ForbiddenError("the store's tls.caConfigMap holds no certificate in PEM") from None
    return http.client.HTTPSConnection(host or "", port, timeout=_STALL, context=trusting)


@contextmanager
def _named(name: str) -> Iterator[None]:
    """Give what fails on the way to a server a name, in words of ours."""
    try:
        yield
    except ssl.SSLCertVerificationError:
        why = "its certificate is not trusted: name the authority in the store's tls.caConfigMap"
    except socket.gaierror:
        why = "its name does not resolve, or to addresses alone that are not allowed"
    except PermissionError:
        why = "its address is the machine's own or the link's, which is not allowed"
    except TimeoutError:
        why = f"nothing came for {_STALL:.0f} s"
    except (http.client.InvalidURL, UnicodeError):
        raise ForbiddenError(f"{name} leads to a host whose name cannot be one") from None
    except (OSError, http.client.HTTPException):
        why = "the connection broke"
    else:
        return
    raise UnavailableError(f"the server was not reached for {name}: {why}") from None
