"""``--in`` and ``--out``: names, types and values from one text."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from containertask.cli.arguments import INLINE_BYTES, guessed, inline, read, source, there
from containertask.cli.errors import CommandError
from containertask.types.grammar import parse_type

CANARY = "c4n4ry"


@pytest.mark.parametrize(
    ("text", "name", "kind", "value"),
    [
        ("a=3", "a", None, "3"),
        ("a=", "a", None, ""),
        ("a-b=x=y", "a-b", None, "x=y"),
        ("a:float=3", "a", "float", "3"),
        ("a:list[integer]=[1]", "a", "list[integer]", "[1]"),
        ('e:enum["a=b","c"]=a=b', "e", 'enum["a=b","c"]', "a=b"),
        ("area:float", "area", "float", None),
        ("r:file=/var/outputs/x", "r", "file", "/var/outputs/x"),
        ("s=line\nline", "s", None, "line\nline"),
    ],
)
def test_an_argument_has_a_name_a_type_and_a_text(
    text: str, name: str, kind: str | None, value: str | None
) -> None:
    found = read(text, "--in")
    assert (found.name, found.kind and str(found.kind), found.text) == (name, kind, value)


@pytest.mark.parametrize("text", ["", "=3", "3=3", "a", "a:flaot=3", "a:=3", "a:list[=3"])
def test_what_is_no_argument_is_a_wrong_call(text: str) -> None:
    with pytest.raises(CommandError) as wrong:
        read(text, "--in")
    assert wrong.value.exit_code == 2


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("3", "integer"),
        ("-12", "integer"),
        ("0.5", "float"),
        ("1e6", "float"),
        (".5", "float"),
        ("true", "boolean"),
        ("True", "string"),
        ("", "string"),
        ("1.2.3", "string"),
        ("3 ", "string"),
        ("٣", "string"),
        ("@model.bin", "file"),
        ("s3://b/k", "file"),
        ("https://example.org", "string"),
    ],
)
def test_a_value_without_a_type_is_what_it_looks_like(text: str, kind: str) -> None:
    assert str(guessed(text)) == kind


@pytest.mark.parametrize(
    ("kind", "text", "item"),
    [
        ("integer", "42", {"value": 42}),
        ("integer", "9223372036854775807", {"value": "9223372036854775807"}),
        ("float", "3", {"value": 3.0}),
        ("float", "NaN", {"value": "NaN"}),
        ("boolean", "false", {"value": False}),
        ("string", "3", {"value": "3"}),
        ("string", "@me", {"value": "@me"}),
        ('enum["a","b"]', "a", {"value": "a"}),
        ("datetime", "2026-01-31T12:00:00Z", {"value": "2026-01-31T12:00:00Z"}),
        ("duration", "1h", {"value": "1h"}),
        ("struct", '{"a": null}', {"value": {"a": None}}),
        ("list[integer]", "[1, 2]", {"value": [1, 2]}),
        ("optional[integer]", "null", {"value": None}),
        ("optional[integer]", "1", {"value": 1}),
        ("optional[file]", "s3://b/k", {"uri": "s3://b/k"}),
        ("union[integer,string]", "5", {"value": 5}),
        ("union[integer,string]", "five", {"value": "five"}),
        ("file", "s3://b/k", {"uri": "s3://b/k"}),
        ("directory", "gs://b/k", {"uri": "gs://b/k"}),
        ("dataset[parquet]", "az://a/c/k", {"uri": "az://a/c/k"}),
        ("none", "null", {"value": None}),
    ],
)
def test_a_value_is_read_as_its_type(kind: str, text: str, item: dict[str, object]) -> None:
    assert source(parse_type(kind), text, "a") == item


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("integer", f"{CANARY}"),
        ("integer", "3.0"),
        ("float", CANARY),
        ("float", "1_0"),
        ("float", "\N{ARABIC-INDIC DIGIT ONE}"),
        ("boolean", CANARY),
        ("struct", f"{{{CANARY}"),
        ("list[string]", f"[{CANARY}"),
        ("file", CANARY),
        ("directory", f"@{CANARY}"),
        ("dataset[parquet]", CANARY),
    ],
)
def test_a_value_of_another_type_is_refused_without_being_told(kind: str, text: str) -> None:
    with pytest.raises(CommandError) as wrong:
        source(parse_type(kind), text, "a")
    assert str(wrong.value).startswith("--in a: ")
    assert CANARY not in str(wrong.value)


def test_a_small_file_goes_with_the_task_and_a_large_one_does_not(tmp_path: Path) -> None:
    small, large = tmp_path / "small", tmp_path / "large"
    small.write_bytes(b"\0" * INLINE_BYTES)
    large.write_bytes(b"\0" * (INLINE_BYTES + 1))
    found = source(parse_type("file"), f"@{small}", "f")
    assert base64.b64decode(found["value"]) == small.read_bytes()
    with pytest.raises(CommandError, match=r"put it into a store, and give f=s3://bucket/key"):
        source(parse_type("file"), f"@{large}", "f")
    with pytest.raises(CommandError, match=r"^--in f: .*gone: no such file or directory$"):
        source(parse_type("file"), f"@{tmp_path / 'gone'}", "f")


@pytest.mark.parametrize("kind", ["file", "directory", "binary", "struct", "list[file]"])
@pytest.mark.parametrize("here", [True, False])
def test_no_path_behind_an_at_is_not_the_folder_that_one_is_in(kind: str, *, here: bool) -> None:
    with pytest.raises(CommandError, match=r"^--in a: .*(PATH|path|URI)") as wrong:
        source(parse_type(kind), "@", "a", there if here else inline)
    assert wrong.value.exit_code == 2


def test_values_with_parts_may_come_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "v").write_text("[1, 2]")
    assert source(parse_type("list[integer]"), f"@{tmp_path / 'v'}", "a") == {"value": [1, 2]}


@given(st.integers(-(2**63), 2**63 - 1))
def test_each_integer_arrives_as_it_was_written(number: int) -> None:
    assert int(source(parse_type("integer"), str(number), "a")["value"]) == number


@given(st.floats(allow_nan=False))
def test_each_float_arrives_as_it_was_written(number: float) -> None:
    assert float(source(parse_type("float"), repr(number), "a")["value"]) == number
