"""What the launcher captured of stdout and stderr, put together from its segments."""

from __future__ import annotations

import os
from contextlib import suppress
from itertools import islice
from typing import Final

from containertask.contract.exitrecord import Stream
from containertask.contract.outcome import Outcome
from containertask.copilot.untrusted import Content, Fault, read_file

_MAX_ENTRIES: Final = 1000
_TAMPERED: Final = (
    "is not kept as the launcher keeps it: the command must leave the files of its streams alone"
)


def read_stream(folder: int, stem: str, seen: Stream | None, limit: int) -> Content | Fault:
    """Read a whole captured stream; ``seen`` is what the exit record says of it.

    A stream that is longer than ``limit`` bytes comes with its first bytes only, or none.
    """
    said = kept(stem, seen)
    if isinstance(said, Fault):
        return said
    if said.bytes >= limit:
        return Content(b"", said.bytes)
    numbers = segments(folder, stem)
    if numbers and numbers[0] > 0:
        return only_the_end(stem, said)
    data = b""
    for number in numbers:
        segment = read_file(folder, f"{stem}.{number}", limit - len(data))
        if isinstance(segment, Fault):
            return segment
        data += segment.data
    if len(data) != said.bytes:
        return tampered(stem)
    return Content(data, len(data))


def kept(stem: str, seen: Stream | None) -> Stream | Fault:
    """Return what the exit record says of a stream that was kept, or why it was not."""
    if seen is None:
        return Fault(Outcome.OUTPUT_UNREADABLE, f"the exit record says nothing of {stem}")
    if seen.error is not None:
        return Fault(Outcome.OUTPUT_UNREADABLE, f"{stem} could not be kept: {seen.error}")
    return seen


def tampered(stem: str) -> Fault:
    """Return the fault of segments that together are not the stream."""
    return Fault(Outcome.OUTPUT_UNREADABLE, f"{stem} {_TAMPERED}")


def only_the_end(stem: str, seen: Stream) -> Fault:
    """Return the fault of a stream that is longer than what is kept of one."""
    text = f"of the {seen.bytes} bytes of {stem} only the end was kept: write less, or into a file"
    return Fault(Outcome.OUTPUT_TOO_LARGE, text)


def segments(folder: int, stem: str) -> list[int]:
    """Return the numbers of the segments that are there, in order."""
    numbers = []
    with os.scandir(folder) as entries:
        for entry in islice(entries, _MAX_ENTRIES):
            name, _, number = entry.name.rpartition(".")
            with suppress(ValueError):
                if name == stem and str(int(number)) == number:
                    numbers.append(int(number))
    return sorted(numbers)
