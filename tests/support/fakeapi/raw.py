"""Answers byte by byte: what no server should say, and when exactly it says it."""

from __future__ import annotations

import asyncio
import json
from typing import Any, Final

HEAD: Final = b"HTTP/1.1 200 OK\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
END: Final = b"0\r\n\r\n"


def chunk(content: bytes) -> bytes:
    """Return a part of a body as it goes after ``HEAD``."""
    return b"%x\r\n%s\r\n" % (len(content), content)


def line(kind: str, found: Any) -> bytes:
    """Return an event of a watch as a server writes it."""
    event = {"type": kind, "object": found}
    return json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


class Raw:
    """A fault: the test itself writes the answer, head included, as soon as it has something to say.

    Attributes:
        arrived: set when a request has come.
    """

    def __init__(self, *pieces: bytes | None) -> None:
        """Take what is sent at once; None closes the connection."""
        self.arrived = asyncio.Event()
        self._pieces: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._connections: list[asyncio.Transport] = []
        self.say(*pieces)

    def say(self, *pieces: bytes | None) -> None:
        """Send more."""
        for piece in pieces:
            self._pieces.put_nowait(piece)

    @property
    def left(self) -> bool:
        """Whether the client has closed the connection, or we have."""
        return bool(self._connections) and all(one.is_closing() for one in self._connections)

    async def answer(self, connection: asyncio.Transport) -> None:
        """Be the server."""
        self._connections.append(connection)
        self.arrived.set()
        while (piece := await self._pieces.get()) is not None:
            connection.write(piece)
        connection.close()
