"""A proxy before a store's server that spoils answers: the faults that a server does not show by itself."""

from __future__ import annotations

import http.client
import http.server
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass(slots=True)
class Fault:
    """What befalls requests that ``concerns`` picks by method and path, the first ``times`` of them.

    Attributes:
        status, body: answer so, and do not ask the server.
        cut: break the connection off after so many bytes of the answer's body.
        stall: send so many bytes of it, and then none for as long as the client waits.
        late: answer after so many seconds.
        changed: what becomes of the answer's body.
    """

    concerns: Callable[[str, str], bool]
    times: int = 1
    status: int | None = None
    body: bytes = b""
    cut: int | None = None
    stall: int | None = None
    late: float = 0
    changed: Callable[[bytes], bytes] | None = None


@dataclass(slots=True)
class FaultProxy:
    """A running proxy; ``asked``: method and path of all requests, ``most``: how many were there at once."""

    target: int
    port: int = 0
    faults: list[Fault] = field(default_factory=list)
    asked: list[tuple[str, str]] = field(default_factory=list)
    most: int = 0
    now: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)
    over: threading.Event = field(default_factory=threading.Event)

    def take(self, method: str, path: str) -> Fault | None:
        """Return the fault that befalls a request."""
        with self.lock:
            self.asked.append((method, path))
            for fault in self.faults:
                if fault.times > 0 and fault.concerns(method, path):
                    fault.times -= 1
                    return fault
            return None


@contextmanager
def before(target: int) -> Iterator[FaultProxy]:
    """Run a proxy before the server at a port of this machine."""
    proxy = FaultProxy(target)

    class Handler(_Handler):
        owner = proxy

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    proxy.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield proxy
    finally:
        proxy.over.set()
        server.shutdown()
        thread.join()
        server.server_close()


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    owner: FaultProxy

    def handle_one_request(self) -> None:
        try:
            super().handle_one_request()
        except ConnectionError:
            self.close_connection = True

    def forward(self) -> None:
        owner = self.owner
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        fault = owner.take(self.command, self.path)
        with owner.lock:
            owner.now += 1
            owner.most = max(owner.most, owner.now)
        try:
            self.answer(fault or Fault(lambda _method, _path: True), body)
        finally:
            with owner.lock:
                owner.now -= 1

    def answer(self, fault: Fault, body: bytes) -> None:
        time.sleep(fault.late)
        if fault.status is not None:
            self.reply(fault.status, [], fault.body, fault)
            return
        server = http.client.HTTPConnection("127.0.0.1", self.owner.target)
        try:
            server.request(self.command, self.path, body, dict(self.headers.items()))
            found = server.getresponse()
            content = found.read()
            length = found.headers.get("Content-Length")
        finally:
            server.close()
        if fault.changed is not None:
            content = fault.changed(content)
        headers = [(name, value) for name, value in found.getheaders() if name.lower() not in _OWN]
        if self.command == "HEAD" and length is not None:
            headers.append(("Content-Length", length))
        self.reply(found.status, headers, content, fault)

    def reply(self, status: int, headers: list[tuple[str, str]], content: bytes, fault: Fault) -> None:
        self.send_response_only(status)
        for name, value in headers:
            self.send_header(name, value)
        if self.command != "HEAD":
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        part = fault.cut if fault.cut is not None else fault.stall
        self.wfile.write(content[:part])
        if fault.stall is not None:
            self.owner.over.wait(60)
        if part is not None:
            self.close_connection = True
            self.connection.shutdown(2)

    do_GET = do_PUT = do_HEAD = do_POST = do_DELETE = forward  # noqa: N815 - the library's names

    def log_message(self, *_: object) -> None: ...


_OWN = frozenset({"content-length", "transfer-encoding", "connection", "date", "server"})
