"""Literals that others wrote: msgpack, unions without marks, what is not of its type, or nothing at all."""

from __future__ import annotations

import contextlib
import importlib
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from containertask.codec.errors import CodecError
from containertask.codec.literals import from_literal, from_literal_map, to_literal, to_literal_map
from containertask.codec.stored import LocalPath, Stored
from containertask.codec.typed import AnyValue
from containertask.types.grammar import parse_type
from containertask.types.leaves import SimpleType, StoredType
from containertask.types.model import DatasetOf, Type
from support.literalvalues import fitting
from support.typedvalues import alike, value_types, with_value
from support.values import json_values

# None of these has types of its own.
literals_pb2 = importlib.import_module("flyteidl.core.literals_pb2")
msgpack = importlib.import_module("msgpack")

all_types = value_types | st.sampled_from([*StoredType, DatasetOf("csv")])


def scalar(**fields: Any) -> Any:
    return literals_pb2.Literal(scalar=literals_pb2.Scalar(**fields))


def several(*literals: Any) -> Any:
    return literals_pb2.Literal(collection={"literals": literals})


def packed(raw: object) -> Any:
    return binary(msgpack.packb(raw))


def binary(data: bytes, tag: str = "msgpack") -> Any:
    return scalar(binary={"value": data, "tag": tag})


def blob(uri: str, dimensionality: int = 0) -> Any:
    return scalar(blob={"uri": uri, "metadata": {"type": {"dimensionality": dimensionality}}})


def dataset(uri: str, found: str) -> Any:
    kind = {"structured_dataset_type": {"format": found}}
    return scalar(structured_dataset={"uri": uri, "metadata": kind})


SEVEN = scalar(primitive={"integer": 7})
NONE = scalar(none_type={})
READ: list[tuple[str, Any, AnyValue]] = [
    (
        "struct",
        packed({"n": 2**60, "l": [None, True, 0.5, "ü"], "o": {}}),
        {"n": 2**60, "l": [None, True, 0.5, "ü"], "o": {}},
    ),
    ("integer", packed(7), 7),
    ("float", packed(0.5), 0.5),
    ("string", packed("ü"), "ü"),
    ("boolean", binary(b"\xc2"), False),
    ('enum["a"]', packed("a"), "a"),
    ("list[integer]", packed([1, 2]), [1, 2]),
    ("map[list[string]]", packed({"k": ["v"]}), {"k": ["v"]}),
    ("optional[integer]", packed(None), None),
    ("optional[integer]", packed(7), 7),
    ("union[string,struct]", packed({"k": 1}), {"k": 1}),
    ("union[struct,map[integer]]", packed({"k": 1}), {"k": 1}),
    (
        "list[struct]",
        several(packed({}), scalar(generic={"k": 1})),
        [{}, {"k": 1}],
    ),
    ("binary", binary(b"\x01"), b"\x01"),
    ("optional[binary]", binary(b"\xc0"), b"\xc0"),
    ("union[integer,binary]", binary(b"\xff\xff"), b"\xff\xff"),
    ("optional[integer]", NONE, None),
    ("optional[integer]", SEVEN, 7),
    ("optional[integer]", scalar(union={"value": SEVEN}), 7),
    ("list[union[string,integer]]", several(SEVEN), [7]),
    ("list[none]", several(NONE), [None]),
    ("file", blob("s3://b/k"), Stored("s3://b/k")),
    ("file", blob("/tmp/x"), LocalPath("/tmp/x")),  # noqa: S108 - nothing is there
    ("directory", blob("s3://b/d", 1), Stored("s3://b/d")),
    ("dataset[csv]", dataset("s3://b/d", "csv"), Stored("s3://b/d")),
    ("dataset[csv]", dataset("s3://b/d", ""), Stored("s3://b/d")),
    ("union[directory,file]", blob("s3://b/k"), Stored("s3://b/k")),
]


@pytest.mark.parametrize(
    ("kind", "found", "value"), READ, ids=[f"{kind} {value!r}" for kind, _, value in READ]
)
def test_a_literal_that_others_write_is_read(kind: str, found: Any, value: AnyValue) -> None:
    assert alike(from_literal(parse_type(kind), found), value)


