"""Values of simple types: what each form means, what is refused and why, and that nothing is lost."""

from __future__ import annotations

import json
import math

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from containertask.codec import simple, text
from containertask.codec.errors import CodecError
from containertask.codec.manifest import to_json_manifest, to_yaml, to_yaml_manifest
from containertask.codec.simple import Value
from containertask.codec.times import Instant, Span
from containertask.types.leaves import SimpleType as T
from support.values import VALUES, S, json_values, same, typed_values

FROM_FILE: list[tuple[T, bytes, Value]] = [
    (T.INTEGER, b"42", 42),
    (T.INTEGER, b" +5\r\n", 5),
    (T.INTEGER, b"-9223372036854775808", -(2**63)),
    (T.INTEGER, b"9223372036854775807\n", 2**63 - 1),
    (T.INTEGER, b"007", 7),
    (T.FLOAT, b"0.5\n", 0.5),
    (T.FLOAT, b"1e3", 1000.0),
    (T.FLOAT, b".5", 0.5),
    (T.FLOAT, b"5.", 5.0),
    (T.FLOAT, b"42", 42.0),
    (T.FLOAT, b"Inf", math.inf),
    (T.FLOAT, b"-infinity", -math.inf),
    (T.STRING, b"", ""),
    (T.STRING, b"  two blanks kept  \n", "  two blanks kept  "),
    (T.STRING, b"one newline goes\n\n", "one newline goes\n"),
    (T.STRING, "grüße\n".encode(), "grüße"),
    (T.BOOLEAN, b"true\n", True),
    (T.BOOLEAN, b"F", False),
    (T.BOOLEAN, b"1", True),
    (T.DATETIME, b"1970-01-01T00:00:00Z", Instant(0)),
    (T.DATETIME, b"2024-02-29T12:00:00.123456789+02:00\n", Instant(1_709_200_800 * S + 123_456_789)),
    (T.DATETIME, b"2024-02-29 10:00:00", Instant(1_709_200_800 * S)),
    (T.DATETIME, b"0001-01-01T00:00:00Z", Instant(-62_135_596_800 * S)),
    (T.DURATION, b"1h30m", Span(5400 * S)),
    (T.DURATION, b"-1.5h", Span(-5400 * S)),
    (T.DURATION, b"300ms", Span(300_000_000)),
    (T.DURATION, b"PT90M", Span(5400 * S)),
    (T.DURATION, b"P1DT1.5S", Span(86_400 * S + 1_500_000_000)),
    (T.DURATION, b"P2W", Span(14 * 86_400 * S)),
    (T.DURATION, b"1:30:00", Span(5400 * S)),
    (T.DURATION, b"2 days, 0:00:00.5", Span(2 * 86_400 * S + 500_000_000)),
    (T.DURATION, b"-1 day, 23:59:59", Span(-S)),
    (T.DURATION, b"5400", Span(5400 * S)),
    (T.DURATION, b"0.25\n", Span(250_000_000)),
    (T.DURATION, b"0", Span(0)),
    (T.DURATION, b"0." + b"9" * 32, Span(999_999_999)),
    (T.DURATION, b"12345678901.12345678999999999999999999", Span(12345678901_123456789)),
    (T.STRUCT, b'{"b": [1, 2.5, null], "a": "x"}\n', {"b": [1, 2.5, None], "a": "x"}),
    (T.STRUCT, b"{}", {}),
    (T.BINARY, b"", b""),
    (T.BINARY, b"\x00 every \xff byte counts \r\n\n", b"\x00 every \xff byte counts \r\n\n"),
]


@pytest.mark.parametrize(("kind", "data", "value"), FROM_FILE, ids=[f"{k} {d!r}" for k, d, _ in FROM_FILE])
def test_what_a_program_wrote_is_read(kind: T, data: bytes, value: Value) -> None:
    assert simple.from_file(kind, data) == value


