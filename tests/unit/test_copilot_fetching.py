"""What failed transfers are called, what the log says of them, and what may be fetched."""

from __future__ import annotations

import threading
import time

import pytest

from containertask.contract.outcome import Outcome
from containertask.copilot.fetchfaults import failure_of
from containertask.copilot.journal import Journal
from containertask.copilot.progress import Progress
from containertask.copilot.transfer import errors
from containertask.copilot.transfer.errors import TooLargeError, TransferError
from containertask.copilot.transfer.limits import Allowed, Room

OUTCOMES: list[tuple[TransferError, Outcome]] = [
    (errors.NotThereError("s"), Outcome.INPUT_NOT_FOUND),
    (errors.DigestError("s"), Outcome.INPUT_DIGEST_MISMATCH),
    (errors.TooLargeError("s"), Outcome.INPUT_TOO_LARGE),
    (errors.ChangedError("s"), Outcome.INPUT_CHANGED),
    (errors.BadKeyError("s"), Outcome.INVALID_INPUT),
    (errors.UnfitError("s"), Outcome.INVALID_INPUT),
    (errors.ForbiddenError("s"), Outcome.STORE_FORBIDDEN),
    (errors.UnavailableError("s"), Outcome.STORE_UNAVAILABLE),
    (errors.DiskError("s"), Outcome.DISK_FULL),
    (errors.DiskError("s", full=False), Outcome.COPILOT_FAILED),
    (errors.ExistsError("s"), Outcome.COPILOT_FAILED),
]


@pytest.mark.parametrize(("error", "outcome"), OUTCOMES, ids=lambda one: type(one).__name__)
def test_each_failure_has_its_outcome(error: TransferError, outcome: Outcome) -> None:
    report = failure_of(error, "x").report
    assert (report.outcome, report.origin) == (outcome, "x")
    assert (report.message or "").startswith("input `x`: s")


def test_a_room_is_one_for_all_that_is_in_it() -> None:
    known: list[tuple[int, bool]] = []
    room = Room(10, "maxBytes is 10", lambda size, first: known.append((size, first)))
    one, other = Allowed(room), Allowed(room)
    one.hold(3, "`a`")
    one.hold(5, "`a`")
    one.hold(2, "`a`")  # it began anew, and may come to as much again
    other.hold_all([2, 3], "`b`")
    assert known == [(3, True), (2, False), (5, True)]
    with pytest.raises(TooLargeError, match=r"^with `c` it comes to 11 bytes, and maxBytes is 10$"):
        Allowed(room).hold(1, "`c`")


def test_a_line_in_the_log_is_ten_seconds_from_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    lines: list[str] = []
    now = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    journal = Journal("downloader")
    monkeypatch.setattr(journal, "note", lines.append)
    found = Progress(journal)
    found.expect()
    for at, size in [(101, 1), (109.9, 1), (110, 1), (119.9, 1), (120, 1)]:
        now[0] = at
        found.came(size)
        found.know(4, first=at == 110)
    assert lines == ["input bytes so far 3", "input bytes so far 5 of 16"]
    assert found.moved == 5


def test_no_byte_is_lost_between_threads() -> None:
    found = Progress(Journal("downloader"))

    def count() -> None:
        for _ in range(10_000):
            found.came(1)

    threads = [threading.Thread(target=count) for _ in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert found.moved == 80_000
