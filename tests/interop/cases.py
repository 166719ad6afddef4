"""Types and values of ours by name, and what they are in Python to people who use Flyte's SDKs.

``interop.peers.pythonvalues`` has the same values under the same names, as those people declare them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from containertask.codec import simple
from containertask.codec.stored import Stored
from containertask.codec.typed import AnyValue
from containertask.types.grammar import parse_type
from containertask.types.leaves import SimpleType
from containertask.types.model import OptionalOf, Type


@dataclass(frozen=True, slots=True)
class Case:
    """A value of a type of ours.

    Attributes:
        shown: how Python shows the value that an SDK makes of it.
    """

    kind: Type
    value: AnyValue
    shown: str


def _moment(text: str) -> AnyValue:
    return simple.from_json(SimpleType.DATETIME, text)


def _span(text: str) -> AnyValue:
    return simple.from_json(SimpleType.DURATION, text)


_ENUM: Final = 'enum["red","blue"]'
_ROWS: Final = {"a": 1, "b": "x", "c": [True, None, 0.5]}
_SHOWN_ROWS: Final = "{'a': 1.0, 'b': 'x', 'c': [True, None, 0.5]}"
_POINT: Final = {"x": 3, "name": "p", "inner": {}}
_SHOWN_POINT: Final = "Point(x=3, name='p', inner={})"
_UTC: Final = "tzinfo=datetime.timezone.utc)"

_Rows = dict[str, tuple[str, AnyValue, str]]

_SIMPLE: Final[_Rows] = {
    "integer": ("integer", 2**53 + 1, "9007199254740993"),
    "smallest integer": ("integer", -(2**63), "-9223372036854775808"),
    "float": ("float", 0.1, "0.1"),
    "nan": ("float", math.nan, "nan"),
    "infinity": ("float", -math.inf, "-inf"),
    "negative zero": ("float", -0.0, "-0.0"),
    "string": ("string", "Zürich\n\t<&>", r"'Zürich\n\t<&>'"),
    "empty string": ("string", "", "''"),
    "true": ("boolean", True, "True"),
    "false": ("boolean", False, "False"),
    "datetime": (
        "datetime",
        _moment("2026-01-31T12:00:00.123456Z"),
        f"datetime.datetime(2026, 1, 31, 12, 0, 0, 123456, {_UTC}",
    ),
    "old datetime": (
        "datetime",
        _moment("1901-02-03T04:05:06.000007Z"),
        f"datetime.datetime(1901, 2, 3, 4, 5, 6, 7, {_UTC}",
    ),
    "date": ("datetime", _moment("2026-01-31T00:00:00Z"), "datetime.date(2026, 1, 31)"),
    "duration": (
        "duration",
        _span("48h0m3.000004s"),
        "datetime.timedelta(days=2, seconds=3, microseconds=4)",
    ),
    "negative duration": (
        "duration",
        _span("-1.5s"),
        "datetime.timedelta(days=-1, seconds=86398, microseconds=500000)",
    ),
    "none": ("none", None, "None"),
    "enum": (_ENUM, "blue", "<Color.blue: 'blue'>"),
    "dict": ("struct", _ROWS, _SHOWN_ROWS),
    "dataclass": (
        "struct",
        {"x": 3, "name": "p", "inner": {"k": [0.5]}},
        "Point(x=3, name='p', inner={'k': [0.5]})",
    ),
    "model": ("struct", {"x": 3, "name": "m"}, "Model(x=3, name='m')"),
}

_SEVERAL: Final[_Rows] = {
    "list": ("list[integer]", [3, 1, 2], "[3, 1, 2]"),
    "empty list": ("list[string]", [], "[]"),
    "list of lists": ("list[list[float]]", [[0.5, 1e300], []], "[[0.5, 1e+300], []]"),
    "list with gaps": ("list[optional[string]]", ["a", None, ""], "['a', None, '']"),
    "list of dataclasses": ("list[struct]", [_POINT, _POINT], f"[{_SHOWN_POINT}, {_SHOWN_POINT}]"),
    "list of enums": (f"list[{_ENUM}]", ["red", "blue"], "[<Color.red: 'red'>, <Color.blue: 'blue'>]"),
    "map": ("map[integer]", {"": 1, "a/b": 2, "ü": 3}, "{'': 1, 'a/b': 2, 'ü': 3}"),
    "empty map": ("map[integer]", {}, "{}"),
    "map of lists": ("map[list[boolean]]", {"k": [True, False]}, "{'k': [True, False]}"),
    "map of maps": ("map[map[string]]", {"k": {"l": "v"}, "e": {}}, "{'e': {}, 'k': {'l': 'v'}}"),
    "map of models": ("map[struct]", {"k": {"x": 1, "name": "m"}}, "{'k': Model(x=1, name='m')}"),
}

_UNIONS: Final[_Rows] = {
    "first of a union": ("union[integer,string]", 7, "7"),
    "second of a union": ("union[integer,string]", "7", "'7'"),
    "integer beside float": ("union[float,integer]", 7, "7"),
    "float beside integer": ("union[integer,float]", 7.0, "7.0"),
    "boolean beside string": ("union[boolean,string]", False, "False"),
    "string beside boolean": ("union[boolean,string]", "", "''"),
    "datetime beside duration": (
        "union[duration,datetime]",
        _moment("2026-01-31T00:00:00Z"),
        f"datetime.datetime(2026, 1, 31, 0, 0, {_UTC}",
    ),
    "duration beside datetime": ("union[duration,datetime]", _span("0s"), "datetime.timedelta(0)"),
    "enum beside integer": (f"union[integer,{_ENUM}]", "red", "<Color.red: 'red'>"),
    "string beside enum": (f"union[{_ENUM},string]", "green", "'green'"),
    "list beside boolean": ("union[boolean,list[integer]]", [1], "[1]"),
    "one list beside another": ("union[list[integer],list[string]]", ["a"], "['a']"),
    "list of structs beside string": ("union[string,list[struct]]", [_POINT], f"[{_SHOWN_POINT}]"),
    "map beside list": ("union[list[integer],map[integer]]", {"k": 1}, "{'k': 1}"),
    "dict beside string": ("union[string,struct]", _ROWS, _SHOWN_ROWS),
    "dataclass beside string": ("union[string,struct]", _POINT, _SHOWN_POINT),
    "model beside integer": ("union[integer,struct]", {"x": 3, "name": "m"}, "Model(x=3, name='m')"),
    "list of unions": ("list[union[integer,float,string]]", [1, 1.0, "1"], "[1, 1.0, '1']"),
    "map of unions": ("map[union[boolean,integer]]", {"a": True, "b": 1}, "{'a': True, 'b': 1}"),
}

_STORED: Final[_Rows] = {
    "file": ("file", Stored("s3://bucket/a%20b"), "File(s3://bucket/a%20b)"),
    "directory": ("directory", Stored("gs://bucket/d"), "Directory(gs://bucket/d)"),
    "dataset": ("dataset[parquet]", Stored("s3://bucket/table"), "Dataset(s3://bucket/table, parquet)"),
    "list of files": (
        "list[file]",
        [Stored("s3://b/1"), Stored("s3://b/2")],
        "[File(s3://b/1), File(s3://b/2)]",
    ),
    "map of directories": ("map[directory]", {"k": Stored("s3://b/d")}, "{'k': Directory(s3://b/d)}"),
    "file beside string": ("union[string,file]", Stored("s3://b/1"), "File(s3://b/1)"),
    "string beside file": ("union[string,file]", "s3://b/1", "'s3://b/1'"),
    "directory beside file": ("union[directory,file]", Stored("s3://b/d"), "Directory(s3://b/d)"),
    "list of files beside string": ("union[string,list[file]]", [Stored("s3://b/1")], "[File(s3://b/1)]"),
    "dataset beside integer": (
        "union[integer,dataset[parquet]]",
        Stored("s3://bucket/table"),
        "Dataset(s3://bucket/table, parquet)",
    ),
}


def _cases() -> dict[str, Case]:
    rows = {**_SIMPLE, **_SEVERAL, **_UNIONS, **_STORED}
    found = {name: Case(parse_type(kind), value, shown) for name, (kind, value, shown) in rows.items()}
    plain = {name: one for name, one in found.items() if name != "none"}
    optional = {
        f"optional {name}": Case(OptionalOf(one.kind), one.value, one.shown) for name, one in plain.items()
    }
    absent = {f"absent {name}": Case(OptionalOf(one.kind), None, "None") for name, one in plain.items()}
    return {**found, **optional, **absent}


CASES: Final = _cases()
"""All that both SDKs read of us, and we of them."""
