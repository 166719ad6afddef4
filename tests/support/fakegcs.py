"""fake-gcs-server, which speaks Google's protocols in part, on this machine; and what a test asks it."""

from __future__ import annotations

import http.client
import json
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import quote

from support.announced import announced
from testbed import gobuild
from testbed.versions import load

_REFUSED: Final = 300


@dataclass(frozen=True, slots=True)
class FakeGcs:
    """A running server; all is in memory."""

    port: int
    scheme: str = "http"

    @property
    def url(self) -> str:
        """Return its endpoint."""
        return f"{self.scheme}://127.0.0.1:{self.port}"

    def make(self, bucket: str) -> None:
        """Make a bucket."""
        self._post("/storage/v1/b?project=p", json.dumps({"name": bucket}).encode())

    def put(self, bucket: str, key: str, content: bytes) -> None:
        """Have an object there, by the protocol (JSON) that it takes files by; obstore sends by the other."""
        query = f"uploadType=media&name={quote(key, safe='')}"
        self._post(f"/upload/storage/v1/b/{bucket}/o?{query}", content)

    def _post(self, path: str, body: bytes) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self.port)
        try:
            connection.request("POST", path, body, {"Content-Type": "application/json"})
            answer = connection.getresponse()
            assert answer.status < _REFUSED, answer.read()
        finally:
            connection.close()


def key_json() -> str:
    """Return the key of a service account, such as Google gives out; no server knows it."""
    command = ["openssl", "genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"]
    made = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return json.dumps(
        {
            "type": "service_account",
            "project_id": "canary-project",
            "private_key_id": "canary-id",
            "private_key": made,
            "client_email": "canary@canary-project.example.org",
            "client_id": "1",
            "token_uri": "https://token.invalid/token",
        }
    )


@contextmanager
def running(certificate: Path | None = None) -> Iterator[FakeGcs]:
    """Run a server, by TLS if it has a certificate, whose key is in the same file."""
    versions, port = load(), _free_port()
    program = gobuild.installed(versions, versions.servers["fake-gcs-server"])
    scheme = "http" if certificate is None else "https"
    where = ["-scheme", scheme, "-host", "127.0.0.1", "-port", str(port), "-public-host", "127.0.0.1"]
    tls: list[str | Path] = []
    if certificate is not None:
        tls = ["-cert-location", certificate, "-private-key-location", certificate]
    with announced([program, "-backend", "memory", *where, *tls], "server started at"):
        yield FakeGcs(port, scheme)


def _free_port() -> int:
    """Return a port; the server does not say which one it takes by itself."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        found: int = one.getsockname()[1]
        return found
