"""Values of every type as files: golden trees, what programs may write, what is refused; nothing is lost."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from containertask.codec import trees, typed
from containertask.codec.errors import CodecError
from containertask.codec.simple import MAX_BYTES
from containertask.codec.times import Span
from containertask.codec.trees import Tree
from containertask.types.grammar import parse_type
from containertask.types.leaves import SimpleType
from containertask.types.model import MapOf, Type
from support.typedvalues import alike, keys, value_types

BOTH_WAYS: list[tuple[str, object, Tree | None]] = [
    ("integer", 5, b"5"),
    ("binary", b"\x00\n", b"\x00\n"),
    ("none", None, b"null"),
    ('enum["a","b c"]', "b c", b"b c"),
    ("optional[integer]", None, None),
    ("optional[integer]", 5, b"5"),
    ("list[integer]", [], {}),
    ("list[duration]", [Span(0), Span(10**9)], {"0": b"0s", "1": b"1s"}),
    ("list[integer]", list(range(11)), {str(at): str(at).encode() for at in range(11)}),
    ("list[list[string]]", [["a"], []], {"0": {"0": b"a"}, "1": {}}),
    ("list[optional[string]]", ["", None, "null"], {"0": b"", "1%none": b"", "2": b"null"}),
    ("list[none]", [None], {"0": b"null"}),
    ("map[boolean]", {"yes": True, "no": False}, {"yes": b"true", "no": b"false"}),
    ("map[integer]", {"": 1, ".": 2, "..": 3}, {"%empty": b"1", "%2E": b"2", "%2E%2E": b"3"}),
    ("map[integer]", {"a/b": 1, "50%": 2, "\0": 3}, {"a%2Fb": b"1", "50%25": b"2", "%00": b"3"}),
    ("map[integer]", {"%none": 1, "%empty": 2}, {"%25none": b"1", "%25empty": b"2"}),
    ("map[integer]", {"grüße\n": 3}, {"grüße\n": b"3"}),
    ("map[optional[struct]]", {"k": None, "l": {}}, {"k%none": b"", "l": b"{}"}),
    ("union[integer,list[integer]]", [1], {"0": b"1"}),
]
WRITTEN: list[tuple[str, Tree | None, object]] = [
    ("none", None, None),
    ("none", b" null\n", None),
    ('enum["a"]', b"a\n", "a"),
    ("list[integer]", b'[1, "2"]\n', [1, 2]),
    ("list[string]", {"1": b"b\n", "0": b"a\n"}, ["a", "b"]),
    ("list[list[integer]]", {"0": b"[1]", "1": {"0": b"2"}}, [[1], [2]]),
    ("map[integer]", b'{"a": 1}', {"a": 1}),
    ("map[integer]", {"a%2fb": b"1\n", "100%": b"2", "5%zz": b"3"}, {"a/b": 1, "100%": 2, "5%zz": 3}),
    ("optional[list[integer]]", {}, []),
    ("optional[list[integer]]", b"null\n", None),
    ("map[optional[map[integer]]]", {"k": b"null", "l": b"{}"}, {"k": None, "l": {}}),
    ("optional[struct]", b"null", None),
    ("optional[string]", b"null\n", "null"),
    ("union[integer,string]", b"5\n", 5),
    ("union[string,integer]", b"5\n", "5"),
    ("union[integer,map[integer]]", {"k": b"1"}, {"k": 1}),
]
REFUSED: list[tuple[str, Tree | None, str]] = [
    ("integer", None, "there is no file of it: write one"),
    ("list[integer]", None, "there is no file of it"),
    ("integer", {"0": b"1"}, "a directory where a file is wanted"),
    ('enum["a"]', {}, "a directory where a file is wanted"),
    ('enum["a"]', b"A", "`A` is none of the enum's values: a"),
    ("none", b"0", "a file that is neither empty nor `null`"),
    ("none", {}, "a directory where a file is wanted"),
    ("list[integer]", b"1", "an integer is not a list[integer]"),
    ("list[integer]", b"[1", "not JSON"),
    ("list[float]", b"[1e999]", "`1e999` is beyond the range of a float"),
    ("list[integer]", b"[9007199254740993.0]", "item 0: a number beyond 2^53 with a point has lost digits"),
    ("map[integer]", b'{"a": 1, "b": 2, "a": 3}', "the name `a` is there twice in an object"),
    ("struct", b'{"x": {"a": 1, "a": 1}}', "the name `a` is there twice in an object"),
    ("list[integer]", b"\xff", "byte 0 is not UTF-8"),
    ("list[integer]", {"0": b"1", "2": b"1"}, "item 1 is missing in a list's directory of 2 files"),
    ("list[integer]", {"1": b"1"}, "item 0 is missing"),
    ("list[integer]", {"00": b"1"}, "`00` in a list's directory: its files are 0, 1, 2, …"),
    ("list[integer]", {"a": b"1"}, "`a` in a list's directory"),
    ("list[integer]", {"٣": b"1"}, "`٣` in a list's directory"),
    ("list[integer]", {"0": b"1", "1": b"x"}, "item 1: `x` is not an integer"),
    ("list[integer]", {"0%none": b""}, "item 0: there is no file of it"),
    ("list[optional[integer]]", {"0%none": b"", "0": b"1"}, "item 0 is there twice"),
    ("map[integer]", {"a": b"1", "%61": b"2"}, "the key `a` is there twice"),
    ("map[integer]", {"%ff": b"1"}, "the name `%ff` is not UTF-8: rename the file"),
    ("map[integer]", {"\udcff": b"1"}, "is not UTF-8: rename the file"),
    ("map[list[integer]]", {"k": {"0": b"x"}}, "`k`: item 0: `x` is not an integer"),
    ("union[integer,boolean]", b"x", "it fits no type of the union: integer: `x` is not an integer"),
    ("list[string]", b"x" * (MAX_BYTES + 1), "1048577 bytes, a value has at most 1048576"),
    ("file", {}, "a directory where a file is wanted"),
    ("directory", {}, "a directory is no value, as only a store can keep it"),
    ("dataset[parquet]", b"", "a dataset[parquet] is no value, as only a store can keep it"),
    ("list[directory]", {"0": {}}, "item 0: a directory is no value"),
]


def _ids(rows: list[tuple[str, Any, Any]]) -> list[str]:
    return [f"{kind} {one!r}"[:60] for kind, one, _ in rows]


@pytest.mark.parametrize(("kind", "value", "tree"), BOTH_WAYS, ids=_ids(BOTH_WAYS))
def test_a_value_and_its_files(kind: str, value: object, tree: Tree | None) -> None:
    assert trees.to_tree(parse_type(kind), value) == tree
    assert alike(trees.from_tree(parse_type(kind), tree), value)


@pytest.mark.parametrize(("kind", "tree", "value"), WRITTEN, ids=_ids(WRITTEN))
def test_what_a_program_may_write(kind: str, tree: Tree | None, value: object) -> None:
    assert alike(trees.from_tree(parse_type(kind), tree), value)


@pytest.mark.parametrize(("kind", "tree", "says"), REFUSED, ids=_ids(REFUSED))
def test_what_is_not_of_its_type_is_named_with_its_place(kind: str, tree: Tree | None, says: str) -> None:
    with pytest.raises(CodecError) as caught:
        trees.from_tree(parse_type(kind), tree)
    assert says in str(caught.value)


def test_a_key_that_no_name_can_hold_is_refused() -> None:
    assert trees.to_tree(MapOf(SimpleType.INTEGER), {"x" * 250: 1}) == {"x" * 250: b"1"}
    for key in ("x" * 251, "ä" * 126, "/" * 84):
        with pytest.raises(CodecError, match="is too long for a file's name, which has 255 bytes"):
            trees.to_tree(MapOf(SimpleType.INTEGER), {key: 1})


@pytest.mark.parametrize(
    ("kind", "value"), [("integer", "5"), ("list[integer]", {}), ('enum["a"]', "b"), ("file", b"")]
)
def test_a_value_of_another_type_is_not_written(kind: str, value: object) -> None:
    with pytest.raises(CodecError):
        trees.to_tree(parse_type(kind), value)


@given(keys)
def test_a_key_stays_within_its_directory_and_comes_back(key: str) -> None:
    name = trees.to_name(key)
    assert name not in {"", ".", ".."}
    assert not set(name) & {"/", "\0"}
    assert not name.endswith("%none")
    assert trees.from_name(name) == key


files = st.recursive(
    st.binary(max_size=10),
    lambda inner: st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=5,
)


@given(value_types, st.none() | files)
def test_arbitrary_files_raise_nothing_but_the_codecs_own_error(kind: Type, tree: Tree | None) -> None:
    try:
        value = trees.from_tree(kind, tree)
    except CodecError:
        return
    assert typed.holds(kind, value)
