"""URLs of the web: which may be asked for, what of them may be shown, and whose they are. Pure."""

from __future__ import annotations

from typing import Final
from urllib.parse import SplitResult, urljoin, urlsplit

from containertask.copilot.transfer.errors import ForbiddenError
from containertask.copilot.transfer.keys import bare

_PORTS: Final = {"http": 80, "https": 443}


def checked(url: str) -> SplitResult:
    """Return the parts of a URL that may be asked for; raises ForbiddenError."""
    plain = url.isascii() and url.isprintable() and not {" ", "\\"} & set(url)
    try:
        at = urlsplit(url)
        if plain and at.scheme in _PORTS and at.hostname and at.port != 0 and "@" not in at.netloc:
            return at
    except ValueError:
        pass  # no port, or half an address
    text = "write http(s)://host/path in ASCII, without user information"
    raise ForbiddenError(f"`{bare(url)}` is no URL that is asked for: {text}")


def moved_to(url: str, location: str) -> str:
    """Return where a redirect from a URL leads, whatever that is."""
    try:
        return urljoin(url, location)
    except ValueError:
        return location


def server_of(at: SplitResult) -> tuple[str, str | None, int]:
    """Return what two URLs of one server have in common: scheme, host, port."""
    return at.scheme, at.hostname, at.port or _PORTS[at.scheme]


def fits(host: str, pattern: str) -> bool:
    """Tell whether a host is the named one, or with ``*.example.org``, one below that."""
    host, pattern = host.lower(), pattern.lower()
    return host.endswith(pattern[1:]) if pattern.startswith("*.") else host == pattern
