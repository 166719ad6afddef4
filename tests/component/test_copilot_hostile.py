"""The table of hostile outputs against the uploader's process: a reason by name, nothing outside read."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from containertask import contract
from containertask.codec.simple import MAX_BYTES
from containertask.contract.items import OutputItem
from containertask.contract.outcome import Outcome
from containertask.contract.report import MAX_FIRST_LINE
from support.copilot import Pod, Told, declare, fault, message, record, shell, temporary_pod
from support.hostile import HOSTILE, ITEMS, PLACES, TAKEN, Hostile, Use, made

CANARY = "sesame"
MEMORY = 64 * 1024
"""How many KiB the uploader may take, of the 256 MiB that it has."""

PARSED = 192 * 1024
"""How many KiB a value may take that is all brackets, in a file as large as a value may be."""

MEASURE = (
    "peak = next(line.split()[1] for line in open('/proc/self/status') if line.startswith('VmHWM')); "
    "print(peak, file=open({path!r}, 'w'))"
)
"""Not ru_maxrss: that is also what the test's own process had when it started this one."""


@pytest.fixture
def pod() -> Iterator[Pod]:
    with temporary_pod() as made_one:
        yield made_one


@pytest.fixture
def secret(pod: Pod) -> Path:
    """Make a file outside whose access times tell of every reading of it, or of its folder."""
    found = pod.root / "outside" / "secret"
    found.parent.mkdir()
    found.write_text(CANARY)
    for path in (found, found.parent):
        forget(path)
    return found


def forget(path: Path) -> None:
    """Let the last access be so long ago that the system notes the next one."""
    os.utime(path, ns=(1, time.time_ns()))


def untouched(path: Path) -> bool:
    return path.stat().st_atime_ns == 1


def upload(pod: Pod, memory: int = MEMORY) -> Told:
    """Run the uploader behind a launcher whose command ended well; it stays small."""
    (pod.path("control") / contract.EXIT_FIFO).unlink(missing_ok=True)
    measured = pod.root / "memory"
    told = pod.upload_after(record(), after=MEASURE.format(path=str(measured)))
    assert int(measured.read_text()) < memory
    return told


def skip_unless_possible(one: Hostile) -> None:
    if one.needs_root and os.geteuid() != 0:
        pytest.skip("only root makes one")


def test_the_access_times_tell_of_a_reading(secret: Path) -> None:
    assert untouched(secret)
    assert untouched(secret.parent)
    secret.read_text()
    assert list(secret.parent.iterdir()) == [secret]
    assert not untouched(secret)
    assert not untouched(secret.parent)


@pytest.mark.parametrize("one", HOSTILE, ids=lambda one: one.name)
def test_what_the_uploader_says_in_each_place(pod: Pod, secret: Path, one: Hostile) -> None:
    skip_unless_possible(one)
    outputs = pod.path("outputs")
    stash = outputs / "stash"
    with made(one, stash, outputs, secret):
        for use, item in ITEMS.items():
            place = outputs / PLACES[use]
            place.parent.mkdir(exist_ok=True)
            stash.rename(place)
            declare(pod, item)
            told = upload(pod)
            place.rename(stash)
            if place.parent != outputs:
                place.parent.rmdir()
            check(told, one, use)
            assert untouched(secret)
            assert untouched(secret.parent)


def check(told: Told, one: Hostile, use: Use) -> None:
    """Hold what an uploader left against the table."""
    outcome, words = one.fates[use]
    seen = (told.report.outcome, told.exit_code, told.report.message or "")
    assert seen[:2] == (outcome, 0 if outcome in {Outcome.UPLOADED, Outcome.USER_ERROR} else 1), (use, seen)
    assert words in seen[2], use
    assert told.report.origin == (None if (outcome, words) == TAKEN or use is Use.ERROR else "x")
    assert CANARY not in told.message + told.log
    assert len(told.message.split("\n")[0].encode()) <= MAX_FIRST_LINE
    assert max(map(len, told.log.splitlines())) < 3000
    assert told.log.replace("\n", "").isprintable()


@pytest.mark.parametrize("one", HOSTILE, ids=lambda one: one.name)
def test_behind_the_real_launcher_it_is_the_same(pod: Pod, secret: Path, one: Hostile) -> None:
    skip_unless_possible(one)
    outputs = pod.path("outputs")
    declare(pod, ITEMS[Use.PART])
    nothing = Hostile(name="nothing", script=":", fates={})
    with made(nothing, outputs / "x", outputs, secret):
        script = f"mkdir x; ( {one.script}\n)"
        told = shell(pod, f"export X=x/0 SECRET={secret}; {script}")
    check(told, one, Use.PART)
    assert untouched(secret)


NESTED = "[" * 14 + "]" * 14
KEYS = '{"":' * 12 + "{}" + "}" * 12


@pytest.mark.parametrize(
    ("kind", "item"),
    [
        (f"{'list[' * 15}integer{']' * 15}", NESTED),
        (f"list[{'map[' * 13}integer{']' * 14}", KEYS),
        ("list[struct]", '{"":{}}'),
        ("list[struct]", f'{{"":{NESTED}}}'),
        ("list[map[list[integer]]]", '{"":[]}'),
        ("list[boolean]", "true"),
        ("list[integer]", "0"),
    ],
)
def test_a_mebibyte_of_json_takes_so_much_memory_and_no_more(pod: Pod, kind: str, item: str) -> None:
    declare(pod, OutputItem(name="x", type=kind, path="x"))
    items = [item] * ((MAX_BYTES - 2) // (len(item) + 1))
    (pod.path("outputs") / "x").write_text(f"[{','.join(items)}]")
    told = upload(pod, PARSED)
    assert fault(told) == (1, Outcome.OUTPUT_TOO_LARGE, "x")
    assert " bytes as JSON, and all outputs together have " in message(told)
