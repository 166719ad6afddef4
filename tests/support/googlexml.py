"""What fake-gcs-server lacks, put before it: the requests (of Google's XML protocol) by which obstore sends.

What obstore fetches and lists is passed on to it. It is ours, and shows what is asked for and in which
order; that Google answers so is from its documentation.
"""

from __future__ import annotations

import http.client
import http.server
import itertools
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import ClassVar, Final
from urllib.parse import parse_qs, quote, unquote, urlsplit

_EXISTS, _JSON_EXISTS, _REFUSED = "<Error><Code>PreconditionFailed</Code></Error>", 412, 300
_PART: Final = re.compile(rb"<PartNumber>(\d+)</PartNumber>")


@dataclass(slots=True)
class GoogleXml:
    """A running server.

    Attributes:
        target: the port of the one behind it.
        open: parts of uploads that are neither complete nor aborted, by their ids.
        signed: what stood in Authorization.
    """

    target: int
    port: int = 0
    open: dict[str, dict[int, bytes]] = field(default_factory=dict)
    signed: set[str | None] = field(default_factory=set)
    numbers: Iterator[int] = field(default_factory=itertools.count)

    @property
    def url(self) -> str:
        """Return its endpoint."""
        return f"http://127.0.0.1:{self.port}"

    def ask(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> tuple[int, str, bytes]:
        """Ask the server behind; return status, type of the content, and that."""
        connection = http.client.HTTPConnection("127.0.0.1", self.target)
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return answer.status, answer.headers.get("Content-Type") or "", answer.read()
        finally:
            connection.close()


@contextmanager
def before(target: int) -> Iterator[GoogleXml]:
    """Run it before the server at a port of this machine; what is fetched is asked of that one itself."""
    made = GoogleXml(target)

    class Handler(_Handler):
        owner = made

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    made.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield made
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    owner: ClassVar[GoogleXml]

    def do_POST(self) -> None:
        body, query = self.taken(), self.query
        if "uploads" in query:
            upload = f"upload-{next(self.owner.numbers)}"
            self.owner.open[upload] = {}
            self.reply(
                200,
                f"<InitiateMultipartUploadResult><UploadId>{upload}</UploadId></InitiateMultipartUploadResult>",
            )
            return
        parts = self.owner.open.pop(query["uploadId"][0])
        self.insert(b"".join(parts[int(number)] for number in _PART.findall(body)), complete=True)

    def do_PUT(self) -> None:
        body, query = self.taken(), self.query
        if "uploadId" in query:
            self.owner.open[query["uploadId"][0]][int(query["partNumber"][0])] = body
            self.reply(200, "", {"ETag": f'"{query["partNumber"][0]}"'})
        else:
            self.insert(body)

    def do_GET(self) -> None:
        """Pass it on, and the answer back, as they are."""
        self.taken()
        connection = http.client.HTTPConnection("127.0.0.1", self.owner.target)
        try:
            # Without its client's host: it knows its buckets by its own name.
            headers = {name: value for name, value in self.headers.items() if name.lower() != "host"}
            connection.request(self.command, self.path, headers=headers)
            answer = connection.getresponse()
            content = answer.read()
            length = answer.headers.get("Content-Length") if self.command == "HEAD" else len(content)
        finally:
            connection.close()
        self.send_response_only(answer.status)
        for name, value in answer.headers.items():
            if name.lower() not in {"content-length", "transfer-encoding", "connection"}:
                self.send_header(name, value)
        self.send_header("Content-Length", str(length))
        self.end_headers()
        self.wfile.write(content)

    do_HEAD = do_GET  # noqa: N815 - the library's name

    def do_DELETE(self) -> None:
        self.taken()
        del self.owner.open[self.query["uploadId"][0]]
        self.reply(204, "")

    @property
    def query(self) -> dict[str, list[str]]:
        return parse_qs(urlsplit(self.path).query, keep_blank_values=True)

    def taken(self) -> bytes:
        self.owner.signed.add(self.headers.get("Authorization"))
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def insert(self, content: bytes, *, complete: bool = False) -> None:
        bucket, _, key = unquote(urlsplit(self.path).path)[1:].partition("/")
        query = f"uploadType=media&name={quote(key, safe='')}"
        if (generation := self.headers.get("x-goog-if-generation-match")) is not None:
            query += f"&ifGenerationMatch={generation}"
        kind = {"Content-Type": self.headers.get("Content-Type") or ""}
        status, _, _ = self.owner.ask("POST", f"/upload/storage/v1/b/{bucket}/o?{query}", content, kind)
        if status >= _REFUSED:
            self.reply(
                status, _EXISTS if status == _JSON_EXISTS else "<Error><Code>NoSuchBucket</Code></Error>"
            )
        elif complete:
            text = '<CompleteMultipartUploadResult><ETag>"1"</ETag></CompleteMultipartUploadResult>'
            self.reply(200, text)
        else:
            self.reply(200, "", {"ETag": '"1"', "x-goog-generation": "1"})

    def reply(self, status: int, text: str, headers: dict[str, str] | None = None) -> None:
        self.send_response_only(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_: object) -> None: ...
