"""Files and folders that go to a store and come back, whatever store that is."""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from containertask.contract.stores import Credentials, Place, StoreItem
from containertask.copilot.transfer import place as places
from containertask.copilot.transfer.crew import Crew
from containertask.copilot.transfer.faults import fault_of
from containertask.copilot.transfer.fetch import PIECE, Wanted, fetch_file, fetch_folder
from containertask.copilot.transfer.opening import opened
from containertask.copilot.transfer.send import Sending

BIG: Final = random.Random(3).randbytes(3 * PIECE + 12_345)  # noqa: S311 - content
FILES: Final = {f"{n % 7}/f{n:03}": b"%d" % n * (n % 50) for n in range(200)}
ATTRIBUTES: Final = {"Content-Type": "text/plain", "Content-Disposition": "attachment"}
HOSTILE: Final = [
    *("sp ace", "p%20q", "100%", "a+b", "x#y", "q?z", "a&b=c;d", "a*b", "c:d", "~", "'\"<x>", "x."),
    *("\u00fc", "u\u0308", "emoji\U0001f600", "d e/\u00fc+%"),
]


@dataclass(frozen=True, slots=True)
class InMemory:
    """What is sent, in pieces; ``error`` comes after them."""

    content: bytes
    error: Exception | None = None

    @property
    def size(self) -> int:
        return len(self.content)

    def pieces(self) -> Iterator[bytes]:
        for at in range(0, len(self.content), 1 << 20):
            yield self.content[at : at + (1 << 20)]
        if self.error is not None:
            raise self.error


def opening(
    folder: Path, place: Place, secret: dict[str, str] | None = None, ca: Path | None = None
) -> places.Place:
    """Open a store as the copilot does: with what is mounted below a folder; anonymously without a secret."""
    files = {f"secret/{key}": value for key, value in (secret or {}).items()}
    files |= {} if ca is None else {"ca/ca.crt": ca.read_text()}
    for name, content in files.items():
        (folder / "0" / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / "0" / name).write_text(content)
    who = Credentials.ANONYMOUS if secret is None else Credentials.SECRET
    item = StoreItem(id="0", place=place, credentials=who, ca=None if ca is None else "ca.crt")
    return opened(item, folder=str(folder), allow=lambda _host, **_: None)


def sent(target: places.Place, files: dict[str, bytes | InMemory]) -> dict[str, str]:
    """Send files; return their SHA-256 by their keys; raises TransferError."""
    with Crew() as crew:
        sending = Sending(crew, target, lambda _: None)
        for key, file in files.items():
            sending.send(InMemory(file) if isinstance(file, bytes) else file, key, ATTRIBUTES)
    return {one.key: one.sha256 for one in sending.sent}


def fetched(source: places.Place, wanted: Wanted | str, file: Path) -> bytes:
    """Fetch a file; raises TransferError."""
    asked = Wanted(wanted) if isinstance(wanted, str) else wanted
    file.unlink(missing_ok=True)
    size = fetch_file(
        source, asked, lambda: os.open(file, os.O_RDWR | os.O_CREAT | os.O_EXCL), lambda _: None
    )
    content = file.read_bytes()
    assert len(content) == size
    return content


def fetched_folder(source: places.Place, prefix: str, made: Path) -> dict[str, bytes]:
    """Fetch a folder into one that is made; raises TransferError."""
    made.mkdir()
    fd = os.open(made, os.O_RDONLY)
    try:
        fetch_folder(source, Wanted(prefix), fd, lambda _: None)
    finally:
        os.close(fd)
    return {str(one.relative_to(made)): one.read_bytes() for one in made.rglob("*") if one.is_file()}


def told(what: Callable[[], object]) -> None:
    """Do what obstore is asked directly; its exception is raised as the engine tells it."""
    try:
        what()
    except Exception as error:  # noqa: BLE001 - obstore's errors have no common base
        raise fault_of(error, "`the object`") from None