DEEP = b"\x91" * 100_000 + b"\x01"
REFUSED: list[tuple[str, Any, str]] = [
    ("struct", packed([1]), "a list is not a struct"),
    ("struct", packed({"k": b"bytes"}), "a value that YAML does not have is not JSON"),
    ("struct", packed({"k": float("nan")}), "nan has no place in JSON"),
    ("struct", packed({"k": 2**64 - 1}), "does not fit 64 bits"),
    ("struct", packed({1: "k"}), "keys that are no strings"),
    ("struct", packed({b"k": 1}), "as a name in an object"),
    ("struct", packed({"k": msgpack.ExtType(5, b"x")}), "is not JSON"),
    ("struct", packed({"k": msgpack.Timestamp(1)}), "is not JSON"),
    ("struct", binary(b"\x81\xa1k" + DEEP), "not msgpack"),
    ("list[integer]", binary(b"\xdd\xff\xff\xff\xff"), "not msgpack"),
    ("map[integer]", binary(b"\xdf\xff\xff\xff\xff"), "not msgpack"),
    ("string", binary(b"\xdb\xff\xff\xff\xff"), "not msgpack"),
    ("string", binary(b"\xa1\xff"), "not msgpack"),
    ("integer", binary(b"\x01\x01"), "not msgpack"),
    ("integer", binary(b""), "not msgpack"),
    ("integer", binary(b"\x01", tag="cbor"), "with the tag `cbor`, where only msgpack can be read"),
    ("struct", binary(bytes(2**20 + 1)), "1048577 bytes of msgpack, a value has at most 1048576"),
    ("list[file]", packed(["YQ=="]), r"of kind binary is not of type list\[file\], which is collection"),
    ("list[integer]", several(SEVEN, NONE), "item 1: .*none_type is not of type"),
    ("map[string]", literals_pb2.Literal(map={"literals": {"k": SEVEN}}), "`k`: .*integer is not of type"),
    ("union[boolean,string]", SEVEN, "it fits no type of the union: boolean: .*; string: "),
    ('enum["a"]', scalar(primitive={"string_value": "b"}), "`b` is none of the enum's values: a"),
    ("none", SEVEN, "of kind integer is not of type none, which is none_type"),
    ("file", blob("s3://b/d", 1), "a blob of dimensionality 1 is not of type file: SINGLE is"),
    ("directory", blob("s3://b/k"), "a blob of dimensionality 0 is not of type directory: MULTIPART is"),
    ("file", blob("a/b"), "`a/b` is no URI"),
    ("file", blob("/a\nb"), "is no URI"),
    ("file", blob("/" + 5000 * "a"), "a URI has at most"),
    ("dataset[csv]", dataset("s3://b/d", "xlsx"), r"a dataset of format `xlsx` is not of type dataset"),
    ("integer", literals_pb2.Literal(offloaded_metadata={}), "its value in a file of its own"),
]


@pytest.mark.parametrize(("kind", "found", "why"), REFUSED, ids=[f"{kind} {why}" for kind, _, why in REFUSED])
def test_a_literal_of_another_type_is_refused_with_what_it_is(kind: str, found: Any, why: str) -> None:
    with pytest.raises(CodecError, match=why):
        from_literal(parse_type(kind), found)


def test_without_msgpack_the_refusal_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "msgpack", None)
    with pytest.raises(CodecError, match=r"install containertask\[literals\]"):
        from_literal(SimpleType.STRUCT, packed({}))


@given(json_values)
def test_any_json_object_is_read_from_msgpack_as_it_is(raw: object) -> None:
    found = from_literal(SimpleType.STRUCT, packed({"k": raw}))
    assert alike(found, {"k": raw})


@given(all_types, st.binary(max_size=60))
def test_arbitrary_msgpack_raises_nothing_but_the_codecs_own_error(kind: Type, data: bytes) -> None:
    try:
        value = from_literal(kind, binary(data))
    except CodecError:
        return
    assert value is None or to_literal(kind, fitting(kind, value)) is not None


@given(all_types, st.binary(max_size=200))
def test_arbitrary_bytes_raise_nothing_but_the_codecs_own_error(kind: Type, data: bytes) -> None:
    with contextlib.suppress(CodecError):
        assert from_literal_map({"": kind, "a": kind}, data).keys() <= {"", "a"}


@given(with_value(value_types), all_types, st.integers(0, 400), st.integers(0, 255))
def test_damaged_bytes_raise_nothing_but_the_codecs_own_error(
    typed: tuple[Type, AnyValue], other: Type, place: int, byte: int
) -> None:
    kind, value = typed
    data = bytearray(to_literal_map({"a": kind}, {"a": fitting(kind, value)}))
    data[place % len(data)] = byte
    for one in (kind, other):
        with contextlib.suppress(CodecError):
            assert from_literal_map({"a": one}, bytes(data)).keys() <= {"a"}
