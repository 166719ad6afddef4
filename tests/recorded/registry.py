"""A registry that is too busy, on the second node: it answers 429 to whatever it is asked."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from recorded.ending import ready
from support import cluster
from support.shapes import OPERATOR_IMAGE
from support.tasks import Tasks

_PORT: Final = 5429
THROTTLED: Final = f"localhost:{_PORT}/users/tool:dev"
_SERVER: Final = f"""
import http.server, json, socket, threading
class Busy(http.server.BaseHTTPRequestHandler):
    def setup(self):
        # containerd asks in TLS first, and in plain text where it is answered so.
        if self.request.recv(1, socket.MSG_PEEK) == bytes([22]):
            self.request.sendall(b"HTTP/1.0 400 Bad Request" + bytes([13, 10, 13, 10]))
            self.request.shutdown(socket.SHUT_RDWR)
        super().setup()
    def do_GET(self):
        error = dict(code="TOOMANYREQUESTS", message="You have reached your pull rate limit.")
        text = json.dumps(dict(errors=[error])).encode()
        self.send_response(429)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(b"" if self.command == "HEAD" else text)
    do_HEAD = do_GET
class Six(http.server.ThreadingHTTPServer):
    address_family = socket.AF_INET6
def serve(kind, address):
    try:
        kind((address, {_PORT}), Busy).serve_forever()
    except OSError as error:
        print(error, flush=True)
threading.Thread(target=serve, args=(Six, "::1")).start()
serve(http.server.ThreadingHTTPServer, "127.0.0.1")
"""


@contextmanager
def throttling(here: Tasks) -> Iterator[None]:
    """Let the registry run as long as this lasts."""
    probe = {"tcpSocket": {"port": _PORT, "host": "localhost"}, "periodSeconds": 1}
    container = {
        "name": "registry",
        "image": OPERATOR_IMAGE,
        "command": ["python3", "-c", _SERVER],
        "readinessProbe": probe,
    }
    pod = {
        "metadata": {"name": "registry"},
        "spec": {"hostNetwork": True, "terminationGracePeriodSeconds": 0, "containers": [container]},
    }
    where = cluster.Namespace(here.core, here.namespace)
    where.create(pod)
    try:
        where.wait("registry", ready)
        yield
    finally:
        where.delete("registry")
        cluster.kubectl(
            "wait", f"--namespace={here.namespace}", "--for=delete", "pod/registry", "--timeout=30s"
        )
