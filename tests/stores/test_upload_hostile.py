"""The table of hostile outputs against the whole uploader with a store: nothing of outside is ever sent."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

import pytest

from containertask.contract.items import OutputItem
from containertask.contract.outcome import Outcome
from support.hostile import HOSTILE, PLACES, STORED, TAKEN, Hostile, Use, made
from support.keeping import Keeping, files_below, in_bucket, in_claim, manifest_in, of_attempt
from support.stores import Bucket

SESAME: Final = b"sesame"
TOO_MUCH: Final = {"a file of holes", "a file that grows"}
"""They are sent as they are, which takes a while: the reading side has its own tests."""
MANY: Final = "100,000 files"
PATHS_TOO_LONG: Final = {"a path of 5,000 bytes"}
SENT: Final = [one for one in HOSTILE if one.name not in TOO_MUCH]
FEW: Final = 1000
"""How many objects the store takes of one directory here."""


def output(use: Use) -> OutputItem:
    return OutputItem(name="x", type=STORED[use], path="x")


def prepared(task: Keeping) -> Path:
    secret = task.pod.root / "outside" / "secret"
    secret.parent.mkdir()
    secret.write_bytes(SESAME)
    (task.outputs / "y").write_bytes(b"1")
    return secret


@pytest.mark.parametrize("kind", ["bucket", "claim"])
@pytest.mark.parametrize("use", STORED)
@pytest.mark.parametrize(
    "one", [one for one in HOSTILE if one.name not in TOO_MUCH], ids=lambda one: one.name
)
def test_what_becomes_of_it(bucket: Bucket, tmp_path: Path, one: Hostile, use: Use, kind: str) -> None:
    if one.needs_root and os.geteuid() != 0:
        pytest.skip("only root makes one")
    if one.name == MANY and (use, kind) != (Use.DIRECTORY, "bucket"):
        pytest.skip("it takes long, and no files of it are looked at elsewhere")
    items = (output(use), OutputItem(name="y", type="file", path="y"))
    if kind == "bucket":
        task = in_bucket(tmp_path, bucket, *items, max_objects=FEW)
    else:
        task = in_claim(tmp_path, *items, max_objects=FEW)
    secret, place = prepared(task), task.outputs / PLACES[use]
    place.parent.mkdir(parents=True, exist_ok=True)
    with made(one, place, task.outputs, secret):
        told = task.upload()
    outcome, words = one.fates[use]
    if one.name == MANY:
        outcome, words = Outcome.OUTPUT_TOO_LARGE, "has more than 1000 files"
    if one.name in PATHS_TOO_LONG and outcome is Outcome.UPLOADED:
        outcome, words = Outcome.OUTPUT_INVALID, "and stores take 1024"
    assert told.report.outcome is outcome, told
    assert words in (told.report.message or "")
    found = of_attempt(bucket.objects() if kind == "bucket" else files_below(task.volume))
    assert SESAME not in b"".join(found.values())
    assert SESAME.decode() not in told.log + told.message
    assert found["outputs/y"] == b"1"
    assert manifest_in(found, told)["complete"] is ((outcome, words) == TAKEN)
    if outcome is not Outcome.UPLOADED:
        assert found.keys() == {"outputs/y", "outputs.json"}


def test_a_file_of_holes_is_too_large_for_the_memory_and_not_begun(bucket: Bucket, tmp_path: Path) -> None:
    task = in_bucket(tmp_path, bucket, OutputItem(name="x", type="file", path="x"))
    with (task.outputs / "x").open("wb") as file:
        file.truncate(1 << 40)
    told = task.upload()
    assert (told.report.outcome, told.report.origin) == (Outcome.OUTPUT_TOO_LARGE, "x")
    assert "raise copilotResources" in (told.report.message or "")
    assert of_attempt(bucket.objects()).keys() == {"outputs.json"}
    assert bucket.unfinished() == []


@pytest.mark.parametrize("kind", ["bucket", "claim"])
def test_a_folder_that_becomes_a_link_between_two_looks(bucket: Bucket, tmp_path: Path, kind: str) -> None:
    item = OutputItem(name="x", type="directory", path="x")
    task = in_bucket(tmp_path, bucket, item) if kind == "bucket" else in_claim(tmp_path, item)
    secret = prepared(task)
    task.write_all({"x/d/secret": "1"})
    swapping = f"""
import os
from containertask.copilot import storedoutput
send = storedoutput.send
def swapped(*arguments):
    os.rename({str(task.outputs / "x/d")!r}, {str(task.outputs / "aside")!r})
    os.symlink({str(secret.parent)!r}, {str(task.outputs / "x/d")!r})
    return send(*arguments)
storedoutput.send = swapped
"""
    told = task.upload(before=swapping)
    assert told.report.outcome is Outcome.OUTPUT_UNREADABLE, told
    found = of_attempt(bucket.objects() if kind == "bucket" else files_below(task.volume))
    assert found.keys() == {"outputs.json"}


def test_a_link_where_the_claim_has_a_folder_is_not_followed(tmp_path: Path) -> None:
    task = in_claim(tmp_path, OutputItem(name="x", type="directory", path="x"))
    task.write_all({"x/d/f": "1"})
    outside = tmp_path / "outside"
    outside.mkdir()
    folder = task.volume / task.results.removeprefix("pvc://results/") / "outputs/x"
    folder.mkdir(parents=True)
    (folder / "d").symlink_to(outside)
    told = task.upload()
    assert told.report.outcome is Outcome.STORE_FORBIDDEN
    assert list(outside.iterdir()) == []
