"""URIs of what lies in stores: their parts, and which of a Pod's stores one belongs to.

The operator decides by this what a task may reach, and the copilot goes where that leads. Pure, standard
library only.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from containertask.contract.stores import StoreItem, WebPlace

S3: Final = "s3"
GCS: Final = "gs"
AZURE: Final = "az"
CLAIM: Final = "pvc"
WEB: Final = frozenset({"http", "https"})
_ROOTS: Final = {S3: 1, GCS: 1, AZURE: 2, CLAIM: 1}
"""How many names say where the root is: Azure's containers are in accounts."""
_FORMS: Final = {
    S3: "s3://bucket/key",
    GCS: "gs://bucket/key",
    AZURE: "az://account/container/key",
    CLAIM: "pvc://claim/path",
}
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_NAME: Final = re.compile(r"[$]?[A-Za-z0-9][A-Za-z0-9._-]*")
"""Of buckets, accounts, containers (also Azure's ``$web``) and claims; endpoints are made of them."""
_AUTHORITY: Final = re.compile(
    r"(?P<user>[^\s/?#\\\[\]]*@)?(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::[0-9]+)?"
)
"""Nothing that a client could take for the end of the host: it decides who is told a password."""
_HOST: Final = re.compile(r"(?P<host>\[[^\]]*\]|[^:\[\]]*)(?::(?P<port>[0-9]+))?")
_PORTS: Final = {"http": "80", "https": "443"}


class UriError(ValueError):
    """No URI of a kind that is known; the message says what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Located:
    """Where something lies.

    Attributes:
        scheme: such as ``s3``.
        root: what a store is known by, such as ``s3://bucket``; of the web, scheme and host.
        key: below the root, without the slash between; of the web the path, and a query.
    """

    scheme: str
    root: str
    key: str

    @property
    def is_folder(self) -> bool:
        """Tell whether it is surely no object: all of a store, or what ends with a slash."""
        return not self.key or self.key.endswith("/")


def located(uri: str) -> Located:
    """Return the parts of a URI.

    Raises:
        UriError: its scheme is none that is known, it has no root, or a key that no object should have.
    """
    scheme, separator, rest = uri.partition("://")
    if not separator or (scheme not in _ROOTS and scheme not in WEB):
        known = ", ".join(f"{one}://" for one in (*_ROOTS, *sorted(WEB)))
        raise UriError(f"its scheme is none of {known}")
    if scheme in WEB:
        host, slash, path = rest.partition("/")
        if not _AUTHORITY.fullmatch(host):
            raise UriError(f"it has the form {scheme}://host/path, with a host in letters of ASCII")
        return Located(scheme, f"{scheme}://{host}", f"{slash}{path}"[1:])
    parts = rest.split("/", _ROOTS[scheme])
    names, key = parts[: _ROOTS[scheme]], "/".join(parts[_ROOTS[scheme] :])
    if len(names) < _ROOTS[scheme] or not all(map(_NAME.fullmatch, names)):
        raise UriError(f"it has the form {_FORMS[scheme]}, and before the key letters, digits, `.`, `_`, `-`")
    _check_key(key)
    return Located(scheme, f"{scheme}://{'/'.join(names)}", key)


def _check_key(key: str) -> None:
    """Refuse by name what stores take and folders do not: keys of ours and of a user's are never changed."""
    if _CONTROL.search(key):
        raise UriError("a control character in a key is nothing that a file can have")
    parts = key.removesuffix("/").split("/") if key else []
    if not all(parts):
        raise UriError(
            "an empty name between two slashes, or in front of one, is nothing that a file can have"
        )
    if {".", ".."} & set(parts):
        raise UriError("`.` and `..` would lead elsewhere: write the key in full")


def below(uri: str, folder: str) -> bool:
    """Tell whether a URI is that of a folder, or of something in it; ``folder`` may end with a slash."""
    folder = folder.removesuffix("/")
    return uri == folder or uri.startswith(f"{folder}/")


def route(stores: Iterable[StoreItem], uri: str) -> StoreItem | None:
    """Return the store of a URI: the one whose part that it serves is the longest.

    Raises UriError.
    """
    at = located(uri)
    web = at.scheme in WEB
    ranked = [(_web_rank(one, at) if web else _rank(one, uri), one) for one in stores]
    best = max((rank for rank, _ in ranked), default=-1)
    return next((one for rank, one in ranked if rank == best), None) if best >= 0 else None


def _rank(store: StoreItem, uri: str) -> int:
    return max((len(one) for one in store.serves if below(uri, one)), default=-1)


def _web_rank(store: StoreItem, at: Located) -> int:
    """A store for any host is the last resort; a host by name comes before all below a name."""
    if not isinstance(store.place, WebPlace):
        return -1
    if not store.place.hosts:
        return 0
    return max((host_rank(one, at) for one in store.place.hosts), default=-1)


def host_rank(pattern: str, at: Located) -> int:
    """Return how well a host that a store names fits a URL: -1 for not at all, longer is better."""
    if at.scheme not in WEB:
        return -1
    found = _HOST.fullmatch(at.root.partition("://")[2].lower())
    name, _, port = pattern.rpartition(":") if re.search(r":[0-9]+$", pattern) else (pattern, "", "")
    if found is None or (found["port"] or _PORTS[at.scheme]) != (port or _PORTS[at.scheme]):
        return -1
    host = found["host"]
    if name.startswith("*."):
        return len(name) if host.endswith(name[1:]) else -1
    return len(name) + 1000 if host == name else -1
