"""Files and folders of mounted claims, copied: others may write to a claim while it is read."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from typing import Final

from containertask.copilot.claimtree import Claim, fault_of, kind_at, listed, opened
from containertask.copilot.transfer.crew import Crew
from containertask.copilot.transfer.disk import Folders, disk_fault
from containertask.copilot.transfer.errors import ChangedError
from containertask.copilot.transfer.wanted import Moved, Spot, Wanted
from containertask.copilot.untrusted import FILE, FOLDER

_CHUNK: Final = 1 << 20


class Copying:
    """What has a crew copy from claims. Its methods are called by the thread that hands out."""

    def __init__(self, crew: Crew, moved: Moved) -> None:
        self._crew, self._moved = crew, moved

    def copy(self, claim: Claim, wanted: Wanted, spot: Spot, *kinds: str) -> None:
        """Copy what is at a key, if it is of one of these kinds: ``FILE``, ``FOLDER``.

        Folders are listed one after another: the names of each take memory, too.
        """
        taken = self._crew.memory // 2 + 1 if FOLDER in kinds else _CHUNK

        def work() -> None:
            key = wanted.key.removesuffix("/")
            if kind_at(claim, key, kinds) == FILE:
                self._crew.give(taken - _CHUNK)
                self._file(claim, wanted, spot.file())
                self._crew.give(_CHUNK)
            else:
                found, folders = listed(claim, key)
                wanted.hold_all(found.values(), f"the folder {claim.shown(key)}")
                self._crew.leave(lambda: self._hand_out(claim, wanted, found, folders, spot), wanted.whose)
                self._crew.give(taken)

        self._crew.take(taken)
        self._crew.do(work, wanted.whose)

    def _hand_out(
        self, claim: Claim, wanted: Wanted, found: dict[str, int], folders: list[str], spot: Spot
    ) -> None:
        prefix = wanted.key.removesuffix("/")
        fd = spot.folder()
        try:
            made = Folders(fd)
            for path in folders:
                made.make(path, claim.shown(f"{prefix}/{path}"))
            for path, size in found.items():
                key = f"{prefix}/{path}" if prefix else path
                self._one(claim, Wanted(key, whose=wanted.whose), made.file(path, claim.shown(key)), size)
        finally:
            os.close(fd)

    def _one(self, claim: Claim, wanted: Wanted, target: int, size: int) -> None:
        def work() -> None:
            self._file(claim, wanted, target, size)
            self._crew.give(_CHUNK)

        self._crew.take(_CHUNK)
        self._crew.do(work, wanted.whose)

    def _file(self, claim: Claim, wanted: Wanted, target: int, listed: int | None = None) -> None:
        """Copy a file; one of a folder has to have the size with which it was listed, and counted."""
        name = claim.shown(wanted.key)
        digest = hashlib.sha256() if wanted.sha256 is not None else None
        try:
            for data in content(claim, wanted, listed):
                self._crew.check()
                if digest is not None:
                    digest.update(data)
                rest = memoryview(data)
                while rest:
                    try:
                        done = os.write(target, rest)
                    except OSError as error:
                        raise disk_fault(error, name) from None
                    rest = rest[done:]
                self._moved(len(data))
        finally:
            os.close(target)
        wanted.check(None if digest is None else digest.hexdigest(), name)


def content(claim: Claim, wanted: Wanted, listed: int | None = None) -> Iterator[bytes]:
    """Yield what a file has, which has to be as large as it was ``listed``.

    Raises TransferError: ChangedError at its end, too, if it was written to meanwhile.
    """
    name = claim.shown(wanted.key)
    with opened(claim, wanted.key, FILE) as source:
        before = os.fstat(source)
        if listed not in {None, before.st_size}:
            raise _changed(name)
        wanted.hold(before.st_size, name)
        size = 0
        while size <= before.st_size and (data := _read(source, name)):
            size += len(data)
            yield data
        after = os.fstat(source)
    if (before.st_mtime_ns, before.st_size) != (after.st_mtime_ns, size):
        raise _changed(name)


def _read(source: int, name: str) -> bytes:
    try:
        return os.read(source, _CHUNK)
    except OSError as error:
        raise fault_of(error, name) from None


def _changed(name: str) -> ChangedError:
    return ChangedError(f"{name} was changed while it was read")
