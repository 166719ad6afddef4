"""What a report says of an output in a store is short, and comes back as it was."""

from __future__ import annotations

import pytest

from containertask.contract.keptline import packed, unpacked
from containertask.contract.outcome import Outcome
from containertask.contract.report import Kept, Report

DIGEST = "0123456789abcdef" * 4


@pytest.mark.parametrize(
    ("key", "short"),
    [
        ("outputs/x", ""),
        ("outputs/x.tar.gz", ".tar.gz"),
        ("outputs/x/", "/"),
        ("outputs/xy", "outputs/xy"),
        ("outputs/y/x", "outputs/y/x"),
        ("s3://bucket/x", "s3://bucket/x"),
    ],
)
def test_what_goes_without_saying_is_left_out(key: str, short: str) -> None:
    found = packed("x", key, 7, DIGEST)
    assert (found[0], found[1], len(str(found[2]))) == (short, 7, 43)
    assert unpacked("x", found) == (key, 7, DIGEST)


def test_a_digest_that_is_not_known_takes_no_room() -> None:
    assert packed("x", "outputs/x.csv", 7, "") == [".csv", 7]
    assert unpacked("x", [".csv", 7]) == ("outputs/x.csv", 7, "")


@pytest.mark.parametrize(
    "raw", [None, [], ["k"], ["k", True], [1, 1], ["k", True, "d"], ["k", 1, 2], {"k": 1}]
)
def test_what_is_something_else(raw: object) -> None:
    assert unpacked("x", raw) is None


def test_thirty_outputs_fit_the_message_of_a_pod() -> None:
    kept = {f"output{n:02}": Kept(f"outputs/output{n:02}.csv", 123_456, DIGEST) for n in range(30)}
    report = Report(outcome=Outcome.UPLOADED, stored=DIGEST, kept=kept)
    assert Report.decode(report.encode(2457).decode()) == report
