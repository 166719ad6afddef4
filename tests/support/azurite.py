"""Azurite, which speaks Azure's protocol, on this machine; and what a test asks it directly."""

from __future__ import annotations

import base64
import hmac
import http.client
import urllib.parse
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from support.announced import announced
from testbed import npm
from testbed.versions import load

ACCOUNT: Final = "canaryaccount"
KEY: Final = base64.b64encode(b"canary-account-key-of-the-tests").decode()
"""What no output may show."""
_VERSION: Final = "2023-11-03"
_REFUSED: Final = 300


@dataclass(frozen=True, slots=True)
class Azurite:
    """A running server with the one account, which is the first name of each path; all is in memory."""

    port: int
    scheme: str = "http"

    @property
    def url(self) -> str:
        """Return its endpoint."""
        return f"{self.scheme}://127.0.0.1:{self.port}"

    def make(self, container: str, *, public: bool = False) -> None:
        """Make a container; what is in a public one is read and listed by anybody."""
        headers = {"x-ms-blob-public-access": "container"} if public else {}
        self._ask("PUT", container, {"restype": "container"}, headers)

    def begun(self, container: str) -> bool:
        """Tell whether there are blocks of uploads that did not come to their end."""
        listed = {"restype": "container", "comp": "list", "include": "uncommittedblobs"}
        return b"<Content-Length>0</Content-Length>" in self._ask("GET", container, listed)

    def _ask(
        self, method: str, path: str, query: Mapping[str, str], headers: Mapping[str, str] | None = None
    ) -> bytes:
        url = f"/{ACCOUNT}/{path}?{urllib.parse.urlencode(query)}&{shared_access()}"
        connection = http.client.HTTPConnection("127.0.0.1", self.port)
        try:
            connection.request(method, url, headers={"x-ms-version": _VERSION, **(headers or {})})
            answer = connection.getresponse()
            assert answer.status < _REFUSED, answer.read()
            return answer.read()
        finally:
            connection.close()


def shared_access(rights: str = "rwdlac", *, ends: str = "2099-01-01T00:00:00Z", key: str = KEY) -> str:
    """Return a token (SAS) for the account, as the portal makes them."""
    version, start, protocols = "2020-12-06", "2020-01-01T00:00:00Z", "https,http"
    fields = (ACCOUNT, rights, "b", "sco", start, ends, "", protocols, version, "", "")
    signature = hmac.new(base64.b64decode(key), "\n".join(fields).encode(), "sha256").digest()
    token = {"sv": version, "ss": "b", "srt": "sco", "sp": rights, "st": start, "se": ends, "spr": protocols}
    return urllib.parse.urlencode({**token, "sig": base64.b64encode(signature).decode()})


@contextmanager
def running(certificate: Path | None = None) -> Iterator[Azurite]:
    """Run a server, by TLS if it has a certificate, whose key is in the same file."""
    how = ["--blobPort", "0", "--inMemoryPersistence", "--silent", "--disableTelemetry"]
    tls: list[str | Path] = [] if certificate is None else ["--cert", certificate, "--key", certificate]
    line = r"successfully listens on (https?)://127\.0\.0\.1:(\d+)"
    environ = {"AZURITE_ACCOUNTS": f"{ACCOUNT}:{KEY}"}
    with announced([*npm.azurite(load()), *how, *tls], line, environ) as found:
        yield Azurite(int(found[2]), found[1])
