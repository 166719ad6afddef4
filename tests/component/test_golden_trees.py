"""What the downloader writes for an input of every type, byte for byte, in each layout and each format."""

from __future__ import annotations

import pytest

from support.goldentrees import CASES, FOLDER, listing


@pytest.mark.parametrize("name", CASES)
def test_what_main_finds_is_the_golden_tree(name: str) -> None:
    assert listing(name) == (FOLDER / f"{name}.txt").read_text()


def test_every_golden_tree_has_a_case() -> None:
    assert {path.stem for path in FOLDER.iterdir()} == set(CASES)
