"""Flyte's literals: what each value is on the wire, that it comes back exactly, and what is refused."""

from __future__ import annotations

import importlib
import math
import re
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from containertask.codec.errors import CodecError
from containertask.codec.literals import from_literal, from_literal_map, to_literal, to_literal_map
from containertask.codec.simple import Value
from containertask.codec.times import Instant, Span
from containertask.types.leaves import SimpleType as T
from support.literalvalues import EXACT, doubles
from support.typedvalues import alike
from support.values import VALUES, S, typed_values

# Neither package has types of its own.
literals_pb2 = importlib.import_module("flyteidl.core.literals_pb2")
types_pb2 = importlib.import_module("flyteidl.core.types_pb2")
json_format = importlib.import_module("google.protobuf.json_format")
struct_pb2 = importlib.import_module("google.protobuf.struct_pb2")

ON_THE_WIRE: list[tuple[T, Value | None, dict[str, Any]]] = [
    (T.INTEGER, 9007199254740993, {"primitive": {"integer": "9007199254740993"}}),
    (T.INTEGER, 0, {"primitive": {"integer": "0"}}),
    (T.FLOAT, 0.5, {"primitive": {"floatValue": 0.5}}),
    (T.FLOAT, math.nan, {"primitive": {"floatValue": "NaN"}}),
    (T.FLOAT, -math.inf, {"primitive": {"floatValue": "-Infinity"}}),
    (T.STRING, "", {"primitive": {"stringValue": ""}}),
    (T.STRING, "grüße\n", {"primitive": {"stringValue": "grüße\n"}}),
    (T.BOOLEAN, False, {"primitive": {"boolean": False}}),
    (T.DATETIME, Instant(0), {"primitive": {"datetime": "1970-01-01T00:00:00Z"}}),
    (T.DATETIME, Instant(-1), {"primitive": {"datetime": "1969-12-31T23:59:59.999999999Z"}}),
    (T.DURATION, Span(0), {"primitive": {"duration": "0s"}}),
    (T.DURATION, Span(-1), {"primitive": {"duration": "-0.000000001s"}}),
    (T.DURATION, Span(-5400 * S - S // 2), {"primitive": {"duration": "-5400.500s"}}),
    (T.BINARY, b"", {"binary": {}}),
    (T.BINARY, b"\x00\xff", {"binary": {"value": "AP8="}}),
    (T.STRUCT, {}, {"generic": {}}),
    (
        T.STRUCT,
        {"n": None, "b": True, "i": EXACT, "f": 0.5, "l": [{}, []]},
        {"generic": {"n": None, "b": True, "i": EXACT, "f": 0.5, "l": [{}, []]}},
    ),
    (
        T.STRING,
        None,
        {
            "union": {
                "value": {"scalar": {"noneType": {}}},
                "type": {"simple": "NONE", "structure": {"tag": "none"}},
            }
        },
    ),
]


@pytest.mark.parametrize(
    ("kind", "value", "wanted"), ON_THE_WIRE, ids=[f"{kind} {value!r}" for kind, value, _ in ON_THE_WIRE]
)
def test_what_protobufs_own_json_says_of_a_literal(kind: T, value: Value | None, wanted: object) -> None:
    message = literals_pb2.LiteralMap.FromString(to_literal_map({"a": kind}, {"a": value}))
    assert json_format.MessageToDict(message) == {"literals": {"a": {"scalar": wanted}}}


def test_the_bytes_of_one_integer_are_known() -> None:
    data = to_literal_map({"a": T.INTEGER}, {"a": 42})
    assert data == b"\n\x0b\n\x01a\x12\x06\n\x04\n\x02\x08*"


def test_the_same_values_give_the_same_bytes_with_names_in_order() -> None:
    names = [f"n{number}" for number in range(50)]
    one = to_literal_map(dict.fromkeys(names, T.STRUCT), {name: {"a": 1, "b": 2} for name in names})
    back = names[::-1]
    other = to_literal_map(dict.fromkeys(back, T.STRUCT), {name: {"b": 2, "a": 1} for name in back})
    assert one == other
    places = [one.index(b"\n" + bytes([len(name)]) + name.encode() + b"\x12") for name in sorted(names)]
    assert places == sorted(places)


@given(typed_values)
@example((T.FLOAT, -0.0))
@example((T.STRUCT, {"z": -0.0, "w": 1.0, "large": 1e300}))
@example((T.DATETIME, Instant(-1)))
@example((T.DURATION, Span(1 - S)))
def test_a_value_survives_its_literal(typed: tuple[T, Value]) -> None:
    kind, value = typed
    if isinstance(value, dict):
        value = doubles(value)
    data = to_literal_map({"a": kind}, {"a": value})
    assert alike(from_literal_map({"a": kind}, data)["a"], value)


@given(VALUES[T.DATETIME], VALUES[T.DURATION])
def test_protobuf_reads_the_same_time_to_the_nanosecond(moment: Instant, span: Span) -> None:
    assert to_literal(T.DATETIME, moment).scalar.primitive.datetime.ToNanoseconds() == moment.nanoseconds
    assert to_literal(T.DATETIME, moment).scalar.primitive.datetime.nanos >= 0
    assert to_literal(T.DURATION, span).scalar.primitive.duration.ToNanoseconds() == span.nanoseconds


@given(VALUES[T.DATETIME])
def test_protobufs_datetime_is_the_text_of_the_file(moment: Instant) -> None:
    of_protobuf = to_literal(T.DATETIME, moment).scalar.primitive.datetime.ToDatetime()
    assert of_protobuf.isoformat().partition(".")[0] == str(moment).rstrip("Z").partition(".")[0]


NOT_WRITTEN: list[tuple[T, Any, str]] = [
    (
        T.STRUCT,
        {"k": [EXACT + 1]},
        "beyond 2^53 inside a struct, which Flyte's literals would change: write it",
    ),
    (T.STRUCT, {"k": -EXACT - 1}, "beyond 2^53 inside a struct"),
    (T.STRUCT, {"k": math.nan}, "an object is not of type struct"),
    (T.STRING, "\ud800", "half a surrogate pair"),
    (T.INTEGER, 2**63, "does not fit 64 bits"),
    (T.INTEGER, True, "a boolean is not of type integer"),
    (T.FLOAT, 1, "an integer is not of type float"),
    (T.DATETIME, "2026-01-31T12:00:00Z", "a string is not of type datetime"),
    (T.DATETIME, Instant(253_402_300_800 * S), "outside of the years 1 to 9999"),
    (T.DURATION, Span(315_576_000_000 * S + 1), "longer than 10,000 years"),
]


@pytest.mark.parametrize(
    ("kind", "value", "message"), NOT_WRITTEN, ids=[f"{kind} {what[:30]}" for kind, _, what in NOT_WRITTEN]
)
def test_what_a_literal_would_change_is_refused_by_name(kind: T, value: Any, message: str) -> None:
    with pytest.raises(CodecError, match=f"^a: .*{re.escape(message)}"):
        to_literal_map({"a": kind}, {"a": value})


def literal(**scalar: Any) -> Any:
    return literals_pb2.Literal(scalar=literals_pb2.Scalar(**scalar))


NOT_READ: list[tuple[T, Any, str]] = [
    (T.INTEGER, literal(primitive={"float_value": 1}), "of kind float_value is not of type integer"),
    (T.FLOAT, literal(primitive={}), "of kind nothing is not of type float"),
    (T.STRING, literals_pb2.Literal(), "of kind nothing"),
    (T.STRUCT, literal(binary={"value": b"\x01", "tag": "msgpack"}), "an integer is not a struct"),
    (T.STRING, literals_pb2.Literal(collection={}), "of kind collection"),
    (T.DATETIME, literal(primitive={"datetime": {"nanos": -1}}), "-1 nanoseconds"),
    (T.DATETIME, literal(primitive={"datetime": {"seconds": 2**62}}), "outside of the years"),
    (T.DURATION, literal(primitive={"duration": {"seconds": -1, "nanos": 1}}), "1 nanoseconds"),
    (T.DURATION, literal(primitive={"duration": {"seconds": 1, "nanos": -1}}), "-1 nanoseconds"),
    (T.DURATION, literal(primitive={"duration": {"nanos": S}}), "1000000000 nanoseconds"),
    (T.DURATION, literal(primitive={"duration": {"seconds": -(2**63)}}), "longer than 10,000 years"),
    (T.STRUCT, literal(generic=struct_pb2.Struct(fields={"k": struct_pb2.Value()})), "has no value at all"),
    (T.STRUCT, literal(generic={"k": math.inf}), "inf has no place in JSON"),
    (T.STRING, literal(primitive={"string_value": "x" * 1_048_577}), "at most 1048576"),
]


@pytest.mark.parametrize(
    ("kind", "found", "message"), NOT_READ, ids=[f"{kind} {what[:30]}" for kind, _, what in NOT_READ]
)
def test_a_literal_that_is_not_of_its_type_is_refused_by_name(kind: T, found: Any, message: str) -> None:
    data = literals_pb2.LiteralMap(literals={"a": found}).SerializeToString()
    with pytest.raises(CodecError, match=f"^a: .*{re.escape(message)}"):
        from_literal_map({"a": kind}, data)


def test_a_union_is_its_member() -> None:
    member = to_literal(T.INTEGER, 42)
    kind = types_pb2.LiteralType(simple=types_pb2.INTEGER)
    inner = literal(union={"value": member, "type": kind})
    assert from_literal(T.INTEGER, literal(union={"value": inner, "type": kind})) == 42


def test_what_is_none_or_not_asked_for_is_left_out() -> None:
    data = to_literal_map({"a": T.FLOAT, "b": T.FLOAT, "c": T.FLOAT}, {"a": 0.5, "c": 1.5})
    assert from_literal_map({"a": T.FLOAT, "b": T.FLOAT, "d": T.FLOAT}, data) == {"a": 0.5}


def test_no_names_are_no_bytes() -> None:
    assert to_literal_map({}, {}) == b""
    assert from_literal_map({"a": T.FLOAT}, b"") == {}


@pytest.mark.parametrize("layer", ["object", "list", "both"])
def test_the_deepest_struct_that_the_codec_takes_fits_a_literal_map(layer: str) -> None:
    value: Any = 1
    for level in range(30):
        value = {"k": value} if layer == "object" or (layer == "both" and level % 2) else [value]
    deepest: Value = {"k": value}
    data = to_literal_map({"a": T.STRUCT}, {"a": deepest})
    assert from_literal_map({"a": T.STRUCT}, data) == {"a": deepest}


@given(st.sampled_from(T), st.binary(max_size=200))
def test_arbitrary_bytes_raise_nothing_but_the_codecs_own_error(kind: T, data: bytes) -> None:
    try:
        values = from_literal_map({"": kind, "a": kind}, data)
    except CodecError:
        return
    assert from_literal_map(
        {"": kind, "a": kind}, to_literal_map(dict.fromkeys(values, kind), values)
    ).keys() == (values.keys())


@given(typed_values, st.sampled_from(T), st.integers(0, 200), st.integers(0, 255))
def test_damaged_bytes_raise_nothing_but_the_codecs_own_error(
    typed: tuple[T, Value], kind: T, place: int, byte: int
) -> None:
    written, value = typed
    value = doubles(value) if isinstance(value, dict) else value
    data = bytearray(to_literal_map({"a": written}, {"a": value}))
    data[place % len(data)] = byte
    try:
        back = from_literal_map({"a": kind}, bytes(data))
    except CodecError:
        return
    assert back.keys() <= {"a"}


def test_the_module_imports_neither_flyteidl_nor_protobuf_nor_msgpack() -> None:
    code = (
        "import sys; import containertask.codec.literals; "
        "print([m for m in sys.modules if m.partition('.')[0] in {'flyteidl', 'google', 'msgpack'}])"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "[]"
