"""Values, types and calls of users who write what nobody thought of: kept exactly, or refused with a cure."""

from __future__ import annotations

import copy
import dataclasses
import datetime as dt
import enum
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import containertask as ct
from containertask.sdk.values import to_wire
from containertask.types.model import Type


class Color(str, enum.Enum):  # noqa: UP042 - the older way, whose str() is another
    RED = "red"


class Shade(str, enum.Enum):  # noqa: UP042 - as above
    RED = "red"


@dataclasses.dataclass
class Base:
    x: int


@dataclasses.dataclass
class Child(Base):
    more: int = 0


@dataclasses.dataclass
class Same(Base):
    """Nothing more."""


@dataclasses.dataclass
class Initialised:
    x: int
    scale: dataclasses.InitVar[int]


@dataclasses.dataclass
class Unwritten:
    x: int.nothing  # type: ignore[name-defined]


def wire(value: object, annotation: object) -> object:
    return to_wire(value, annotation, "input `a`", nowhere)


def nowhere(_: object, __: Type, where: str) -> Any:
    raise AssertionError(f"{where} needs no place")


def pickled(one: object) -> object:
    return pickle.loads(pickle.dumps(one))  # noqa: S301 - our own


def task(kind: object = int, **options: Any) -> ct.ContainerTask:
    return ct.ContainerTask("t", "alpine:3.22", ["echo", "{{.inputs.a}}"], {"a": kind}, **options)


def test_a_member_of_an_enum_of_strings_is_its_value_wherever_a_str_is_wanted() -> None:
    assert wire(Color.RED, str) == "red"
    assert wire(Shade.RED, Color) == "red"
    spec = task(service_account_name=Color.RED).to_manifest(a=1)["spec"]
    assert spec["serviceAccountName"] == "red"


def test_what_is_beyond_a_type_is_a_value_error_that_names_the_input() -> None:
    with pytest.raises(ValueError, match="input `a`: the number does not fit a float: use str"):
        wire(10**400, float)
    before = dt.datetime.min.replace(tzinfo=dt.timezone(dt.timedelta(hours=5)))
    with pytest.raises(ValueError, match="input `a`: in UTC the time is not within the years 1 to 9999"):
        wire(before, dt.datetime)


def test_no_field_of_a_dataclass_is_lost() -> None:
    with pytest.raises(TypeError, match="input `a`: a Child: a Base has no more: declare Child itself"):
        wire(Child(1), Base)
    assert wire(Same(1), Base) == {"x": 1}
    with pytest.raises(TypeError, match=r"input `a`\.scale: no object keeps an InitVar"):
        task(Initialised)


def test_an_annotation_that_cannot_be_run_names_its_class_and_the_cure() -> None:
    @dataclasses.dataclass
    class Inner:
        x: int

    @dataclasses.dataclass
    class Outer:
        inner: Inner

    for record in (Unwritten, Outer):
        with pytest.raises(TypeError, match=f"that {record.__name__} names is not .* top of its module"):
            task(record)


@pytest.mark.parametrize("made", [copy.copy, copy.deepcopy, pickled])
def test_a_copy_of_a_task_is_the_task(made: Callable[[object], Any]) -> None:
    one = task()
    assert made(one).to_manifest(a=1) == one.to_manifest(a=1)
    assert made(one).native_interface == one.native_interface


def test_an_override_of_where_and_what_is_never_dropped() -> None:
    away = task().override(local=False)
    assert away.override(local=None).runs_here
    for flag in ("local", "ref"):
        with pytest.raises(TypeError, match=f"{flag} is a str: write True or False"):
            task().override(**{flag: "no"})  # type: ignore[arg-type]


def test_an_input_may_have_the_name_of_pythons_self() -> None:
    own = ct.ContainerTask("t", "alpine:3.22", ["echo"], {"self": int})
    for call in (own, own.execute):
        with pytest.raises(TypeError, match="input `self`: a str where an int is wanted"):
            call(self="x")


def test_a_uri_of_this_machine_is_read_as_it_is_written_everywhere(tmp_path: Path) -> None:
    path = tmp_path / "a b#ü%20.txt"
    assert ct.File(uri=path.as_uri()).path == path
    assert ct.File(path.as_uri()) == ct.File(path)
    with pytest.raises(TypeError, match="File: an int where a URI is wanted"):
        ct.File(uri=3)  # type: ignore[arg-type]
