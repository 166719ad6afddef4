"""Keys, extensions, content types, and what trouble with a store means."""

from __future__ import annotations

import pytest

from containertask.codec.trees import from_name
from containertask.contract.items import OutputItem
from containertask.contract.outcome import Outcome
from containertask.copilot import keptkeys
from containertask.copilot.storedfiles import Part
from containertask.copilot.storefaults import trouble_of
from containertask.copilot.transfer import errors
from containertask.copilot.transfer.errors import BadKeyError, TransferError


@pytest.mark.parametrize(
    ("path", "extension"),
    [
        ("a.csv", ".csv"),
        ("b.d/a.CSV", ".CSV"),
        ("b.d/a", ""),
        ("a.tar.gz", ".tar.gz"),
        (".tar.gz", ""),
        ("tar.gz", ".gz"),
        ("a.b.gz", ".gz"),
        (".hidden", ""),
        (".hidden.txt", ".txt"),
        ("a.", ""),
        ("a.b c", ""),
        ("a.é", ""),
        ("a.b\n", ""),
        ("a." + "x" * 15, "." + "x" * 15),
        ("a." + "x" * 16, ""),
    ],
)
def test_the_extension_of_what_the_command_wrote(path: str, extension: str) -> None:
    assert keptkeys.extension(path) == extension


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("outputs/x.csv", "text/csv"),
        ("outputs/x.CSV", "text/csv"),
        ("outputs/x/a.b/c.png", "image/png"),
        ("outputs/x.tar.gz", "application/gzip"),
        ("outputs/x", "application/octet-stream"),
        ("outputs/csv", "application/octet-stream"),
        ("outputs/x.exe", "application/octet-stream"),
    ],
)
def test_what_an_object_is_said_to_be(key: str, said: str) -> None:
    assert keptkeys.attributes(key)["Content-Type"] == said
    assert keptkeys.attributes(key, shown_there=True) == {"Content-Type": said}


@pytest.mark.parametrize(
    ("key", "saved"),
    [("a/b.html", True), ("b.SVG", True), ("b.csv", False), ("html", False), ("a.html/b", False)],
)
def test_what_a_browser_would_run_is_to_be_saved(key: str, saved: bool) -> None:  # noqa: FBT001 - a table
    assert ("Content-Disposition" in keptkeys.attributes(key)) is saved


@pytest.mark.parametrize(
    ("destination", "single", "uri"),
    [
        (None, True, "s3://b/outputs/x.csv"),
        (None, False, "s3://b/outputs/x/"),
        ("s3://c/a", True, "s3://c/a"),
        ("s3://c/a/", True, "s3://c/a/x.csv"),
        ("s3://c/a", False, "s3://c/a/"),
        ("s3://c/a/", False, "s3://c/a/"),
    ],
)
def test_where_an_output_goes(destination: str | None, uri: str, *, single: bool) -> None:
    item = OutputItem(name="x", type="file", path="y.csv", destination=destination)
    assert keptkeys.output_uri(destination or "s3://b/outputs/", item, single=single) == uri


@pytest.mark.parametrize(
    ("path", "depth", "globbed", "found"),
    [
        (("a b", "c d"), 0, False, "a b/c d"),
        (("a b", "c d"), 1, False, "a%20b/c d"),
        (("a%20b",), 1, False, "a%20b"),
        (("a%20b",), 1, True, "a%2520b"),
        (("50%",), 1, True, "50%"),
        (("a\u3000\u200bé",), 1, False, "a%E3%80%80%E2%80%8Bé"),
        ((), 0, False, ""),
    ],
)
def test_names_that_become_part_of_a_uri(
    path: tuple[str, ...], depth: int, found: str, *, globbed: bool
) -> None:
    assert keptkeys.part_path(Part(path, "x", depth=depth), globbed=globbed) == found


def test_the_name_of_a_maps_item_still_is_its_key() -> None:
    for name in ("a b", "a%2Fb", "%empty", "\u3000"):
        assert from_name(keptkeys.item_names((name,), globbed=False)[0]) == from_name(name)


def test_a_key_has_a_length() -> None:
    keptkeys.check("é" * 512)
    with pytest.raises(BadKeyError, match="would have 1025 bytes, and stores take 1024: shorten the names"):
        keptkeys.check("é" * 512 + "a")


@pytest.mark.parametrize(
    ("error", "outcome", "whose"),
    [
        (errors.ForbiddenError, Outcome.STORE_FORBIDDEN, None),
        (errors.UnavailableError, Outcome.STORE_UNAVAILABLE, None),
        (errors.NotThereError, Outcome.STORE_FORBIDDEN, None),
        (errors.ExistsError, Outcome.OUTPUTS_EXIST, None),
        (errors.DiskError, Outcome.DISK_FULL, None),
        (errors.TooLargeError, Outcome.OUTPUT_TOO_LARGE, "x"),
        (errors.BadKeyError, Outcome.OUTPUT_INVALID, "x"),
        (errors.ChangedError, Outcome.OUTPUT_UNREADABLE, "x"),
    ],
)
def test_what_trouble_means(error: type[TransferError], outcome: Outcome, whose: str | None) -> None:
    trouble = trouble_of(error("why"), "x")
    assert (trouble.outcome, trouble.origin) == (outcome, whose)
    assert trouble.message == ("why" if whose is None else "output `x`: why")
