"""``manifests.scalars``: a number in YAML is the number that kubectl reads."""

from __future__ import annotations

import yaml
from hypothesis import given
from hypothesis import strategies as st

from containertask.manifests.scalars import Loader


def read(text: str) -> object:
    return yaml.load(text, Loader)  # noqa: S506 - a SafeLoader


@given(st.integers())
def test_a_whole_number_is_itself(number: int) -> None:
    assert read(str(number)) == number


@given(st.integers(0), st.sampled_from(["", "-", "+"]))
def test_one_that_begins_with_nought_is_octal(number: int, sign: str) -> None:
    assert read(f"{sign}0{number:o}") == (-number if sign == "-" else number)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_with_a_point_is_itself(number: float) -> None:
    assert read(repr(number)) == number
