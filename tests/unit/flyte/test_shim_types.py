"""What executors see of values, and what is taken back from them; our types as Flyte's interface has them."""

from __future__ import annotations

import dataclasses
import datetime as dt
import enum
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from flyteidl.core.types_pb2 import LiteralType, SchemaType  # type: ignore[import-untyped]
from hypothesis import given

from containertask.codec.stored import LocalPath, Stored
from containertask.codec.times import Instant, Span
from containertask.codec.typed import AnyValue
from containertask.errors import InvalidTaskError
from containertask.flyte import interface
from containertask.flyte.runtime import from_python, to_python
from containertask.flyte.template import to_bytes
from containertask.types.grammar import parse_type
from containertask.types.model import Type
from support.typedvalues import alike, certain_types, stored_types, value_types, with_value


class Color(enum.Enum):
    RED = "red"


@dataclasses.dataclass
class Point:
    x: int
    y: list[float]


def placed(path: Path) -> str:
    return f"file:///placed/{path.name}"


def back(kind: str, value: object) -> AnyValue:
    return from_python(parse_type(kind), value, "output x", placed)


@given(value_types | stored_types)
def test_an_interface_comes_back(kind: Type) -> None:
    half = interface.typed_interface({"a": kind, "b": kind}, {}).inputs
    assert interface.kinds(type(half).FromString(to_bytes(half))) == {"a": kind, "b": kind}


def test_a_type_of_flytes_that_we_have_not_is_refused() -> None:
    with pytest.raises(InvalidTaskError, match="table: a type of Flyte's that is not ours"):
        interface.kind_of(LiteralType(schema=SchemaType()), "table")


def test_a_dataset_without_a_format_is_parquet() -> None:
    found = LiteralType()
    found.structured_dataset_type.SetInParent()
    assert str(interface.kind_of(found, "table")) == "dataset[parquet]"


@given(with_value(certain_types | stored_types))
def test_what_an_executor_gets_is_taken_back_as_it_is(typed: tuple[Type, AnyValue]) -> None:
    kind, value = typed
    seen = to_python(value)
    assert alike(to_python(from_python(kind, seen, "a", placed)), seen)


@pytest.mark.parametrize(
    ("value", "seen"),
    [
        (7, 7),
        (Instant(1_500), dt.datetime(1970, 1, 1, microsecond=1, tzinfo=dt.UTC)),
        (Span(-1_500_000_000), dt.timedelta(seconds=-1.5)),
        (Stored("s3://b/k"), "s3://b/k"),
        (LocalPath("/data/x"), "/data/x"),
        ({"a": [Span(1_000)]}, {"a": [dt.timedelta(microseconds=1)]}),
        (b"\x00", b"\x00"),
        (None, None),
    ],
)
def test_executors_see_plain_classes(value: AnyValue, seen: object) -> None:
    assert alike(to_python(value), seen)


@pytest.mark.parametrize(
    ("kind", "value", "taken"),
    [
        ("float", 1, 1.0),
        ("datetime", dt.datetime(1970, 1, 1, 0, 0, 1), Instant(10**9)),  # noqa: DTZ001 - UTC, where nothing is said
        ("struct", Point(1, [0.5]), {"x": 1, "y": [0.5]}),
        ('enum["red","blue"]', Color.RED, "red"),
        ("list[integer]", (1, 2), [1, 2]),
        ("union[float,integer]", 7, 7),
        ("union[string,float]", 7, 7.0),
        ("optional[integer]", None, None),
        ("file", Path("/tmp/a.csv"), Stored("file:///placed/a.csv")),  # noqa: S108 - nobody goes there
        ("file", "a.csv", Stored("file:///placed/a.csv")),
        ("directory", SimpleNamespace(uri=None, path=Path("d")), Stored("file:///placed/d")),
        ("dataset[parquet]", SimpleNamespace(uri="gs://b/t"), Stored("gs://b/t")),
    ],
)
def test_what_else_an_executor_may_return(kind: str, value: object, taken: AnyValue) -> None:
    assert alike(back(kind, value), taken)


@pytest.mark.parametrize(
    ("kind", "value", "says"),
    [
        ("integer", True, "output x: a value of class bool is not of type integer"),
        ("integer", 1.0, "a value of class float is not of type integer"),
        ("string", None, "a value of class NoneType is not of type string"),
        ("datetime", "2026-01-31", "a value of class str is not of type datetime"),
        ("struct", {"a": {1}}, "a value of class dict is not of type struct"),
        ('enum["red"]', "blue", "a value of class str is not of type enum"),
        ("list[map[integer]]", [{"k": "7"}], r"output x\[0\]\[k\]: a value of class str"),
        ("map[integer]", {1: 1}, "a key of class int: keys are str"),
        ("union[integer,string]", 0.5, "a value of class float is not of type union"),
        ("file", 7, "a value of class int is not of type file"),
    ],
)
def test_a_value_of_another_type_is_refused_by_its_kind(kind: str, value: Any, says: str) -> None:
    with pytest.raises(TypeError, match=says):
        back(kind, value)