REFUSED_FILES: list[tuple[T, bytes, str]] = [
    (T.INTEGER, b"42.0", "`42.0` is not an integer: write digits only, such as 42"),
    (T.INTEGER, b"1_000", "`1_000` is not an integer: write digits only, such as 42"),
    (T.INTEGER, b"", "`` is not an integer: write digits only, such as 42"),
    (T.INTEGER, "٤٢".encode(), "`٤٢` is not an integer: write digits only, such as 42"),
    (
        T.INTEGER,
        b"9223372036854775808",
        "the number does not fit 64 bits: use type string for larger ones",
    ),
    (T.FLOAT, b"1,5", "`1,5` is not a number: write one such as 2, 0.5 or 1e-3"),
    (T.FLOAT, b"1e999", "`1e999` is beyond the range of a float"),
    (T.FLOAT, b"0x1p-2", "`0x1p-2` is not a number: write one such as 2, 0.5 or 1e-3"),
    (T.STRING, b"ab\xff", "byte 2 is not UTF-8: write the file in UTF-8"),
    (T.BOOLEAN, b"yes", "`yes` is not a boolean: write true or false"),
    (T.DATETIME, b"2024-02-30T00:00:00Z", "`2024-02-30T00:00:00Z` is not a point in time: "),
    (T.DATETIME, b"2024-02-29", "`2024-02-29` is not a point in time: write such as 2026-01-31T12:00:00Z"),
    (T.DATETIME, b"0001-01-01T00:00:00+14:00", "`0001-01-01T00:00:00+14:00` is not a point in time: "),
    (T.DURATION, b"1d", "`1d` is not a span of time: write such as 1h30m, PT90M, 1:30:00 or 5400"),
    (T.DATETIME, b"2024-02-29T12:00:00+05:75", "`2024-02-29T12:00:00+05:75` is not a point in time"),
    (T.DURATION, b"1:99:99", "`1:99:99` is not a span of time"),
    (T.FLOAT, b"1" * 1_000_000 + b"x", "is not a number"),
    (T.DURATION, b"P", "`P` is not a span of time: "),
    (T.DURATION, b"9" * 30, "is longer than 10,000 years"),
    (T.DURATION, b"9" * 5000, "5000 characters are not a span of time: write such as 1h30m"),
    (T.STRUCT, b"[]", "a list is not a struct: write a JSON object such as {}"),
    (T.STRUCT, b'{"a": NaN}', "NaN has no place in JSON: use a string or null"),
    (T.STRUCT, b"{", "not JSON: "),
    (T.STRUCT, b'{"a": "\\ud800"}', "character 0 is half a surrogate pair"),
    (T.STRUCT, b'{"a":' * 200 + b"1" + b"}" * 200, "nested deeper than 32 levels"),
    (T.STRUCT, b"[" * 100_000, "nested deeper than 32 levels"),
    (
        T.STRING,
        b"x" * (simple.MAX_BYTES + 1),
        "1048577 bytes, a simple value has at most 1048576: write less",
    ),
]


@pytest.mark.parametrize(
    ("kind", "data", "message"), REFUSED_FILES, ids=[f"{k} {d[:20]!r}" for k, d, _ in REFUSED_FILES]
)
def test_what_is_not_of_its_type_is_named_with_a_cure(kind: T, data: bytes, message: str) -> None:
    with pytest.raises(CodecError) as caught:
        simple.from_file(kind, data)
    assert message in str(caught.value)


FROM_JSON: list[tuple[T, object, Value]] = [
    (T.INTEGER, 3, 3),
    (T.INTEGER, 3.0, 3),
    (T.INTEGER, "9007199254740993", 9007199254740993),
    (T.FLOAT, 3, 3.0),
    (T.FLOAT, "Infinity", math.inf),
    (T.STRING, "kept\n", "kept\n"),
    (T.BOOLEAN, False, False),
    (T.DATETIME, "2026-01-31T12:00:00Z", Instant(1_769_860_800 * S)),
    (T.DURATION, "90m", Span(5400 * S)),
    (T.DURATION, 1.5, Span(1_500_000_000)),
    (T.DURATION, 1e-7, Span(100)),
    (T.DURATION, 1e-200, Span(0)),
    (T.STRUCT, {"k": None}, {"k": None}),
    (T.BINARY, "", b""),
    (T.BINARY, "AP8=", b"\x00\xff"),
    (T.BINARY, "AP\n 8=\n", b"\x00\xff"),
]


@pytest.mark.parametrize(("kind", "raw", "value"), FROM_JSON, ids=[f"{k} {r!r}" for k, r, _ in FROM_JSON])
def test_what_stands_in_yaml_is_read(kind: T, raw: object, value: Value) -> None:
    read = simple.from_json(kind, raw)
    assert read == value
    assert type(read) is type(value)


REFUSED_JSON: list[tuple[T, object, str]] = [
    (T.INTEGER, True, "a boolean is not an integer: write a number without a fraction, such as 42"),
    (T.INTEGER, 2.5, "a number with a fraction is not an integer"),
    (T.INTEGER, None, "null is not an integer"),
    (T.INTEGER, 2**63, "the number does not fit 64 bits"),
    (T.INTEGER, math.inf, "a number with a fraction is not an integer"),
    (T.FLOAT, True, "a boolean is not a number: write a number such as 0.5, or the string NaN"),
    (T.FLOAT, 10**400, "is beyond the range of a float"),
    (T.STRING, 5, "an integer is not a string: put it in quotes"),
    (T.BOOLEAN, "true", "a string is not a boolean: write true or false, without quotes"),
    (T.DATETIME, 0, "an integer is not a point in time: write a string such as 2026-01-31T12:00:00Z"),
    (T.DURATION, [1], "a list is not a span of time: write a string such as 1h30m, or seconds"),
    (T.DURATION, math.nan, "the number of seconds is none, or more than 10,000 years"),
    (T.INTEGER, 1 << 20_000, "the number does not fit 64 bits"),
    (T.FLOAT, 1 << 20_000, "the number is beyond the range of a float"),
    (T.DURATION, 1 << 20_000, "the number of seconds is none, or more than 10,000 years"),
    (T.INTEGER, 1234567890123456789.0, "a number beyond 2^53 with a point has lost digits"),
    (T.STRUCT, {1: 1, "a": 2}, "an integer as a name in an object: put it in quotes"),
    (T.STRUCT, {"k": 2**64}, "an integer that does not fit 64 bits: write it as a string"),
    (T.STRING, "x" * (simple.MAX_BYTES + 1), "1048577 bytes, a simple value has at most 1048576"),
    (T.STRUCT, "{}", "a string is not a struct: write a JSON object such as {}"),
    (T.BINARY, [0, 255], "a list is not binary: write the bytes in base64"),
    (T.BINARY, "AP8", "a string that is not base64: write the bytes in base64, as `base64` prints them"),
    (T.BINARY, "AP8=AP8=", "a string that is not base64"),
    (T.BINARY, "A_-=", "a string that is not base64"),
    (T.BINARY, "ü", "a string that is not base64"),
    (T.BINARY, "\ud800", "a string that is not base64"),
    (T.BINARY, "A" * 1398108, "1048581 bytes, a simple value has at most 1048576"),
]


