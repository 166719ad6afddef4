"""Python's values on the wire and back: exactly, or an error that names where and what."""

from __future__ import annotations

import datetime as dt
import enum
import math
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, TypedDict

import pandas as pd  # type: ignore[import-untyped]
import polars as pl
import pydantic
import pytest
from hypothesis import given
from hypothesis import strategies as st

import containertask as ct
from containertask.codec import typed
from containertask.sdk.annotations import type_of
from containertask.sdk.values import from_wire, to_wire
from containertask.types.model import Type

BASE = dt.datetime(2026, 1, 31, 12, tzinfo=dt.UTC)


class Color(enum.Enum):
    RED = "red"
    BLUE = "blue"


@dataclass
class Inner:
    at: dt.datetime
    color: Color = Color.RED


@dataclass
class Point:
    x: float
    inner: Inner
    tags: list[str] = field(default_factory=list)
    extra: Any = None


class Model(pydantic.BaseModel):
    a: int
    when: dt.date | None = None


class Row(TypedDict):
    a: int
    b: list[float]


def nowhere(_: object, __: Type, where: str) -> Any:
    raise AssertionError(f"{where} needs no place")


ROWS: list[tuple[object, Any, Any]] = [
    (int, 3, 3),
    (int, 2**60, str(2**60)),
    (float, 2.5, 2.5),
    (float, math.inf, "Infinity"),
    (str, "x\n", "x\n"),
    (bool, True, True),
    (bytes, b"\x00\xff", "AP8="),
    (dt.datetime, BASE, "2026-01-31T12:00:00Z"),
    (dt.date, dt.date(2026, 1, 31), "2026-01-31T00:00:00Z"),
    (dt.timedelta, dt.timedelta(hours=1, microseconds=5), "1h0m0.000005s"),
    (dt.timedelta, -dt.timedelta(seconds=1), "-1s"),
    (None, None, None),
    (Color, Color.BLUE, "blue"),
    (Literal["a", "b"], "b", "b"),
    (dict[str, Any], {"a": [1, None, {"b": "c"}]}, {"a": [1, None, {"b": "c"}]}),
    (dict[str, int], {"a": 1, "b/c": 2}, {"a": 1, "b/c": 2}),
    (list[int], [], []),
    (list[dt.timedelta], [dt.timedelta(seconds=1)], ["1s"]),
    (int | None, None, None),
    (int | str, 3, 3),
    (int | str, "x", "x"),
    (bool | int, True, True),
    (list[int] | dict[str, int], {"a": 1}, {"a": 1}),
    (
        Point,
        Point(1.0, Inner(BASE), ["a"], {"k": [1]}),
        {
            "x": 1.0,
            "inner": {"at": "2026-01-31T12:00:00Z", "color": "red"},
            "tags": ["a"],
            "extra": {"k": [1]},
        },
    ),
    (Model, Model(a=1, when=dt.date(2026, 1, 31)), {"a": 1, "when": "2026-01-31"}),
    (Row, {"a": 1, "b": [0.5]}, {"a": 1, "b": [0.5]}),
    (ct.File, ct.File(uri="s3://bucket/key"), {"uri": "s3://bucket/key"}),
    (list[ct.Dir], [ct.Dir(uri="s3://bucket/key/")], [{"uri": "s3://bucket/key/"}]),
    ("map[optional[integer]]", {"a": None}, {"a": None}),
]


@pytest.mark.parametrize(("annotation", "value", "wire"), ROWS)
def test_a_value_comes_back_as_it_went(annotation: object, value: Any, wire: Any) -> None:
    assert to_wire(value, annotation, "a", nowhere) == wire
    assert from_wire(wire, annotation, "a") == value
    typed.from_json(type_of(annotation, "a"), wire)


def test_what_is_taken_besides() -> None:
    assert to_wire(2, float, "a", nowhere) == 2.0
    assert to_wire((1, 2), list[int], "a", nowhere) == [1, 2]
    assert to_wire(dt.datetime(2026, 1, 31, 12), dt.datetime, "a", nowhere) == "2026-01-31T12:00:00Z"  # noqa: DTZ001
    assert to_wire("red", Color, "a", nowhere) == "red"
    assert to_wire("s3://bucket/key", ct.File, "a", nowhere) == {"uri": "s3://bucket/key"}
    assert from_wire("3", int, "a") == 3
    assert from_wire(3, float, "a") == 3.0
    assert math.isnan(from_wire("NaN", float, "a"))


