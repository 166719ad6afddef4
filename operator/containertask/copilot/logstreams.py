"""What the launcher captured of a stream, as a file that is sent: never whole in memory."""

from __future__ import annotations

import os
from collections.abc import Generator
from dataclasses import dataclass
from typing import Final

from containertask.contract import CAPTURE_BYTES, STDERR_STEM, STDOUT_STEM
from containertask.contract.exitrecord import ExitRecord, Stream
from containertask.contract.outcome import Outcome
from containertask.copilot.journal import Journal, reason
from containertask.copilot.keptkeys import text_attributes
from containertask.copilot.keptmanifest import LOGS, Log
from containertask.copilot.storedfiles import Leaf, Part, Parts
from containertask.copilot.streams import kept, only_the_end, segments, tampered
from containertask.copilot.transfer.outgoing import Sender, Sent
from containertask.copilot.untrusted import FILE, Fault, FaultError, changed, look, opened_file, unreadable
from containertask.types.leaves import StoredType
from containertask.types.model import DatasetOf, Type, alternatives

_PIECE: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Captured(Part):
    """The end of a stream; ``fd`` is the folder of its segments, which are names and sizes."""

    segments: tuple[tuple[str, int], ...] = ()

    def pieces(self) -> Generator[bytes, None, None]:
        """Yield what there is, once; raises FaultError or OSError."""
        if self.fd is None:
            return
        skipped = sum(size for _, size in self.segments) - self.size
        for name, size in self.segments:
            begin, skipped = min(skipped, size), max(0, skipped - size)
            with opened_file(self.fd, name, name) as (fd, now):
                if now < size:
                    raise changed(name)
                while begin < size:
                    piece = os.pread(fd, min(_PIECE, size - begin), begin)
                    if not piece:
                        raise changed(name)
                    begin += len(piece)
                    yield piece


def captured(folder: int, stem: str, limit: int = CAPTURE_BYTES) -> Captured:
    """Return the last ``limit`` bytes of a stream; raises FaultError."""
    found = []
    try:
        for number in segments(folder, stem):
            name = f"{stem}.{number}"
            look(folder, name, name, FILE)
            found.append((name, os.stat(name, dir_fd=folder, follow_symlinks=False).st_size))
    except OSError as error:
        raise unreadable(stem, error) from None
    size = min(limit, sum(size for _, size in found))
    return Captured((), stem, size, folder, segments=tuple(found))


def as_output(kind: Type, folder: int, stem: str, seen: Stream | None) -> Parts:
    """Yield a whole stream as the one part of an output, as ``storedfiles.parts`` does."""
    said = kept(stem, seen)
    numbers = segments(folder, stem)
    if not isinstance(said, Fault) and numbers and numbers[0] > 0:
        said = only_the_end(stem, said)
    if isinstance(said, Fault):
        raise FaultError(said.outcome, said.text)
    one = next(
        (one for one in alternatives(kind) if one is StoredType.FILE or isinstance(one, DatasetOf)), None
    )
    if one is None:
        raise FaultError(Outcome.OUTPUT_INVALID, f"{stem} is one file, and no {kind}")
    found = captured(folder, stem, said.bytes + 1)
    if found.size != said.bytes:
        raise FaultError(tampered(stem).outcome, tampered(stem).text)
    yield found
    return Leaf((), one, is_folder=False)


@dataclass(frozen=True, slots=True)
class Streams:
    """What is known of the streams of a command; ``folder`` has their segments, None where none are kept."""

    folder: int | None
    record: ExitRecord | None

    def send(self, sender: Sender, below: str, journal: Journal) -> dict[str, Log]:
        """Send what there is of them below a key; digests are known behind the crew's block.

        Raises TransferError, StoppedError.
        """
        if self.folder is None:
            return {}
        stdout = self.record.stdout if self.record else None
        stderr = self.record.stderr if self.record else None
        found = {}
        for stem, seen in ((STDOUT_STEM, stdout), (STDERR_STEM, stderr)):
            try:
                log = captured(self.folder, stem)
                if not log.size:
                    continue
                key = f"{below}{LOGS}/{stem}"
                sender.send(log, key, text_attributes())
            except FaultError as error:
                journal.note(f"{stem} is not kept: {error.fault.text}")
            except OSError as error:
                journal.note(f"{stem} is not kept: {reason(error)}")
            else:
                omitted = max(0, seen.bytes - log.size) if seen is not None else 0
                found[stem] = Log(sent=Sent(key, log.size, ""), omitted=omitted)
        return found
