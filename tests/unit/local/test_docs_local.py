"""The page about local runs: what it says of options, reasons and folders is so."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import pytest

from containertask.api.reasons import Reason
from containertask.local import programs
from containertask.local.localfiles import RESULTS
from containertask.local.options import LocalOptions, LocalRun, Runtime
from support.localcases import CASES
from support.localdocker import IN_IMAGE

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "local.md").read_text()


def test_each_runtime_is_there_and_no_other() -> None:
    told = re.findall(r"^\| ((?:`[a-z]+`(?:, )?)+) \|", PAGE, re.MULTILINE)
    assert sorted(re.findall("[a-z]+", told[0] + told[1] + told[2])) == sorted(one.value for one in Runtime)


@pytest.mark.parametrize("name", re.findall(r"`([A-Z][a-z]+[A-Z][A-Za-z]+)`", PAGE))
def test_each_name_is_a_reason_an_exception_or_a_class(name: str) -> None:
    exceptions = {"InvalidTaskError", "MissingToolError", "LocalRunError"}
    assert name in {one.value for one in Reason} | exceptions


@pytest.mark.parametrize("name", re.findall(r"`LocalOptions\.([a-z_]+)`", PAGE))
def test_each_option_is_there(name: str) -> None:
    assert name in {one.name for one in dataclasses.fields(LocalOptions)}


def test_what_is_told_of_an_end_is_there() -> None:
    told = set(re.findall(r"ended\.([a-z_]+)", PAGE)) | set(re.findall(r"`LocalRun\.([a-z_]+)`", PAGE))
    assert told <= {one.name for one in dataclasses.fields(LocalRun)}
    assert len(told) == 5


def test_the_number_of_tasks_the_prefix_and_the_launchers_place_are_so() -> None:
    assert f"{len(CASES)} tasks of the tests" in PAGE
    assert f"`{RESULTS}outputs/…`" in PAGE
    assert programs.LAUNCHER in PAGE
    assert IN_IMAGE in PAGE
