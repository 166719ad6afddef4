"""A real S3 server (versitygw) on this machine, over a folder, and what a test asks it directly."""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final

from obstore.store import S3Store

from testbed import gobuild
from testbed.versions import load

USER: Final = "canary-user"
SECRET: Final = "canary-secret-key"  # noqa: S105 - what no output may show
REGION: Final = "us-east-1"
_START_SECONDS: Final = 30


@dataclass(frozen=True, slots=True)
class S3Server:
    """A running server; ``folder`` holds a folder for each bucket, and a file for each object in that."""

    port: int
    folder: Path
    scheme: str = "http"

    @property
    def url(self) -> str:
        """Return its endpoint."""
        return f"{self.scheme}://127.0.0.1:{self.port}"

    def bucket(self, name: str) -> Path:
        """Make a bucket."""
        found = self.folder / name
        found.mkdir()
        return found

    def store(self, bucket: str, *, port: int | None = None, secret: str = SECRET, tries: int = 0) -> S3Store:
        """Open a bucket, perhaps through a proxy; obstore itself tries ``tries`` times more."""
        return S3Store(
            bucket,
            endpoint=f"http://127.0.0.1:{port or self.port}",
            region=REGION,
            access_key_id=USER,
            secret_access_key=secret,
            client_options={"allow_http": True, "read_timeout": "2s", "timeout": "60s"},
            retry_config={"max_retries": tries, "retry_timeout": timedelta(seconds=10)},
        )


@contextmanager
def running(folder: Path, certificate: Path | None = None) -> Iterator[S3Server]:
    """Run a server over an empty folder, by TLS if it has a certificate, whose key is in the same file."""
    program = gobuild.program(load(), "versitygw")
    port = _free_port()
    environ = {"ROOT_ACCESS_KEY": USER, "ROOT_SECRET_KEY": SECRET, "HOME": str(folder.parent)}
    command: list[str | Path] = [program, "--port", f"127.0.0.1:{port}", "--quiet"]
    if certificate is not None:
        command += ["--cert", certificate, "--key", certificate]
    command += ["posix", folder]
    with subprocess.Popen(command, env=environ, cwd=folder.parent) as process:
        try:
            _await(port, process)
            yield S3Server(port, folder, "https" if certificate else "http")
        finally:
            process.terminate()


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        found: int = one.getsockname()[1]
        return found


def _await(port: int, process: subprocess.Popen[bytes]) -> None:
    """Wait until somebody listens: nobody tells of it."""
    ends = time.monotonic() + _START_SECONDS
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            assert process.poll() is None, "versitygw has ended"
            assert time.monotonic() < ends, "versitygw does not listen"
            time.sleep(0.05)
        else:
            return
