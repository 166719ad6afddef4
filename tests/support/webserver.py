"""A web server for tests whose answers a function makes."""

from __future__ import annotations

import http.server
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

_WAIT: Final = 60


@dataclass(slots=True)
class Asked:
    """One request."""

    path: str
    headers: dict[str, str]


@dataclass(slots=True)
class Answer:
    """One answer; ``cut`` breaks it off after so many bytes, ``stall`` stops there and waits.

    Attributes:
        length: whether it says how long it is; without, it ends with the connection.
        drip: seconds between any two bytes.
    """

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    cut: int | None = None
    stall: bool = False
    length: bool = True
    drip: float = 0


@dataclass(slots=True)
class WebServer:
    """A running server; ``asked`` are its requests so far."""

    answer: Callable[[Asked], Answer] = lambda _: Answer()
    port: int = 0
    scheme: str = "http"
    asked: list[Asked] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    def url(self, path: str, host: str = "127.0.0.1") -> str:
        """Return the URL of a path here."""
        return f"{self.scheme}://{host}:{self.port}{path}"


@contextmanager
def serving(certificate: Path | None = None) -> Iterator[WebServer]:
    """Run a server, by TLS if it has a certificate, whose key is in the same file."""
    found = WebServer(scheme="https" if certificate else "http")

    class Handler(_Handler):
        owner = found

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    found.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield found
    finally:
        found.over.set()
        server.shutdown()
        thread.join()
        server.server_close()


@dataclass(frozen=True, slots=True)
class Certificate:
    """A server's certificate with its key in one file, and that of the authority which vouches for it."""

    server: Path
    authority: Path


def certificate(folder: Path, address: str = "127.0.0.1") -> Certificate:
    """Make an authority, and a certificate of it for an IP address."""
    made = Certificate(folder / "server.pem", folder / "authority.pem")
    key, server = folder / "authority.key", folder / "server.key"
    curve = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2")
    _openssl("req", "-x509", *curve, "-subj", "/CN=authority", "-keyout", key, "-out", made.authority)
    ends = ("-addext", f"subjectAltName=IP:{address}", "-addext", "basicConstraints=critical,CA:FALSE")
    signing = ("-CA", made.authority, "-CAkey", key)
    _openssl(
        "req",
        "-x509",
        *curve,
        *ends,
        *signing,
        "-subj",
        f"/CN={address}",
        "-keyout",
        server,
        "-out",
        made.server,
    )
    made.server.write_text(made.server.read_text() + server.read_text())
    return made


def _openssl(*arguments: str | Path) -> None:
    subprocess.run(["openssl", *arguments], check=True, capture_output=True)


class _Handler(http.server.BaseHTTPRequestHandler):
    owner: WebServer

    def do_GET(self) -> None:
        asked = Asked(self.path, {name.lower(): value for name, value in self.headers.items()})
        self.owner.asked.append(asked)
        answer = self.owner.answer(asked)
        self.send_response_only(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if answer.length:
            self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        try:
            self.send(answer)
        except ConnectionError:
            return

    def send(self, answer: Answer) -> None:
        if answer.drip:
            for at in range(len(answer.body)):
                self.wfile.write(answer.body[at : at + 1])
                if self.owner.over.wait(answer.drip):
                    return
        else:
            self.wfile.write(answer.body[: answer.cut])
        if answer.stall:
            self.owner.over.wait(_WAIT)

    def log_message(self, *_: object) -> None: ...