@pytest.mark.parametrize(
    ("kind", "raw", "message"), REFUSED_JSON, ids=[f"{k} {m[:30]}" for k, _, m in REFUSED_JSON]
)
def test_a_value_of_another_kind_is_named_with_a_cure(kind: T, raw: object, message: str) -> None:
    with pytest.raises(CodecError) as caught:
        simple.from_json(kind, raw)
    assert message in str(caught.value)


TO_FILE: list[tuple[Value, bytes]] = [
    (9007199254740993, b"9007199254740993"),
    (1.0, b"1"),
    (0.1, b"0.1"),
    (1e21, b"1000000000000000000000"),
    (1e-7, b"0.0000001"),
    (-0.0, b"-0"),
    (math.nan, b"NaN"),
    (math.inf, b"+Inf"),
    (-math.inf, b"-Inf"),
    ("no newline", b"no newline"),
    (True, b"true"),
    (Instant(1_709_200_800 * S + 500_000_000), b"2024-02-29T10:00:00.5Z"),
    (Instant(-62_135_596_800 * S), b"0001-01-01T00:00:00Z"),
    (Span(5400 * S + 500_000_000), b"1h30m0.5s"),
    (Span(49 * 3600 * S), b"49h0m0s"),
    (Span(0), b"0s"),
    (Span(1_500_000), b"1.5ms"),
    (Span(-1), b"-1ns"),
    ({"b": 1, "a": "<é>"}, '{"a":"<é>","b":1}'.encode()),
    (b"\x00\n", b"\x00\n"),
]


@pytest.mark.parametrize(("value", "data"), TO_FILE, ids=[repr(d) for _, d in TO_FILE])
def test_what_a_program_finds_in_its_file(value: Value, data: bytes) -> None:
    assert simple.to_file(value) == data


def test_a_long_name_in_a_struct_is_readable_yaml() -> None:
    values: dict[str, Value] = {"s": {"k" * 1030: 1, "\x01" * 200: 2, "": 3}}
    assert yaml.safe_load(to_yaml_manifest(values)) == values


def test_every_type_has_its_values_here() -> None:
    assert set(VALUES) == set(T)


@given(typed_values)
def test_a_value_survives_its_file(typed: tuple[T, Value]) -> None:
    kind, value = typed
    data = simple.to_file(value)
    # A string's own last newline looks as `echo`'s does: the file of an output gets one more.
    written = data + b"\n" if kind is T.STRING else data
    assert same(simple.from_file(kind, written), value)


@given(typed_values)
def test_a_value_survives_json(typed: tuple[T, Value]) -> None:
    kind, value = typed
    raw = json.loads(text.compact(simple.to_json(value)))
    assert same(simple.from_json(kind, raw), value)


@given(st.dictionaries(st.from_regex(r"\A[A-Za-z_][A-Za-z0-9_-]{0,20}\Z"), typed_values, max_size=5))
def test_manifests_say_the_same_in_both_formats(typed: dict[str, tuple[T, Value]]) -> None:
    values = {name: value for name, (_, value) in typed.items()}
    from_json = json.loads(to_json_manifest({name: simple.to_json(one) for name, one in values.items()}))
    from_yaml = yaml.safe_load(to_yaml_manifest({name: to_yaml(one) for name, one in values.items()}))
    assert set(from_json) == set(from_yaml) == set(values)
    for name, (kind, value) in typed.items():
        assert same(simple.from_json(kind, from_json[name]), value)
        assert same(simple.from_json(kind, from_yaml[name]), value)


@given(st.sampled_from(T), st.binary(max_size=200))
def test_arbitrary_bytes_raise_nothing_but_the_codecs_own_error(kind: T, data: bytes) -> None:
    try:
        value = simple.from_file(kind, data)
    except CodecError:
        return
    end = b"" if kind is T.BINARY else b"\n"
    assert same(simple.from_file(kind, simple.to_file(value) + end), value)


@given(st.sampled_from(T), json_values)
def test_arbitrary_json_raises_nothing_but_the_codecs_own_error(kind: T, raw: object) -> None:
    try:
        value = simple.from_json(kind, raw)
    except CodecError:
        return
    assert same(simple.from_json(kind, simple.to_json(value)), value)