CANARY = "hunter2"
REFUSED: list[tuple[object, Any, type[Exception], str]] = [
    (int, True, TypeError, "a: a bool where an int is wanted"),
    (int, 2.5, TypeError, "a: a float where an int"),
    (int, CANARY, TypeError, "a: a str where an int"),
    (int, 2**63, ValueError, "does not fit 64 bits"),
    (float, True, TypeError, "a: a bool where a float"),
    (float, CANARY, TypeError, "a: a str where a float"),
    (str, 3, TypeError, "a: an int where a str"),
    (str, None, TypeError, "a: None where a str"),
    (bool, 1, TypeError, "a: an int where a bool"),
    (dt.date, BASE, TypeError, "a: a datetime where a datetime"),
    (dt.timedelta, 3, TypeError, "a: an int where a timedelta"),
    (list[int], [1, CANARY], TypeError, r"a\[1\]: a str where an int"),
    (list[int], CANARY, TypeError, "a: a str where a list"),
    (dict[str, int], {1: 2}, TypeError, "an int as a key"),
    (dict[str, int], {"k": CANARY}, TypeError, r"a\[k\]: a str"),
    (Color, "green", ValueError, "none of red, blue"),
    (int | str, 2.5, TypeError, "a float, which is none of integer, string"),
    (int | str, "3", ValueError, "have string stand first"),
    (Point, {"x": 1.0}, TypeError, "a: a dict where a Point"),
    (Point, Point(CANARY, Inner(BASE)), TypeError, r"a[.]x: a str where a float"),  # type: ignore[arg-type]
    (Row, {"a": 1}, ValueError, "without b"),
    (Row, {"a": 1, "b": [], "c": 1}, ValueError, "there is no field c"),
    (dict[str, Any], {"a": object()}, TypeError, "a: a dict where a dict of str"),
    (ct.File, 3, TypeError, "a: an int where a File"),
    ("integer", CANARY, ValueError, "a: "),
]


@pytest.mark.parametrize(("annotation", "value", "error", "says"), REFUSED)
def test_a_value_of_another_type_is_refused_by_its_place(
    annotation: object, value: Any, error: type[Exception], says: str
) -> None:
    with pytest.raises(error, match=says):
        to_wire(value, annotation, "a", nowhere)


@pytest.mark.parametrize(
    ("annotation", "wire"),
    [
        (int, "x"),
        (list[int], {"a": 1}),
        (dict[str, int], [1]),
        (Color, "green"),
        (Point, {"x": 1.0}),
        (Point, {"x": 1.0, "inner": {"at": "soon"}}),
        (Model, {"a": "x"}),
        (ct.File, 3),
        (None, 3),
        (dt.date, "2026-01-31T12:00:00Z"),
    ],
)
def test_wire_of_another_type_is_refused(annotation: object, wire: Any) -> None:
    with pytest.raises((ValueError, TypeError), match=r"^a"):
        from_wire(wire, annotation, "a")


def test_a_file_of_this_machine_is_placed(tmp_path: Path) -> None:
    placed: list[tuple[object, str]] = []

    def place(local: ct.File | ct.Dir, kind: Type, where: str) -> Any:
        placed.append((local, where))
        return {"uri": f"s3://{kind}"}

    path = tmp_path / "a.csv"
    assert to_wire([path, str(path)], list[ct.File], "a", place) == [{"uri": "s3://file"}] * 2
    assert placed == [(ct.File(path), "a[0]"), (ct.File(path), "a[1]")]


def test_a_file_of_a_store_is_fetched_when_it_is_wanted(tmp_path: Path) -> None:
    def fetch(uri: str, to: Path) -> Path:
        to.write_text(uri)
        return to

    found = from_wire({"uri": "s3://bucket/a.csv"}, ct.File, "a", fetch)
    assert found.download(tmp_path / "b").read_text() == "s3://bucket/a.csv"
    with found.open("r") as file:
        assert file.read() == "s3://bucket/a.csv"
    with pytest.raises(ct.TransferError, match="ctask cp"):
        ct.File(uri="s3://bucket/a.csv").download()


