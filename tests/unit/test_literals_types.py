"""Flyte's literals of types that hold others: that values come back, and how a union's member is marked."""

from __future__ import annotations

import importlib
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from containertask.codec.errors import CodecError
from containertask.codec.literals import from_literal, from_literal_map, to_literal, to_literal_map
from containertask.codec.stored import FileContent, LocalPath, Stored
from containertask.codec.typed import AnyValue
from containertask.types.grammar import parse_type
from containertask.types.leaves import BareType, SimpleType, StoredType
from containertask.types.model import DatasetOf, ListOf, MapOf, OptionalOf, Type, UnionOf
from support.literalvalues import fitting
from support.typedvalues import alike, certain_types, value_types, with_value

# Neither package has types of its own.
literals_pb2 = importlib.import_module("flyteidl.core.literals_pb2")
json_format = importlib.import_module("google.protobuf.json_format")

INTEGER, STRING = {"simple": "INTEGER"}, {"simple": "STRING"}
SEVEN = {"scalar": {"primitive": {"integer": "7"}}}
NONE = {
    "scalar": {
        "union": {
            "value": {"scalar": {"noneType": {}}},
            "type": {"simple": "NONE", "structure": {"tag": "none"}},
        }
    }
}


def trip(kind: Type, value: AnyValue) -> AnyValue:
    return from_literal_map({"a": kind}, to_literal_map({"a": kind}, {"a": value})).get("a")


def marked(value: object, kind: dict[str, Any], tag: str) -> dict[str, Any]:
    return {"scalar": {"union": {"value": value, "type": {**kind, "structure": {"tag": tag}}}}}


@given(with_value(certain_types))
@example((parse_type("list[none]"), [None]))
@example((parse_type("list[optional[struct]]"), [None, {}]))
def test_a_value_of_a_type_without_unions_comes_back(typed: tuple[Type, AnyValue]) -> None:
    kind, value = typed
    wanted = fitting(kind, value)
    assert alike(trip(kind, wanted), wanted)
    assert alike(from_literal(kind, to_literal(kind, wanted)), wanted)


@given(with_value(value_types))
def test_a_value_of_any_type_is_the_same_after_one_trip_and_after_two(typed: tuple[Type, AnyValue]) -> None:
    kind, value = typed
    once = trip(kind, fitting(kind, value))
    assert alike(trip(kind, once), once)


uris = st.sampled_from([Stored("s3://bucket/a%20b"), Stored("file:///x")])
places: st.SearchStrategy[tuple[Type, AnyValue]] = st.sampled_from(
    [*StoredType, DatasetOf("parquet")]
).flatmap(
    lambda kind: st.tuples(
        st.just(kind), uris | st.just(LocalPath("/var/inputs/ü f", is_file=kind is StoredType.FILE))
    )
)


@given(places)
def test_a_place_comes_back_by_itself_and_inside_of_others(place: tuple[Type, AnyValue]) -> None:
    kind, value = place
    assert trip(kind, value) == value
    assert trip(ListOf(kind), [value, value]) == [value, value]
    assert trip(MapOf(OptionalOf(kind)), {"a": value, "b": None}) == {"a": value, "b": None}
    assert trip(UnionOf((SimpleType.STRING, kind)), value) == value


def test_a_file_is_none_where_a_directory_may_be_one() -> None:
    kind = parse_type("union[directory,file]")
    found = to_literal(kind, LocalPath("/var/inputs/x"))
    assert found.scalar.blob.metadata.type.dimensionality == found.scalar.blob.metadata.type.SINGLE
    assert trip(kind, LocalPath("/var/inputs/x")) == LocalPath("/var/inputs/x")


