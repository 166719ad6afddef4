"""What the copilot quotes of an output that is none is in no report: its own words, through the cleaner."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from containertask.cli.redaction import Cleaner
from containertask.contract.items import OutputItem
from containertask.copilot.outputs import Volumes, read_output
from containertask.copilot.untrusted import Fault

CANARY = "canary-of-a-command"


@pytest.mark.parametrize(
    "kind",
    [
        "integer",
        "float",
        "boolean",
        "datetime",
        "duration",
        'enum["a","b"]',
        'enum["a:b","c"]',
        'enum["a: b","c"]',
        "list[integer]",
        "map[integer]",
        'map[enum["x:y"]]',
        "struct",
        "union[integer, boolean]",
        "none",
        "optional[integer]",
    ],
)
@pytest.mark.parametrize("content", ["{}", '["{}"]', '{{"a": "{}"}}', '{{"{}": 1}}'])
def test_an_output_that_is_none_is_not_quoted(tmp_path: Path, kind: str, content: str) -> None:
    (tmp_path / "x").write_text(content.format(CANARY))
    folder = os.open(tmp_path, os.O_RDONLY)
    try:
        found = read_output(OutputItem(name="x", type=kind, path="x"), Volumes(outputs=folder), None)
    finally:
        os.close(folder)
    if not isinstance(found, Fault):
        return  # it is one
    assert "not of type" in found.text or CANARY not in found.text
    assert CANARY not in Cleaner(()).text(f"output `x`: {found.text}")
