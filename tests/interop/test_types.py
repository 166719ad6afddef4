"""Flyte's SDKs and we read each other's files: every type, both ways, by their own type engines."""

from __future__ import annotations

import pytest

from containertask.codec.literals import from_literal_map
from interop.cases import CASES
from interop.peer import Answers
from support.typedvalues import alike


@pytest.mark.parametrize("name", CASES)
def test_an_sdk_reads_what_we_write(sdk: Answers, name: str) -> None:
    assert {one["o0"] for one in sdk.read(name)} == {CASES[name].shown}


@pytest.mark.parametrize("name", CASES)
def test_we_read_what_an_sdk_writes(sdk: Answers, name: str) -> None:
    case = CASES[name]
    wanted = {} if case.value is None else {"o0": case.value}
    for written in sdk.written(name):
        assert alike(from_literal_map({"o0": case.kind}, written), wanted)


def test_an_sdk_reads_all_values_from_one_file(sdk: Answers) -> None:
    for one in sdk.read("all together"):
        assert one == {name: case.shown for name, case in CASES.items()}