WRITTEN: list[tuple[str, AnyValue, dict[str, Any]]] = [
    ("none", None, {"scalar": {"noneType": {}}}),
    ('enum["a","b"]', "b", {"scalar": {"primitive": {"stringValue": "b"}}}),
    ("list[integer]", [], {"collection": {}}),
    ("list[integer]", [7], {"collection": {"literals": [SEVEN]}}),
    ("map[integer]", {}, {"map": {}}),
    ("map[integer]", {"k": 7}, {"map": {"literals": {"k": SEVEN}}}),
    ("optional[integer]", 7, SEVEN),
    ("optional[integer]", None, NONE),
    ("list[optional[integer]]", [7, None], {"collection": {"literals": [SEVEN, NONE]}}),
    ("union[integer,string]", 7, marked(SEVEN, INTEGER, "int")),
    ("optional[union[integer,string]]", 7, marked(SEVEN, INTEGER, "int")),
    (
        'union[integer,enum["a","b"]]',
        "a",
        marked(
            {"scalar": {"primitive": {"stringValue": "a"}}},
            {"enumType": {"values": ["a", "b"]}},
            "DefaultEnumTransformer",
        ),
    ),
    (
        "union[integer,list[map[struct]]]",
        [],
        marked({"collection": {}}, {"collectionType": {"mapValueType": {"simple": "STRUCT"}}}, "Typed List"),
    ),
    (
        "union[integer,map[optional[binary]]]",
        {},
        marked(
            {"map": {}},
            {
                "mapValueType": {
                    "unionType": {
                        "variants": [{"simple": "BINARY"}, {"simple": "NONE", "structure": {"tag": "none"}}]
                    }
                }
            },
            "Typed Dict",
        ),
    ),
    (
        "union[integer,list[union[integer,string]]]",
        [],
        marked(
            {"collection": {}},
            {
                "collectionType": {
                    "unionType": {
                        "variants": [
                            {**INTEGER, "structure": {"tag": "int"}},
                            {**STRING, "structure": {"tag": "str"}},
                        ]
                    }
                }
            },
            "Typed List",
        ),
    ),
    ("union[integer,struct]", {}, {"scalar": {"generic": {}}}),
    ("union[integer,binary]", b"", {"scalar": {"binary": {}}}),
    ("union[integer,list[file]]", [], {"collection": {}}),
    ("file", Stored("s3://b/k"), {"scalar": {"blob": {"metadata": {"type": {}}, "uri": "s3://b/k"}}}),
    (
        "directory",
        LocalPath("/d", is_file=False),
        {"scalar": {"blob": {"metadata": {"type": {"dimensionality": "MULTIPART"}}, "uri": "/d"}}},
    ),
    (
        "dataset[csv]",
        Stored("s3://b/k"),
        {
            "scalar": {
                "structuredDataset": {
                    "uri": "s3://b/k",
                    "metadata": {"structuredDatasetType": {"format": "csv"}},
                }
            }
        },
    ),
]


@pytest.mark.parametrize(
    ("kind", "value", "wanted"), WRITTEN, ids=[f"{kind} {value!r}" for kind, value, _ in WRITTEN]
)
def test_what_protobufs_own_json_says_of_a_literal(kind: str, value: AnyValue, wanted: object) -> None:
    assert json_format.MessageToDict(to_literal(parse_type(kind), value)) == wanted


def test_the_same_map_gives_the_same_bytes_whatever_the_order_of_its_keys() -> None:
    kind = MapOf(SimpleType.INTEGER)
    some = {f"k{number}": number for number in range(50)}
    back = dict(reversed(some.items()))
    assert to_literal_map({"a": kind}, {"a": some}) == to_literal_map({"a": kind}, {"a": back})


NOT_WRITTEN: list[tuple[str, AnyValue, str]] = [
    ("list[integer]", [7, "x"], "a: item 1: a string is not of type integer"),
    ("list[list[integer]]", [[7, True]], "a: item 0: item 1: a boolean is not of type integer"),
    ("map[struct]", {"k": {"n": 2**53 + 1}}, r"a: `k`: an integer beyond 2\^53 inside a struct"),
    ("map[string]", {"\ud800": ""}, "a: character 0 is half a surrogate pair"),
    ('enum["a"]', "b", r'a: a string is not of type enum\["a"\]'),
    ("union[integer,string]", 0.5, r"a: a number with a fraction is of no type of union"),
    (
        "file",
        FileContent(b""),
        "a: a file's content has no literal, which says where a file lies: give its URI",
    ),
    ("list[file]", [FileContent(b"")], "a: item 0: a file's content has no literal"),
    ("file", LocalPath("/\ud800"), "a: character 1 is half a surrogate pair"),
    ("directory", FileContent(b""), "is not of type directory"),
    ("none", 0, "a: an integer is not of type none"),
]


@pytest.mark.parametrize(
    ("kind", "value", "why"), NOT_WRITTEN, ids=[f"{kind} {why}" for kind, _, why in NOT_WRITTEN]
)
def test_a_value_that_no_literal_of_its_type_can_hold_is_refused_by_name(
    kind: str, value: AnyValue, why: str
) -> None:
    with pytest.raises(CodecError, match=why):
        to_literal_map({"a": parse_type(kind)}, {"a": value})


def test_a_name_that_is_no_text_is_refused() -> None:
    with pytest.raises(CodecError, match="half a surrogate pair"):
        to_literal_map({"\ud800": BareType.NONE}, {})


def test_what_protobuf_could_not_read_again_is_not_written() -> None:
    value: Any = {}
    for _ in range(30):
        value = {"k": value}
    for _ in range(8):
        value = [value]
    with pytest.raises(CodecError, match="a: nested deeper than protobuf reads: make it flatter"):
        to_literal_map({"a": parse_type("list[" * 8 + "struct" + "]" * 8)}, {"a": value})


def test_the_deepest_type_fits_a_literal_map() -> None:
    kind, value = "integer", 7
    deep: Any = value
    for _ in range(15):
        kind, deep = f"map[{kind}]", {"k": deep}
    assert trip(parse_type(kind), deep) == deep
