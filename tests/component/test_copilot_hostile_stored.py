"""The table of hostile outputs against the reading side of outputs that need a store, before there is any."""

from __future__ import annotations

import os
import time
import tracemalloc
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from containertask.copilot.storedfiles import Part, parts
from containertask.copilot.untrusted import FaultError
from containertask.types.grammar import parse_type
from support.copilot import Pod, temporary_pod
from support.hostile import HOSTILE, PLACES, STORED, TAKEN, Fate, Hostile, made
from support.launcher import until

MEMORY = 4 * 1024 * 1024
DESCRIPTORS = 2 * 64 + 8
LIMIT = 3 * 1024 * 1024
"""How much is read of a file: of one that has 1 TiB only the size matters."""


@pytest.fixture
def pod() -> Iterator[Pod]:
    with temporary_pod() as made_one:
        yield made_one


def descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def drain(part: Part, *, grows: bool) -> None:
    """Read a file as who sends it to a store would, and be slow where it grows."""
    read = 0
    with closing(part.pieces()) as pieces:
        for piece in pieces:
            read += len(piece)
            if grows and part.fd is not None:
                until(lambda: os.fstat(part.fd or 0).st_size > part.size, "a file that has grown")
            if read >= LIMIT:
                break
    assert read == part.size or LIMIT <= read < part.size


def fate(kind: str, folder: int, *, grows: bool) -> Fate:
    """Read an output; return what becomes of it, as the table has it."""
    try:
        for part in parts(parse_type(kind), folder, "x"):
            # The system gives the lowest number that is free.
            assert (part.fd or 0) < folder + DESCRIPTORS
            drain(part, grows=grows)
    except FaultError as error:
        return error.fault.outcome, error.fault.text
    return TAKEN


def measured(kind: str, folder: int, *, grows: bool) -> Fate:
    """Do the same, with little memory, and leave no descriptor open."""
    before = descriptors()
    tracemalloc.start()
    found = fate(kind, folder, grows=grows)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < MEMORY
    assert descriptors() == before
    return found


@pytest.mark.parametrize("one", HOSTILE, ids=lambda one: one.name)
def test_what_becomes_of_it(pod: Pod, one: Hostile) -> None:
    if one.needs_root and os.geteuid() != 0:
        pytest.skip("only root makes one")
    outputs, secret = pod.path("outputs"), pod.root / "outside" / "secret"
    secret.parent.mkdir()
    secret.write_text("sesame")
    for path in (secret, secret.parent):
        os.utime(path, ns=(1, time.time_ns()))
    folder = os.open(outputs, os.O_RDONLY)
    stash = outputs / "stash"
    with made(one, stash, outputs, secret):
        for use, kind in STORED.items():
            place = outputs / PLACES[use]
            place.parent.mkdir(exist_ok=True)
            stash.rename(place)
            outcome, text = measured(kind, folder, grows=one.lasts)
            place.rename(stash)
            if place.parent != outputs:
                place.parent.rmdir()
            assert (outcome, one.fates[use][1] in text) == (one.fates[use][0], True), (use, text)
            assert text.isprintable()
            assert len(text) < 300
            assert [path.stat().st_atime_ns for path in (secret, secret.parent)] == [1, 1]
    os.close(folder)
