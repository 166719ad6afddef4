"""A bucket for one test of a store."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from obstore.store import S3Store

from containertask.copilot.transfer.place import Place
from support.faultproxy import FaultProxy
from support.s3 import S3Server


@dataclass(frozen=True, slots=True)
class Bucket:
    """A bucket as the server keeps it, as the engine sees it, and through a proxy that spoils answers."""

    server: S3Server
    name: str
    folder: Path
    proxy: FaultProxy

    @property
    def direct(self) -> Place:
        """Return it without a proxy."""
        return Place(self.server.store(self.name), f"s3://{self.name}")

    @property
    def place(self) -> Place:
        """Return it through the proxy."""
        return Place(self.store(tries=3), f"s3://{self.name}")

    def store(self, *, tries: int = 0) -> S3Store:
        """Open it through the proxy."""
        return self.server.store(self.name, port=self.proxy.port, tries=tries)

    def put(self, key: str, content: bytes = b"") -> None:
        """Have an object there, past the server."""
        file = self.folder / key
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)

    def objects(self) -> dict[str, bytes]:
        """Return what is there."""
        return {
            str(one.relative_to(self.folder)): one.read_bytes()
            for one in self.folder.rglob("*")
            if one.is_file() and ".sgwtmp" not in one.parts
        }

    def unfinished(self) -> list[str]:
        """Return what is left of multipart uploads that are neither complete nor aborted."""
        return [str(one) for one in self.folder.rglob(".sgwtmp/**/*") if one.is_file()]
