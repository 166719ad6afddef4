"""Servers of this machine as Pods of the test cluster reach them: at the address of the node's way out."""

from __future__ import annotations

import socket
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from support import cluster

_PIECE = 1 << 16


@contextmanager
def reachable(port: int) -> Iterator[str]:
    """Give host and port under which Pods reach what listens on this port here."""
    address = cluster.on_node("ip route show default").split()[2]

    class Passing(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            with socket.create_connection(("127.0.0.1", port)) as inner:
                back = threading.Thread(target=_pass, args=(inner, self.request))
                back.start()
                _pass(self.request, inner)
                back.join()

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True
        allow_reuse_address = True

    with Server((address, 0), Passing) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"{address}:{server.server_address[1]}"
        server.shutdown()


def _pass(source: socket.socket, target: socket.socket) -> None:
    try:
        while data := source.recv(_PIECE):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        return  # one of both is gone
