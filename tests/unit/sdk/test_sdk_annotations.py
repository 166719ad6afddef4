"""Python's types in the grammar; and for each that has no form there, what to use instead."""

from __future__ import annotations

import collections.abc
import datetime as dt
import decimal
import enum
import pathlib
import typing
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal, NewType, Optional, TypedDict, Union

import pandas as pd  # type: ignore[import-untyped]
import polars as pl
import pydantic
import pytest
from hypothesis import given
from hypothesis import strategies as st

import containertask as ct
from containertask.sdk.annotations import type_of
from containertask.types.grammar import parse_type
from containertask.types.model import ListOf


class Color(enum.Enum):
    RED = "red"
    BLUE = "blue"


class Size(enum.StrEnum):
    SMALL = "small"


class Level(enum.Enum):
    LOW = 1


@dataclass
class Point:
    x: float
    tags: list[str] = field(default_factory=list)
    extra: Any = None


@dataclass
class Tree:
    below: list[Tree]


@dataclass
class Holder:
    file: ct.File


class Model(pydantic.BaseModel):
    a: int


class Row(TypedDict, total=False):
    a: int


UserId = NewType("UserId", int)

KNOWN: list[tuple[object, str]] = [
    (int, "integer"),
    (float, "float"),
    (str, "string"),
    (bool, "boolean"),
    (bytes, "binary"),
    (dt.datetime, "datetime"),
    (dt.date, "datetime"),
    (dt.timedelta, "duration"),
    (None, "none"),
    (type(None), "none"),
    (Color, 'enum["red","blue"]'),
    (Size, 'enum["small"]'),
    (Literal["a", 'b"'], 'enum["a","b\\""]'),
    (Point, "struct"),
    (Model, "struct"),
    (Row, "struct"),
    (dict, "struct"),
    (dict[str, Any], "struct"),
    (dict[str, int], "map[integer]"),
    (dict[str, Point], "map[struct]"),
    (list[int], "list[integer]"),
    (collections.abc.Sequence[str], "list[string]"),
    (list[list[ct.File]], "list[list[file]]"),
    (int | None, "optional[integer]"),
    (Optional[str], "optional[string]"),  # noqa: UP045 - both ways of writing it are taken
    (Union[int, str], "union[integer,string]"),  # noqa: UP007 - as above
    (int | str | None, "optional[union[integer,string]]"),
    (Annotated[float, "kg"], "float"),
    (UserId, "integer"),
    (ct.File, "file"),
    (ct.Dir, "directory"),
    (pl.DataFrame, "dataset[parquet]"),
    (pd.DataFrame, "dataset[parquet]"),
    ("list[integer]", "list[integer]"),
    (parse_type("map[file]"), "map[file]"),
]


@pytest.mark.parametrize(("annotation", "kind"), KNOWN, ids=lambda one: one if isinstance(one, str) else "")
def test_a_type_has_its_name_in_the_grammar(annotation: object, kind: str) -> None:
    found = type_of(annotation, "input `a`")
    assert str(found) == kind
    assert parse_type(kind) == found


REFUSED: list[tuple[object, str]] = [
    (list, r"list\[int\]"),
    (tuple, r"list\[T\], or a dataclass"),
    (tuple[int, str], "dataclass"),
    (set[int], r"list\[T\]"),
    (frozenset, r"list\[T\]"),
    (object, "concrete type"),
    (Any, "concrete type"),
    (pathlib.Path, "File or Dir"),
    (pathlib.PosixPath, "File or Dir"),
    (decimal.Decimal, "every digit"),
    (complex, "two floats"),
    (collections.abc.Callable[[], int], "runs in Python alone"),
    (dict[int, str], r"dict\[str, T\]"),
    (Level, "the values of Level are no str"),
    (Literal[1, 2], "write them as str"),
    (Tree, "is inside itself"),
    (Holder, r"input `a`.file: a record holds no file"),
    (dict[str, Any] | Point, "two types of the union are struct"),
    (list[pathlib.Path], r"input `a`\[\]: Path"),
    ("list[int]", "did you mean integer"),
    ("Point", "is no type"),
    (pytest.Item, "use int, float"),
    (3, "use int, float"),
    (typing.TypeVar("T"), "use int, float"),
]


@pytest.mark.parametrize(("annotation", "says"), REFUSED)
def test_a_type_without_a_form_is_refused_with_what_to_use(annotation: object, says: str) -> None:
    with pytest.raises(TypeError, match=says) as caught:
        type_of(annotation, "input `a`")
    assert str(caught.value).startswith("input `a`")


LEAVES = [int, float, str, bool, bytes, dt.datetime, dt.timedelta, ct.File, ct.Dir, Color, Point]
any_types: st.SearchStrategy[Any] = st.recursive(
    st.sampled_from(LEAVES),
    lambda inner: st.one_of(
        inner.map(lambda one: list[one]),  # type: ignore[valid-type]
        inner.map(lambda one: dict[str, one]),  # type: ignore[valid-type]
        inner.map(lambda one: one | None),
    ),
    max_leaves=5,
)


@given(any_types)
def test_every_type_that_is_made_of_known_ones_is_spelled_as_the_grammar_reads_it(annotation: object) -> None:
    found = type_of(annotation, "a")
    assert parse_type(str(found)) == found
    assert type_of(list[annotation], "a") == ListOf(found)  # type: ignore[valid-type]
