"""Values of every type, from JSON and back: tables of what is taken and refused, and that nothing is lost."""

from __future__ import annotations

from base64 import b64encode

import pytest
from hypothesis import given

from containertask.codec import typed
from containertask.codec.errors import CodecError
from containertask.codec.simple import MAX_BYTES
from containertask.codec.stored import FileContent, Stored
from containertask.codec.times import Instant
from containertask.types.grammar import parse_type
from containertask.types.model import Type
from support.typedvalues import alike, value_types
from support.values import json_values

TAKEN: list[tuple[str, object, object]] = [
    ("none", None, None),
    ('enum["a","b c"]', "b c", "b c"),
    ("list[integer]", [], []),
    ("list[integer]", [1, "2", 3.0], [1, 2, 3]),
    ("list[list[datetime]]", [["1970-01-01T00:00:00Z"], []], [[Instant(0)], []]),
    ("map[float]", {"": 1, "a/b": "NaN"}, {"": 1.0, "a/b": float("nan")}),
    ("map[binary]", {"k": "AP8="}, {"k": b"\x00\xff"}),
    ("optional[string]", None, None),
    ("optional[string]", "null", "null"),
    ("list[optional[integer]]", [None, 1, None], [None, 1, None]),
    ("union[integer,string]", 5, 5),
    ("union[integer,string]", "5", 5),
    ("union[string,integer]", "5", "5"),
    ("union[string,integer]", 5, 5),
    ("union[integer,float]", 5.5, 5.5),
    ("union[float,integer]", 5, 5.0),
    ("union[datetime,string]", "1970-01-01T00:00:00Z", Instant(0)),
    ("union[datetime,string]", "yesterday", "yesterday"),
    ('union[enum["a"],string]', "b", "b"),
    ("union[map[integer],struct]", {"k": "x"}, {"k": "x"}),
    ("union[list[integer],list[string]]", ["a"], ["a"]),
    ("file", "AP8=", FileContent(b"\x00\xff")),
    ("file", "", FileContent(b"")),
    ("file", {"uri": "s3://bucket/a%20b"}, Stored("s3://bucket/a%20b")),
    ("directory", {"uri": "gs://b/d/"}, Stored("gs://b/d/")),
    ("dataset[parquet]", {"uri": "abfs://c/t"}, Stored("abfs://c/t")),
    ("list[file]", ["AA==", {"uri": "s3://b/k"}], [FileContent(b"\0"), Stored("s3://b/k")]),
    ("union[file,string]", "AA==", FileContent(b"\0")),
    ("union[file,string]", "not base64!", "not base64!"),
]
REFUSED: list[tuple[str, object, str]] = [
    ("none", 0, "an integer where nothing is wanted: write null"),
    ('enum["a","b"]', "c", "`c` is none of the enum's values: a, b"),
    ('enum["1"]', 1, "an integer is none of the enum's values: 1"),
    ("list[integer]", {"0": 1}, "an object is not a list[integer]: write a list, such as []"),
    ("list[integer]", [1, "x"], "item 1: `x` is not an integer"),
    ("list[integer]", [None], "item 0: null is not an integer"),
    ("map[integer]", [], "a list is not a map[integer]: write an object, such as {}"),
    ("map[integer]", {"a": 1, "b": True}, "`b`: a boolean is not an integer"),
    ("map[integer]", {5: 1}, "an integer is not a string"),
    ("map[integer]", {"\ud800": 1}, "half a surrogate pair"),
    ("map[list[map[boolean]]]", {"k": [{}, {"x": "true"}]}, "`k`: item 1: `x`: a string is not a boolean"),
    ("union[integer,boolean]", "x", "it fits no type of the union: integer: `x` is not an integer"),
    ("union[integer,boolean]", "x", "; boolean: a string is not a boolean"),
    ("integer", 2.0**53, "has lost digits: write it as a string"),
    ("file", "AP8", "a string that is not base64"),
    ("file", 5, "an integer does not say where it lies: write {uri: s3://bucket/key}"),
    ("file", {"url": "s3://b/k"}, "an object does not say where it lies"),
    ("file", {"uri": 3}, "an integer is no URI: write one such as s3://bucket/key"),
    ("file", {"uri": "/data/x"}, "`/data/x` is no URI: write one such as s3://bucket/key"),
    ("file", {"uri": "s3://b/a "}, "`s3://b/a ` is no URI"),
    ("file", {"uri": "s3:// b/a"}, "`s3:// b/a` is no URI"),
    ("file", {"uri": "s3://b/a\u3000b"}, "is no URI"),
    ("file", {"uri": "s3://b/" + "k" * 2048}, "2055 characters, a URI has at most 2048"),
    ("directory", "AP8=", "a string does not say where it lies"),
    ("file", b64encode(b"x" * MAX_BYTES).decode(), "bytes as JSON, a value has at most 1048576"),
    ("dataset[parquet]", {}, "an object does not say where it lies"),
    ("list[string]", ["x" * (MAX_BYTES // 2)] * 2, "1048583 bytes as JSON, a value has at most 1048576"),
]


@pytest.mark.parametrize(("kind", "raw", "value"), TAKEN, ids=[f"{k} {r!r}" for k, r, _ in TAKEN])
def test_what_stands_in_yaml_is_read(kind: str, raw: object, value: object) -> None:
    assert alike(typed.from_json(parse_type(kind), raw), value)


@pytest.mark.parametrize(("kind", "raw", "says"), REFUSED, ids=[f"{k} {s[:30]}" for k, _, s in REFUSED])
def test_what_is_not_of_its_type_is_named_with_its_place_and_a_cure(
    kind: str, raw: object, says: str
) -> None:
    with pytest.raises(CodecError) as caught:
        typed.from_json(parse_type(kind), raw)
    assert says in str(caught.value)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("integer", "5"),
        ("integer", None),
        ("float", 5),
        ("none", 0),
        ('enum["a"]', "b"),
        ("list[integer]", [1, True]),
        ("map[integer]", {"k": 1.0}),
        ("union[integer,string]", 1.5),
        ("file", b""),
        ("directory", FileContent(b"")),
    ],
)
def test_a_value_of_another_type_is_not_written(kind: str, value: object) -> None:
    with pytest.raises(CodecError):
        typed.to_json(parse_type(kind), value)


@given(value_types, json_values)
def test_arbitrary_json_raises_nothing_but_the_codecs_own_error(kind: Type, raw: object) -> None:
    try:
        value = typed.from_json(kind, raw)
    except CodecError:
        return
    assert typed.holds(kind, value)
