"""What the keys of a store become below a folder, and which are refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from containertask.copilot.transfer import keys
from containertask.copilot.transfer.errors import BadKeyError, TooLargeError
from containertask.copilot.transfer.keys import Listed, arranged


def paths(prefix: str, *objects: str | tuple[str, int]) -> list[str]:
    listed = [Listed(one, 1) if isinstance(one, str) else Listed(*one) for one in objects]
    return list(arranged(listed, prefix))


def test_a_folder_keeps_its_layout_and_comes_in_order() -> None:
    assert paths("d/", "d/z", "d/a/b", "d/a.txt") == ["a.txt", "a/b", "z"]
    assert paths("", "z", "a/b") == ["a/b", "z"]
    assert paths("d/") == []


@pytest.mark.parametrize(
    "key", ["p%20q", "x#y", "q?z", "sp ace", "ü", "back\\slash", "%2e%2e", "...", "c:d", "~"]
)
def test_a_name_that_a_file_can_have_stays_as_it_is(key: str) -> None:
    assert paths("d/", f"d/{key}") == [key]


@pytest.mark.parametrize(
    ("key", "word"),
    [
        ("d2/x", "not below"),
        ("x", "not below"),
        ("d/../x", "`..`"),
        ("d/a/../../x", "`..`"),
        ("d/./x", "`.`"),
        ("d//x", "empty name"),
        ("d/a//b", "empty name"),
        ("d/a/", "empty name"),
        ("d/a\0b", "NUL"),
        ("d/\ud800", "UTF-8"),
        ("d/" + "ü" * 128, "256 bytes"),
        ("d/" + "a/" * 64 + "b", "64 folders"),
    ],
)
def test_a_key_that_is_no_path_below_the_folder_is_refused_by_name(key: str, word: str) -> None:
    with pytest.raises(BadKeyError, match=word) as caught:
        paths("d/", key)
    assert len(str(caught.value)) < 300
    assert str(caught.value).isprintable()


@pytest.mark.parametrize("marker", ["d/", "d", "d/a"])
def test_an_empty_object_in_the_place_of_a_folder_is_no_file(marker: str) -> None:
    assert paths("d/", (marker, 0), "d/a/b") == ["a/b"]


def test_an_object_with_content_in_the_place_of_a_folder_is_refused() -> None:
    with pytest.raises(BadKeyError, match="`d/a` is both an object and a folder"):
        paths("d/", ("d/a", 3), "d/a/b")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("README", "readme"),
        ("\u00e9", "e\u0301"),
        ("straße", "STRASSE"),
        ("A/x", "a/y"),
        ("\u212b", "\u00e5"),
    ],
)
def test_names_that_are_one_file_on_other_disks_are_refused(one: str, other: str) -> None:
    with pytest.raises(BadKeyError, match="differ only by case or Unicode form"):
        paths("", one, other)


def test_what_is_listed_twice_or_is_too_much_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(BadKeyError, match="twice"):
        paths("", "a", "a")
    monkeypatch.setattr(keys, "MAX_OBJECTS", 3)
    monkeypatch.setattr(keys, "MAX_TEXT", 20)
    assert paths("", "a", "b/c") == ["a", "b/c"]
    for many in (["a", "b", "c", "d"], ["a/b/c/d"], ["abcdefghijk", "lmnopqrstuv"]):
        with pytest.raises(TooLargeError, match="too much below"):
            paths("", *many)


@given(st.lists(st.text(st.characters(codec="utf-8"), max_size=12), max_size=6), st.sampled_from(["", "d/"]))
def test_whatever_a_store_lists_stays_below_the_folder(names: list[str], prefix: str) -> None:
    key = prefix + "/".join(names)
    try:
        found = list(arranged([Listed(key, 1)], prefix))
    except BadKeyError:
        return
    for path in found:
        assert not {"", ".", ".."} & set(path.split("/"))
        assert prefix + path == key
