"""What the launcher captured of stdout and stderr, put together from its segments."""

from __future__ import annotations

import os
from contextlib import suppress
from itertools import islice
from typing import Final

from containertask.contract.exitrecord import Stream
from containertask.contract.report import Outcome
from containertask.copilot.untrusted import Content, Fault, read_file

_MAX_ENTRIES: Final = 1000
_TAMPERED: Final = (
    "is not kept as the launcher keeps it: the command must leave the files of its streams alone"
)


def read_stream(folder: int, stem: str, seen: Stream | None, limit: int) -> Content | Fault:
    """Read a whole captured stream; ``seen`` is what the exit record says of it.

    A stream that is longer than ``limit`` bytes comes with its first bytes only, or none.
    """
    if seen is None:
        return Fault(Outcome.OUTPUT_UNREADABLE, f"the exit record says nothing of {stem}")
    if seen.error is not None:
        return Fault(Outcome.OUTPUT_UNREADABLE, f"{stem} could not be kept: {seen.error}")
    if seen.bytes >= limit:
        return Content(b"", seen.bytes)
    numbers = _segments(folder, stem)
    if numbers and numbers[0] > 0:
        return Fault(
            Outcome.OUTPUT_TOO_LARGE,
            f"of the {seen.bytes} bytes of {stem} only the end was kept: write less, or into a file",
        )
    data = b""
    for number in numbers:
        segment = read_file(folder, f"{stem}.{number}", limit - len(data))
        if isinstance(segment, Fault):
            return segment
        data += segment.data
    if len(data) != seen.bytes:
        return Fault(Outcome.OUTPUT_UNREADABLE, f"{stem} {_TAMPERED}")
    return Content(data, len(data))


def _segments(folder: int, stem: str) -> list[int]:
    """Return the numbers of the segments that are there, in order."""
    numbers = []
    with os.scandir(folder) as entries:
        for entry in islice(entries, _MAX_ENTRIES):
            name, _, number = entry.name.rpartition(".")
            with suppress(ValueError):
                if name == stem and str(int(number)) == number:
                    numbers.append(int(number))
    return sorted(numbers)