@pytest.mark.parametrize("arguments", [{}, {"source": "a", "uri": "b"}, {"source": 3}])
def test_a_file_is_here_or_there(arguments: dict[str, Any]) -> None:
    with pytest.raises(TypeError):
        ct.File(**arguments)


@pytest.mark.parametrize("package", [pd, pl], ids=["pandas", "polars"])
def test_a_table_comes_back_as_it_went(package: Any, tmp_path: Path) -> None:
    kept: list[Path] = []

    def place(local: ct.File | ct.Dir, _: Type, __: str) -> Any:
        kept.append(local.download())
        return {"uri": "s3://bucket/table/"}

    table = package.DataFrame({"a": [1, 2], "b": ["x", None]})
    wire = to_wire(table, package.DataFrame, "a", place)
    found = from_wire(wire, package.DataFrame, "a", lambda _, to: kept[0].rename(to))
    assert found.equals(table)
    with pytest.raises(TypeError, match="a: a list where a DataFrame of"):
        to_wire([1], package.DataFrame, "a", place)
    with pytest.raises(ValueError, match=r"no [.]parquet"):
        from_wire(wire, package.DataFrame, "a", lambda _, __: tmp_path)


def test_the_files_of_a_table_go_when_the_process_ends_that_made_them_and_no_child_of_it(
    tmp_path: Path,
) -> None:
    script = """
import os, sys
import polars as pl
from containertask.sdk.values import to_wire
to_wire(pl.DataFrame({"a": [1]}), pl.DataFrame, "a", lambda local, _, __: {"uri": "s3://b/t/"})
if os.fork() == 0:
    sys.exit()
os.wait()
print(len(os.listdir(os.environ["TMPDIR"])))
"""
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, "TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "1\n"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("package", [pd, pl], ids=["pandas", "polars"])
def test_a_table_in_several_files_is_one_in_the_order_of_their_names(package: Any, tmp_path: Path) -> None:
    for number, rows in enumerate(([1, 2], [3])):
        pl.DataFrame({"a": rows}).write_parquet(tmp_path / f"part-{number}.parquet")
    found = from_wire({"uri": "s3://b/t/"}, package.DataFrame, "a", lambda _, __: tmp_path)
    assert found.equals(package.DataFrame({"a": [1, 2, 3]}))


VALUES: dict[object, st.SearchStrategy[Any]] = {
    int: st.integers(-(2**63), 2**63 - 1),
    float: st.floats(allow_nan=False),
    str: st.text(st.characters(codec="utf-8")),
    bool: st.booleans(),
    bytes: st.binary(),
    dt.datetime: st.datetimes(timezones=st.just(dt.UTC)),
    dt.date: st.dates(),
    dt.timedelta: st.timedeltas(dt.timedelta(days=-3_000_000), dt.timedelta(days=3_000_000)),
    Color: st.sampled_from(Color),
}


@st.composite
def typed_values(draw: st.DrawFn) -> tuple[object, Any]:
    leaf = draw(st.sampled_from(list(VALUES)))
    value, shape = VALUES[leaf], draw(st.sampled_from(["itself", "list", "dict", "optional", "lists"]))
    match shape:
        case "list":
            return list[leaf], draw(st.lists(value, max_size=4))  # type: ignore[valid-type]
        case "dict":
            return dict[str, leaf], draw(st.dictionaries(VALUES[str], value, max_size=4))  # type: ignore[valid-type]
        case "optional":
            return leaf | None, draw(st.none() | value)  # type: ignore[operator]
        case "lists":
            return list[list[leaf]], draw(st.lists(st.lists(value, max_size=2), max_size=2))  # type: ignore[valid-type]
    return leaf, draw(value)


@given(typed_values())
def test_every_value_comes_back_as_it_went(typed_value: tuple[object, Any]) -> None:
    annotation, value = typed_value
    wire = to_wire(value, annotation, "a", nowhere)
    found = from_wire(wire, annotation, "a")
    assert found == value
    assert type(found) is type(value)
    kind = type_of(annotation, "a")
    assert from_wire(typed.to_json(kind, typed.from_json(kind, wire)), annotation, "a") == value
